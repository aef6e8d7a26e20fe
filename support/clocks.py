"""Service targets and the calendars they run on. Pure: instants in, whole seconds out.

One policy for everyone until policies can be edited. First answer: urgent 1 h around the clock, high 4, normal 8 and
low 24 business hours. Resolution: urgent 8 h around the clock, high 16 (2 days), normal 40 (5 days) and low 80 business
hours (10 days). Business hours are Monday to Friday, 9 to 17, in the company's zone (``CRM_TIME_ZONE``), holidays too
until calendars can be edited. The resolution clock stands still while we wait for the customer and while the ticket is
resolved; it counts from the opening, by the priority that the ticket has at the time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crm.clock import company_zone

HOUR = 3600
WEEKDAYS = frozenset(range(5))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Windows(NamedTuple):
    """Business hours of whole years, as epoch seconds; ``before[i]``: business seconds before window ``i`` opens."""

    first_year: int
    last_year: int
    opens: Sequence[int]
    closes: Sequence[int]
    before: Sequence[int]


@dataclass(frozen=True)
class Calendar:
    """Business hours in a zone. They are cut out of local days, so a change of the clock shortens or stretches none."""

    zone: str
    days: frozenset[int] = WEEKDAYS  # Monday is 0
    opens: time = time(9)
    closes: time = time(17)

    def __post_init__(self) -> None:
        if not self.days or self.opens >= self.closes:
            raise ValueError("A calendar needs days and opens before it closes.")

    def windows(self, first_year: int, last_year: int) -> _Windows:
        """Windows of at least those years."""
        known = _WINDOWS.get(self)
        if known is None or first_year < known.first_year or last_year > known.last_year:
            if known is not None:
                first_year, last_year = min(first_year, known.first_year), max(last_year, known.last_year)
            known = _WINDOWS[self] = self._cut(first_year, last_year)
        return known

    def _cut(self, first_year: int, last_year: int) -> _Windows:
        zone = ZoneInfo(self.zone)
        first, last = date(first_year, 1, 1), date(last_year, 12, 31)
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        worked = [day for day in days if day.weekday() in self.days]
        opens = [int(datetime.combine(day, self.opens, zone).timestamp()) for day in worked]
        closes = [int(datetime.combine(day, self.closes, zone).timestamp()) for day in worked]
        lengths = (close - open_ for open_, close in zip(opens, closes, strict=True))
        return _Windows(first_year, last_year, opens, closes, list(accumulate(lengths, initial=0)))


_WINDOWS: dict[Calendar, _Windows] = {}  # made when first asked for; replaced whole, so threads need no lock


@dataclass(frozen=True)
class Target:
    """So many seconds on a calendar; without one around the clock."""

    seconds: int
    calendar: Calendar | None = None


@dataclass(frozen=True)
class Policy:
    """What is promised, by priority 1 (urgent) to 4 (low)."""

    first_answer: Mapping[int, Target]
    resolution: Mapping[int, Target]


@lru_cache(maxsize=8)
def default_policy(zone: str) -> Policy:
    business = Calendar(zone)
    return Policy(
        first_answer={
            1: Target(1 * HOUR),
            2: Target(4 * HOUR, business),
            3: Target(8 * HOUR, business),
            4: Target(24 * HOUR, business),
        },
        resolution={
            1: Target(8 * HOUR),
            2: Target(16 * HOUR, business),
            3: Target(40 * HOUR, business),
            4: Target(80 * HOUR, business),
        },
    )


def policy_now() -> Policy:
    return default_policy(company_zone().key)


def business_seconds(start: datetime, end: datetime, calendar: Calendar | None) -> int:
    """Whole seconds of ``calendar`` in ``[start, end)``; 0 when ``end`` is not after ``start``."""
    first, last = _epoch(start), _epoch(end)
    if last <= first:
        return 0
    if calendar is None:
        return last - first
    windows = calendar.windows(start.year - 1, end.year + 1)
    return _passed(windows, last) - _passed(windows, first)


def add_business_seconds(start: datetime, seconds: int, calendar: Calendar | None) -> datetime:
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
    """Business seconds from the beginning of ``windows`` to ``instant``."""
    place = bisect_right(windows.opens, instant) - 1
    if place < 0:
        return 0
    return windows.before[place] + min(instant, windows.closes[place]) - windows.opens[place]


def _epoch(instant: datetime) -> int:
    return int(instant.timestamp())


class Stopwatch:
    """A clock that is started and stopped in order of time, and read against any target.

    Reading takes a step for each interval it ran, of which a ticket has few.
    """

    def __init__(self) -> None:
        self._ran: list[tuple[datetime, datetime]] = []
        self._since: datetime | None = None

    @property
    def is_running(self) -> bool:
        return self._since is not None

    def start(self, at: datetime) -> None:
        if self._since is None:
            self._since = at

    def stop(self, at: datetime) -> None:
        if self._since is not None:
            if at > self._since:
                self._ran.append((self._since, at))
            self._since = None

    def used(self, calendar: Calendar | None) -> int:
        """Seconds on ``calendar`` of the intervals that have ended."""
        return sum(business_seconds(start, end, calendar) for start, end in self._ran)

    def missed_at(self, target: Target) -> datetime | None:
        """When the target was missed, or will be if nothing stops the clock; ``None`` while it stands still in time."""
        left = target.seconds
        for start, end in self._ran:
            passed = business_seconds(start, end, target.calendar)
            if passed > left:
                return add_business_seconds(start, left, target.calendar)
            left -= passed
        return add_business_seconds(self._since, left, target.calendar) if self._since is not None else None
