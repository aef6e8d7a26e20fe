"""What is kept of a departure and of a merge, so that either can be taken back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import primary_id, ref


class Departure(SQLModel, table=True):
    """Somebody left an account: what followed from it. The day itself stands with ``ContactAccount``."""

    __tablename__ = "contact_departure"
    __table_args__ = (Index("ix_contact_departure_contact", "contact_id", "account_id"),)

    id: int = primary_id()
    account_id: int = ref("account.id")
    contact_id: int = ref("contact.id", index=False)
    champion: bool = False
    roles: list[list[str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))  # role, from: ended
    task_id: int | None = ref("task.id", nullable=True)
    made_by: int | None = ref("user_account.id", nullable=True, index=False)
    made_at: datetime = Field(default_factory=now)
    undone_at: datetime | None = None


class ContactMerge(SQLModel, table=True):
    """Two rows that were one person. ``done``: what it changed, with the values before, to take it back exactly."""

    __tablename__ = "contact_merge"
    __table_args__ = (Index("ix_contact_merge_kept", "kept_id", "merged_at"),)

    id: int = primary_id()
    kept_id: int = ref("contact.id", index=False)
    gone_id: int = ref("contact.id")
    done: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    merged_by: int | None = ref("user_account.id", nullable=True, index=False)
    merged_at: datetime = Field(default_factory=now)
    undone_by: int | None = ref("user_account.id", nullable=True, index=False)
    undone_at: datetime | None = None


class NotTheSame(SQLModel, table=True):
    """Two people who look alike; somebody has said that they are two."""

    __tablename__ = "contact_not_the_same"
    __table_args__ = (
        UniqueConstraint("low_id", "high_id"),
        CheckConstraint("low_id < high_id", name="low_before_high"),
    )

    id: int = primary_id()
    low_id: int = ref("contact.id", index=False)
    high_id: int = ref("contact.id")
    said_by: int | None = ref("user_account.id", nullable=True, index=False)
    said_on: date
