"""In which state and priority a ticket was from when to when: what past scores read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import primary_id, ref, stored_as_value
from support.models.ticket import TicketKind, TicketState


class TicketSpan(SQLModel, table=True):
    """Spans of a ticket follow one another without gap; the last has no end. Resolved and closed time has a span too."""

    __tablename__ = "ticket_span"
    __table_args__ = (
        Index("ix_ticket_span_account", "account_id", "from_at", "to_at"),
        Index("ix_ticket_span_ticket", "ticket_id", "from_at"),
    )

    id: int = primary_id()
    ticket_id: int = ref("ticket.id", index=False)
    account_id: int = ref("account.id", index=False)
    state: TicketState = Field(sa_type=stored_as_value(TicketState))
    priority: int
    kind: TicketKind = Field(sa_type=stored_as_value(TicketKind))
    opened_at: datetime
    due_at: datetime | None = None  # the earliest target not yet met during this span; past it the ticket is late
    from_at: datetime
    to_at: datetime | None = None
    known_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None
