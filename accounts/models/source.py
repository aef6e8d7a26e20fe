"""Where facts come from, and how fresh each source is."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import primary_id


class DataSource(SQLModel, table=True):
    """A helpdesk, file or form that brings facts. The newest of all is the book's data-until instant."""

    __tablename__ = "data_source"

    id: int = primary_id()
    key: str = Field(max_length=60, unique=True)  # "zendesk", "uci", "hand"
    title: str = Field(max_length=120)  # "Zendesk"
    kind: str = Field(max_length=40)  # tickets, interactions, accounts
    newest_event_at: datetime | None = None  # of what it brought
    synced_at: datetime | None = None  # last time it was asked, where it is live
    live: bool = False  # expected to bring something every day
    created_at: datetime = Field(default_factory=now)
