"""Something a person must do by a day."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, text as sql
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import primary_id, ref, stored_as_value


class RepeatUnit(StrEnum):
    DAY = "day"
    WORKDAY = "workday"  # Monday to Friday
    WEEK = "week"  # on the weekday of the first day
    MONTH = "month"  # on the day of the month of the first day, or the month's last
    MONTH_WEEKDAY = "month_weekday"  # "the second Tuesday", as the first day was


class Task(SQLModel, table=True):
    """Open while ``done_at`` is empty. ``skipped``: closed without having been done, and ``outcome`` says why."""

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_assignee_open", "assignee_id", "done_at", "due_on"),
        Index("ix_task_account_open", "account_id", "done_at", "due_on"),
        Index("ix_task_given_open", "given_by", "done_at", "due_on"),
        Index("ix_task_play_run", "play_run_id"),
        Index("uq_task_follows", "follows_id", unique=True),  # of a series the next is made once
        Index(  # next steps of all accounts
            "ix_task_next",
            "account_id",
            "due_on",
            "id",
            sqlite_where=sql("done_at IS NULL"),
            postgresql_where=sql("done_at IS NULL"),
        ),
        Index(  # everybody's list, the nearest day first
            "ix_task_open_due",
            "due_on",
            "id",
            sqlite_where=sql("done_at IS NULL"),
            postgresql_where=sql("done_at IS NULL"),
        ),
        Index("ix_task_done", "done_at", "id"),
        CheckConstraint("(repeat_every IS NULL) = (repeat_unit IS NULL)", name="repeats_wholly"),
        CheckConstraint("repeat_every BETWEEN 1 AND 365", name="repeats_now_and_then"),
    )

    id: int = primary_id()
    account_id: int = ref("account.id", index=False)
    assignee_id: int = ref("user_account.id", index=False)
    title: str = Field(max_length=300)
    due_on: date
    interaction_id: int | None = ref("interaction.id", nullable=True)  # the note it came from
    created_by: int | None = ref("user_account.id", nullable=True)
    created_at: datetime = Field(default_factory=now)
    done_at: datetime | None = None
    done_on: date | None = None  # the company's day of ``done_at``
    done_by: int | None = ref("user_account.id", nullable=True, index=False)
    outcome: str = Field(default="", max_length=300)
    skipped: bool = Field(default=False, sa_column_kwargs={"server_default": "0"})

    given_by: int | None = ref("user_account.id", nullable=True, index=False)  # who put it into the assignee's hands
    given_at: datetime | None = None
    given_words: str = Field(default="", max_length=300, sa_column_kwargs={"server_default": ""})

    repeat_every: int | None = None  # so many ``repeat_unit``s; empty: once
    repeat_unit: RepeatUnit | None = Field(default=None, sa_type=stored_as_value(RepeatUnit))
    repeat_from: date | None = None  # the series' first day, from which the rule counts
    repeat_on: date | None = None  # the rule's day for this one, wherever ``due_on`` was moved
    repeat_until: date | None = None  # no further one after this day
    follows_id: int | None = ref("task.id", nullable=True, index=False)  # the one before it in the series

    play_run_id: int | None = ref("play_run.id", nullable=True, index=False)
    planned_on: date | None = None  # the day its play gave it: what "on time" is measured by

    def is_late(self, today: date) -> bool:
        return self.done_at is None and self.due_on < today
