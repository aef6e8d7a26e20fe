"""Which open tickets will miss a target soon, at the pace of the past.

For a ticket whose next target falls within some hours: of the tickets of the same priority that were resolved in the
last 180 days and had taken as long as this one has by now, the share that went on to take longer than its target. Times
are the clock's own (working hours where the target counts those). Fewer than eight such tickets tell nothing. Of the
clock of the next answer only totals are kept: there it is the share of late ones among all.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from accounts.queries import is_visible
from crm.hours.calendar import working_seconds
from crm.viewer import Viewer
from support.asof import TicketsAt
from support.clocks import Clock
from support.listing import ACCOUNT, TicketQuery, TicketRow, conditions, rows_of
from support.policies.queries import TicketPolicies

PAST = timedelta(days=180)
MOST_PAST = 5_000  # of the tickets resolved last
FEWEST = 8
MOST_AHEAD = 500
LIKELY = 0.5


class Pace(NamedTuple):
    """How long tickets of one priority took: seconds of their clocks, ascending, and next answers in all."""

    first_answer: Sequence[int]
    resolution: Sequence[int]
    next_answers: int
    next_answers_late: int

    def median(self, clock: Clock) -> float | None:
        some = self.first_answer if clock is Clock.FIRST_ANSWER else self.resolution
        middle = len(some) // 2
        if len(some) < FEWEST:
            return None
        return float(some[middle]) if len(some) % 2 else (some[middle - 1] + some[middle]) / 2

    def risk(self, clock: Clock, used_s: int, target_s: int) -> tuple[int, int]:
        """How many of the past stood where this one stands, and how many of these were late."""
        if clock is Clock.NEXT_ANSWER:
            return self.next_answers, self.next_answers_late
        some = self.first_answer if clock is Clock.FIRST_ANSWER else self.resolution
        return len(some) - bisect_right(some, used_s), len(some) - bisect_right(some, target_s)


_NOTHING = Pace((), (), 0, 0)


@dataclass(frozen=True)
class Ahead:
    """An open ticket whose next target falls soon. ``past``: tickets that stood where it stands, ``late`` of them."""

    row: TicketRow
    clock: Clock
    past: int
    late: int

    @property
    def chance(self) -> float | None:
        """Of missing the target; ``None``: too few of the past to tell."""
        return self.late / self.past if self.past >= FEWEST else None

    @property
    def is_likely(self) -> bool:
        return self.chance is not None and self.chance >= LIKELY


def read_paces(session: Session, viewer: Viewer, at: TicketsAt) -> Mapping[int, Pace]:
    """By priority, of the tickets that ``viewer`` may read; one statement."""
    dated, ticket = at.dated.c, at.ticket.c
    rows = session.execute(
        select(dated.priority, dated.first_answer_s, dated.resolution_s, ticket.next_answers, ticket.next_answers_late)
        .select_from(at.source.join(ACCOUNT, ACCOUNT.c.id == dated.account_id))
        .where(at.there, is_visible(viewer), dated.resolved_at > at.now - PAST, dated.resolved_at <= at.now)
        .order_by(dated.resolved_at.desc(), ticket.id.desc())
        .limit(MOST_PAST)
    ).all()
    return {
        priority: Pace(
            sorted(row.first_answer_s for row in some if row.first_answer_s is not None),
            sorted(row.resolution_s for row in some if row.resolution_s is not None),
            sum(row.next_answers for row in some),
            sum(row.next_answers_late for row in some),
        )
        for priority in {row.priority for row in rows}
        if (some := [row for row in rows if row.priority == priority])
    }


def look_ahead(
    session: Session,
    viewer: Viewer,
    at: TicketsAt,
    query: TicketQuery,
    hours: int,
    policies: TicketPolicies,
    paces: Mapping[int, Pace],
) -> list[Ahead]:
    """Tickets of the list whose next target falls within ``hours``, the likeliest to miss it first; then the soonest.
    One statement, and one for tiers where targets depend on them."""
    soon = replace(query, state="open", late=False, due_hours=hours, risk_hours=None, among=None)
    rows = session.execute(
        rows_of(at, at.dated.c.due_at)
        .where(*conditions(viewer, at, soon))
        .order_by(at.dated.c.due_at, at.ticket.c.id)
        .limit(MOST_AHEAD)
    ).all()
    found = [TicketRow(*row) for row in rows]
    policies.prepare(row.account_id for row in found)
    ahead = [_stand(row, at.now, policies, paces.get(row.priority, _NOTHING)) for row in found]
    return sorted(ahead, key=lambda one: -1.0 if one.chance is None else one.chance, reverse=True)


def _stand(row: TicketRow, now: datetime, policies: TicketPolicies, pace: Pace) -> Ahead:
    if row.due_at is None:
        raise ValueError("Only what has a target can miss it.")
    clock = row.due_clock or Clock.RESOLUTION
    target = policies.policy_for(row.account_id, row.opened_at, row.channel).targets(clock)[row.priority]
    used_s = max(0, target.seconds - working_seconds(now, row.due_at, target.calendar))
    return Ahead(row, clock, *pace.risk(clock, used_s, target.seconds))


def likely_ids(ahead: Sequence[Ahead]) -> tuple[int, ...]:
    return tuple(one.row.id for one in ahead if one.is_likely)
