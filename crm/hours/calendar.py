"""Calendars of working hours. Pure: instants in, whole seconds out; days in, days out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crm.hours.holidays import holidays_of

HOUR = 3600
DAY_MINUTES = 24 * 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ONE_DAY = timedelta(days=1)

Interval = tuple[int, int]  # minutes of the local day: from, up to
Week = tuple[tuple[Interval, ...], ...]  # seven days, Monday first


class Hours(NamedTuple):
    """What holds from a day on, until the next of the same calendar."""

    from_on: date
    zone: str
    week: Week
    country: str = ""  # ISO 3166, for public holidays; empty: none
    region: str = ""  # a part of the country that has holidays of its own


class _Windows(NamedTuple):
    """Working hours of whole years, as epoch seconds; ``before[i]``: working seconds before window ``i`` opens."""

    first_year: int
    last_year: int
    opens: Sequence[int]
    closes: Sequence[int]
    before: Sequence[int]


class Calendar:
    """Working hours that may change from a day on. Windows are cut out of local days: one opens when the wall clock
    first shows its hour or a later one, and closes in the same way, so a change of the clock is part of the day it
    falls on. The first of ``hours`` also holds before its day.

    Equal calendars are one object when made by ``calendar``, and share their windows.
    """

    __slots__ = ("_hash", "_windows", "closed", "hours")

    def __init__(self, hours: Sequence[Hours], closed: frozenset[date] = frozenset()) -> None:
        if not hours or any(not any(one.week) for one in hours):
            raise ValueError("A calendar needs days with hours.")
        for one in hours:
            for day in one.week:
                _refuse_disorder(day)
        self.hours = tuple(sorted(hours))
        self.closed = closed
        self._hash = hash((self.hours, closed))
        self._windows: _Windows | None = None  # made when first asked for; replaced whole, so threads need no lock

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Calendar) and self.hours == other.hours and self.closed == other.closed
        )

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"Calendar({self.hours!r}, {sorted(self.closed)!r})"

    # --- days ---

    def hours_on(self, day: date) -> Hours:
        found = self.hours[0]
        for one in self.hours[1:]:
            if one.from_on > day:
                break
            found = one
        return found

    def intervals_on(self, day: date) -> tuple[Interval, ...]:
        """The hours worked on ``day``; none on a holiday or a day the company is closed."""
        hours = self.hours_on(day)
        intervals = hours.week[day.weekday()]
        if not intervals or day in self.closed:
            return ()
        if hours.country and day in holidays_of(hours.country, hours.region, day.year):
            return ()
        return intervals

    def works_on(self, day: date) -> bool:
        return bool(self.intervals_on(day))

    def workday_from(self, day: date) -> date:
        """``day``, or the first working day after it."""
        while not self.works_on(day):
            day += _ONE_DAY
        return day

    def workday_until(self, day: date) -> date:
        """``day``, or the last working day before it."""
        while not self.works_on(day):
            day -= _ONE_DAY
        return day

    def add_workdays(self, day: date, count: int) -> date:
        """The working day that comes ``count`` working days after ``day``; with 0 ``day`` or the first one after it."""
        if count < 0:
            raise ValueError("Working days are counted forward only.")
        for _ in range(count):
            day = self.workday_from(day + _ONE_DAY)
        return self.workday_from(day)

    # --- seconds ---

    def windows(self, first_year: int, last_year: int) -> _Windows:
        """Windows of at least those years."""
        known = self._windows
        if known is None or first_year < known.first_year or last_year > known.last_year:
            if known is not None:
                first_year, last_year = min(first_year, known.first_year), max(last_year, known.last_year)
            known = self._windows = self._cut(max(first_year - 1, 1), min(last_year + 1, 9998))
        return known

    def _cut(self, first_year: int, last_year: int) -> _Windows:
        opens: list[int] = []
        closes: list[int] = []
        for day in _days(first_year, last_year):
            intervals = self.intervals_on(day)
            if not intervals:
                continue
            clock = _LocalDay(day, self.hours_on(day).zone)
            for from_, to in intervals:
                # Days overlap only where a calendar moves to another zone.
                open_, close = max(clock.at(from_), closes[-1] if closes else clock.at(from_)), clock.at(to)
                if close > open_:
                    opens.append(open_)
                    closes.append(close)
        lengths = (close - open_ for open_, close in zip(opens, closes, strict=True))
        return _Windows(first_year, last_year, opens, closes, list(accumulate(lengths, initial=0)))


@lru_cache(maxsize=64)
def calendar(hours: tuple[Hours, ...], closed: frozenset[date] = frozenset()) -> Calendar:
    return Calendar(hours, closed)


def plain_calendar(
    zone: str, days: frozenset[int] = frozenset(range(5)), opens: time = time(9), closes: time = time(17)
) -> Calendar:
    """The same hours on each of ``days`` (Monday is 0), holidays too."""
    interval = (opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute or DAY_MINUTES)
    week = tuple((interval,) if weekday in days else () for weekday in range(7))
    return calendar((Hours(date.min, zone, week),))


def working_seconds(start: datetime, end: datetime, calendar: Calendar | None) -> int:
    """Whole seconds of ``calendar`` in ``[start, end)``, around the clock without one; 0 when ``end`` is not after
    ``start``."""
    first, last = _epoch(start), _epoch(end)
    if last <= first:
        return 0
    if calendar is None:
        return last - first
    windows = calendar.windows(start.year - 1, end.year + 1)
    return _passed(windows, last) - _passed(windows, first)


def add_working_seconds(start: datetime, seconds: int, calendar: Calendar | None) -> datetime:
    """The first instant by which ``seconds`` of ``calendar`` have passed since ``start``."""
    if seconds < 0:
        raise ValueError("Clocks run forward only.")
    if calendar is None or seconds == 0:
        return start + timedelta(seconds=seconds)
    last_year = start.year + 1
    windows = calendar.windows(start.year - 1, last_year)
    wanted = _passed(windows, _epoch(start)) + seconds
    while wanted > windows.before[-1]:
        last_year += 1
        windows = calendar.windows(start.year - 1, last_year)
        wanted = _passed(windows, _epoch(start)) + seconds
    place = bisect_left(windows.before, wanted) - 1
    return _EPOCH + timedelta(seconds=windows.opens[place] + wanted - windows.before[place])


def _passed(windows: _Windows, instant: int) -> int:
    """Working seconds from the beginning of ``windows`` to ``instant``."""
    place = bisect_right(windows.opens, instant) - 1
    if place < 0:
        return 0
    return windows.before[place] + min(instant, windows.closes[place]) - windows.opens[place]


def _epoch(instant: datetime) -> int:
    return int(instant.timestamp())


class _LocalDay:
    """Of the wall clock's minutes on a day of ``zone`` the first epoch second that shows them, or later ones."""

    def __init__(self, day: date, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self.midnight = datetime.combine(day, time.min)
        offsets = {
            at.replace(fold=fold, tzinfo=self.zone).utcoffset()
            for at in (self.midnight, self.midnight + _ONE_DAY)
            for fold in (0, 1)
        }
        # On most days the clock does not change.
        self.start = _epoch(self.midnight.replace(tzinfo=self.zone)) if len(offsets) == 1 else None

    def at(self, minute: int) -> int:
        if self.start is not None:
            return self.start + minute * 60
        wall = self.midnight + timedelta(minutes=minute)
        found = _epoch(wall.replace(tzinfo=self.zone))  # of two instants that show it, the first
        if self._shown(found) == wall:
            return found
        # The clock skips it: the instant of the change, which lies between what the two offsets make of it.
        before, after = _epoch(wall.replace(tzinfo=self.zone, fold=1)), found
        while after - before > 1:
            middle = (before + after) // 2
            before, after = (before, middle) if self._shown(middle) >= wall else (middle, after)
        return after

    def _shown(self, second: int) -> datetime:
        return datetime.fromtimestamp(second, self.zone).replace(tzinfo=None, fold=0)


def _days(first_year: int, last_year: int) -> Iterator[date]:
    first, last = date(first_year, 1, 1), date(last_year, 12, 31)
    return (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))


def _refuse_disorder(day: Sequence[Interval]) -> None:
    last = 0
    for from_, to in day:
        if not last <= from_ < to <= DAY_MINUTES:
            raise ValueError("Hours open before they close, one after another within the day.")
        last = to
