"""A goal of the customer, and the dated evidence of how far it is."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, Index, Text as SqlText
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import primary_id, ref, stored_as_value
from crm.text import N_


class GoalStatus(StrEnum):
    OPEN = "open"
    REACHED = "reached"
    MISSED = "missed"
    DROPPED = "dropped"

    @property
    def words(self) -> str:
        return GOAL_STATUS_TITLES[self]


GOAL_STATUS_TITLES = {
    GoalStatus.OPEN: N_("open"),
    GoalStatus.REACHED: N_("reached"),
    GoalStatus.MISSED: N_("missed"),
    GoalStatus.DROPPED: N_("dropped"),
}


class Goal(SQLModel, table=True):
    """``baseline`` and ``target`` are figures of ``metric``; a goal without them is told by its evidence alone."""

    __tablename__ = "goal"
    __table_args__ = (
        CheckConstraint("(baseline IS NULL) = (target IS NULL)", name="both_or_none"),
        CheckConstraint("baseline IS NULL OR baseline <> target", name="goes_somewhere"),
        Index("ix_goal_account_status", "account_id", "status", "due_on"),
    )

    id: int = primary_id()
    account_id: int = ref("account.id", index=False)
    objective: str = Field(max_length=300)
    metric: str = Field(default="", max_length=160)  # "stops of the sorter a month"
    unit: str = Field(default="", max_length=20)  # "h", "%"
    baseline: float | None = None
    target: float | None = None
    contact_id: int | None = ref("contact.id", nullable=True)  # its owner at the customer
    set_on: date
    due_on: date
    status: GoalStatus = Field(default=GoalStatus.OPEN, sa_type=stored_as_value(GoalStatus))
    settled_on: date | None = None
    settled_at: datetime | None = None
    settled_by: int | None = ref("user_account.id", nullable=True, index=False)
    outcome: str = Field(default="", max_length=300)
    created_by: int | None = ref("user_account.id", nullable=True, index=False)
    created_at: datetime = Field(default_factory=now)
    version: int = 1  # for edits of two people at once

    @property
    def is_open(self) -> bool:
        return self.status is GoalStatus.OPEN


class GoalEvidence(SQLModel, table=True):
    """What was measured or seen on a day; taken back by closing the row. ``for_customer``: may stand in print."""

    __tablename__ = "goal_evidence"
    __table_args__ = (
        Index("ix_goal_evidence_goal", "goal_id", "seen_on", "id"),
        Index("ix_goal_evidence_account", "account_id"),
    )

    id: int = primary_id()
    goal_id: int = ref("goal.id", index=False)
    account_id: int = ref("account.id", index=False)
    seen_on: date
    figure: float | None = None
    words: str = Field(default="", sa_column=Column(SqlText, nullable=False))
    for_customer: bool = False
    added_by: int | None = ref("user_account.id", nullable=True, index=False)
    known_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None
