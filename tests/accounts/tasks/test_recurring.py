"""When a task comes again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from accounts.models import RepeatUnit as U
from accounts.tasks.recurring import Rule
from accounts.workdays import add_workdays, workday_from, workday_until

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("every", "unit", "since", "day", "expected"),
    [
        (1, U.DAY, MONDAY, MONDAY, date(2026, 11, 24)),
        (3, U.DAY, MONDAY, date(2026, 11, 27), date(2026, 11, 29)),
        (1, U.WORKDAY, MONDAY, date(2026, 11, 27), date(2026, 11, 30)),
        (1, U.WORKDAY, MONDAY, date(2026, 11, 28), date(2026, 11, 30)),
        (3, U.WORKDAY, MONDAY, date(2026, 11, 26), date(2026, 12, 1)),
        (1, U.WEEK, MONDAY, MONDAY, date(2026, 11, 30)),
        (2, U.WEEK, MONDAY, date(2026, 11, 30), date(2026, 12, 7)),
        (1, U.WEEK, MONDAY, date(2026, 12, 16), date(2026, 12, 21)),  # weeks late: the missed ones are not made up
        (1, U.MONTH, date(2026, 1, 31), date(2026, 1, 31), date(2026, 2, 28)),
        (1, U.MONTH, date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)),  # and back on the 31st
        (3, U.MONTH, date(2026, 11, 15), date(2026, 11, 20), date(2027, 2, 15)),
        (12, U.MONTH, date(2024, 2, 29), date(2024, 3, 1), date(2025, 2, 28)),
        (1, U.MONTH_WEEKDAY, date(2026, 11, 10), date(2026, 11, 10), date(2026, 12, 8)),  # the second Tuesday
        (1, U.MONTH_WEEKDAY, date(2026, 11, 30), date(2026, 11, 30), date(2026, 12, 28)),  # the last Monday
    ],
)
def test_the_next_day(every: int, unit: U, since: date, day: date, expected: date) -> None:
    assert Rule(every, unit, since).after(day) == expected


def test_a_series_ends() -> None:
    rule = Rule(1, U.WEEK, MONDAY, until=date(2026, 12, 7))
    assert rule.after(date(2026, 11, 30)) == date(2026, 12, 7)
    assert rule.after(date(2026, 12, 7)) is None


def test_what_is_said_of_a_rule() -> None:
    said = {
        "every working day": Rule(1, U.WORKDAY, MONDAY),
        "every 2 weeks on Monday": Rule(2, U.WEEK, MONDAY),
        "every month on day 23": Rule(1, U.MONTH, MONDAY),
        "every 3 months on the fourth Monday": Rule(3, U.MONTH_WEEKDAY, MONDAY),
    }
    assert {str(rule.words): rule for rule in said.values()} == said


days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@given(every=st.integers(1, 60), unit=st.sampled_from(U), since=days, ahead=st.integers(-40, 4_000))
def test_the_next_day_lies_ahead_and_follows_the_rule(every: int, unit: U, since: date, ahead: int) -> None:
    day = since + timedelta(days=ahead)
    found = Rule(every, unit, since).after(day)
    assert found is not None
    assert found > day
    if unit is U.WORKDAY:
        assert found.weekday() < 5
    else:
        assert found >= since
    if unit in (U.WEEK, U.MONTH_WEEKDAY):
        assert found.weekday() == since.weekday()
    if unit is U.DAY:
        assert (found - since).days % every == 0
        assert found - day <= timedelta(days=every) or found == since


@given(day=days, count=st.integers(1, 60))
def test_working_days_are_counted_one_by_one(day: date, count: int) -> None:
    walked = day
    for _ in range(count):
        walked = workday_from(walked + timedelta(days=1))
    assert add_workdays(day, count) == walked
    assert workday_until(day) <= day <= workday_from(day)
