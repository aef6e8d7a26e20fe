"""The three clocks of a ticket against a counter that looks at every minute, over calendars, pauses and orders."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from crm.hours.calendar import HOUR, Hours, calendar, working_seconds
from support.clocks import PRIORITIES, Clock, Policy, Target, default_policy
from support.models import EventKind as E
from support.projection import Projection, project, read_clocks
from support.records import EventRecord, TicketFields
from tests.support._telling import at, event

MINUTE = timedelta(minutes=1)
FIELDS = TicketFields()
PARIS = default_policy("Europe/Paris")


def told(*events: EventRecord, policy: Policy = PARIS) -> Projection:
    return project(FIELDS, events, policy)


# --- the next answer --------------------------------------------------------------------------------------------------


def test_the_clock_of_the_next_answer_runs_from_the_reply_to_the_answer() -> None:
    begun = (event("opened", 0, 3), event("first_answered", 1), event("customer_reply", 3))
    waiting = told(*begun).columns
    assert waiting["next_answer_due_at"] == at(24 + 3) == waiting["due_at"]  # 8 working hours: tomorrow at noon
    answered = told(*begun, event("agent_reply", 4)).columns
    assert answered["next_answer_due_at"] is None
    assert (answered["next_answers"], answered["next_answers_late"]) == (1, 0)
    late = told(*begun, event("agent_reply", 24 + 3.5)).columns
    assert (late["next_answers"], late["next_answers_late"]) == (1, 1)


def test_of_several_replies_the_first_counts() -> None:
    begun = (event("opened", 0, 3), event("first_answered", 1), event("customer_reply", 3), event("customer_reply", 6))
    assert told(*begun).columns["next_answer_due_at"] == at(24 + 3)


def test_a_reply_before_the_first_answer_begins_no_second_clock() -> None:
    columns = told(event("opened", 0, 3), event("customer_reply", 1)).columns
    assert columns["next_answer_due_at"] is None
    assert columns["due_at"] == columns["first_answer_due_at"] == at(8)


def test_thanks_after_the_resolution_ask_for_nothing() -> None:
    events = (event("opened", 0, 3), event("first_answered", 1), event("resolved", 2), event("customer_reply", 3))
    assert told(*events).columns["next_answer_due_at"] is None


@pytest.mark.parametrize("kind", ["waiting", "resolved", "closed"])
def test_asking_back_and_resolving_answer_too(kind: str) -> None:
    events = (event("opened", 0, 3), event("first_answered", 1), event("customer_reply", 3), event(kind, 4))
    assert told(*events).columns["next_answers"] == 1


def test_no_answer_is_owed_where_the_source_tells_none() -> None:
    events = (event("opened", 0, 3), event("first_answered", 1), event("customer_reply", 3))
    columns = project(TicketFields(answers_told=False), events, PARIS).columns
    assert columns["next_answer_due_at"] is None


def test_another_priority_moves_the_target_of_an_answer_that_is_owed() -> None:
    events = (event("opened", 0, 3), event("first_answered", 1), event("customer_reply", 3), event("priority", 4, 1))
    assert told(*events).columns["next_answer_due_at"] == at(4)


def test_both_verdicts_can_be_read_where_the_source_has_one() -> None:
    events = (event("opened", 0, 3), event("first_answered", 1, 0), event("resolved", 9, 0))
    readings = read_clocks(FIELDS, events, PARIS, at(24))
    assert readings.first_answer is not None
    assert (readings.first_answer.source_met, readings.first_answer.ours_met) == (False, True)
    assert readings.first_answer.counts_met is False
    assert (readings.resolution.source_met, readings.resolution.ours_met) == (False, True)
    assert readings.resolution.target_s - readings.resolution.used_s == 32 * HOUR


# --- every clock, minute by minute ------------------------------------------------------------------------------------

HAPPEN = (E.AGENT_REPLY, E.CUSTOMER_REPLY, E.WAITING, E.WORKING, E.RESOLVED, E.REOPENED, E.ESCALATED, E.ACKNOWLEDGED)
_ZONES = {"Europe/Paris": date(2026, 3, 29), "America/New_York": date(2026, 11, 1), "Asia/Kolkata": date(2026, 8, 15)}


@dataclass(frozen=True)
class History:
    policy: Policy
    events: tuple[EventRecord, ...]
    now: datetime


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A week and a half around a change of the clock, with hours, a country's holidays and closed days."""
    zone = draw(st.sampled_from(list(_ZONES)))
    near = _ZONES[zone]
    begins = draw(st.integers(0, 40)) * 15
    week = tuple(((begins, begins + draw(st.integers(4, 40)) * 15),) for _ in range(draw(st.integers(3, 7))))
    hours = Hours(date.min, zone, (*week, *[()] * (7 - len(week))), draw(st.sampled_from(("", "IN", "FR", "US"))))
    closed = frozenset(near + timedelta(days=away) for away in draw(st.lists(st.integers(-3, 4), max_size=2)))
    of = calendar((hours,), closed)
    targets = [
        {one: Target(draw(st.integers(1, 3_000)) * 60, of if draw(st.booleans()) else None) for one in PRIORITIES}
        for _ in range(3)
    ]
    opened = datetime.combine(near, datetime.min.time(), UTC) + draw(st.integers(-4_000, 1_000)) * MINUTE
    events = [EventRecord(E.OPENED, "opened", opened, float(draw(st.sampled_from(PRIORITIES))))]
    minute = 0
    for number, kind in enumerate(draw(st.lists(st.sampled_from(HAPPEN), max_size=8))):
        minute += draw(st.integers(1, 2_000))
        events.append(EventRecord(kind, f"{number}", opened + minute * MINUTE))
    now = opened + (minute + draw(st.integers(1, 3_000))) * MINUTE
    return History(Policy(*targets), tuple(events), now)


@pytest.mark.slow
@given(histories())
@hypothesis_settings(max_examples=60, deadline=None)
def test_clocks_are_what_a_count_of_minutes_says(history: History) -> None:
    """Goes through the ticket minute by minute and counts, for each clock that runs, whether the minute is worked."""
    opening, *rest = history.events
    first, following, resolution = (history.policy.targets(clock)[int(opening.value or 3)] for clock in Clock)
    happened = {one.happened_at: one.kind for one in rest}
    state, answered, asked = "open", False, False
    first_s = next_s = resolution_s = 0
    first_s_when_resolved = answers = late = 0
    minute = opening.happened_at
    while True:
        kind = happened.get(minute)
        before = state
        if kind is E.WAITING:
            state = "waiting"
        elif kind is E.RESOLVED:
            state, first_s_when_resolved = "resolved", first_s if before != "resolved" else first_s_when_resolved
        elif (
            kind is E.WORKING
            or (kind is E.REOPENED and before == "resolved")
            or (kind is E.CUSTOMER_REPLY and before == "waiting")
        ):
            state = "open"
        if asked and (kind is E.AGENT_REPLY or state != "open"):
            answers, late, asked = answers + 1, late + (next_s > following.seconds), False
        answered = answered or kind is E.AGENT_REPLY
        if kind is E.CUSTOMER_REPLY and state == "open" and answered and not asked:
            asked, next_s = True, 0
        if minute >= history.now:
            break
        first_s += 0 if answered else _worked(minute, first)
        next_s += _worked(minute, following) if asked else 0
        resolution_s += _worked(minute, resolution) if state == "open" else 0
        minute += MINUTE

    readings = read_clocks(FIELDS, history.events, history.policy, history.now)
    assert (readings.next_answers, readings.next_answers_late) == (answers, late)
    assert (readings.next_answer.used_s if readings.next_answer else None) == (next_s if asked else None)
    assert readings.resolution.used_s == resolution_s
    assert readings.first_answer is not None
    expected = first_s_when_resolved if state == "resolved" and not answered else first_s
    assert readings.first_answer.used_s == expected


def _worked(minute: datetime, target: Target) -> int:
    """``working_seconds`` is itself held against every minute of the wall clock in ``tests/crm/hours``."""
    return working_seconds(minute, minute + MINUTE, target.calendar)


@given(histories(), st.randoms(use_true_random=False))
@hypothesis_settings(max_examples=100, deadline=None)
def test_the_order_in_which_events_arrive_never_matters(history: History, chance: random.Random) -> None:
    shuffled = list(history.events)
    chance.shuffle(shuffled)
    assert project(FIELDS, shuffled, history.policy) == project(FIELDS, history.events, history.policy)


@given(histories())
@hypothesis_settings(max_examples=100, deadline=None)
def test_a_target_is_missed_at_the_instant_that_was_said_before(history: History) -> None:
    """What a span says is due is when the verdict turns: a second before it is in time, a second after it is not."""
    for span in project(FIELDS, history.events, history.policy).spans:
        if span.first_answered_at is None and span.first_answer_due_at is not None and span.resolved_at is None:
            until = [one for one in history.events if one.happened_at <= span.from_at]
            for late in (False, True):
                answered_at = span.first_answer_due_at + timedelta(seconds=late)
                if answered_at > span.from_at:
                    answer = EventRecord(E.FIRST_ANSWERED, "answer", answered_at)
                    columns = project(FIELDS, [*until, answer], history.policy).columns
                    assert columns["our_first_answer_met"] is not late
