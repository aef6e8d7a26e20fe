"""What others may react to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class WorkingHoursChanged:
    """Of a calendar, from a day on; what ran on it before that day is as it was."""

    calendar_id: int
    from_on: date
