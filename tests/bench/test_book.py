"""The book that pages are measured with: whole, the same from the same seed, and never put beside anybody's own."""

from __future__ import annotations

import json
import sys

import pytest
from sqlalchemy import func, select
from sqlmodel import Session, col

from accounts.models import Account, ArrMovement, Contract
from crm.bench.building import NotEmpty, build, refuse_unless_empty
from crm.cli import run
from crm.db import Database
from crm.slices import REGISTRY
from crm.viewer import Viewer


def _said_by(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["crm", *arguments])
    with pytest.raises(SystemExit) as ended:
        run()
    return int(ended.value.code or 0), capsys.readouterr().out


def test_arr_is_the_sum_of_movements_and_days_are_those_of_open_contracts(database: Database, session: Session) -> None:
    build(database, REGISTRY, 0, 400)
    moved = (
        select(func.coalesce(func.sum(col(ArrMovement.amount_minor)), 0))
        .where(col(ArrMovement.account_id) == col(Account.id), col(ArrMovement.currency) == col(Account.currency))
        .scalar_subquery()
    )
    decides = (
        select(func.min(col(Contract.decides_on)))
        .where(col(Contract.account_id) == col(Account.id), col(Contract.closed_at).is_(None))
        .scalar_subquery()
    )
    rows = session.execute(select(col(Account.arr_minor), moved, col(Account.decides_on), decides)).all()
    assert len(rows) == 400
    assert all(arr == sum_ and day == first for arr, sum_, day, first in rows)
    assert {arr > 0 for arr, *_ in rows} == {True, False}  # some were lost


def test_a_database_with_people_in_it_is_refused(database: Database, ana: Viewer) -> None:
    with pytest.raises(NotEmpty):
        refuse_unless_empty(database)


def test_the_command_prints_pages_beside_their_floor(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = database.url.render_as_string(hide_password=False)
    wanted = ["bench", "book", "--accounts", "1100", "--times", "1", "--only", "palette", "--database", url, "--json"]
    code, out = _said_by(wanted, monkeypatch, capsys)
    told = json.loads(out.splitlines()[-1])
    assert (code, told["accounts"], told["same_statements"]) == (0, 1_100, True)
    assert {one["statements"] == one["statements_of_1000"] > 0 for one in told["pages"]} == {True}
    assert all(one["floor_median_ms"] > 0 for one in told["pages"])
