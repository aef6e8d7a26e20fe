"""The boards "on time" and "complete", the forecast, and the list that each of their figures opens."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from html import unescape

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from accounts.models import Account
from accounts.service import create_task
from crm.clock import now
from crm.viewer import Viewer
from support.asof import tickets_now
from support.clocks import Clock
from support.forecast import Pace, likely_ids, look_ahead, read_paces
from support.list_query import read_query
from support.models import TicketKind
from support.on_time import read_board, read_parity
from support.policies.queries import ticket_policies
from support.records import TicketRecord
from tests.support._telling import event
from tests.support.test_pages import ago, opened, subjects, tell

CountQueries = Callable[[Callable[[], object]], int]


def figures(answer: object) -> list[tuple[str, int]]:
    """Every figure of a page that is a link to the list, with its address."""
    found = re.findall(r'<a href="(/tickets\?[^"]*|/tickets)">([\d,]+)</a>', answer.text)  # type: ignore[attr-defined]
    return [(unescape(href), int(count.replace(",", ""))) for href, count in found]


@pytest.fixture
def book(session: Session, acme: Account) -> None:
    """Handled by three people on three channels: late, due soon, waiting, and what was resolved."""
    answered = event("first_answered", ago(0.4))
    lena, omar = {"assignee": "Lena", "team": "First line"}, {"assignee": "Omar", "team": "Second line"}
    tell(
        session,
        opened("urgent-late", acme, 24, 1, event("first_answered", ago(23.9)), channel="phone", **lena),
        opened("normal-late", acme, 24 * 30, 3, event("first_answered", ago(24 * 30 - 1)), channel="email", **lena),
        opened("soon", acme, 0.5, 1, channel="email", **omar),
        opened("later", acme, 0.5, 3, answered, channel="chat", **omar),
        opened("nobody", acme, 0.5, 3, answered, channel="Email"),
        opened(
            "reopened",
            acme,
            90,
            3,
            event("first_answered", ago(89)),
            event("resolved", ago(80)),
            event("reopened", ago(2)),
            **omar,
        ),
        opened("complaint", acme, 2, 3, event("first_answered", ago(1.9)), kind=TicketKind.COMPLAINT),
        opened("paused", acme, 50, 3, event("first_answered", ago(49)), event("waiting", ago(48))),
    )
    resolved: list[TicketRecord] = []
    for number in range(12):  # urgent ones: nine took longer than the hour that is owed
        hours = 2.0 if number < 9 else 0.4
        begun = 200.0 + number
        told = (
            event("first_answered", ago(begun - hours)),
            event("resolved", ago(begun - 3)),
            event("rated", ago(begun - 4), 80 - number),
        )
        channel = "email" if number % 2 else "Voice call"
        resolved.append(opened(f"past-{number}", acme, begun, 1, *told, channel=channel))
    tell(session, *resolved)


def test_every_figure_of_the_board_opens_as_many_tickets(book: None, as_mia: TestClient) -> None:
    answer = as_mia.get("/tickets/on-time?scope=all")
    assert answer.status_code == 200
    opened_by = figures(answer)
    assert len(opened_by) > 20
    for href, count in opened_by:
        assert len(subjects(as_mia.get(href))) == count, href


def test_every_figure_of_the_second_board_opens_its_tickets(
    book: None, as_mia: TestClient, session: Session, ana: Viewer, acme: Account
) -> None:
    answer = as_mia.get("/tickets/complete?scope=all")
    assert subjects(answer) == ["reopened", "complaint", "paused"]
    hrefs = [unescape(href) for href in re.findall(r'class="section__more" href="([^"]*)"', answer.text)]
    assert [subjects(as_mia.get(href)) for href in hrefs] == [["reopened"], ["complaint"], ["paused"]]
    create_task(session, ana, acme, title="Ask again", due_on=date(2026, 11, 25))
    assert subjects(as_mia.get("/tickets/complete?scope=all")) == ["reopened", "complaint"]


def test_who_has_most_that_is_late_stands_first(book: None, session: Session, mia: Viewer) -> None:
    board = read_board(session, mia, tickets_now(session, now()), read_query({"scope": "all"}, mia), 24)
    assert (board.whole.open, board.whole.late, board.whole.urgent_late) == (8, 2, 1)
    assert [(one.key, one.late) for one in board.by_assignee] == [("Lena", 2), ("Omar", 0), ("", 0)]
    assert {one.key: one.open for one in board.by_channel} == {"phone": 1, "email": 3, "chat": 1, "other": 3}


def test_the_forecast_is_the_share_of_the_past(book: None, session: Session, mia: Viewer) -> None:
    """Half an hour after it was opened: of the past, nine still had no answer by then, and all nine were late."""
    at = tickets_now(session, now())
    query = read_query({"scope": "all"}, mia)
    ahead = look_ahead(session, mia, at, query, 4, ticket_policies(session), read_paces(session, mia, at))
    (soon,) = [one for one in ahead if one.row.subject == "Subject soon"]
    assert (soon.clock, soon.past, soon.late, soon.is_likely) == (Clock.FIRST_ANSWER, 9, 9, True)
    assert ahead[0] is soon  # the likeliest first
    assert likely_ids(ahead) == (soon.row.id,)


def test_too_few_of_the_past_tell_nothing(book: None, session: Session, mia: Viewer) -> None:
    at = tickets_now(session, now())
    query = read_query({"scope": "all"}, mia)
    ahead = look_ahead(session, mia, at, query, 24 * 30, ticket_policies(session), read_paces(session, mia, at))
    assert {one.row.subject: one.chance for one in ahead if one.row.priority == 3}["Subject later"] is None


@pytest.mark.parametrize(
    ("clock", "used", "target", "expected"),
    [
        (Clock.FIRST_ANSWER, 0, 50, (10, 5)),
        (Clock.FIRST_ANSWER, 30, 50, (7, 5)),  # exactly as long as the target is in time
        (Clock.RESOLUTION, 0, 100, (0, 0)),
        (Clock.NEXT_ANSWER, 10, 20, (40, 10)),
    ],
)
def test_of_those_that_had_taken_as_long(clock: Clock, used: int, target: int, expected: tuple[int, int]) -> None:
    pace = Pace([10, 20, 30, 40, 50, 60, 70, 80, 90, 100], [], 40, 10)
    assert pace.risk(clock, used, target) == expected
    assert pace.median(Clock.FIRST_ANSWER) == 55
    assert pace.median(Clock.RESOLUTION) is None


def test_written_channels_beside_the_phone(book: None, session: Session, mia: Viewer) -> None:
    parity = read_parity(session, mia, tickets_now(session, now()), read_query({"scope": "all"}, mia))
    by_key = {one.key: one for one in parity}
    assert parity[0].key == "written"
    assert by_key["written"][1:] == by_key["email"][1:]
    phone = by_key["phone"]
    assert (phone.opened, phone.answered, phone.in_time, phone.late, phone.rated) == (7, 7, 2, 5, 6)
    assert phone.satisfaction == 75  # 80, 78, … 70
    assert phone.median_s == 2 * 3_600
    assert by_key["written"].opened == 9


def test_the_board_holds_only_what_one_may_read(book: None, as_zoe: TestClient, as_ana: TestClient) -> None:
    assert figures(as_ana.get("/tickets/on-time"))
    answer = as_zoe.get("/tickets/on-time?scope=mine")
    assert answer.status_code == 200
    assert "Nothing is open, so nothing is late." in answer.text
    assert figures(answer) == []


@pytest.mark.settings(books="own")
def test_nobody_elses_tickets_are_counted(book: None, as_zoe: TestClient, as_ana: TestClient) -> None:
    assert figures(as_zoe.get("/tickets/on-time?scope=all")) == []
    assert "Subject" not in as_zoe.get("/tickets/complete?scope=all").text
    assert "Subject reopened" in as_ana.get("/tickets/complete?scope=all").text


@pytest.mark.parametrize("path", ["/tickets/on-time?scope=all&hours=72", "/tickets/complete?scope=all"])
def test_as_many_statements_for_one_ticket_as_for_many(
    session: Session,
    acme: Account,
    make_account: Callable[..., Account],
    as_mia: TestClient,
    count_queries: CountQueries,
    path: str,
) -> None:
    def more(first: int, many: int) -> None:
        records = []
        for number in range(first, first + many):
            account = make_account(f"Account {number}")
            other = {"assignee": f"Agent {number}", "team": f"Team {number}", "channel": ("email", "phone")[number % 2]}
            answered = event("first_answered", ago(4))
            resolved = (answered, event("resolved", ago(2)))
            records += [
                opened(f"open-{number}", account, 5, 2 + number % 3, **other),
                opened(f"again-{number}", account, 6, 3, answered, event("waiting", ago(3)), **other),
                opened(f"past-{number}", account, 7, 3, *resolved, **other),
            ]
        tell(session, *records)

    more(0, 1)
    few = count_queries(lambda: as_mia.get(path))
    more(1, 12)
    assert count_queries(lambda: as_mia.get(path)) == few


def test_pages_of_an_empty_book_say_what_to_do(as_mia: TestClient) -> None:
    for path, said in (
        ("/tickets/on-time?scope=all", "Nothing is open, so nothing is late."),
        ("/tickets/complete?scope=all", "Everything that is open is in good hands."),
    ):
        assert said in as_mia.get(path).text


def test_a_list_says_what_it_is_narrowed_to_and_lets_go_of_it(book: None, as_mia: TestClient) -> None:
    answer = as_mia.get("/tickets?scope=all&channel=written&assignee=Omar&due=4")
    assert subjects(answer) == ["soon"]
    assert "handled by Omar" in answer.text
    assert "due within 4 h" in answer.text
    assert 'href="/tickets?scope=all&amp;channel=written&amp;due=4"' in answer.text
    assert subjects(as_mia.get("/tickets?scope=all&risk=24")) == ["soon"]


def test_unknown_words_in_an_address_are_ignored(mia: Viewer) -> None:
    sent = {"channel": "pigeon", "due": "-4", "opened": "x", "answer": "maybe", "risk": "99999999999"}
    assert read_query(sent, mia).narrowed_by() == {}


def test_a_list_names_the_clock_that_is_due(book: None, as_mia: TestClient) -> None:
    assert re.search("(29|30) min left to answer", as_mia.get("/tickets?scope=all").text)
