"""What two people had of one role becomes what one person had of it. Pure rules over days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Held:
    """A role from a day to the first day without it (``None``: still), by the one who is kept or the one who goes."""

    id: int
    kept: bool
    from_on: date
    to_on: date | None


@dataclass(frozen=True)
class Together:
    """Periods of one role that overlap or touch, as one."""

    parts: tuple[Held, ...]
    from_on: date
    to_on: date | None

    @property
    def stays(self) -> bool:
        """One period of the one who is kept: nothing about it changes."""
        return len(self.parts) == 1 and self.parts[0].kept


def put_together(held: Sequence[Held]) -> list[Together]:
    found: list[list[Held]] = []
    end: date | None = None
    for one in sorted(held, key=lambda one: (one.from_on, one.id)):
        if found and (end is None or one.from_on <= end):
            found[-1].append(one)
            end = None if end is None or one.to_on is None else max(end, one.to_on)
        else:
            found.append([one])
            end = one.to_on
    return [
        Together(
            tuple(parts),
            parts[0].from_on,
            None if any(one.to_on is None for one in parts) else max(one.to_on for one in parts if one.to_on),
        )
        for parts in found
    ]


def end_after_edit(was: date | None, together: date | None, now: date | None, from_on: date) -> date | None:
    """Where a period of before the merge ends, when what it became part of ended at ``together`` and was changed to end
    at ``now``: whatever was said of the end since the merge holds for every part that reached it."""
    if now == together:
        return was
    if was == together or now is None:
        return now if was == together else was
    if was is None or was > now:
        return max(now, from_on)
    return was
