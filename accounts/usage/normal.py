"""What is normal for one account's use of one metric, and how the last weeks stand against it. Pure.

The health measure says the same in SQL; a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

RECENT = 28  # days, the last that was told included
BEFORE = 84  # days before those, against which they stand
LEAST_BEFORE = 28  # days of a metric before it has a normal
MOST = 1.5  # times normal that one metric counts at most, so that none hides the fall of another
LEAST_TOLD = 14  # of the recent days, with which anything is known
WINDOW = RECENT + BEFORE
WEEKS = 13


@dataclass(frozen=True)
class Trend:
    """``share``: of normal; ``None`` where there is none yet. Means are thousandths a day."""

    recent: float
    normal: float | None

    @property
    def share(self) -> float | None:
        return self.recent / self.normal if self.normal else None


def trend(days: Mapping[int, int], today: int) -> Trend:
    """``days``: thousandths by day number, up to ``today``. A day between two told ones that is not there was one
    without use; those after the last one are not known."""
    first_recent = today - RECENT + 1
    told = max(days) - first_recent + 1
    recent = sum(value for day, value in days.items() if day >= first_recent) / max(told, 1)
    if told < LEAST_TOLD:
        return Trend(recent, None)
    earlier = {day: value for day, value in days.items() if first_recent - BEFORE <= day < first_recent}
    span = first_recent - min(earlier) if earlier else 0
    total = sum(earlier.values())
    return Trend(recent, total / span if span >= LEAST_BEFORE and total else None)


def weeks(days: Mapping[int, int], last: int) -> list[float | None]:
    """Means a day of the last 13 weeks, oldest first; ``None`` before anything was told."""
    first = min(days, default=last)
    found: list[float | None] = []
    for week in range(WEEKS - 1, -1, -1):
        end = last - 7 * week
        if end < first:
            found.append(None)
            continue
        told = [days.get(day, 0) for day in range(max(end - 6, first), end + 1)]
        found.append(sum(told) / len(told))
    return found
