"""Support history in the browser: choose, settle, see what would happen, carry out, mend, take back; in plain HTML."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import Session, col
from starlette.testclient import TestClient

from accounts.models import Account
from crm.csv_io import ImportRun, ImportState
from crm.db import Database
from crm.jobs import JobState, QueuedJob, Worker
from crm.slices import REGISTRY
from support.importing import jobs, running, trying, uploads
from support.models import Ticket, TicketState
from support.models.importing import ImportUndo, TicketMapping, UndoState
from tests.accounts.importing.test_import_pages import FormFields, read
from tests.support.importing._exports import EXPORTS, Export

EXPORT = {one.key: one for one in EXPORTS}
BY_HAND = (
    "Numéro,Ouvert le,Statut,Urgence,Société,Objet\n"
    "1,13/04/2026 09:00,Nouveau,Alpha,Halden,Panne\n"
    "2,14/04/2026 10:00,Emballé,P4,Halden,Question\n"
    "3,pas de date,Nouveau,P4,Corvin,Autre\n"
)


@pytest.fixture
def work(database: Database) -> Callable[[], int]:
    """What a worker would do meanwhile; the answer: how many jobs of imports."""
    worker = Worker(database, REGISTRY, threads=0, with_clock=False)
    return worker.run_due


def upload(browser: TestClient, content: str | bytes, name: str = "tickets.csv", along: tuple[Path, ...] = ()) -> str:
    files: list[Any] = [("file", (name, content))]
    files += [("along", (one.name, one.read_bytes())) for one in along]
    answer = browser.post("/import/tickets", files=files)
    assert answer.status_code == 303, read(answer.text)
    return str(answer.headers["location"])


def fields_of(browser: TestClient, path: str) -> dict[str, str]:
    return FormFields(browser.get(path).text).fields


def the_run(session: Session, path: str) -> ImportRun:
    session.rollback()
    session.expire_all()
    return session.get_one(ImportRun, int(path.rsplit("/", 1)[1]))


def tickets(session: Session) -> int:
    session.rollback()
    return int(session.scalar(select(func.count()).select_from(Ticket)) or 0)


def test_the_door_leads_to_accounts_and_to_support_history(as_ana: TestClient) -> None:
    for path in ("/import", "/import/tickets"):
        page = as_ana.get(path).text
        links = dict(re.findall(r'<a href="([^"]+)"( aria-current="page")?>', page))
        assert {"/import", "/import/tickets"} <= set(links)
        assert links[path]


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.key)
def test_every_export_is_recognised_tried_and_brought_in(
    export: Export, as_ana: TestClient, session: Session, work: Callable[[], int]
) -> None:
    path = upload(as_ana, export.path.read_bytes(), export.path.name, export.along)
    waiting = as_ana.get(path).text
    assert "Trying out what would happen" in waiting
    work()
    assert tickets(session) == 0  # nothing stays of a trial
    page = as_ana.get(path).text
    assert "Import 40 tickets" in page
    first = the_run(session, path).mapping["tried"]["first"]
    assert len(first) == 10
    assert all(one["opened_at"] for one in first)
    started = as_ana.post(f"{path}/start", data=FormFields(page).fields)
    assert started.status_code == 303
    work()
    run = the_run(session, path)
    assert run.state is ImportState.DONE
    assert run.counts["tickets"] == 40
    assert run.mapping["seen"]["source"] == export.pack.split(".")[0]
    assert "Take the whole import back" in as_ana.get(path).text
    assert not list(uploads.folder().iterdir())


def test_the_trial_says_by_which_rule_an_account_is_found(
    as_ana: TestClient, session: Session, work: Callable[[], int], make_account: Callable[..., Account]
) -> None:
    make_account("Halden")
    path = upload(as_ana, BY_HAND)
    work()
    page = read(as_ana.get(path).text)
    assert "by name" in page
    before = session.scalars(select(col(Account.name))).all()
    assert "Corvin" not in before


def test_words_that_are_not_understood_are_asked_once_and_remembered(
    as_ana: TestClient, session: Session, work: Callable[[], int]
) -> None:
    path = upload(as_ana, BY_HAND)
    fields = fields_of(as_ana, path)
    seen = the_run(session, path).mapping["seen"]
    asked = {(one["place"], one["cell"]): number for number, one in enumerate(seen["words"])}
    fields[f"word.{asked['ticket.priority', 'Alpha']}"] = "urgent"
    fields[f"word.{asked['ticket.state', 'Emballé']}"] = "resolved"
    assert as_ana.post(f"{path}/columns", data=fields).status_code == 303
    work()
    as_ana.post(f"{path}/start", data=fields_of(as_ana, path))
    work()
    session.rollback()
    stored = {one.external_id: one for one in session.scalars(select(Ticket))}
    assert stored["1"].priority == 1
    assert stored["2"].state is TicketState.RESOLVED
    assert session.scalars(select(TicketMapping)).one().written["ticket"]["priority"]["values"]["Alpha"] == "urgent"

    again = upload(as_ana, BY_HAND + "4,15/04/2026 10:00,Nouveau,Alpha,Halden,Panne\n")
    words = {one["cell"]: one["meaning"] for one in the_run(session, again).mapping["seen"]["words"]}
    assert (words["Alpha"], words["Emballé"]) == ("urgent", "resolved")


def test_rows_that_cannot_be_taken_come_back_as_a_file_that_goes_in(
    as_ana: TestClient, session: Session, work: Callable[[], int]
) -> None:
    path = upload(as_ana, BY_HAND)
    work()
    assert "pas de date" in as_ana.get(path).text
    as_ana.post(f"{path}/start", data=fields_of(as_ana, path))
    work()
    assert the_run(session, path).counts["rejected"] == 1
    assert "pas de date" in as_ana.get(path).text
    mend = as_ana.get(f"{path}/mend.csv").text
    assert "Corvin" in mend
    assert "Halden" not in mend
    mended = upload(as_ana, mend.replace("pas de date", "16/04/2026 08:00", 1), "mended.csv")
    work()
    as_ana.post(f"{mended}/start", data=fields_of(as_ana, mended))
    work()
    assert tickets(session) == 3


def test_columns_are_mapped_by_hand(as_ana: TestClient, session: Session, work: Callable[[], int]) -> None:
    path = upload(as_ana, "a,b,c\n7,2026-04-14 10:00,open\n")
    page = as_ana.get(path).text
    assert "No column is known for" in page
    assert "/start" not in page
    refused = as_ana.post(f"{path}/start", data=fields_of(as_ana, path))
    assert refused.status_code == 422
    fields = fields_of(as_ana, path)
    fields |= {"column.0": "ticket.id", "column.1": "times.opened", "column.2": "ticket.state"}
    as_ana.post(f"{path}/columns", data=fields)
    work()
    assert "Import 1 ticket" in as_ana.get(path).text
    assert tickets(session) == 0


def test_a_log_of_events_comes_in_by_a_mapping(as_ana: TestClient, session: Session, work: Callable[[], int]) -> None:
    log = "case,when,what,customer\n1,2026-04-13 10:00,opened,Halden\n1,2026-04-13 12:00,resolved,Halden\n"
    mapping = (
        "source: {key: log, title: Log}\nzone: Europe/Paris\none_row_per: event\nticket: {id: case}\n"
        "events: {at: when, kind: what}\ncompany: {name: customer, create: true}\n"
    )
    path = upload(as_ana, log)
    answer = as_ana.post(f"{path}/files", files={"along": ("log.yaml", mapping)})
    assert answer.status_code == 303, read(answer.text)
    work()
    assert "Import 1 ticket" in as_ana.get(path).text
    as_ana.post(f"{path}/start", data=fields_of(as_ana, path))
    work()
    session.rollback()
    assert session.scalars(select(Ticket)).one().state is TicketState.RESOLVED
    wrong = as_ana.post(f"{upload(as_ana, log)}/files", files={"along": ("log.yaml", "source: 1\n")})
    assert wrong.status_code == 422
    assert "field__error" in wrong.text


def test_an_order_of_dates_that_nothing_settles_is_asked(
    as_ana: TestClient, session: Session, work: Callable[[], int]
) -> None:
    path = upload(as_ana, "Ticket,Created at,Status\n1,03/04/2026 10:00,open\n2,05/06/2026 10:00,open\n")
    assert "no row settles it" in as_ana.get(path).text
    assert work() == 0
    fields = fields_of(as_ana, path)
    as_ana.post(f"{path}/columns", data={**fields, "order": "month_first"})
    work()
    (first, _) = the_run(session, path).mapping["tried"]["first"]
    assert first["opened_at"].startswith("2026-03-04")


def test_an_import_is_taken_back_as_a_whole(as_ana: TestClient, session: Session, work: Callable[[], int]) -> None:
    path = upload(as_ana, EXPORT["zendesk_views_csv"].path.read_bytes())
    as_ana.post(f"{path}/start", data=fields_of(as_ana, path))  # without waiting for the trial
    work()
    assert tickets(session) == 40
    assert as_ana.post(f"{path}/undo").status_code == 303
    assert "Taking it back" in as_ana.get(path).text
    work()
    page = read(as_ana.get(path).text)
    assert "40 tickets are gone." in page
    assert session.scalars(select(col(ImportUndo.state))).all() == [UndoState.DONE]
    assert "taken back" in read(as_ana.get("/import").text)
    assert as_ana.post(f"{path}/undo").status_code == 409


def test_a_cancelled_import_goes_on_where_it_stopped(
    as_ana: TestClient, session: Session, work: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "CHUNK_TICKETS", 10)
    path = upload(as_ana, EXPORT["zendesk_views_csv"].path.read_bytes())
    work()
    as_ana.post(f"{path}/start", data=fields_of(as_ana, path))
    as_ana.post(f"{path}/cancellation")
    assert "was cancelled" in as_ana.get(path).text
    assert work() == 0
    assert tickets(session) == 0
    as_ana.post(f"{path}/again")
    work()
    assert tickets(session) == 40


def test_what_changed_meanwhile_is_tried_anew_and_the_old_trial_says_nothing(
    as_ana: TestClient, session: Session, database: Database, work: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = upload(as_ana, BY_HAND)
    fields = fields_of(as_ana, path)
    tried = trying.try_in

    def changed_meanwhile(*args: Any, **more: Any) -> Any:
        monkeypatch.setattr(jobs, "try_in", tried)
        found = tried(*args, **more)
        as_ana.post(f"{path}/columns", data={**fields, "create": "false"})
        return found

    monkeypatch.setattr(jobs, "try_in", changed_meanwhile)
    work()
    assert the_run(session, path).mapping["tried"]["counts"]["unmatched"] == 2
    results = session.scalars(select(col(QueuedJob.result)).where(col(QueuedJob.name) == uploads.TRY_JOB)).all()
    assert sorted(results) == ["3 rows looked at", "not wanted any more"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04workbook", b"\x1f\x8bbroken", b"[]"])
def test_a_file_that_is_no_table_is_refused_in_words(as_ana: TestClient, session: Session, content: bytes) -> None:
    answer = as_ana.post("/import/tickets", files={"file": ("x.csv", content)})
    assert answer.status_code == 422
    assert "field__error" in answer.text
    assert session.scalars(select(ImportRun)).all() == []
    assert not list(uploads.folder().iterdir())


def test_an_encoding_that_cannot_be_leaves_everything_as_it_was(as_ana: TestClient, session: Session) -> None:
    path = upload(as_ana, BY_HAND.encode())
    fields = fields_of(as_ana, path)
    answer = as_ana.post(f"{path}/columns", data={**fields, "source": "zendesk"})
    assert answer.status_code == 422
    assert the_run(session, path).mapping["chosen"]["source"] is None


def test_discarding_removes_the_file(as_ana: TestClient, session: Session) -> None:
    path = upload(as_ana, BY_HAND)
    assert as_ana.post(f"{path}/removal").status_code == 303
    assert as_ana.get(path).status_code == 404
    assert not list(uploads.folder().iterdir())


def test_pages_take_the_same_statements_for_three_rows_or_three_hundred(
    as_ana: TestClient, work: Callable[[], int], count_queries: Callable[[Callable[[], object]], int]
) -> None:
    header, *rows = BY_HAND.splitlines(keepends=True)

    def counted(copies: int) -> tuple[int, int]:
        lines = [row.replace(",", f"{n},", 1) for n in range(copies) for row in rows]
        path = upload(as_ana, header + "".join(lines))
        work()
        look = count_queries(lambda: as_ana.get(path))
        as_ana.post(f"{path}/start", data=fields_of(as_ana, path))
        work()
        return look, count_queries(lambda: as_ana.get(path))

    assert counted(1) == counted(100)


def test_a_trial_that_fails_says_so(
    as_ana: TestClient, session: Session, work: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = upload(as_ana, BY_HAND)

    def breaks(*args: Any, **more: Any) -> Any:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(jobs, "try_in", breaks)
    run = the_run(session, path)
    job = session.get_one(QueuedJob, int(run.mapping["trial"]))
    job.attempts = 4  # the last of five
    session.commit()
    work()
    session.expire_all()
    assert session.get_one(QueuedJob, job.id).state is JobState.FAILED
    assert "the disk is full" in as_ana.get(path).text
