"""A file brought in: once or twice, grouped or scattered, whole or after a kill."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlmodel import Session, SQLModel, col

from accounts.models import Account, AccountAlias, Contact
from crm.audit import AuditEntry
from crm.csv_io import ImportProblem, ImportRun, ImportState, UnreadableFile
from crm.db import Database, table_of
from crm.viewer import system_viewer
from support.importing import running
from support.importing.mapping import mapping_from
from support.importing.running import AlreadyRunning, Outcome, import_tickets
from support.models import Ticket, TicketEvent, UnmatchedTicket
from tests.support._logs import MAPPING, log_rows, write_log, write_mapping
from tests.support._telling import everything

TICKETS = 80


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return write_log(tmp_path / "log.csv.gz", log_rows(TICKETS))


def bring(database: Database, path: Path, mapping: dict[str, Any] = MAPPING, **more: Any) -> Outcome:
    return import_tickets(
        database, path, mapping_from(mapping), mapping, actor=system_viewer(), spool_in=path.parent / "tmp", **more
    )


def refresh(session: Session) -> None:
    """What others have committed since is seen from here on."""
    session.rollback()
    session.expire_all()


def pairs(session: Session, one: Any, other: Any) -> Iterator[tuple[Any, Any]]:
    return ((key, value) for key, value in session.execute(select(col(one), col(other))))


def named(session: Session) -> dict[str, Any]:
    """Everything stored, with accounts and people by the name the source has for them."""
    refresh(session)
    accounts: dict[int, str] = dict(pairs(session, AccountAlias.account_id, AccountAlias.value))
    people: dict[int, str] = dict(pairs(session, Contact.id, Contact.external_id))
    found = everything(session)
    facts = (row for kind in ("events", "spans") for rows in found[kind].values() for row in rows)
    for row in [*found["tickets"].values(), *facts]:
        row["account_id"] = accounts[row["account_id"]]
        if "contact_id" in row:
            row["contact_id"] = people.get(row["contact_id"])
    return found


@pytest.fixture
def elsewhere(tmp_path: Path, log: Path) -> Iterator[dict[str, Any]]:
    """What the log gives when it is brought into another, empty database at one go."""
    other = Database(f"sqlite:///{tmp_path / 'elsewhere.db'}", synchronous="OFF")
    SQLModel.metadata.create_all(other.engine)
    bring(other, log)
    with other.reading() as session:
        yield named(session)
    other.dispose()


def count(session: Session, model: type[SQLModel]) -> int:
    refresh(session)
    return session.scalar(select(func.count()).select_from(table_of(model))) or 0


# --- twice is once ----------------------------------------------------------------------------------------------------


def test_a_log_comes_in_and_again_changes_nothing(database: Database, session: Session, log: Path) -> None:
    rows = log_rows(TICKETS)
    last = {row["id"]: row for row in rows}
    nowhere = sum(row["company_id"] == "?" for row in last.values())

    first = bring(database, log)
    assert first.counts == Counter(rows=len(rows), tickets=TICKETS, new=TICKETS, unmatched=nowhere)
    stored, events = named(session), count(session, TicketEvent)
    assert len(stored["tickets"]) == TICKETS - nowhere
    assert len(stored["unmatched"]) == nowhere

    again = bring(database, log)
    assert again.counts == Counter(rows=len(rows), tickets=TICKETS, unchanged=TICKETS, unmatched=nowhere)
    assert named(session) == stored
    assert count(session, TicketEvent) == events

    refresh(session)
    runs = session.scalars(select(ImportRun).order_by(col(ImportRun.id))).all()
    assert [run.state for run in runs] == [ImportState.DONE, ImportState.DONE]
    assert runs[0].counts["new"] == TICKETS
    verbs = session.scalars(select(col(AuditEntry.verb)).where(col(AuditEntry.verb) == "tickets.imported")).all()
    assert len(verbs) == 2


def test_each_ticket_is_what_its_last_row_says(database: Database, session: Session, log: Path) -> None:
    last = {row["id"]: row for row in log_rows(TICKETS)}
    bring(database, log)
    refresh(session)
    for ticket in session.scalars(select(Ticket)):
        row = last[ticket.external_id]
        assert ticket.reopened == int(row["reopens"])
        assert ticket.reassigned == int(row["passes"])
        if ticket.resolved_at is not None:
            assert ticket.resolution_met is (row["in_time"] == "true")
            assert ticket.source_verdict


def test_scattered_rows_give_what_grouped_rows_give(
    database: Database, session: Session, tmp_path: Path, elsewhere: dict[str, Any]
) -> None:
    rows = log_rows(TICKETS)
    random.Random(3).shuffle(rows)
    outcome = bring(database, write_log(tmp_path / "shuffled.csv", rows))
    assert not outcome.shape.together
    assert outcome.counts["new"] == TICKETS
    assert named(session) == elsewhere
    assert list((tmp_path / "tmp").iterdir()) == []  # what was sorted on disk is gone


def test_a_dry_run_says_the_same_and_writes_nothing(database: Database, session: Session, log: Path) -> None:
    outcome = bring(database, log, dry_run=True)
    assert (outcome.counts["new"], outcome.run_id) == (TICKETS, None)
    for model in (Ticket, TicketEvent, UnmatchedTicket, Account, Contact, ImportRun, ImportProblem, AuditEntry):
        assert count(session, model) == 0


def test_a_better_mapping_counts_when_the_file_is_read_again(database: Database, session: Session, log: Path) -> None:
    bring(database, log)
    better = deepcopy(MAPPING)
    better["ticket"]["subject"] = "Regarding {category}"
    del better["counts"]["reassigned"]
    outcome = bring(database, log, better)
    assert outcome.counts["updated"] == TICKETS
    refresh(session)
    subjects = set(session.scalars(select(col(Ticket.subject))))
    assert subjects == {"Regarding export", "Regarding import", "Regarding printing"}
    assert session.scalar(select(func.sum(col(Ticket.reassigned)))) == 0


# --- interrupted ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [1, 2, 5])
def test_an_interrupted_run_goes_on_where_it_stopped(
    database: Database,
    session: Session,
    log: Path,
    elsewhere: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    chunk: int,
) -> None:
    monkeypatch.setattr(running, "CHUNK_TICKETS", 10)
    chunks = iter(range(1, 100))

    def fail(*args: Any, **kw: Any) -> Any:
        applied = real(*args, **kw)
        if next(chunks) == chunk:
            raise KeyboardInterrupt  # after everything of the chunk was written, before it was committed
        return applied

    real = running.apply_tickets
    monkeypatch.setattr(running, "apply_tickets", fail)
    with pytest.raises(KeyboardInterrupt):
        bring(database, log)
    monkeypatch.setattr(running, "apply_tickets", real)
    session.rollback()
    assert count(session, Ticket) + count(session, UnmatchedTicket) == 10 * (chunk - 1)

    outcome = bring(database, log)
    assert bool(outcome.resumed_at) is (chunk > 1)
    assert outcome.counts["new"] == outcome.counts["tickets"] == TICKETS
    assert named(session) == elsewhere
    assert count(session, ImportRun) == 1


KILLED = """
import sys
from pathlib import Path
import crm.slices
from crm.config import get_settings
from crm.db import open_database
from crm.viewer import system_viewer
from support.importing import running
from support.importing.mapping import load_yaml, mapping_from

running.CHUNK_TICKETS = 5
database = open_database(get_settings())
written = load_yaml(Path(sys.argv[2]))
path = Path(sys.argv[1])
running.import_tickets(
    database, path, mapping_from(written), written, actor=system_viewer(), spool_in=path.parent,
    progress=lambda done, total: print(done, flush=True),
)
print("done", flush=True)
"""


@pytest.mark.slow
def test_after_kill_9_what_was_acknowledged_is_there_and_the_rest_comes(
    database: Database, session: Session, log: Path, elsewhere: dict[str, Any], tmp_path: Path
) -> None:
    mapping = write_mapping(tmp_path / "mapping.yaml")
    lines = [row["id"] for row in log_rows(TICKETS)]
    for chance in (random.Random(seed) for seed in range(2)):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(log), str(mapping)], stdout=subprocess.PIPE, text=True, env=os.environ
        )
        assert child.stdout is not None
        acknowledged = 0
        for _ in range(chance.randint(1, 8)):
            said = child.stdout.readline().strip()
            if not said.isdigit():
                break
            acknowledged = int(said)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()

        session.rollback()
        there = {
            ticket for model in (Ticket, UnmatchedTicket) for ticket in session.scalars(select(col(model.external_id)))
        }
        assert set(lines[:acknowledged]) <= there
        run = session.scalars(select(ImportRun)).one()
        assert set(lines[: run.counts.get("rows", 0)]) == there  # nothing by halves
        session.rollback()

    outcome = bring(database, log)
    assert outcome.counts["new"] == TICKETS
    assert named(session) == elsewhere


def test_two_processes_do_not_bring_in_one_file_at_once(
    database: Database, session: Session, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "CHUNK_TICKETS", 10)

    def another(done: int, total: int | None) -> None:
        with database.unit_of_work() as other:
            other.execute(update(table_of(ImportRun)).values(mark=10_000))

    with pytest.raises(AlreadyRunning):
        bring(database, log, progress=another)
    assert count(session, Ticket) + count(session, UnmatchedTicket) == 10


# --- rows that cannot be ----------------------------------------------------------------------------------------------


def spoilt(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    rows[0]["state"] = "Limbo"
    rows[9]["updated_at"] = "31/02/2026 10:00"
    rows[20]["id"] = "?"
    return rows


def test_bad_rows_are_left_out_and_kept_with_their_reason(database: Database, session: Session, tmp_path: Path) -> None:
    rows = spoilt(log_rows(30))
    outcome = bring(database, write_log(tmp_path / "spoilt.csv", rows))
    assert outcome.counts["rejected"] == 3
    refresh(session)
    problems = session.scalars(select(ImportProblem).order_by(col(ImportProblem.line))).all()
    assert [(one.line, one.column_name, one.value) for one in problems] == [
        (2, "state", "Limbo"),
        (11, "updated_at", "31/02/2026 10:00"),
        (22, "id", ""),
    ]
    assert all(str(one.reason) for one in problems)
    assert problems[0].row == list(rows[0].values())
    assert outcome.counts["tickets"] == 30  # the other rows of those tickets tell them


def test_a_file_that_breaks_off_is_refused_and_what_was_read_stays(
    database: Database, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "CHUNK_TICKETS", 5)
    whole = write_log(tmp_path / "log.csv.gz", log_rows(60)).read_bytes()
    broken = tmp_path / "broken.csv.gz"
    broken.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableFile):
        bring(database, broken)
    assert count(session, Ticket) == 0  # a first look found it


def test_only_so_many_problems_are_kept(
    database: Database, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "KEPT_PROBLEMS", 7)
    rows = log_rows(20)
    for row in rows:
        row["state"] = "Limbo"
    outcome = bring(database, write_log(tmp_path / "all.csv", rows))
    assert outcome.counts["rejected"] == len(rows)
    assert count(session, ImportProblem) == len(outcome.problems) == 7
    assert count(session, Ticket) == 0


# --- the command ------------------------------------------------------------------------------------------------------


def command(*arguments: str | Path) -> tuple[int, dict[str, Any], str]:
    """Exit code, the JSON of the last line, and all that was said."""
    from typer.testing import CliRunner

    from crm.cli import app

    found = CliRunner().invoke(app, ["import", "tickets", *map(str, arguments), "--json"])
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found.exit_code, json.loads(found.stdout.splitlines()[-1]), found.output


def test_the_command_ends_with_what_it_did(database: Database, log: Path, tmp_path: Path) -> None:
    mapping = write_mapping(tmp_path / "mapping.yaml")
    code, result, said = command(log, "--mapping", mapping, "--dry-run")
    assert (code, result["new"], result["run"], result["dry_run"]) == (0, TICKETS, None, True)
    assert "Nothing was written" in said
    code, result, said = command(log, "--mapping", mapping)
    assert (code, result["new"], result["rejected"], result["left_out"]) == (0, TICKETS, 0, None)
    assert f"{TICKETS} tickets" in said
    code, result, _ = command(log, "--mapping", mapping)
    assert (code, result["new"], result["unchanged"]) == (0, 0, TICKETS)


def test_the_command_writes_the_rows_it_left_out_and_ends_with_1(database: Database, tmp_path: Path) -> None:
    path = write_log(tmp_path / "spoilt.csv", spoilt(log_rows(30)))
    mapping = write_mapping(tmp_path / "mapping.yaml")
    code, result, said = command(path, "--mapping", mapping, "--problems", tmp_path / "bad.csv")
    assert (code, result["rejected"]) == (1, 3)
    assert result["problems"][0] == {
        "line": 2,
        "column": "state",
        "value": "Limbo",
        "reason": "the mapping does not say what this means",
    }
    left_out = (tmp_path / "bad.csv").read_text("utf-8-sig").splitlines()
    assert len(left_out) == 4
    assert "Limbo" in left_out[1]
    assert "does not say what this means" in left_out[1]
    assert "Line 2, state “Limbo”" in said
    assert "3 rows were left out" in said


def test_the_mended_file_goes_in_as_it_is(database: Database, session: Session, tmp_path: Path) -> None:
    mapping = {
        "source": {"key": "desk"},
        "zone": "Etc/UTC",
        "one_row_per": "ticket",
        "ticket": {"id": "id", "state": "state"},
        "times": {"opened": "opened"},
        "company": {"name": "company", "create": "true"},
    }
    path = tmp_path / "tickets.csv"
    path.write_text("id,opened,state,company\n1,2026-01-05,open,Acme\n2,2026-13-05,open,Acme\n", "utf-8")
    code, result, _ = command(path, "--mapping", write_mapping(tmp_path / "m.yaml", mapping))
    assert (code, result["new"], result["rejected"]) == (1, 1, 1)
    left_out = Path(result["left_out"])
    left_out.write_text(left_out.read_text("utf-8").replace("2026-13-05", "2026-03-05"), "utf-8")
    code, result, _ = command(left_out, "--mapping", tmp_path / "m.yaml")
    assert (code, result["new"], result["rejected"]) == (0, 1, 0)
    refresh(session)
    assert set(session.scalars(select(col(Ticket.external_id)))) == {"1", "2"}
    assert session.scalars(select(col(Account.name))).all() == ["Acme"]
