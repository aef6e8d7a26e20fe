"""What the demo tells, before any of it is written: on working days, at weekends, at the ends of months and years."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

import pytest

from accounts.models import Channel, Tier
from crm.config import Settings
from crm.demo.companies import BY_KEY, COMPANIES
from crm.demo.history import History, imagine
from crm.demo.people import PEOPLE
from crm.viewer import Role
from support.models import EventKind, TicketKind

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAYS = {
    "a Monday": MONDAY,
    "the last night of a month, a Sunday": datetime(2027, 1, 31, 22, 30, tzinfo=UTC),
    "the morning after New Year": datetime(2027, 1, 2, 7, 0, tzinfo=UTC),
    "a leap day": datetime(2028, 2, 29, 6, 5, tzinfo=UTC),
    "just after midnight in August": datetime(2027, 8, 20, 22, 10, tzinfo=UTC),
}

Told = Callable[[datetime], History]


@cache
def _imagined(now: datetime) -> History:
    return imagine(now, 20)


@pytest.fixture
def told(settings: Settings) -> Told:
    return _imagined


@pytest.fixture(params=DAYS.values(), ids=DAYS)
def history(request: pytest.FixtureRequest, told: Told) -> History:
    return told(request.param)


def test_the_same_instant_and_seed_tell_the_same(told: Told) -> None:
    again = imagine(MONDAY, 20)
    assert again.tickets == told(MONDAY).tickets
    assert again.talks == told(MONDAY).talks
    assert again.todos == told(MONDAY).todos
    assert again.money == told(MONDAY).money
    assert imagine(MONDAY, 21).tickets != again.tickets


def test_it_is_a_company_of_the_size_we_promise(history: History) -> None:
    assert len([one for one in COMPANIES if one.churned is None]) == 60
    assert len([one for one in COMPANIES if one.churned is not None]) == 3
    assert set(Tier) == {one.tier for one in COMPANIES}
    assert 3_000 <= len(history.tickets) <= 4_500
    assert 2_200 <= len(history.talks) <= 3_200


def test_each_role_is_entered_as_exactly_one_person() -> None:
    assert Counter(person.role for person in PEOPLE if person.enters) == Counter(Role)


def test_nothing_lies_ahead(history: History) -> None:
    now = history.book.now
    assert max(event.happened_at for ticket in history.tickets for event in ticket.events) <= now
    assert max(talk.at for talk in history.talks) <= now
    assert all(todo.created_at <= now and (todo.done_at or now) <= now for todo in history.todos)


def test_it_reaches_up_to_the_present(history: History) -> None:
    newest = max(event.happened_at for ticket in history.tickets for event in ticket.events)
    assert (history.book.now - newest).days <= 4  # over New Year nobody writes


def test_a_ticket_is_opened_first_and_answered_before_it_is_solved(history: History) -> None:
    for ticket in history.tickets:
        kinds = [event.kind for event in ticket.events]
        assert kinds[0] is EventKind.OPENED
        times = [event.happened_at for event in ticket.events]
        assert times == sorted(times), ticket
        if EventKind.RESOLVED in kinds:
            assert EventKind.FIRST_ANSWERED in kinds


def test_nobody_writes_before_being_a_customer_nor_after_having_left(history: History) -> None:
    for ticket in history.tickets:
        company = BY_KEY[ticket.company]
        ago = history.book.ago(ticket.opened_at.date())
        assert (company.churned or 0) <= ago + 1 <= company.since + 1, ticket


def test_everybody_has_a_name_and_an_address_of_their_own(history: History) -> None:
    everybody = [one for cast in history.casts.values() for one in cast.everybody]
    assert len({one.name for one in everybody}) == len(everybody)
    assert len({one.email for one in everybody}) == len(everybody)
    assert all(re.fullmatch(r"[a-z0-9.'-]+@[a-z-]+\.example", one.email) for one in everybody), [
        one.email for one in everybody
    ]


def test_no_place_in_a_sentence_is_left_open(history: History) -> None:
    written = [ticket.subject for ticket in history.tickets]
    written += [str(event.data.get("text", "")) for ticket in history.tickets for event in ticket.events]
    written += [f"{talk.subject} {talk.body}" for talk in history.talks]
    written += [f"{todo.title} {todo.outcome}" for todo in history.todos]
    assert [sentence for sentence in written if "{" in sentence or "}" in sentence] == []


def test_no_subject_comes_twice_on_a_page_of_tickets(history: History) -> None:
    subjects = [ticket.subject for ticket in history.tickets]
    twice = sum(subject in subjects[place - 50 : place] for place, subject in enumerate(subjects) if place >= 50)
    assert twice < len(subjects) * 0.005
    for company in COMPANIES:
        own = [ticket.subject for ticket in history.tickets if ticket.company == company.key][-25:]
        assert len(own) - len(set(own)) <= 1, company.name


def test_no_talk_reads_like_another_on_the_same_screen(history: History) -> None:
    for company in COMPANIES:
        bodies = [talk.body for talk in history.talks if talk.company == company.key and not talk.mass][-15:]
        assert len(bodies) - len(set(bodies)) <= 1, company.name


def test_french_customers_write_and_are_written_to_in_french(history: History) -> None:
    english = re.compile(r"\b(the|and|with|please|is not|we have)\b", re.IGNORECASE)
    for ticket in history.tickets:
        if BY_KEY[ticket.company].language == "fr":
            said = " ".join(str(event.data.get("text", "")) for event in ticket.events)
            assert not english.search(f"{ticket.subject} {said}"), ticket.subject
    contractions = re.compile(r"\b(de le|de les|à le|à les)\b ")
    assert [ticket.subject for ticket in history.tickets if contractions.search(ticket.subject)] == []


def test_people_keep_office_hours_but_for_what_is_urgent(history: History) -> None:
    weekdays = Counter(ticket.opened_at.weekday() for ticket in history.tickets)
    assert weekdays[0] > weekdays[4] > 15 * weekdays[6] > 0
    assert all(talk.at.weekday() < 5 for talk in history.talks)


def test_arr_is_the_sum_of_its_movements_and_seats_follow(history: History) -> None:
    for company in COMPANIES:
        money = history.money[company.key]
        expected = 0 if company.churned is not None else company.arr
        assert sum(movement.amount for movement in money.movements) == expected, company.name
        running = 0
        for movement in money.movements:
            running += movement.amount
            assert running >= 0, (company.name, movement)
        assert money.seats[-1][1] == company.seats
        assert all(movement.on <= history.book.today for movement in money.movements)


def test_terms_follow_one_another_and_one_is_running(history: History) -> None:
    for company in COMPANIES:
        terms = history.money[company.key].terms
        assert all(before.ends_on == after.starts_on for before, after in itertools.pairwise(terms))
        running = [term for term in terms if term.closed_on is None]
        if company.churned is not None:
            assert running == []
        else:
            assert len(running) == 1
            assert running[0].starts_on <= history.book.today < running[0].ends_on, company.name


def test_decisions_are_spread_over_a_year_and_a_half() -> None:
    ahead = sorted(one.decides_in for one in COMPANIES if one.churned is None)
    assert ahead[0] == 10
    assert sum(days > 560 for days in ahead) <= 1
    assert max(later - sooner for sooner, later in itertools.pairwise(ahead) if later < 560) <= 60


def test_the_three_urgent_tickets_of_halden_have_their_numbers(history: History) -> None:
    urgent = [
        ticket
        for ticket in history.tickets
        if ticket.company == "halden" and ticket.priority == 1 and EventKind.RESOLVED not in _kinds(ticket)
    ]
    assert [ticket.number for ticket in urgent] == [4412, 4427, 4431]
    assert (history.book.now - urgent[0].opened_at).days in (8, 9)
    numbers = [ticket.number for ticket in history.tickets]
    assert numbers == sorted(set(numbers))


def test_only_two_customers_have_an_urgent_ticket_open(history: History) -> None:
    crying = {t.company for t in history.tickets if t.priority == 1 and EventKind.RESOLVED not in _kinds(t)}
    assert crying == {"halden", "belvaux"}


def test_haldens_complaint_has_no_answer(history: History) -> None:
    open_ = [
        ticket
        for ticket in history.tickets
        if ticket.company == "halden"
        and ticket.kind is TicketKind.COMPLAINT
        and EventKind.RESOLVED not in _kinds(ticket)
    ]
    assert [_kinds(ticket) for ticket in open_] == [[EventKind.OPENED]]


def test_haldens_sponsor_was_last_spoken_with_seven_weeks_ago(history: History) -> None:
    spoken = (Channel.CALL, Channel.MEETING, Channel.IN_PERSON)
    key = {"Lars Haugen", "Solveig Dahl", "Tore Bakke"}
    last = max(
        talk.at
        for talk in history.talks
        if talk.company == "halden" and talk.channel in spoken and talk.contact and talk.contact.name in key
    )
    assert 46 <= (history.book.now - last).days <= 49


def _kinds(ticket: object) -> list[EventKind]:
    return [event.kind for event in ticket.events]  # type: ignore[attr-defined]
