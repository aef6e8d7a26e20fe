"""A ticket as it stands now: a projection of its events that can be rebuilt from them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import Id, primary_id, ref, stored_as_value
from crm.text import N_


class TicketState(StrEnum):
    OPEN = "open"
    WAITING = "waiting"  # for the customer
    RESOLVED = "resolved"
    CLOSED = "closed"


STATE_TITLES = {
    TicketState.OPEN: N_("open"),
    TicketState.WAITING: N_("waiting for the customer"),
    TicketState.RESOLVED: N_("resolved"),
    TicketState.CLOSED: N_("closed"),
}

OPEN_STATES = (TicketState.OPEN, TicketState.WAITING)


class TicketKind(StrEnum):
    QUESTION = "question"
    DEFECT = "defect"
    COMPLAINT = "complaint"
    REQUEST = "request"
    OTHER = "other"


KIND_TITLES = {
    TicketKind.QUESTION: N_("question"),
    TicketKind.DEFECT: N_("defect"),
    TicketKind.COMPLAINT: N_("complaint"),
    TicketKind.REQUEST: N_("request"),
    TicketKind.OTHER: N_("ticket"),
}

URGENT, NORMAL = 1, 3  # priorities run from 1 (urgent) to 4 (low)
PRIORITY_TITLES = {1: N_("urgent"), 2: N_("high"), 3: N_("normal"), 4: N_("low")}


class Ticket(SQLModel, table=True):
    """One request for help: a projection of its events, rebuilt by ``support.projection``.

    ``…_met`` is the verdict that counts: the source's where it has one, else our clock's, which stands beside it in
    ``our_…_met``. Deleted tickets stay for the record and count nowhere.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("source_key", "external_id"),
        CheckConstraint("priority BETWEEN 1 AND 4", name="priority_known"),
        CheckConstraint("csat IS NULL OR csat BETWEEN 0 AND 100", name="csat_range"),
        Index("ix_ticket_account_opened", "account_id", "opened_at", "id"),
        Index("ix_ticket_opened", "opened_at", "id"),
        Index("ix_ticket_account_resolved", "account_id", "resolved_at"),
        Index("ix_ticket_external", "external_id"),
        Index(
            "ix_ticket_repeat_of",
            "repeat_of_id",
            sqlite_where=text("repeat_of_id IS NOT NULL"),
            postgresql_where=text("repeat_of_id IS NOT NULL"),
        ),
        Index(
            "ix_ticket_open_account",
            "account_id",
            "priority",
            sqlite_where=text("resolved_at IS NULL AND deleted_at IS NULL"),
            postgresql_where=text("resolved_at IS NULL AND deleted_at IS NULL"),
        ),
        Index(
            "ix_ticket_open_due",
            "due_at",
            sqlite_where=text("resolved_at IS NULL AND deleted_at IS NULL"),
            postgresql_where=text("resolved_at IS NULL AND deleted_at IS NULL"),
        ),
    )

    id: int = primary_id()
    account_id: int = ref("account.id", index=False)
    contact_id: int | None = ref("contact.id", nullable=True)
    source_key: str = Field(max_length=60)
    external_id: str = Field(max_length=120)
    external_url: str | None = Field(default=None, max_length=500)
    subject: str = Field(default="", max_length=300)
    topic: str = Field(default="", max_length=120)
    kind: TicketKind = Field(default=TicketKind.OTHER, sa_type=stored_as_value(TicketKind))
    priority: int = NORMAL
    channel: str = Field(default="", max_length=40)  # as the source says: phone, email, web, …
    state: TicketState = Field(default=TicketState.OPEN, sa_type=stored_as_value(TicketState))
    assignee: str = Field(default="", max_length=120)
    team: str = Field(default="", max_length=120)

    opened_at: datetime
    first_answered_at: datetime | None = None
    resolved_at: datetime | None = None  # of the last resolution; none while open or reopened
    acknowledged_at: datetime | None = None  # a complaint's "B": we said that we understood
    deleted_at: datetime | None = None

    due_at: datetime | None = None  # next target of an open ticket, past it the ticket is late; none: paused or done
    first_answer_due_at: datetime | None = None  # none: the source does not tell first answers
    next_answer_due_at: datetime | None = None  # none: no reply of the customer waits for an answer
    resolution_due_at: datetime | None = None  # moved on by waits for the customer; none while waiting in time
    first_answer_s: int | None = None  # on its calendar
    resolution_s: int | None = None  # on its calendar, without waits for the customer
    waiting_s: int = 0  # ended waits for the customer, by the wall clock
    our_first_answer_met: bool | None = None
    our_resolution_met: bool | None = None
    first_answer_met: bool | None = None
    resolution_met: bool | None = None
    # To replies of the customer after the first answer; of these the late ones, by our clock.
    next_answers: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    next_answers_late: int = Field(default=0, sa_column_kwargs={"server_default": "0"})

    reopened: int = 0
    escalated: int = 0
    reassigned: int = 0
    csat: float | None = None  # 0–100, the last rating
    csat_at: datetime | None = None
    # A ticket of the same account and topic, resolved in the 14 days before this was opened. No foreign key: one chunk
    # writes both, in any order.
    repeat_of_id: int | None = Field(default=None, sa_type=Id)

    answers_told: bool = True  # whether the source tells first answers; else that clock does not run
    breaches_told: bool = False  # whether it tells missed targets, so that a resolution without one was in time
    source_verdict: bool = False  # whether ``resolution_met`` is the source's own word
    updated_at: datetime  # version of the newest record: it wins whatever the order of arrival
    complete_at: datetime | None = None  # version of the newest record that told every event
    account_told_at: datetime | None = None  # version of the newest record that named a known account
    digest: int | None = Field(default=None, sa_type=Id)  # of the record told last: the very same again is not read
    import_run_id: int | None = ref("import_run.id", nullable=True)
    known_at: datetime = Field(default_factory=now)

    def is_open(self) -> bool:
        return self.resolved_at is None and self.deleted_at is None

    def late_since(self, at: datetime) -> datetime | None:
        """Since when a target has been missed, for a ticket that is still open at ``at``."""
        return self.due_at if self.is_open() and self.due_at is not None and self.due_at < at else None
