"""Tickets as they stood at an instant: by their present columns, or by their spans where the book knows of later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, or_
from sqlmodel import Session

from accounts.asof import later_is_known
from crm.db import table_of
from support.models import Ticket, TicketSpan


@dataclass(frozen=True)
class TicketsAt:
    """``ticket``: what a ticket is. ``dated``: what changes of it, with the same names in either case: ``state``,
    ``priority``, ``kind``, ``opened_at``, ``resolved_at``, ``due_at``, ``…_met`` and the others of ``TicketSpan``.

    Select from ``source`` where ``there``: tickets that existed then and were not deleted.
    """

    now: datetime
    ticket: FromClause
    dated: FromClause
    source: FromClause
    there: ColumnElement[bool]

    @property
    def is_open(self) -> ColumnElement[bool]:
        resolved: ColumnElement[Any] = self.dated.c.resolved_at
        # The present columns say it as the partial indexes do.
        return and_(resolved.is_(None), self.ticket.c.deleted_at.is_(None)) if self.is_live else resolved.is_(None)

    @property
    def is_late(self) -> ColumnElement[bool]:
        """Open, and past a target."""
        return and_(self.is_open, self.dated.c.due_at < self.now)

    @property
    def is_live(self) -> bool:
        return self.dated is self.ticket


def tickets_at(now: datetime, *, later: bool) -> TicketsAt:
    """``later``: the book holds something later than ``now``."""
    ticket: FromClause = table_of(Ticket).alias("t")
    if not later:
        return TicketsAt(now, ticket, ticket, ticket, ticket.c.deleted_at.is_(None))
    span: FromClause = table_of(TicketSpan).alias("s")
    there = and_(span.c.from_at <= now, or_(span.c.to_at.is_(None), span.c.to_at > now), span.c.closed_at.is_(None))
    return TicketsAt(now, ticket, span, ticket.join(span, span.c.ticket_id == ticket.c.id), there)


def tickets_now(session: Session, now: datetime) -> TicketsAt:
    """As of when the book speaks."""
    return tickets_at(now, later=later_is_known(session, now))
