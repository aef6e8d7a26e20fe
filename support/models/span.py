"""What was true of a ticket from when to when: what scores and pages of past days read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import Id, primary_id, ref, stored_as_value
from support.models.ticket import TicketKind, TicketState


class TicketSpan(SQLModel, table=True):
    """Spans of a ticket follow one another without gap from its opening; the last has no end, unless the ticket was
    deleted. Resolved and closed time has a span too, so at any ``t`` a ticket that exists has exactly one.

    The columns named as in ``Ticket`` mean the same and hold what they held from ``from_at`` to ``to_at``: the span at
    now equals the ticket. Dated twice: rows whose content changed are closed and others added.
    """

    __tablename__ = "ticket_span"
    __table_args__ = (
        Index("ix_ticket_span_account", "account_id", "from_at", "to_at"),
        Index(
            "uq_ticket_span_from",
            "ticket_id",
            "from_at",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: int = primary_id()
    ticket_id: int = ref("ticket.id", index=False)
    account_id: int = ref("account.id", index=False)
    state: TicketState = Field(sa_type=stored_as_value(TicketState))
    priority: int
    kind: TicketKind = Field(sa_type=stored_as_value(TicketKind))
    opened_at: datetime
    first_answered_at: datetime | None = None
    resolved_at: datetime | None = None
    acknowledged_at: datetime | None = None
    due_at: datetime | None = None  # the next target; past it the ticket is late
    first_answer_due_at: datetime | None = None
    next_answer_due_at: datetime | None = None
    first_answer_met: bool | None = None
    resolution_met: bool | None = None
    first_answer_s: int | None = None
    resolution_s: int | None = None
    reopened: int = 0
    escalated: int = 0
    csat: float | None = None
    csat_at: datetime | None = None
    repeat_of_id: int | None = Field(default=None, sa_type=Id)

    from_at: datetime
    to_at: datetime | None = None
    known_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None
