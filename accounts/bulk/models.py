"""One change of many accounts, and what became of each."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, Text as SqlText
from sqlmodel import Field, SQLModel

from crm.clock import machine_now
from crm.db import Id, primary_id, ref, stored_as_value


class BulkState(StrEnum):
    CHOSEN = "chosen"  # somebody looks at it; nothing was changed
    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


class BulkRun(SQLModel, table=True):
    __tablename__ = "bulk_run"
    __table_args__ = (Index("ix_bulk_run_created", "created_at"),)

    id: int = primary_id()
    action: str = Field(max_length=40)  # the key of a BulkAction
    values: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    back: str = Field(default="", sa_column=Column(SqlText, nullable=False))  # the list it was chosen from
    state: BulkState = Field(default=BulkState.CHOSEN, sa_type=stored_as_value(BulkState))
    job_id: int | None = Field(default=None, sa_type=Id)
    created_by: int = ref("user_account.id")
    created_at: datetime = Field(default_factory=machine_now)
    done_at: datetime | None = None
    undone_at: datetime | None = None


class ItemState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    SAME = "same"  # it was so already
    REFUSED = "refused"
    UNDONE = "undone"
    KEPT = "kept"  # not taken back: somebody has changed it since


class BulkItem(SQLModel, table=True):
    __tablename__ = "bulk_item"
    __table_args__ = (Index("ix_bulk_item_state", "run_id", "state", "account_id"),)

    run_id: int = Field(foreign_key="bulk_run.id", primary_key=True, sa_type=Id)
    account_id: int = Field(foreign_key="account.id", primary_key=True, sa_type=Id)
    state: ItemState = Field(default=ItemState.WAITING, sa_type=stored_as_value(ItemState))
    before: Any = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    after: Any = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    message: str = Field(default="", max_length=300)  # why not
    values: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
