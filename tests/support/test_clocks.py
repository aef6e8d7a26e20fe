"""Business hours against a counter that looks at every minute."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from support.clocks import (
    HOUR,
    Calendar,
    Stopwatch,
    Target,
    add_business_seconds,
    business_seconds,
    default_policy,
)

PARIS = Calendar("Europe/Paris")
# A zone whose clock moves at midnight, changes inside the hours by an hour and by half of one, work on every day. Hours
# that open or close within the very hour that is skipped or repeated are nobody's.
CALENDARS = (
    PARIS,
    Calendar("America/Sao_Paulo", opens=time(1), closes=time(22, 30), days=frozenset(range(7))),
    Calendar("Australia/Lord_Howe", opens=time(1), closes=time(4), days=frozenset({0, 6})),
    Calendar("Asia/Kolkata", opens=time(8, 15), closes=time(12, 45)),
    Calendar("America/New_York", days=frozenset({6}), opens=time(0, 30), closes=time(5)),
)
MINUTE = timedelta(minutes=1)
minutes = st.datetimes(datetime(2015, 1, 1), datetime(2026, 12, 31)).map(  # noqa: DTZ001 - made aware here
    lambda at: at.replace(second=0, microsecond=0, tzinfo=UTC)
)
# Around the changes of the clock of the zones above, so that short spans meet them.
changes = st.sampled_from(
    [
        datetime(2016, 3, 13, tzinfo=UTC),
        datetime(2016, 3, 27, tzinfo=UTC),
        datetime(2016, 4, 2, tzinfo=UTC),
        datetime(2016, 10, 16, tzinfo=UTC),
        datetime(2016, 10, 30, tzinfo=UTC),
        datetime(2018, 2, 18, tzinfo=UTC),
    ]
).flatmap(lambda day: st.integers(-2880, 2880).map(lambda away: day + away * MINUTE))


def open_minutes(start: datetime, end: datetime, calendar: Calendar) -> int:
    zone = ZoneInfo(calendar.zone)
    found = 0
    while start < end:
        local = start.astimezone(zone)
        found += local.weekday() in calendar.days and calendar.opens <= local.time() < calendar.closes
        start += MINUTE
    return found


@given(minutes | changes, st.integers(0, 6 * 24 * 60), st.sampled_from(CALENDARS))
@hypothesis_settings(max_examples=150, deadline=None)
def test_business_seconds_are_the_open_minutes(start: datetime, length: int, calendar: Calendar) -> None:
    end = start + length * MINUTE
    assert business_seconds(start, end, calendar) == 60 * open_minutes(start, end, calendar)


@given(minutes | changes, st.integers(1, 300_000), st.sampled_from(CALENDARS))
@hypothesis_settings(max_examples=300, deadline=None)
def test_a_deadline_is_the_first_instant_by_which_the_time_has_passed(
    start: datetime, seconds: int, calendar: Calendar
) -> None:
    due = add_business_seconds(start, seconds, calendar)
    assert business_seconds(start, due, calendar) == seconds
    assert business_seconds(start, due - timedelta(seconds=1), calendar) == seconds - 1


@pytest.mark.parametrize(
    ("start", "seconds", "due"),
    [
        ("2026-11-20T16:30+01:00", 1 * HOUR, "2026-11-23T09:30+01:00"),  # over a weekend
        ("2026-11-20T16:00+01:00", 1 * HOUR, "2026-11-20T17:00+01:00"),  # due at closing, not at the next opening
        ("2026-11-21T12:00+01:00", 8 * HOUR, "2026-11-23T17:00+01:00"),  # opened on a Saturday
        ("2026-10-23T13:00+02:00", 8 * HOUR, "2026-10-26T13:00+01:00"),  # the clock goes back between
        ("2026-03-27T13:00+01:00", 8 * HOUR, "2026-03-30T13:00+02:00"),  # and forward
    ],
)
def test_deadlines_that_people_would_name(start: str, seconds: int, due: str) -> None:
    assert add_business_seconds(datetime.fromisoformat(start), seconds, PARIS) == datetime.fromisoformat(due)


def test_around_the_clock_every_second_counts() -> None:
    start = datetime(2026, 10, 24, 12, tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC)
    assert add_business_seconds(start, 24 * HOUR, None) == start + timedelta(hours=24)
    assert business_seconds(start, start + timedelta(hours=24), None) == 24 * HOUR


@pytest.mark.parametrize(
    ("priority", "first_answer", "resolution"),
    [(1, 1, 8), (2, 4, 16), (3, 8, 40), (4, 24, 80)],
)
def test_the_default_policy(priority: int, first_answer: int, resolution: int) -> None:
    policy = default_policy("Europe/Paris")
    calendar = None if priority == 1 else PARIS
    assert policy.first_answer[priority] == Target(first_answer * HOUR, calendar)
    assert policy.resolution[priority] == Target(resolution * HOUR, calendar)


@given(minutes, st.lists(st.integers(1, 3000), min_size=1, max_size=7), st.integers(60, 200_000))
@hypothesis_settings(max_examples=200, deadline=None)
def test_a_stopwatch_counts_only_while_it_runs(start: datetime, lengths: list[int], seconds: int) -> None:
    watch, at, ran = Stopwatch(), start, []
    for place, length in enumerate(lengths):
        if place % 2 == 0:
            watch.start(at)
            ran.append((at, at + length * MINUTE))
        else:
            watch.stop(at)
        at += length * MINUTE
    if watch.is_running:
        missed = watch.missed_at(Target(seconds, PARIS))
        assert missed is not None
        counted = sum(business_seconds(begin, min(end, missed), PARIS) for begin, end in ran[:-1])
        assert counted + business_seconds(ran[-1][0], missed, PARIS) == seconds
    else:
        used = sum(business_seconds(begin, end, PARIS) for begin, end in ran)
        assert watch.used(PARIS) == used
        assert (watch.missed_at(Target(seconds, PARIS)) is not None) == (used > seconds)


def test_a_calendar_without_hours_is_refused() -> None:
    with pytest.raises(ValueError, match="opens before it closes"):
        Calendar("Europe/Paris", opens=time(17), closes=time(9))
