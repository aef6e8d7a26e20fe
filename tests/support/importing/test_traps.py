"""What exports of real helpdesks do to importers."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from crm.csv_io import UnreadableFile
from crm.db import Database
from crm.errors import Invalid
from crm.text import Text
from support.importing.cells import instants
from support.importing.dates import DatesSeen, Order, reader
from support.importing.durations import Unit, read_duration, read_number
from support.importing.looking import Chosen, look
from support.importing.sources.salesforce import whole_id
from support.models import Ticket, TicketState, UnmatchedTicket
from tests.support.importing._exports import EXPORTS, FIXTURES, bring

BY_KEY = {export.key: export for export in EXPORTS}


def rows_of(key: str) -> list[list[str]]:
    raw = BY_KEY[key].path.read_text("utf-8-sig")
    return list(csv.reader(io.StringIO(raw)))


def write_csv(path: Path, rows: list[list[str]], *, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def records_of(key: str) -> Any:
    return json.loads(BY_KEY[key].path.read_text("utf-8"))


def ticket(session: Session, external_id: str) -> Ticket:
    session.rollback()
    return session.scalars(select(Ticket).where(col(Ticket.external_id) == external_id)).one()


# --- CSV --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encoding_delimiter_and_line_breaks_are_found(
    encoding: str, delimiter: str, database: Database, session: Session, tmp_path: Path
) -> None:
    rows = rows_of("freshdesk_csv")
    rows[1][1] = "Première ligne;\nseconde, ligne\t“à”"
    rows[1][1] = rows[1][1] if encoding != "cp1252" else "Première ligne;\nseconde, ligne\tà"
    path = write_csv(tmp_path / "f.csv", rows, encoding=encoding, delimiter=delimiter)
    seen = look(path)
    assert (seen.pack and seen.pack.key, seen.rows, seen.delimiter) == ("freshdesk.csv", 40, delimiter)
    assert bring(database, path, tmp_path).counts["new"] == 40
    assert ticket(session, "1002").subject.startswith("Première ligne;\nseconde")


def test_headings_in_the_middle_are_passed_over(database: Database, tmp_path: Path) -> None:
    rows = rows_of("hubspot_csv")
    again = ["\ufeff" + rows[0][0], *rows[0][1:]]
    path = write_csv(tmp_path / "f.csv", [*rows[:20], again, *rows[20:], rows[0]], encoding="utf-8-sig")
    outcome = bring(database, path, tmp_path)
    assert (outcome.counts["new"], outcome.counts["rejected"], outcome.shape.passed_over) == (40, 0, 2)


@pytest.mark.parametrize("newest_first", [True, False])
def test_the_newest_of_several_versions_counts(
    newest_first: bool, database: Database, session: Session, tmp_path: Path
) -> None:
    rows = rows_of("zendesk_views_csv")
    place = {title: number for number, title in enumerate(rows[0])}
    newer = list(rows[1])
    newer[place["Status"]], newer[place["Solved at"]] = "Open", ""
    newer[place["Updated at"]], newer[place["Subject"]] = "2026-09-01 10:00", "Again"
    versions = [newer, rows[1]] if newest_first else [rows[1], newer]
    path = write_csv(tmp_path / "f.csv", [rows[0], versions[0], *rows[2:], versions[1]])
    outcome = bring(database, path, tmp_path)
    assert (outcome.counts["rows"], outcome.counts["new"]) == (41, 40)
    stored = ticket(session, rows[1][place["Id"]])
    assert (stored.subject, stored.state, stored.resolved_at) == ("Again", TicketState.OPEN, None)


def test_an_export_without_versions_is_as_new_as_its_newest_row(
    database: Database, session: Session, tmp_path: Path
) -> None:
    rows = rows_of("hubspot_csv")
    place = {title: number for number, title in enumerate(rows[0])}
    bring(database, write_csv(tmp_path / "old.csv", rows), tmp_path)
    closed = next(row for row in rows[1:] if row[place["Close date"]])
    closed[place["Close date"]], closed[place["Ticket status"]] = "", "Waiting on us"  # it was opened again
    closed[place["Time to close"]] = ""
    rows[2][place["Create date"]] = "2026-10-01 09:00"
    bring(database, write_csv(tmp_path / "new.csv", rows), tmp_path)
    assert ticket(session, closed[0]).resolved_at is None
    bring(database, write_csv(tmp_path / "old.csv", rows_of("hubspot_csv")), tmp_path)
    assert ticket(session, closed[0]).resolved_at is None  # the older export tells nothing newer


def test_ids_of_15_and_18_signs_are_one_ticket(database: Database, session: Session, tmp_path: Path) -> None:
    assert whole_id("500Qy0000001000") == "500Qy0000001000IAA"
    assert whole_id("500Qy0000001000IAA") == "500Qy0000001000IAA"
    rows = rows_of("salesforce_case_csv")
    bring(database, write_csv(tmp_path / "long.csv", rows), tmp_path)
    short = [rows[0], *([row[0][:15], row[1], row[2][:15], row[3], row[4][:15], *row[5:]] for row in rows[1:])]
    again = bring(database, write_csv(tmp_path / "short.csv", short), tmp_path)
    assert again.counts["unchanged"] == 40


def test_an_empty_company_waits_or_is_found_by_the_requesters_domain(
    database: Database, session: Session, tmp_path: Path
) -> None:
    rows = rows_of("freshdesk_csv")
    place = {title: number for number, title in enumerate(rows[0])}
    rows[1][place["Company Name"]], rows[1][place["Email"]] = "", "someone@gmail.com"
    outcome = bring(database, write_csv(tmp_path / "f.csv", rows), tmp_path)
    assert (outcome.counts["new"], outcome.counts["unmatched"]) == (40, 1)
    session.rollback()
    assert session.scalars(select(col(UnmatchedTicket.external_id))).all() == [rows[1][0]]


def test_a_row_that_was_left_out_comes_in_once_it_is_mended(
    database: Database, session: Session, tmp_path: Path
) -> None:
    rows = rows_of("jira_sm_csv")
    place = {title: number for number, title in enumerate(rows[0])}
    rows[1][place["Created"]] = "yesterday"
    outcome = bring(database, write_csv(tmp_path / "f.csv", rows), tmp_path)
    assert (outcome.counts["new"], outcome.counts["rejected"]) == (39, 1)
    problem = outcome.problems[0]
    assert (problem.line, problem.column, problem.value) == (2, "Created", "yesterday")
    titles = outcome.shape.titles[: outcome.shape.own]
    assert list(titles) == rows[0]
    mended = list(problem.row[: len(titles)])
    mended[place["Created"]] = "04/Oct/25 9:14 AM"
    assert bring(database, write_csv(tmp_path / "g.csv", [rows[0], mended]), tmp_path).counts["new"] == 1


# --- JSON -------------------------------------------------------------------------------------------------------------


def _pages(content: Any) -> bytes:
    some = content["tickets"]
    pages = [{**content, "tickets": some[:15]}, {**content, "tickets": some[15:]}]
    return b"\n".join(json.dumps(page).encode() for page in pages)


WAYS: dict[str, Callable[[Any], bytes]] = {
    "object": lambda content: json.dumps(content).encode(),
    "array": lambda content: json.dumps(content["tickets"]).encode(),
    "lines": lambda content: b"\n".join(json.dumps(one).encode() for one in content["tickets"]),
    "pages": _pages,
    "list of pages": lambda content: json.dumps([content]).encode(),
    "bom": lambda content: b"\xef\xbb\xbf" + json.dumps(content, indent=1).encode(),
    "utf-16": lambda content: json.dumps(content).encode("utf-16"),
    "gzip": lambda content: gzip.compress(json.dumps(content).encode()),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("window", [64, 1 << 20])
def test_json_comes_in_whatever_stands_around_the_records(
    way: str, window: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("support.importing.json_records.WINDOW", window)
    path = tmp_path / "f.json"
    path.write_bytes(WAYS[way](records_of("zendesk_incremental_json")))
    seen = look(path)
    assert (seen.pack and seen.pack.key, seen.rows) == ("zendesk.api", 40)


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("zendesk_incremental_json", {"status": "deleted"}),
        ("freshdesk_api_json", {"deleted": True}),
        ("freshdesk_api_json", {"spam": True}),
        ("hubspot_api_json", {"archived": True}),
        ("intercom_json", {"state": "deleted"}),
    ],
)
def test_a_deleted_ticket_counts_nowhere(
    key: str, change: dict[str, Any], database: Database, session: Session, tmp_path: Path
) -> None:
    content = records_of(key)
    one = (content if isinstance(content, list) else next(v for v in content.values() if isinstance(v, list)))[0]
    one.update(change)
    path = tmp_path / "f.json"
    path.write_text(json.dumps(content), "utf-8")
    bring(database, path, tmp_path, along=BY_KEY[key].along)
    session.rollback()
    stored = session.scalars(select(Ticket).where(col(Ticket.external_id) == str(one["id"]))).one_or_none()
    if stored is None:  # HubSpot's own export names no company
        waiting = session.scalars(select(UnmatchedTicket).where(col(UnmatchedTicket.external_id) == str(one["id"])))
        assert "deleted" in {event[0] for event in waiting.one().record["events"]}
    else:
        assert stored.deleted_at is not None


@pytest.mark.parametrize("content", ["{", "[1, 2", '{"tickets": [{"id": 1}', "[]", "{}", "null", '[{"a": 1} x]', "["])
def test_broken_json_is_refused_with_a_sentence(content: str, tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text(content, "utf-8")
    with pytest.raises(Invalid):
        look(path).mapping()


def test_json_that_nests_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text('{"a":' * 100_000, "utf-8")
    with pytest.raises(UnreadableFile):
        look(path)


# --- dates, durations, figures ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "order", "iso"),
    [
        ("25/Feb/26 10:17 PM", Order.DAY_FIRST, "2026-02-25T22:17:00"),
        ("25/févr./26 22:17", Order.MONTH_FIRST, "2026-02-25T22:17:00"),
        ("3/4/25", Order.DAY_FIRST, "2025-04-03T00:00:00"),
        ("3/4/25", Order.MONTH_FIRST, "2025-03-04T00:00:00"),
        ("03.04.2025 9:05", Order.DAY_FIRST, "2025-04-03T09:05:00"),
        ("2025/04/03 09:05:07", Order.MONTH_FIRST, "2025-04-03T09:05:07"),
        ("Oct 4, 2025 12:00 AM", Order.DAY_FIRST, "2025-10-04T00:00:00"),
        ("4 octobre 2025 à 9h05", Order.DAY_FIRST, "2025-10-04T09:05:00"),
        ("Sat, 04 Oct 2025 09:05:00 +0200", Order.DAY_FIRST, "2025-10-04T09:05:00+02:00"),
        ("4/10/2025 09:05 UTC", Order.DAY_FIRST, "2025-10-04T09:05:00+00:00"),
    ],
)
def test_days_are_read_in_any_usual_form(cell: str, order: Order, iso: str) -> None:
    assert reader(order)(cell).isoformat() == iso


@pytest.mark.parametrize("cell", ["31/02/2025", "13/13/2025", "4/5", "yesterday", "25/Foo/26", "1/2/3", "4/5/25 25:00"])
def test_what_is_no_day_is_not_read(cell: str) -> None:
    seen = instants(["day_first"], "Etc/UTC")(cell)
    assert isinstance(seen, Text)


@pytest.mark.parametrize(
    ("cells", "order", "must_ask"),
    [
        (["3/4/25", "5/6/25"], None, True),
        (["3/4/25", "25/6/25"], Order.DAY_FIRST, False),
        (["3/4/25", "6/25/25"], Order.MONTH_FIRST, False),
        (["13/4/25", "4/13/25"], None, True),
        (["3.4.25", "5.6.25"], Order.DAY_FIRST, False),
        (["2025-04-03"], None, False),
        (["03/Apr/25"], None, False),
    ],
)
def test_which_comes_first_is_decided_over_the_whole_file(
    cells: list[str], order: Order | None, must_ask: bool
) -> None:
    seen = DatesSeen()
    for cell in cells:
        seen.see(cell)
    assert (seen.order, seen.must_ask) == (order, must_ask)


def test_a_file_whose_dates_may_be_read_either_way_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("Number;Opened on;Status;Société\n7;3/4/25;Fermé;Acme\n8;5/6/25;En cours;Acme\n", "utf-8")
    seen = look(path)
    assert (seen.must_say_order, seen.example, seen.missing) == (True, "3/4/25", ())
    with pytest.raises(Invalid, match="3/4/25"):
        seen.mapping()
    said = look(path, Chosen(order=Order.MONTH_FIRST))
    assert said.written["dates"][-1] == "month_first"
    said.mapping()


@pytest.mark.parametrize(
    ("cell", "unit", "seconds"),
    [
        ("2:30", Unit.HOURS, 9000),
        ("-1:15", Unit.HOURS, -4500),
        ("101:47:42", Unit.HOURS, 366462),
        ("19.4", Unit.HOURS, 69840),
        ("1,5", Unit.MINUTES, 90),
        ("1d 4h 30m", Unit.HOURS, 102600),
        ("42000000", Unit.MS, 42000),
    ],
)
def test_durations(cell: str, unit: Unit, seconds: float) -> None:
    assert read_duration(cell, unit) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("cell", "decimal", "number"),
    [
        ("1.234,5", ",", 1234.5),
        ("1,234.5", ".", 1234.5),
        ("1 234,5", ",", 1234.5),
        ("4,5", ".", 4.5),
        ("1,234", ".", 1234),
    ],
)
def test_figures(cell: str, decimal: str, number: float) -> None:
    assert read_number(cell, decimal) == number


# --- other files ------------------------------------------------------------------------------------------------------


def test_columns_of_any_other_file_are_known_by_their_titles(
    database: Database, session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "f.csv"
    path.write_text(
        "N° de ticket;Objet;Statut;Priorité;Date de création;Résolu le;Société;Demandeur;Note de satisfaction\n"
        "7;Panne;Résolu;Haute;25/03/2026 09:00;26/03/2026 10:00;Acme SA;Eva Roy;4\n"
        "8;Question;En attente du client;Normale;27/03/2026 09:00;;Acme SA;Eva Roy;\n",
        "cp1252",
    )
    seen = look(path)
    assert (seen.pack, seen.missing, seen.order) == (None, (), Order.DAY_FIRST)
    assert seen.written["rating"]["scale"] == ["0", "5"] or seen.written["rating"]["scale"] == ["1", "5"]
    assert bring(database, path, tmp_path).counts["new"] == 2
    first, second = ticket(session, "7"), ticket(session, "8")
    assert (first.state, first.priority, first.csat) == (TicketState.RESOLVED, 2, 75)
    assert second.state is TicketState.WAITING


def test_a_file_without_a_number_is_refused_by_name_of_what_lacks(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("Colour,Opened on,Status\nred,2026-03-01,open\n", "utf-8")
    with pytest.raises(Invalid, match="Number of the ticket"):
        look(path).mapping()


def test_a_source_that_does_not_fit_is_refused() -> None:
    with pytest.raises(Invalid, match="Intercom"):
        look(FIXTURES / "jira_service_management/jsm_issues_all_fields.csv", Chosen(source="intercom"))
