"""Every helpdesk's export comes in by itself, and every figure of it is what the export says."""

from __future__ import annotations

import csv
import io
import json
import random
from collections import Counter
from pathlib import Path

import pytest
from sqlmodel import Session

from crm.db import Database
from support.importing.looking import look
from tests.support._telling import everything
from tests.support.importing._exports import EXPORTS, Export, bring, know_companies, told

EACH = pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.key)


@EACH
def test_the_source_is_recognised(export: Export) -> None:
    seen = look(export.path)
    assert seen.pack is not None
    assert (seen.pack.key, seen.rows, seen.missing, seen.must_say_order) == (export.pack, 40, (), False)


@EACH
def test_every_figure_is_what_the_export_says(
    export: Export, database: Database, session: Session, tmp_path: Path
) -> None:
    if export.companies_known:
        know_companies(database)
    first = bring(database, export.path, tmp_path, along=export.along)
    assert first.counts == Counter(rows=40, tickets=40, new=40)
    session.rollback()
    assert told(session, export.expected) == export.expected

    before = everything(session)
    again = bring(database, export.path, tmp_path, along=export.along)
    assert again.counts == Counter(rows=40, tickets=40, unchanged=40)
    session.rollback()
    assert everything(session) == before


@EACH
def test_the_order_of_rows_does_not_matter(
    export: Export, database: Database, session: Session, tmp_path: Path
) -> None:
    if export.companies_known:
        know_companies(database)
    outcome = bring(database, _shuffled(export.path, tmp_path), tmp_path, along=export.along)
    assert not outcome.shape.together
    session.rollback()
    assert told(session, export.expected) == export.expected


def _shuffled(path: Path, folder: Path) -> Path:
    chance = random.Random(11)
    out = folder / path.name
    if path.suffix == ".csv":
        raw = path.read_text("utf-8")
        header, *rows = list(csv.reader(io.StringIO(raw)))
        chance.shuffle(rows)
        written = io.StringIO(newline="")
        csv.writer(written).writerows([header, *rows])
        out.write_text(written.getvalue(), "utf-8")
        return out
    content = json.loads(path.read_text("utf-8"))
    lists = content.values() if isinstance(content, dict) else [content]
    for listed in lists:
        if isinstance(listed, list):
            chance.shuffle(listed)
    out.write_text(json.dumps(content), "utf-8")
    return out
