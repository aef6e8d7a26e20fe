"""The outbox."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Column, Index, Text as SqlText
from sqlmodel import Field, SQLModel

from crm.clock import machine_now
from crm.db import primary_id, stored_as_value


class MailState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    DEAD = "dead"  # three days of tries; visible, and tried again by hand


class Mail(SQLModel, table=True):
    """``key`` says what it tells of, so that the same news is queued once. ``message_id`` is the same at every try."""

    __tablename__ = "mail"
    __table_args__ = (Index("ix_mail_due", "state", "next_try_at"),)

    id: int = primary_id()
    key: str = Field(max_length=200, unique=True)
    recipient: str = Field(max_length=320)
    subject: str = Field(max_length=300)
    plain: str = Field(sa_column=Column(SqlText, nullable=False))
    html: str = Field(sa_column=Column(SqlText, nullable=False))
    language: str = Field(max_length=8)
    message_id: str = Field(max_length=255)
    headers: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))  # further ones
    state: MailState = Field(default=MailState.QUEUED, sa_type=stored_as_value(MailState))
    tries: int = 0
    error: str = Field(default="", max_length=300)
    created_at: datetime = Field(default_factory=machine_now)
    next_try_at: datetime = Field(default_factory=machine_now)
    sent_at: datetime | None = None
