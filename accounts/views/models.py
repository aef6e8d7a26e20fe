"""Views of a list under a name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Index, Text as SqlText, UniqueConstraint
from sqlmodel import Field, SQLModel

from crm.clock import machine_now
from crm.db import primary_id, ref, stored_as_value
from crm.viewer import Role


class SavedView(SQLModel, table=True):
    """Filters, order and columns of one list, as the query string that opens it."""

    __tablename__ = "saved_view"
    __table_args__ = (Index("ix_saved_view_list", "list_key", "owner_id"),)

    id: int = primary_id()
    list_key: str = Field(max_length=40)
    title: str = Field(max_length=80)
    query: str = Field(sa_column=Column(SqlText, nullable=False))
    owner_id: int = ref("user_account.id")
    shared: bool = False
    created_at: datetime = Field(default_factory=machine_now)
    closed_at: datetime | None = None  # taken away


class ViewDefault(SQLModel, table=True):
    """What a list opens with when its address says nothing: for one person, or for whoever has a role."""

    __tablename__ = "view_default"
    __table_args__ = (UniqueConstraint("list_key", "user_id"), UniqueConstraint("list_key", "role"))

    id: int = primary_id()
    list_key: str = Field(max_length=40)
    view_id: int = ref("saved_view.id")
    user_id: int | None = ref("user_account.id", nullable=True, index=False)
    role: Role | None = Field(default=None, sa_type=stored_as_value(Role))
