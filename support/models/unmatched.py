"""Tickets that no account could be found for: they wait here, whole, and move when matched."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import primary_id, ref
from crm.text import Text


class UnmatchedTicket(SQLModel, table=True):
    __tablename__ = "unmatched_ticket"
    __table_args__ = (
        UniqueConstraint("source_key", "external_id"),
        Index("ix_unmatched_ticket_opened", "opened_at", "id"),
    )

    id: int = primary_id()
    source_key: str = Field(max_length=60)
    external_id: str = Field(max_length=120)
    external_url: str | None = Field(default=None, max_length=500)
    subject: str = Field(default="", max_length=300)
    requester: str = Field(default="", max_length=254)
    reason: str = Field(default="", max_length=300)  # why no account was found, translated when shown
    reason_values: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    opened_at: datetime
    updated_at: datetime
    record: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))  # the ticket as read, with its events
    complete_at: datetime | None = None  # as in ``Ticket``
    import_run_id: int | None = ref("import_run.id", nullable=True)
    known_at: datetime = Field(default_factory=now)

    @property
    def why(self) -> Text:
        return Text(self.reason, self.reason_values)
