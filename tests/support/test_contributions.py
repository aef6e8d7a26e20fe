"""What tickets say on other pages: the account's, the list of accounts, the ranked day, the search, the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from accounts.models import Account
from crm import clock
from crm.contracts import ColumnContext, DayContext, PanelContext, SectionContext
from crm.text import Text
from crm.viewer import Viewer
from support import report
from support.columns import OPEN_TICKETS, URGENT_LATE
from support.finding import search_tickets
from support.panels import entries, load_tickets
from support.records import TicketRecord
from support.service import apply_tickets
from support.today import condition, urgency, urgent_late, urgent_soon
from tests.support._telling import event, record
from tests.support.test_pages import ago

MakeAccount = Callable[..., Account]
CountQueries = Callable[[Callable[[], object]], int]


def tell(session: Session, account: Account, *tickets: tuple[str, int, Sequence[Any]], **fields: object) -> None:
    """Each ticket: its number, its priority, and its events as (kind, hours ago, value)."""
    records: list[TicketRecord] = []
    for number, priority, told in tickets:
        (opened, *more) = told
        events = [
            event("opened", ago(opened), priority),
            *(event(kind, ago(hours), *rest) for kind, hours, *rest in more),
        ]
        records.append(record(number, *events, account_id=account.id, subject=f"Subject {number}", **fields))  # type: ignore[arg-type]
    apply_tickets(session, records)
    session.commit()


ANSWERED = ("first_answered", 0.05)


def panel_of(session: Session, viewer: Viewer, account: Account) -> PanelContext:
    return PanelContext(session, viewer, account.id, clock.now())


# --- the account's page -----------------------------------------------------------------------------------------------


def test_the_panel_puts_what_presses_most_first(session: Session, acme: Account, ana: Viewer) -> None:
    tell(
        session,
        acme,
        ("fresh", 1, [0.2]),
        ("late-normal", 3, [24 * 30, ANSWERED]),
        ("late-urgent", 1, [24 * 2, ANSWERED]),
        ("old", 4, [24 * 20, ("first_answered", 24 * 19)]),
        ("done", 1, [24 * 10, ("resolved", 24 * 9)]),
    )
    found = load_tickets(panel_of(session, ana, acme))
    assert found is not None
    rows: Any = found["rows"]
    assert [(row.external_id, state.sign) for row, state in rows] == [
        ("late-urgent", "late"),
        ("late-normal", "late"),
        ("old", "late"),
        ("fresh", "soon"),
    ]
    counts: Any = found["counts"]
    assert (counts.ever, counts.open, counts.opened, counts.resolved) == (5, 4, 5, 1)


def test_an_account_without_tickets_has_no_panel(session: Session, acme: Account, ana: Viewer) -> None:
    assert load_tickets(panel_of(session, ana, acme)) is None


def test_the_account_page_shows_its_tickets_and_links_to_all(
    session: Session, acme: Account, as_ana: TestClient, as_agent: TestClient
) -> None:
    tell(session, acme, ("1", 1, [48, ANSWERED]), ("2", 3, [300, ("resolved", 200)]))
    text = as_ana.get(f"/accounts/{acme.id}").text
    assert "Subject 1" in text
    assert f"/tickets?account={acme.id}&amp;state=any" in text
    assert "All 2 tickets" in text
    assert as_agent.get(f"/accounts/{acme.id}").status_code == 200


def test_the_timeline_tells_tickets_newest_first_and_page_by_page(session: Session, acme: Account, ana: Viewer) -> None:
    tell(session, acme, ("1", 2, [100, ("escalated", 90), ("reassigned", 80), ("resolved", 70)]), ("2", 3, [60]))
    context = panel_of(session, ana, acme)
    first = entries(context, None, 2)
    rest = entries(context, (first[-1].at, first[-1].id), 10)
    assert [str(one.meta) for one in [*first, *rest]] == [
        "Opened, priority normal",
        "Resolved",
        "Escalated",
        "Opened, priority high",
    ]
    assert [one.kind for one in rest] == ["escalation", "ticket"]
    assert str(first[0].title) == "Ticket 2: Subject 2"
    assert all(one.href and one.href.startswith("/tickets/") for one in first)


def test_the_page_of_an_account_takes_as_many_statements_for_one_ticket_as_for_forty(
    session: Session, acme: Account, as_ana: TestClient, count_queries: CountQueries
) -> None:
    tell(session, acme, ("one", 2, [30]))
    as_ana.get(f"/accounts/{acme.id}")
    few = count_queries(lambda: as_ana.get(f"/accounts/{acme.id}"))
    tell(session, acme, *((f"{n}", 1 + n % 4, [n + 31, ("escalated", n + 30)]) for n in range(40)))
    assert count_queries(lambda: as_ana.get(f"/accounts/{acme.id}")) == few


# --- the list of accounts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("later", [False, True])
def test_columns_count_open_and_late_tickets_of_each_account(
    session: Session, acme: Account, make_account: MakeAccount, ana: Viewer, later: bool
) -> None:
    """By present columns, and by spans where the book knows of later: the same."""
    other = make_account("Other")
    tell(
        session,
        acme,
        ("1", 1, [48, ANSWERED]),
        ("2", 1, [0.1]),
        ("3", 3, [24 * 60, ANSWERED]),
        ("4", 1, [48, ("resolved", 1)]),
        ("5", 1, [48, ("deleted", 1)]),
    )
    tell(session, other, ("6", 2, [1]))
    now = clock.now()
    assert OPEN_TICKETS.source is not None
    source = OPEN_TICKETS.source(ColumnContext(ana, now, clock.day_of(now), later))
    found = {row.account_id: (row.open, row.late, row.urgent_late) for row in session.execute(source)}
    assert found == {acme.id: (3, 2, 1), other.id: (1, 0, 0)}


def test_the_list_of_accounts_sorts_filters_and_sums_by_tickets(
    session: Session, acme: Account, make_account: MakeAccount, as_ana: TestClient
) -> None:
    quiet = make_account("Quiet")
    tell(session, acme, ("1", 1, [48, ANSWERED]), ("2", 3, [5]))
    text = as_ana.get("/accounts?sort=-open_tickets").text
    assert text.index("Acme") < text.index("Quiet")
    assert f"/tickets?account={acme.id}" in text
    for choice, there in (("urgent", True), ("late", True), ("open", True)):
        found = as_ana.get(f"/accounts?tickets={choice}").text
        assert ("Acme" in found) is there
        assert quiet.name not in found
    as_file = as_ana.get("/accounts.csv").text
    assert '"Open"' in as_file
    assert '"Urgent past target"' in as_file
    assert URGENT_LATE.optional


# --- the ranked day ---------------------------------------------------------------------------------------------------


def day_of(session: Session, viewer: Viewer) -> DayContext:
    return DayContext(session, viewer, clock.now(), clock.today())


def test_urgent_tickets_past_their_target_stand_on_the_ranked_day(
    session: Session, acme: Account, make_account: MakeAccount, ana: Viewer, zoe: Viewer
) -> None:
    elsewhere = make_account("Elsewhere", owner=zoe)
    tell(session, acme, ("1", 1, [9 * 24, ANSWERED]), ("2", 2, [9 * 24, ANSWERED]), ("3", 1, [1, ANSWERED]))
    tell(session, elsewhere, ("4", 1, [50, ANSWERED]), ("5", 1, [30, ANSWERED]))
    (item,) = urgent_late(day_of(session, ana))
    assert item.account_id == acme.id
    assert str(item.reason) == "Urgent ticket past its target, open 9 days"
    assert item.urgency >= 90
    assert item.since is not None
    assert item.records_href is not None
    assert item.records_href.startswith("/tickets/")
    (item,) = urgent_late(day_of(session, zoe))
    assert str(item.reason) == "2 urgent tickets past their target, the oldest open 2 days"
    assert item.records_href == f"/tickets?account={elsewhere.id}&priority=1&late=yes"


def test_urgent_tickets_close_to_their_target_stand_there_while_there_is_time(
    session: Session, acme: Account, make_account: MakeAccount, ana: Viewer, zoe: Viewer
) -> None:
    elsewhere = make_account("Elsewhere", owner=zoe)
    tell(session, acme, ("1", 1, [0.5]), ("2", 1, [50, ANSWERED]), ("3", 2, [0.5]), ("4", 1, [1, ANSWERED]))
    tell(session, elsewhere, ("5", 1, [0.25]), ("6", 1, [0.5]))
    (item,) = urgent_soon(day_of(session, ana))
    assert str(item.reason) in (
        "Urgent ticket: 30 minutes left to its target",
        "Urgent ticket: 29 minutes left to its target",
    )
    assert item.urgency < 90
    (item,) = urgent_soon(day_of(session, zoe))
    assert str(item.reason).startswith("2 urgent tickets: ")
    assert item.records_href == f"/tickets?account={elsewhere.id}&priority=1&due=2"


def test_urgency_and_condition_rise_with_number_and_time() -> None:
    for measure in (urgency, condition):
        assert measure(1, 0) <= measure(1, 1) <= measure(1, 9) <= measure(2, 9) <= measure(5, 30)
    assert 90 <= urgency(1, 0) < urgency(2, 0) < urgency(2, 5) <= urgency(50, 500) < 100
    assert condition(1, 4) == condition(1, 6)  # a dismissed item does not come back every day
    assert condition(1, 7) > condition(1, 6)


def test_the_ranked_day_takes_one_statement_for_one_account_or_ten(
    session: Session, make_account: MakeAccount, ana: Viewer, count_queries: CountQueries
) -> None:
    def asked() -> int:
        # Of a session that is not the test's own, whose statements do not count.
        with Session(session.get_bind().execution_options(tenure_of_the_test=False)) as other:
            return count_queries(lambda: urgent_late(day_of(other, ana)))

    for number in range(2):
        tell(session, make_account(f"A{number}"), (f"{number}", 1, [50, ANSWERED]))
    few = asked()
    for number in range(2, 10):
        tell(session, make_account(f"A{number}"), (f"{number}", 1, [50, ANSWERED]))
    assert asked() == few <= 2
    assert len(urgent_late(day_of(session, ana))) == 10


# --- the search -------------------------------------------------------------------------------------------------------


def test_a_ticket_is_found_by_its_number_and_by_words_newest_first(
    session: Session, acme: Account, ana: Viewer
) -> None:
    tell(session, acme, ("A-100", 3, [50]), ("A-1001", 3, [40]), ("B-7", 3, [30]))
    assert "Subject A-100" in [hit.title for hit in search_tickets(session, ana, "A-100", 10)]
    titles = [hit.title for hit in search_tickets(session, ana, "subject a", 10)]
    assert titles == ["Subject A-1001", "Subject A-100"]
    (hit,) = search_tickets(session, ana, "b-7", 10)
    assert (hit.title, hit.detail) == ("Subject B-7", "B-7 · Acme")
    assert search_tickets(session, ana, "%01 subject", 10) == []
    assert search_tickets(session, ana, "   ", 10) == []


@pytest.mark.settings(books="own")
def test_the_search_finds_nothing_that_one_may_not_read(
    session: Session, acme: Account, ana: Viewer, zoe: Viewer
) -> None:
    tell(session, acme, ("A-100", 3, [50]))
    for words in ("A-100", "subject"):
        assert len(search_tickets(session, ana, words, 10)) == 1
        assert search_tickets(session, zoe, words, 10) == []


def test_the_search_page_knows_tickets(session: Session, acme: Account, as_ana: TestClient) -> None:
    tell(session, acme, ("A-100", 3, [50]))
    assert "Subject A-100" in as_ana.get("/search?q=A-100").text


# --- the report -------------------------------------------------------------------------------------------------------


def section_of(session: Session, viewer: Viewer, account: Account) -> SectionContext:
    return SectionContext(session, viewer, account.id, clock.now(), "fr", "internal")


def test_the_report_counts_tickets_by_the_companys_months(session: Session, acme: Account, ana: Viewer) -> None:
    def since(instant: datetime) -> float:
        return (clock.now() - instant) / timedelta(hours=1)

    new_month = clock.start_of(clock.today().replace(day=1))  # midnight in Paris, still October in UTC
    tell(
        session,
        acme,
        ("before", 1, [since(new_month) + 0.02, ("resolved", since(new_month) - 40)]),
        ("after", 3, [since(new_month) - 0.02]),
        ("old", 3, [400 * 24, ("resolved", 24)]),
    )
    found = report.load_months(section_of(session, ana, acme))
    assert found is not None
    months: Any = found["months"]
    assert len(months) == 12
    assert [(month.first.month, month.opened, month.resolved, month.late) for month in months[-2:]] == [
        (10, 1, 0, 0),
        (11, 1, 2, 2),
    ]
    assert found["labels"][-1] == "nov."  # type: ignore[index]
    assert (found["opened"], found["resolved"], found["late"]) == (2, 2, 2)


def test_the_report_lists_open_tickets_or_leaves_the_part_out(session: Session, acme: Account, ana: Viewer) -> None:
    context = section_of(session, ana, acme)
    assert report.load_open(context) is None
    assert report.load_months(context) is None
    tell(session, acme, *((f"{n}", 2, [n + 1]) for n in range(report.MOST_OPEN + 1)))
    found = report.load_open(context)
    assert found is not None
    rows: Any = found["rows"]
    assert len(rows) == report.MOST_OPEN
    assert found["more"] is True
    assert isinstance(rows[0][1].words, Text)
