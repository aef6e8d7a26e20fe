"""By when each step is due, and who gets it: pure rules, no session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from accounts.plays.models import Anchor, PlayRole, PlayStep
from accounts.workdays import workday_from, workday_until


def due_days(steps: Sequence[PlayStep], start: date, decision: date | None) -> list[date]:
    """The day of each step, always a working one and never before ``start``.

    Days after the start move to the Monday where they fall on a weekend, days before the decision to the Friday. Where
    no decision is known, the earliest of those steps falls on the start and the others keep their distance to it.
    """
    first = workday_from(start)
    longest = max((step.days for step in steps if step.anchor is Anchor.DECISION), default=0)
    days = []
    for step in steps:
        if step.anchor is Anchor.START:
            day = workday_from(start + timedelta(days=step.days))
        elif decision is None:
            day = workday_from(start + timedelta(days=longest - step.days))
        else:
            day = workday_until(decision - timedelta(days=step.days))
        days.append(max(day, first))
    return days


@dataclass(frozen=True)
class Crew:
    """Who answers for what on one account, as far as they still work here."""

    owner: int | None
    manager: int | None = None
    by_role: Mapping[PlayRole, int] = field(default_factory=dict)

    def who(self, role: PlayRole) -> int | None:
        """Whoever has ``role``; else the owner, else the manager of its team; ``None``: nobody could do anything."""
        found = {PlayRole.OWNER: self.owner, PlayRole.MANAGER: self.manager, **self.by_role}.get(role)
        return found or self.owner or self.manager
