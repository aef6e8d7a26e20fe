"""The list of tickets, one ticket, and those without an account, as people see them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from accounts.models import Account
from crm.clock import now
from crm.viewer import Viewer
from support.models import TicketKind
from support.records import AccountHint, Requester, TicketRecord
from support.service import apply_tickets
from tests.support._telling import event, record

MakeAccount = Callable[..., Account]
CountQueries = Callable[[Callable[[], object]], int]

# It is Monday 23 November 2026, 10:00 in Paris; ``_telling`` counts hours from Monday 2 March, 9:00.
NOW_HOURS = 266 * 24 + 1.0


def ago(hours: float) -> float:
    return NOW_HOURS - hours


def tell(session: Session, *records: TicketRecord) -> None:
    apply_tickets(session, records, source_title="Zendesk")
    session.commit()


def opened(
    number: str, account: Account, hours_ago: float, priority: int = 3, *more: object, **fields: object
) -> TicketRecord:
    events = (event("opened", ago(hours_ago), priority), *more)
    return record(number, *events, account_id=account.id, subject=f"Subject {number}", **fields)  # type: ignore[arg-type]


def subjects(answer: object) -> list[str]:
    return re.findall(r"data-row-link>Subject ([^<]+)</a>", answer.text)  # type: ignore[attr-defined]


@pytest.fixture
def book(session: Session, acme: Account) -> None:
    """Tickets of Acme: late and not, urgent and not, waiting, resolved in time and too late."""
    tell(
        session,
        opened("urgent-late", acme, 24, 1, event("first_answered", ago(23.9))),
        opened("high-late", acme, 24 * 30, 2, event("first_answered", ago(24 * 30 - 1))),
        opened("normal", acme, 3, 3, event("first_answered", ago(2.5)), kind=TicketKind.COMPLAINT, topic="billing"),
        opened("waiting", acme, 50, 3, event("first_answered", ago(49)), event("waiting", ago(48))),
        opened("in-time", acme, 200, 3, event("first_answered", ago(199)), event("resolved", ago(190))),
        opened("too-late", acme, 900, 1, event("first_answered", ago(899.5)), event("resolved", ago(800))),
        opened("deleted", acme, 5, 1, event("deleted", ago(4))),
    )


# --- the list ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ("", ["urgent-late", "high-late", "normal", "waiting"]),
        ("?sort=due", ["high-late", "urgent-late", "normal", "waiting"]),
        ("?sort=opened", ["normal", "urgent-late", "waiting", "high-late"]),
        ("?state=waiting", ["waiting"]),
        ("?state=resolved", ["in-time", "too-late"]),
        ("?state=any", ["normal", "urgent-late", "waiting", "in-time", "high-late", "too-late"]),
        ("?late=yes", ["urgent-late", "high-late"]),
        ("?priority=1", ["urgent-late"]),
        ("?priority=1&state=any", ["urgent-late", "too-late"]),
        ("?kind=complaint", ["normal"]),
        ("?topic=billing", ["normal"]),
        ("?q=LATE", ["urgent-late", "high-late"]),
        ("?q=in-time&state=any", ["in-time"]),
        ("?q=100%25", []),
        (
            "?state=limbo&priority=9&late=maybe&sort=x&kind=y&scope=z&account=q",
            ["urgent-late", "high-late", "normal", "waiting"],
        ),
    ],
)
def test_the_list_says_what_its_address_asks(as_ana: TestClient, query: str, listed: list[str]) -> None:
    answer = as_ana.get(f"/tickets{query}")
    assert answer.status_code == 200
    assert subjects(answer) == listed


@pytest.mark.usefixtures("book")
def test_the_list_says_how_each_ticket_stands(as_ana: TestClient) -> None:
    text = as_ana.get("/tickets?state=any").text
    for words in ("late since yesterday", "waiting for the customer", "in time", "too late", "urgent"):
        assert words in text
    assert "2 late, 1 urgent" in text
    assert "6 tickets" in text


def test_others_see_their_own_tickets_first(
    session: Session, as_ben: TestClient, as_mia: TestClient, as_agent: TestClient, book: None
) -> None:
    assert subjects(as_ben.get("/tickets")) == []
    assert "Nothing is open at your accounts" in as_ben.get("/tickets").text
    assert len(subjects(as_ben.get("/tickets?scope=team"))) == 4
    assert len(subjects(as_mia.get("/tickets"))) == 4  # a manager's are the team's
    assert len(subjects(as_agent.get("/tickets"))) == 4  # support sees all of them
    assert "€" not in as_agent.get("/tickets").text


@pytest.mark.settings(books="own")
def test_tickets_of_accounts_one_may_not_read_are_not_there(
    session: Session, as_ana: TestClient, as_zoe: TestClient, book: None
) -> None:
    link = re.search(r'href="(/tickets/\d+)"', as_ana.get("/tickets").text)
    assert link is not None
    assert as_ana.get(link[1]).status_code == 200
    assert as_zoe.get(link[1]).status_code == 404
    for query in ("?scope=all", "?scope=all&state=any&q=late", "?scope=all&q=urgent-late"):
        assert subjects(as_zoe.get(f"/tickets{query}")) == []
    assert "urgent-late" not in as_zoe.get("/tickets.csv?scope=all&state=any").text


def test_the_list_of_an_account_one_may_not_read_is_not_there(as_ana: TestClient) -> None:
    assert as_ana.get("/tickets?account=123456789").status_code == 404


@pytest.mark.parametrize("sort", ["pressing", "due", "opened"])
def test_pages_follow_one_another_in_both_directions(
    session: Session, acme: Account, as_ana: TestClient, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("support.routes.PAGE_SIZE", 4)
    # Several share an instant, so that only the id tells them apart.
    tell(session, *(opened(f"{n:02}", acme, 10 + n // 4, 1 + n % 3) for n in range(11)))
    seen, pages, path = [], [], f"/tickets?sort={sort}"
    while True:
        answer = as_ana.get(path)
        pages.append(subjects(answer))
        seen += pages[-1]
        following = re.search(r'href="([^"]+)" rel="next"', answer.text)
        if following is None:
            break
        path = following[1].replace("&amp;", "&")
    assert sorted(seen) == [f"{n:02}" for n in range(11)]
    assert [len(found) for found in pages] == [4, 4, 3]
    back = []
    while previous := re.search(r'href="([^"]+)" rel="prev"', answer.text):
        answer = as_ana.get(previous[1].replace("&amp;", "&"))
        back.append(subjects(answer))
    assert back == pages[-2::-1]


def test_a_cursor_nobody_made_means_the_first_page(as_ana: TestClient, book: None) -> None:
    for cursor in ("x", "W10", "eyJhIjoxfQ", "WyIyMDI2IiwiMSJd"):
        assert len(subjects(as_ana.get(f"/tickets?after={cursor}"))) == 4


def test_the_list_takes_as_many_statements_for_one_ticket_as_for_fifty(
    session: Session, acme: Account, as_ana: TestClient, count_queries: CountQueries
) -> None:
    tell(session, opened("one", acme, 5))
    as_ana.get("/tickets")  # what is found once a process is found
    few = count_queries(lambda: as_ana.get("/tickets"))
    tell(session, *(opened(f"{n}", acme, n + 6) for n in range(49)))
    assert count_queries(lambda: as_ana.get("/tickets")) == few
    assert few <= 6


def test_the_file_holds_every_row_of_the_list(
    session: Session, acme: Account, as_ana: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("support.routes.FILE_CHUNK", 5)
    tell(session, *(opened(f"{n:02}", acme, n + 1) for n in range(12)))
    answer = as_ana.get("/tickets.csv?sort=opened")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert [row["Ticket"] for row in rows] == [f"{n:02}" for n in range(12)]
    assert rows[0]["Account"] == "Acme"
    assert rows[0]["Priority"] == "normal"


def test_only_the_part_below_the_title_answers_a_swap(as_ana: TestClient, book: None) -> None:
    answer = as_ana.get("/tickets?late=yes", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert answer.text.lstrip().startswith('<div id="tickets-list"')
    assert answer.headers["hx-push-url"] == "/tickets?late=yes"


# --- one ticket -------------------------------------------------------------------------------------------------------


def shown(browser: TestClient, query: str = "?state=any") -> str:
    link = re.search(r'href="(/tickets/\d+)"', browser.get(f"/tickets{query}").text)
    assert link is not None
    return browser.get(link[1]).text


def test_a_ticket_shows_what_was_said_and_what_happened(session: Session, acme: Account, as_ana: TestClient) -> None:
    told = record(
        "4412",
        event("opened", ago(30), 1, data={"text": "Nobody is called.\nSince <b>Friday</b>."}),
        event("first_answered", ago(29.5), data={"text": "We look into it.", "actor": "Jonas Weber"}),
        event("reassigned", ago(29), data={"to": "Level 2"}),
        event("reassigned", ago(28), data={"to": "Level 3"}),
        event("escalated", ago(27)),
        event("rated", ago(2), 40),
        account_id=acme.id,
        subject="Alarms",
        external_url="https://desk.example/4412",
        topic="Notifications",
    )
    tell(session, TicketRecord(**{**told.__dict__, "requester": Requester("9", "Ingrid Moe")}))
    text = shown(as_ana)
    for words in (
        "Nobody is called.<br>Since &lt;b&gt;Friday&lt;/b&gt;.",
        "Ingrid Moe",
        "Jonas Weber",
        "Passed on 2 times: Level 2 → Level 3",
        "Escalated",
        "Rated 40 of 100",
        'href="https://desk.example/4412"',
        "Open in Zendesk",
        "8 hours, around the clock",
        "late since yesterday",
        "Notifications",
    ):
        assert words in text, words


def test_the_sources_verdict_stands_beside_ours(session: Session, acme: Account, as_ana: TestClient) -> None:
    tell(session, opened("1", acme, 10, 1, event("resolved", ago(9), 0)))
    text = shown(as_ana)
    assert "too late, says the source" in text
    assert "Zendesk says: too late. Our clock: in time, by 7 h." in text


def test_a_repeat_leads_to_the_ticket_before(session: Session, acme: Account, as_ana: TestClient) -> None:
    tell(
        session,
        opened("first", acme, 100, 3, event("resolved", ago(90)), topic="export"),
        opened("again", acme, 50, 3, topic="export"),
    )
    text = shown(as_ana, "")
    assert "Contacted us again about the same" in text
    link = re.search(r'same: <a href="(/tickets/\d+)"', text)
    assert link is not None
    assert "Subject first" in as_ana.get(link[1]).text


@pytest.mark.parametrize("ticket", ["1", "0", "99999999999999999999999", "-1"])
def test_a_ticket_that_is_not_there_is_not_there(as_ana: TestClient, ticket: str) -> None:
    assert as_ana.get(f"/tickets/{ticket}").status_code == 404


def test_deleted_tickets_are_gone(session: Session, acme: Account, as_ana: TestClient) -> None:
    tell(session, opened("1", acme, 10))
    link = re.search(r'href="(/tickets/\d+)"', as_ana.get("/tickets").text)
    assert link is not None
    tell(session, opened("1", acme, 10, 3, event("deleted", ago(1))))
    assert as_ana.get(link[1]).status_code == 404


# --- an earlier day ---------------------------------------------------------------------------------------------------


@pytest.mark.settings(now="2026-11-20T10:00:00+01:00")  # three days before the newest event of the book
def test_pages_speak_as_of_the_pretended_day(session: Session, acme: Account, as_ana: TestClient) -> None:
    """Where the book knows of later, the list and the ticket show what was true then."""
    three_days = timedelta(days=3)
    before = NOW_HOURS - three_days.total_seconds() / 3600
    assert abs((now() - event("opened", before).happened_at).total_seconds()) < 3600

    def then(number: str, *events: object) -> TicketRecord:
        return record(number, *events, account_id=acme.id, subject=f"Subject {number}")  # type: ignore[arg-type]

    tell(
        session,
        then(
            "was-open",
            event("opened", before - 30, 3),
            event("priority", before + 5, 1),
            event("resolved", before + 20),
        ),
        then(
            "was-done", event("opened", before - 90, 3), event("resolved", before - 60), event("reopened", before + 2)
        ),
        then("not-yet", event("opened", before + 1, 1)),
    )
    assert subjects(as_ana.get("/tickets")) == ["was-open"]
    assert subjects(as_ana.get("/tickets?state=any")) == ["was-open", "was-done"]
    assert subjects(as_ana.get("/tickets?priority=1&state=any")) == []
    text = shown(as_ana, "")
    assert "Resolved" not in text
    assert "Priority is now" not in text
    links = re.findall(r'href="(/tickets/\d+)"', as_ana.get("/accounts").text)
    assert links == []


# --- without an account -----------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(session: Session) -> None:
    told = record("lost", event("opened", ago(5), 3), subject="Whose am I?")
    tell(session, TicketRecord(**{**told.__dict__, "account": AccountHint(name="Nobody & Sons")}))


def test_tickets_without_account_say_why_and_what_to_do(as_agent: TestClient, waiting: None) -> None:
    text = as_agent.get("/tickets/unmatched").text
    assert "No account is known as “Nobody &amp; Sons”." in text
    assert "Whose am I?" in text
    assert "bring the tickets in again" in text
    assert "1 without account" in as_agent.get("/tickets").text


@pytest.mark.parametrize(
    ("who", "status"),
    [("agent", 200), ("mia", 200), ("admin", 200), ("ana", 403), ("exec_", 403), ("sales", 403), ("specialist", 403)],
)
def test_they_are_read_by_support_and_managers(
    who: str,
    status: int,
    waiting: None,
    request: pytest.FixtureRequest,
    sign_in: Callable[[Viewer], TestClient],
) -> None:
    browser = sign_in(request.getfixturevalue(who))
    assert browser.get("/tickets/unmatched").status_code == status
    assert ("without account" in browser.get("/tickets").text) is (status == 200)


def test_when_none_waits_the_page_says_so(as_agent: TestClient) -> None:
    assert "Every ticket has its account." in as_agent.get("/tickets/unmatched").text


def test_nobody_signed_in_sees_no_ticket(anonymous: TestClient, book: None) -> None:
    for path in ("/tickets", "/tickets.csv", "/tickets/unmatched", "/tickets/1"):
        answer = anonymous.get(path)
        assert answer.status_code in (303, 401)
        assert "Subject" not in answer.text
