"""Rules and their targets, dated and never changed: a new row from a later day takes an older one's place."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import Id, primary_id, ref, stored_as_value
from support.clocks import Clock


class ServiceRule(SQLModel, table=True):
    """Targets for tickets that are opened from ``from_on`` on, as long as no later rule for the same tier and channel
    takes over. Dated twice: a rule that is mended keeps its row, closed."""

    __tablename__ = "service_rule"
    __table_args__ = (
        Index(
            "uq_service_rule_held",
            "tier",
            "channel",
            "from_on",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        CheckConstraint("NOT withdrawn OR tier <> '' OR channel <> ''", name="last_resort"),
    )

    id: int = primary_id()
    tier: str = Field(default="", max_length=40)  # empty: every tier
    channel: str = Field(default="", max_length=40)  # a ``TicketChannel``; empty: every channel
    from_on: date
    withdrawn: bool = False  # from then on tickets fall back on a more general rule; it has no targets
    calendar_id: int | None = ref("work_calendar.id", nullable=True, index=False)  # none: the company's
    set_by: int | None = Field(default=None, sa_type=Id)
    known_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None


class ServiceTarget(SQLModel, table=True):
    """What a rule promises for one priority on one clock."""

    __tablename__ = "service_target"
    __table_args__ = (
        UniqueConstraint("rule_id", "clock", "priority"),
        CheckConstraint("priority BETWEEN 1 AND 4", name="priority_known"),
        CheckConstraint("minutes BETWEEN 1 AND 60000", name="minutes_believable"),
    )

    id: int = primary_id()
    rule_id: int = ref("service_rule.id", index=False)
    clock: Clock = Field(sa_type=stored_as_value(Clock))
    priority: int
    minutes: int
    working: bool = True  # counted on the calendar; else around the clock
