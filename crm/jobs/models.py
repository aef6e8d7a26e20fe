"""What is to be done, what was done, and who may do it now."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, Text as SqlText, UniqueConstraint
from sqlmodel import Field, SQLModel

from crm.clock import machine_now
from crm.db import Id, primary_id, stored_as_value


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"  # or its process died: then the lease runs out and another takes over
    DONE = "done"
    FAILED = "failed"  # the dead letter: shown, and run again only when a person says so
    CANCELLED = "cancelled"


class Work(SQLModel):
    """What a piece of work keeps of its progress.

    ``token`` rises with each claim and is checked in every later write, so that a process that lost its lease without
    noticing cannot write any more. ``attempts`` counts claims since the last chunk that was finished.
    """

    state: JobState = Field(default=JobState.WAITING, sa_type=stored_as_value(JobState))
    due_at: datetime = Field(default_factory=machine_now)
    token: int = 0
    attempts: int = 0
    lease_until: datetime | None = None
    mark: Any = Field(
        default=None, sa_type=JSON, nullable=True
    )  # where the next chunk begins; the job knows its meaning
    done: int = 0  # of ``total``, in units of the job
    total: int | None = None
    cancel_asked: bool = False
    result: str = Field(default="", sa_type=SqlText)
    error: str = Field(default="", sa_type=SqlText)  # of the last attempt
    started_at: datetime | None = None
    finished_at: datetime | None = None


class QueuedJob(Work, table=True):
    """Work that somebody asked for; the row is written in the transaction that needs it done."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_state_due", "state", "due_at", "id"),
        UniqueConstraint("waiting_key"),
    )

    id: int = primary_id()
    name: str = Field(max_length=80)
    arguments: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    waiting_key: str | None = Field(default=None, max_length=120)  # cleared when it begins
    created_by: int | None = Field(default=None, sa_type=Id)
    created_at: datetime = Field(default_factory=machine_now)


class JobRun(Work, table=True):
    """One slot of a scheduled job: it happens once, whoever does it."""

    __tablename__ = "job_run"
    __table_args__ = (
        UniqueConstraint("name", "slot"),
        Index("ix_job_run_state_due", "state", "due_at", "id"),
        Index("ix_job_run_finished", "finished_at"),
    )

    id: int = primary_id()
    name: str = Field(max_length=80)
    slot: str = Field(max_length=40)  # "2026-11-23", "2026-11-23T09:05"


class Lease(SQLModel, table=True):
    """Something only one process does at a time, such as being the clock."""

    __tablename__ = "lease"

    name: str = Field(max_length=40, primary_key=True)
    holder: str = Field(max_length=120)
    token: int = 1
    until: datetime
    since: datetime = Field(default_factory=machine_now)  # when it was held for the first time, by anybody
