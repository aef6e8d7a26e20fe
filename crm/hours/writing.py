"""Hours of a day as people write them: "9-17", "9:00–12:30, 13:30–18:00", "8h30-12h, 14h-18h"; empty is closed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from crm.hours.calendar import DAY_MINUTES, Interval
from crm.text import N_, text

_TIME = r"(\d{1,2})(?:[:.hH](\d{2})?)?"
_INTERVAL = re.compile(rf"{_TIME} ?(?:-|–|—|to|à|a|until) ?{_TIME}")


def read_hours(typed: str) -> tuple[Interval, ...]:
    """Raises ``ValueError`` with a sentence."""
    written = " ".join(typed.replace("\u202f", " ").replace("\u00a0", " ").split()).strip(" ,;")
    if not written:
        return ()
    found = []
    for part in re.split(r" ?[,;&+] ?| and | et ", written):
        match = _INTERVAL.fullmatch(part.strip())
        if match is None:
            raise ValueError(text(_MISREAD, text=typed[:60]))
        from_, to = _minutes(match[1], match[2]), _minutes(match[3], match[4])
        if not from_ < to <= DAY_MINUTES:
            raise ValueError(text(N_("“%(text)s” ends before it begins, or after midnight."), text=part[:60]))
        found.append((from_, to))
    found.sort()
    if any(one[1] > following[0] for one, following in pairwise(found)):
        raise ValueError(text(N_("In “%(text)s” hours overlap."), text=typed[:60]))
    return tuple(found)


_MISREAD = N_("“%(text)s” are no hours; write them like 9:00–12:30, 13:30–18:00.")


def _minutes(hours: str, minutes: str | None) -> int:
    return int(hours) * 60 + min(int(minutes or 0), 59)


def write_hours(intervals: Sequence[Sequence[int]]) -> str:
    return ", ".join(f"{_clock(from_)}–{_clock(to)}" for from_, to in intervals)


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"
