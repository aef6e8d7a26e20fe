"""Days counted back from the day on which the demo is made, and hours at which people really write and call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from crm import clock

DAYS = 730  # how far back the history reaches

# Shares of a normal day's volume.
WEEKDAYS = (1.25, 1.12, 1.02, 1.0, 0.82, 0.07, 0.03)  # Monday first
MONTHS = (1.12, 1.05, 1.04, 0.98, 0.94, 1.02, 0.9, 0.68, 1.1, 1.12, 1.08, 0.78)  # January first
_HOURS = (7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)
_HOUR_WEIGHTS = (3, 9, 15, 15, 12, 6, 8, 11, 10, 7, 3, 1)


@dataclass(frozen=True)
class Book:
    """The instant and the day that everything is counted from."""

    now: datetime
    today: date

    @classmethod
    def at(cls, now: datetime) -> Book:
        return cls(now, clock.day_of(now))

    def day(self, ago: int) -> date:
        return self.today - timedelta(days=ago)

    def ago(self, day: date) -> int:
        return (self.today - day).days

    def workday(self, ago: int) -> date:
        """The day ``ago`` days back, or the Friday before it."""
        day = self.day(ago)
        return day - timedelta(days=max(0, day.weekday() - 4))

    def next_workday(self, ahead: int) -> date:
        """The day ``ahead`` days from now, or the Monday after it."""
        day = self.today + timedelta(days=ahead)
        return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)

    def friday(self, at_least: int = 1) -> date:
        """The next Friday that is ``at_least`` so many days away."""
        day = self.today + timedelta(days=at_least)
        return day + timedelta(days=(4 - day.weekday()) % 7)

    def moment(self, ago: int, written: str, zone: str = "Europe/Paris") -> datetime:
        """``moment(9, "07:42")``: that day at 7:42 where the customer is; never after now."""
        at = datetime.combine(self.day(ago), time.fromisoformat(written), ZoneInfo(zone)).astimezone(UTC)
        return min(at, self.now - timedelta(minutes=20))


def season(day: date) -> float:
    """Share of a normal day's volume on ``day``; around Christmas hardly anybody writes."""
    if (day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 2):
        return 0.2 * WEEKDAYS[day.weekday()]
    return WEEKDAYS[day.weekday()] * MONTHS[day.month - 1]


def busy_moment(rng: Random, day: date, zone: str) -> datetime:
    """An instant of ``day`` at which somebody in ``zone`` is at work."""
    hour = rng.choices(_HOURS, _HOUR_WEIGHTS)[0]
    local = datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), ZoneInfo(zone))
    return local.astimezone(UTC)


def dice(*named: object) -> Random:
    """Chance that comes out the same each time for the same names."""
    return Random(":".join(map(str, named)))  # noqa: S311 - nothing here is a secret


def poisson(rng: Random, mean: float) -> int:
    """How often something happens that is expected ``mean`` times (a small number)."""
    if mean <= 0:
        return 0
    count, left = 0, rng.expovariate(1.0)
    while left < mean:
        count += 1
        left += rng.expovariate(1.0)
    return count
