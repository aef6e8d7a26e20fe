"""Service targets and the watch that is read against them. Pure: instants in, whole seconds out.

A ticket has three clocks. *First answer* runs from the opening, *next answer* from the first reply of the customer that
we have not answered, *resolution* from the opening; the last stands still while we wait for the customer and while the
ticket is resolved. Each counts by the priority that the ticket has at the time, on the calendar of the policy that was
in force when it was opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from crm.hours.calendar import HOUR, Calendar, add_working_seconds, plain_calendar, working_seconds
from crm.text import N_

PRIORITIES = (1, 2, 3, 4)


class Clock(StrEnum):
    FIRST_ANSWER = "first_answer"
    NEXT_ANSWER = "next_answer"
    RESOLUTION = "resolution"

    @property
    def words(self) -> str:
        return CLOCK_TITLES[self]


CLOCK_TITLES = {
    Clock.FIRST_ANSWER: N_("First answer"),
    Clock.NEXT_ANSWER: N_("Next answer"),
    Clock.RESOLUTION: N_("Resolution"),
}


@dataclass(frozen=True)
class Target:
    """So many seconds on a calendar; without one around the clock."""

    seconds: int
    calendar: Calendar | None = None


@dataclass(frozen=True)
class Policy:
    """What is promised, by priority 1 (urgent) to 4 (low)."""

    first_answer: Mapping[int, Target]
    next_answer: Mapping[int, Target]
    resolution: Mapping[int, Target]

    def targets(self, clock: Clock) -> Mapping[int, Target]:
        found: Mapping[int, Target] = getattr(self, clock.value)
        return found


@lru_cache(maxsize=64)
def default_policy(calendar: Calendar | str, *, written: bool = False) -> Policy:
    """Where nobody has set targets. Answers: urgent 1 h around the clock, high 4, normal 8 and low 24 working hours.
    Resolution: urgent 8 h around the clock, high 16 (2 days), normal 40 (5 days) and low 80 working hours (10 days).

    ``written``: what comes by e-mail, letter or social media is answered within 24 h, nights and weekends included,
    unless a stricter number of hours stands above. ``calendar``: or the zone of a plain Monday to Friday, 9 to 17.
    """
    hours = plain_calendar(calendar) if isinstance(calendar, str) else calendar
    answers = {
        1: Target(1 * HOUR),
        2: Target(4 * HOUR, hours),
        3: Target(8 * HOUR, hours),
        4: Target(24 * HOUR) if written else Target(24 * HOUR, hours),
    }
    return Policy(
        first_answer=answers,
        next_answer=answers,
        resolution={
            1: Target(8 * HOUR),
            2: Target(16 * HOUR, hours),
            3: Target(40 * HOUR, hours),
            4: Target(80 * HOUR, hours),
        },
    )


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
        return sum(working_seconds(start, end, calendar) for start, end in self._ran)

    def missed_at(self, target: Target) -> datetime | None:
        """When the target was missed, or will be if nothing stops the clock; ``None`` while it stands still in time."""
        left = target.seconds
        for start, end in self._ran:
            passed = working_seconds(start, end, target.calendar)
            if passed > left:
                return add_working_seconds(start, left, target.calendar)
            left -= passed
        return add_working_seconds(self._since, left, target.calendar) if self._since is not None else None
