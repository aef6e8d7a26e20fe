"""Accounts whose score no longer rests on what is known."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from crm.clock import machine_now
from crm.db import Id


class HealthDirty(SQLModel, table=True):
    """``mark`` is new each time, so that whoever scored an account takes away only the marks it has seen.

    The row is also the lock under which an account is scored: a second transaction waits at it.
    """

    __tablename__ = "health_dirty"

    account_id: int = Field(
        foreign_key="account.id", primary_key=True, sa_type=Id, sa_column_kwargs={"autoincrement": False}
    )
    mark: int = Field(sa_type=Id)
    marked_at: datetime = Field(default_factory=machine_now)
