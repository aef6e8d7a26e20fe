"""Calendars that people let us read, and the meetings with customers found in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from crm.clock import machine_now, now
from crm.db import primary_id, ref
from crm.text import Text


class CalendarFeed(SQLModel, table=True):
    """The address of a person's calendar. It is a secret: shown by its host, and written into no log."""

    __tablename__ = "calendar_feed"
    __table_args__ = (Index("ix_calendar_feed_due", "next_try_at"),)

    id: int = primary_id()
    user_id: int = ref("user_account.id")
    title: str = Field(max_length=120)
    url: str = Field(max_length=2_000)
    next_try_at: datetime = Field(default_factory=machine_now)
    read_at: datetime | None = None  # last time it answered with a calendar
    failures: int = 0  # since then
    error: str = Field(default="", max_length=300)  # the message of ``trouble``
    error_values: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False, server_default="{}")
    )
    created_at: datetime = Field(default_factory=machine_now)

    @property
    def trouble(self) -> Text | None:
        """Why it could not be read."""
        return Text(self.error, self.error_values) if self.error else None


class Meeting(SQLModel, table=True):
    """One meeting of one person with one account. What has nobody of a customer in it is never kept."""

    __tablename__ = "meeting"
    __table_args__ = (
        CheckConstraint("ends_at >= starts_at", name="ends_after_start"),
        UniqueConstraint("user_id", "uid_key", "occurrence", "account_id"),
        Index("ix_meeting_account_starts", "account_id", "starts_at", "id"),
        Index("ix_meeting_user_starts", "user_id", "starts_at", "id"),
        Index("ix_meeting_ends", "ends_at"),
    )

    id: int = primary_id()
    account_id: int = ref("account.id", index=False)
    user_id: int = ref("user_account.id", index=False)
    feed_id: int | None = ref("calendar_feed.id", nullable=True)  # none: from a file
    uid_key: str = Field(max_length=64)  # SHA-256 of the UID
    occurrence: str = Field(default="", max_length=40)  # of a series: the day it was planned for at first
    sequence: int = 0
    title: str = Field(default="", max_length=300)
    place: str = Field(default="", max_length=300)
    is_private: bool = False  # its calendar says so: others see that and when, never what
    starts_at: datetime
    ends_at: datetime
    all_day: bool = False
    attendees: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))  # of the customer
    cancelled_at: datetime | None = None
    changed_at: datetime = Field(default_factory=now)
    interaction_id: int | None = ref("interaction.id", nullable=True)  # the talk it became
