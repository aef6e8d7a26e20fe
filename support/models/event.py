"""What happened to a ticket, dated twice: in the world and here."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, text
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import primary_id, ref, stored_as_value
from crm.text import N_


class EventKind(StrEnum):
    OPENED = "opened"
    FIRST_ANSWERED = "first_answered"  # value: the source's verdict, 1 within target, 0 missed
    AGENT_REPLY = "agent_reply"
    CUSTOMER_REPLY = "customer_reply"
    WAITING = "waiting"  # for the customer, until the next event
    WORKING = "working"  # taken up (again)
    ESCALATED = "escalated"
    REASSIGNED = "reassigned"
    PRIORITY = "priority"  # value: the new one
    BREACHED = "breached"  # the source says that a target was missed; value 1: it takes that back
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"  # value: the source's verdict, 1 within target, 0 missed
    REOPENED = "reopened"
    RATED = "rated"  # value: 0–100
    CLOSED = "closed"
    REPEATED = "repeated"  # ours: opened on the same topic within 14 days of a resolution; data: of
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
    EventKind.REPEATED: N_("Contacted us again about the same"),
    EventKind.DELETED: N_("Deleted"),
}


class TicketEvent(SQLModel, table=True):
    """A fact about a ticket as its source told it, dated twice and never changed: a correction closes the row and adds
    another. ``key`` names the event within its ticket, so that importing it again changes nothing."""

    __tablename__ = "ticket_event"
    __table_args__ = (
        Index(
            "uq_ticket_event_key",
            "ticket_id",
            "key",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_ticket_event_account",
            "account_id",
            "happened_at",
            "id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: int = primary_id()
    ticket_id: int = ref("ticket.id", index=False)  # served by the unique index; closed rows are only read by rebuilds
    account_id: int = ref("account.id", index=False)
    kind: EventKind = Field(sa_type=stored_as_value(EventKind))
    key: str = Field(max_length=120)
    seq: int = Field(default=0, sa_type=BigInteger)  # order among events of the same instant, as the source tells it
    value: float | None = None  # opened, priority: 1–4; rated: 0–100; else see the kind
    data: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    derived: bool = False  # made from a column of the source, not told as an event
    version_at: datetime  # of the record that told it: the newest wins whatever the order of arrival
    happened_at: datetime
    known_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None


DATA_KEYS = ("actor", "text", "from", "to", "target", "of")  # what ``TicketEvent.data`` may hold
