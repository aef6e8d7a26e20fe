"""Something a person must do by a day."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, text as sql
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import primary_id, ref


class Task(SQLModel, table=True):
    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_assignee_open", "assignee_id", "done_at", "due_on"),
        Index("ix_task_account_open", "account_id", "done_at", "due_on"),
        Index(  # next steps of all accounts
            "ix_task_next",
            "account_id",
            "due_on",
            "id",
            sqlite_where=sql("done_at IS NULL"),
            postgresql_where=sql("done_at IS NULL"),
        ),
    )

    id: int = primary_id()
    account_id: int = ref("account.id", index=False)
    assignee_id: int = ref("user_account.id", index=False)
    title: str = Field(max_length=300)
    due_on: date
    interaction_id: int | None = ref("interaction.id", nullable=True)  # the note it came from
    created_by: int | None = ref("user_account.id", nullable=True)
    created_at: datetime = Field(default_factory=now)
    done_at: datetime | None = None
    done_by: int | None = ref("user_account.id", nullable=True, index=False)
    outcome: str = Field(default="", max_length=300)

    def is_late(self, today: date) -> bool:
        return self.done_at is None and self.due_on < today
