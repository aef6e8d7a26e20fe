"""Tickets as they were at an instant, and what is asked of them. Features count these conditions, records list them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Integer, and_, bindparam, case, cast, func, or_

from crm.contracts import FeatureContext, FeatureShape
from crm.db import epoch_seconds, known_at
from support.models import Ticket, TicketKind, TicketSpan
from support.models.ticket import URGENT

WINDOW = 180  # days over which an account is normal for itself; older tickets count only while they are open

# How much an open ticket weighs: by priority, and in halves by the whole days since it was opened.
WEIGHTS = {1: 8, 2: 4, 3: 2, 4: 1}
AGE_HALVES = ((30, 6), (14, 5), (7, 4), (2, 3), (0, 2))

HARD = (TicketKind.DEFECT, TicketKind.COMPLAINT, TicketKind.OTHER)
SOFT = (TicketKind.QUESTION, TicketKind.REQUEST)

ACKNOWLEDGE_HOURS = 24
REMEDY_WORKING_DAYS = 5

_DAYS = (30, 60, 90, WINDOW)

Sql = Any  # an expression over columns of a table, which carry no types


def since(days: int) -> Any:
    """Bound to the beginning of the last ``days`` days."""
    return bindparam(f"since_{days}")


def values(context: FeatureContext) -> Mapping[str, object]:
    """What the conditions below bind: boundaries of days and the instants of promises."""
    bounds = {f"since_{days}": context.since(days) for days in _DAYS}
    ages = {f"aged_{days}": context.since(days) for days, _ in AGE_HALVES if days}
    return {
        **bounds,
        **ages,
        "window_epoch": int(bounds[f"since_{WINDOW}"].timestamp()),
        "acknowledge_before": context.t - timedelta(hours=ACKNOWLEDGE_HOURS),
        "remedy_before": remedy_before(context),
    }


def remedy_before(context: FeatureContext) -> datetime:
    """A complaint from before this instant has had five whole working days, Monday to Friday, after its own day."""
    left, back = REMEDY_WORKING_DAYS, 0
    while left:
        back += 1
        left -= (context.day - timedelta(days=back)).weekday() < 5
    return context.since(back + 1)


class TicketRows:
    """*Live*: the tickets as they stand. *Past*: the span each ticket was in at ``:t``; it has the same columns.

    An urgent ticket that is open never counts in an account's favour: not as contact, not as an answer in time, not
    towards what is normal. So one more of them never raises a score.
    """

    def __init__(self, shape: FeatureShape, name: str = "rows") -> None:
        table: Any = Ticket if shape.live else TicketSpan
        self.table = table.__table__.alias(name)
        self.c = self.table.c
        self.ticket_id = self.c.id if shape.live else self.c.ticket_id
        t: Sql = bindparam("t")
        known: Sql = bindparam("known_at")
        if shape.live:
            self.conditions = [self.c.deleted_at.is_(None), self.c.opened_at <= t]
        else:
            self.conditions = [
                self.c.from_at <= t,
                or_(self.c.to_at.is_(None), self.c.to_at > t),
                known_at(self.c.known_at, self.c.closed_at, known if shape.known else None),
            ]
        if shape.some:
            self.conditions.append(self.c.account_id.in_(bindparam("account_ids", expanding=True)))
        self._t = t

    # --- when it was opened

    @cached_property
    def in_30(self) -> Sql:
        return self.c.opened_at >= since(30)

    @cached_property
    def in_60(self) -> Sql:
        return self.c.opened_at >= since(60)

    @cached_property
    def in_90(self) -> Sql:
        return self.c.opened_at >= since(90)

    @cached_property
    def in_window(self) -> Sql:
        return self.c.opened_at >= since(WINDOW)

    # --- what it is

    @cached_property
    def weight(self) -> Sql:
        return case(WEIGHTS, value=self.c.priority, else_=2)

    @cached_property
    def age_halves(self) -> Sql:
        aged = ((self.c.opened_at < bindparam(f"aged_{days}"), halves) for days, halves in AGE_HALVES if days)
        return case(*aged, else_=2)

    @cached_property
    def is_open(self) -> Sql:
        return self.c.resolved_at.is_(None)

    @cached_property
    def is_cry(self) -> Sql:
        """Urgent and open."""
        return and_(self.is_open, self.is_urgent)

    @cached_property
    def is_late(self) -> Sql:
        return self.c.due_at < self._t

    @cached_property
    def is_urgent(self) -> Sql:
        return self.c.priority == URGENT

    @cached_property
    def is_hard(self) -> Sql:
        return self.c.kind.in_(HARD)

    @cached_property
    def is_soft(self) -> Sql:
        return self.c.kind.in_(SOFT)

    @cached_property
    def is_complaint(self) -> Sql:
        return self.c.kind == TicketKind.COMPLAINT

    # --- what was promised

    @cached_property
    def is_unanswered_late(self) -> Sql:
        return and_(
            self.c.first_answer_met.is_(None),
            self.c.first_answered_at.is_(None),
            self.c.resolved_at.is_(None),
            self.c.first_answer_due_at < self._t,
        )

    @cached_property
    def answer_is_known(self) -> Sql:
        in_time = and_(self.c.first_answer_met.is_(True), ~self.is_cry)
        return or_(in_time, self.answer_was_late)

    @cached_property
    def answer_was_late(self) -> Sql:
        return or_(self.c.first_answer_met.is_(False), self.is_unanswered_late)

    @cached_property
    def resolution_is_known(self) -> Sql:
        return and_(self.c.resolved_at >= since(90), self.c.resolution_met.is_not(None))

    @cached_property
    def resolution_was_late(self) -> Sql:
        return and_(self.c.resolved_at >= since(90), self.c.resolution_met.is_(False))

    @cached_property
    def was_resolved(self) -> Sql:
        """Now or before it was reopened."""
        return or_(self.c.resolved_at.is_not(None), self.c.reopened > 0)

    @cached_property
    def is_without_word(self) -> Sql:
        """A complaint that nobody has acknowledged or answered."""
        return and_(self.is_complaint, self.c.acknowledged_at.is_(None), self.c.first_answered_at.is_(None))

    @cached_property
    def is_unacknowledged(self) -> Sql:
        return and_(self.is_without_word, self.c.opened_at <= bindparam("acknowledge_before"))

    @cached_property
    def is_unremedied(self) -> Sql:
        """Acknowledged, but not solved in time."""
        return and_(self.is_complaint, self.c.opened_at < bindparam("remedy_before"), ~self.is_unacknowledged)

    # --- what the customer thought

    @cached_property
    def is_rated(self) -> Sql:
        return and_(self.c.csat.is_not(None), self.c.csat_at >= since(WINDOW))

    @cached_property
    def is_rated_in_30(self) -> Sql:
        return and_(self.c.csat.is_not(None), self.c.csat_at >= since(30))

    @cached_property
    def is_rated_in_60(self) -> Sql:
        """In the 30 days before the last 30."""
        return and_(self.c.csat.is_not(None), self.c.csat_at >= since(60), self.c.csat_at < since(30))

    @cached_property
    def rating(self) -> Sql:
        """Hundredths of a point."""
        return cast(func.round(self.c.csat * 100), Integer)

    @cached_property
    def rating_day(self) -> Sql:
        """Days from the beginning of the window."""
        return cast((epoch_seconds(self.c.csat_at) - bindparam("window_epoch")) // 86_400, Integer)
