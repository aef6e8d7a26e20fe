"""What happened to a ticket, dated twice: in the world and here."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import primary_id, ref, stored_as_value
from crm.text import N_


class EventKind(StrEnum):
    OPENED = "opened"
    FIRST_ANSWERED = "first_answered"  # value: 1 within target, 0 missed
    AGENT_REPLY = "agent_reply"
    CUSTOMER_REPLY = "customer_reply"
    WAITING = "waiting"  # for the customer, until the next event
    WORKING = "working"  # taken up (again)
    ESCALATED = "escalated"
    REASSIGNED = "reassigned"
    PRIORITY = "priority"  # value: the new one
    BREACHED = "breached"  # the source says its target was missed
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"  # value: 1 within target, 0 missed
    REOPENED = "reopened"
    RATED = "rated"  # value: 0–100
    CLOSED = "closed"
    DELETED = "deleted"


EVENT_TITLES = {
    EventKind.OPENED: N_("Opened"),
    EventKind.FIRST_ANSWERED: N_("First answer"),
    EventKind.AGENT_REPLY: N_("We replied"),
    EventKind.CUSTOMER_REPLY: N_("The customer replied"),
    EventKind.WAITING: N_("Waiting for the customer"),
    EventKind.WORKING: N_("In work"),
    EventKind.ESCALATED: N_("Escalated"),
    EventKind.REASSIGNED: N_("Reassigned"),
    EventKind.PRIORITY: N_("Priority changed"),
    EventKind.BREACHED: N_("Target missed"),
    EventKind.ACKNOWLEDGED: N_("Complaint acknowledged"),
    EventKind.RESOLVED: N_("Resolved"),
    EventKind.REOPENED: N_("Reopened"),
    EventKind.RATED: N_("Rated"),
    EventKind.CLOSED: N_("Closed"),
    EventKind.DELETED: N_("Deleted"),
}


class TicketEvent(SQLModel, table=True):
    """``key`` names the event within its ticket, so that importing it again changes nothing."""

    __tablename__ = "ticket_event"
    __table_args__ = (
        UniqueConstraint("ticket_id", "key", "known_at"),
        Index("ix_ticket_event_account", "account_id", "kind", "happened_at"),
    )

    id: int = primary_id()
    ticket_id: int = ref("ticket.id", index=False)  # the unique constraint serves it
    account_id: int = ref("account.id", index=False)
    kind: EventKind = Field(sa_type=stored_as_value(EventKind))
    key: str = Field(max_length=120)
    value: float | None = None
    data: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))  # actor, text, from, to
    derived: bool = False  # made from the source's time columns
    happened_at: datetime
    known_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None
