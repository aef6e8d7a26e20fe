"""Working time against a counter that looks at every minute of the wall clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from crm.hours.calendar import (
    HOUR,
    Calendar,
    Hours,
    Interval,
    add_working_seconds,
    calendar,
    plain_calendar,
    working_seconds,
)

PARIS = plain_calendar("Europe/Paris")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

# Changes of the clock in both directions: by an hour at night, by half of one, at midnight, and a day left out whole.
ZONES = {
    "Europe/Paris": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "America/Sao_Paulo": (date(2018, 2, 18), date(2018, 11, 4)),
    "America/Havana": (date(2026, 3, 8), date(2026, 11, 1)),
    "Pacific/Apia": (date(2011, 12, 30), date(2012, 4, 1)),
    "Asia/Kolkata": (date(2026, 8, 15), date(2026, 11, 8)),
}
COUNTRIES = ("", "FR", "US", "DE", "IN")


def intervals(cuts: list[int]) -> tuple[Interval, ...]:
    return tuple(sorted(zip(cuts[::2], cuts[1::2], strict=False)))


days_of_hours = st.lists(st.integers(0, 96).map(lambda quarter: quarter * 15), max_size=6, unique=True).map(
    lambda cuts: intervals(sorted(cuts))
)
weeks = st.tuples(*[days_of_hours] * 7).filter(any)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    """A calendar with hours that change once, holidays and closed days, and a minute near a change of the clock."""
    zone = draw(st.sampled_from(list(ZONES)))
    near = draw(st.sampled_from(ZONES[zone]))
    hours = [Hours(date.min, zone, draw(weeks), draw(st.sampled_from(COUNTRIES)))]
    if draw(st.booleans()):
        other = draw(st.sampled_from((zone, zone, "Europe/London")))
        hours.append(Hours(near + draw(st.integers(-3, 3)) * DAY, other, draw(weeks), draw(st.sampled_from(COUNTRIES))))
    closed = frozenset(near + away * DAY for away in draw(st.lists(st.integers(-3, 3), max_size=2)))
    start = datetime.combine(near, time.min, UTC) + draw(st.integers(-3 * 1440, 2 * 1440)) * MINUTE
    return calendar(tuple(hours), closed), start


def open_minutes(of: Calendar, first: datetime, last: datetime) -> set[datetime]:
    """Every minute of ``[first, last)`` in which somebody works: from when the wall clock first shows the hour at which
    work begins, or a later one, until it so shows that at which it ends. By looking at every minute."""
    scanned = [first - 4 * DAY + n * MINUTE for n in range(int((last - first + 8 * DAY) / MINUTE))]
    walls: dict[str, list[datetime]] = {
        hours.zone: [at.astimezone(ZoneInfo(hours.zone)).replace(tzinfo=None, fold=0) for at in scanned]
        for hours in of.hours
    }
    found: set[datetime] = set()
    day = (first - 2 * DAY).date()
    while day <= (last + 2 * DAY).date():
        hours = [one for one in of.hours if one.from_on <= day or one is of.hours[0]][-1]
        on_holiday = hours.country and day in holidays.country_holidays(hours.country, years=day.year)
        if day not in of.closed and not on_holiday:
            shown = walls[hours.zone]
            for interval in hours.week[day.weekday()]:
                opens, closes = (datetime.combine(day, time.min) + minute * MINUTE for minute in interval)
                begins = next(place for place, wall in enumerate(shown) if wall >= opens)
                ends = next(place for place, wall in enumerate(shown) if wall >= closes)
                found.update(scanned[begins:ends])
        day += DAY
    return {at for at in found if first <= at < last}


@pytest.mark.slow
@given(worlds(), st.integers(0, 4 * 24 * 60))
@hypothesis_settings(max_examples=40, deadline=None)
def test_working_seconds_are_the_open_minutes(world: tuple[Calendar, datetime], length: int) -> None:
    of, start = world
    end = start + length * MINUTE
    assert working_seconds(start, end, of) == 60 * len(open_minutes(of, start, end))


@given(worlds(), st.integers(1, 300_000))
@hypothesis_settings(max_examples=150, deadline=None)
def test_a_deadline_is_the_first_instant_by_which_the_time_has_passed(
    world: tuple[Calendar, datetime], seconds: int
) -> None:
    of, start = world
    due = add_working_seconds(start, seconds, of)
    assert working_seconds(start, due, of) == seconds
    assert working_seconds(start, due - timedelta(seconds=1), of) == seconds - 1


@given(worlds(), st.lists(st.integers(0, 10_000), min_size=2, max_size=6))
@hypothesis_settings(max_examples=100, deadline=None)
def test_parts_of_a_time_add_up(world: tuple[Calendar, datetime], lengths: list[int]) -> None:
    of, start = world
    cuts = [start + minutes * MINUTE for minutes in sorted(lengths)]
    parts = sum(working_seconds(one, following, of) for one, following in pairwise(cuts))
    assert parts == working_seconds(cuts[0], cuts[-1], of)


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
    assert add_working_seconds(datetime.fromisoformat(start), seconds, PARIS) == datetime.fromisoformat(due)


def test_a_night_shift_is_an_hour_shorter_in_spring_and_longer_in_autumn() -> None:
    nights = plain_calendar("Europe/Paris", frozenset(range(7)), time(0), time(6))
    spring = datetime(2026, 3, 28, 12, tzinfo=UTC)
    autumn = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert working_seconds(spring, spring + DAY, nights) == 5 * HOUR
    assert working_seconds(autumn, autumn + DAY, nights) == 7 * HOUR


def test_around_the_clock_every_second_counts() -> None:
    start = datetime(2026, 10, 24, 12, tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC)
    assert add_working_seconds(start, 24 * HOUR, None) == start + timedelta(hours=24)
    assert working_seconds(start, start + timedelta(hours=24), None) == 24 * HOUR


FRENCH = calendar((PARIS.hours[0]._replace(country="FR"),), frozenset({date(2026, 12, 24)}))


def test_nobody_works_on_holidays_and_closed_days() -> None:
    before = datetime(2026, 12, 23, 16, tzinfo=UTC)  # 17:00 in Paris; Thursday is closed, Friday is Christmas
    assert add_working_seconds(before, HOUR, FRENCH) == datetime(2026, 12, 28, 9, tzinfo=UTC)
    assert add_working_seconds(before, HOUR, PARIS) == datetime(2026, 12, 24, 9, tzinfo=UTC)


def test_working_days() -> None:
    assert [day for day in range(21, 32) if FRENCH.works_on(date(2026, 12, day))] == [21, 22, 23, 28, 29, 30, 31]
    assert FRENCH.workday_from(date(2026, 12, 24)) == date(2026, 12, 28)
    assert FRENCH.workday_until(date(2026, 12, 27)) == date(2026, 12, 23)
    assert FRENCH.add_workdays(date(2026, 12, 23), 2) == date(2026, 12, 29)
    assert FRENCH.add_workdays(date(2026, 12, 25), 0) == date(2026, 12, 28)
    with pytest.raises(ValueError, match="forward"):
        FRENCH.add_workdays(date(2026, 12, 23), -1)


def test_part_of_a_country_may_have_holidays_of_its_own() -> None:
    alsace = calendar((PARIS.hours[0]._replace(country="FR", region="57"),))
    assert not alsace.works_on(date(2025, 12, 26))
    assert FRENCH.works_on(date(2025, 12, 26))


def test_hours_that_change_leave_the_days_before_as_they_were() -> None:
    (hours,) = PARIS.hours
    longer = hours._replace(from_on=date(2026, 12, 1), week=(((480, 1140),),) * 5 + ((), ()))
    both = calendar((hours, longer))
    november, december = datetime(2026, 11, 30, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    assert working_seconds(november, december, both) == 8 * HOUR
    assert working_seconds(december, december + DAY, both) == 11 * HOUR


def test_equal_calendars_are_one_object_and_are_cut_once() -> None:
    assert plain_calendar("Europe/Paris") is plain_calendar("Europe/Paris")
    assert Calendar(PARIS.hours) == PARIS
    assert Calendar(PARIS.hours) != FRENCH


@pytest.mark.parametrize(
    "week",
    [((),) * 7, (((540, 480),),) * 7, (((540, 720), (700, 900)),) * 7, (((540, 1500),),) * 7, (((-5, 60),),) * 7],
)
def test_hours_in_disorder_are_refused(week: tuple[tuple[Interval, ...], ...]) -> None:
    with pytest.raises(ValueError, match=r"hours|Hours"):
        Calendar((Hours(date.min, "Europe/Paris", week),))
