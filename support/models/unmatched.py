"""Tickets that no account could be found for: they wait here, whole, and move when matched."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import primary_id, ref


class UnmatchedTicket(SQLModel, table=True):
    __tablename__ = "unmatched_ticket"
    __table_args__ = (UniqueConstraint("source_key", "external_id"),)

    id: int = primary_id()
    source_key: str = Field(max_length=60)
    external_id: str = Field(max_length=120)
    subject: str = Field(default="", max_length=300)
    requester: str = Field(default="", max_length=254)
    reason: str = Field(default="", max_length=300)  # "no company given", "company X is unknown"
    opened_at: datetime | None = None
    updated_at: datetime
    record: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))  # the ticket as read, with its events
    import_run_id: int | None = ref("import_run.id", nullable=True)
    known_at: datetime = Field(default_factory=now)
