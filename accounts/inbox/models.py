"""What came into the mailbox for a person, and what became of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Column, Index, Text as SqlText, UniqueConstraint
from sqlmodel import Field, SQLModel

from crm.clock import machine_now
from crm.db import primary_id, ref, stored_as_value
from crm.text import N_


class InboxState(StrEnum):
    FILED = "filed"  # stands on a timeline; its words are there and no longer here
    TO_SORT = "to_sort"  # a person must say whose it is
    IGNORED = "ignored"  # nothing that anybody said, or put away by the person


class Why(StrEnum):
    """Why a mail waits to be sorted."""

    NOBODY = "nobody"
    SEVERAL = "several"
    UNREADABLE = "unreadable"

    @property
    def words(self) -> str:
        return WHY_TITLES[self]


WHY_TITLES = {
    Why.NOBODY: N_("nobody in it is a known contact"),
    Why.SEVERAL: N_("it could belong to several accounts"),
    Why.UNREADABLE: N_("who wrote it could not be read"),
}


class InboxMail(SQLModel, table=True):
    """One mail of one person. ``message_key`` makes it come once, however often the mailbox is read."""

    __tablename__ = "inbox_mail"
    __table_args__ = (
        UniqueConstraint("user_id", "message_key"),
        Index("ix_inbox_mail_user_state", "user_id", "state", "received_at", "id"),
        Index("ix_inbox_mail_message", "message_key"),
        Index("ix_inbox_mail_state_received", "state", "received_at"),
    )

    id: int = primary_id()
    user_id: int = ref("user_account.id", index=False)
    message_key: str = Field(max_length=64)  # SHA-256 of the Message-ID
    reference_keys: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))  # what it answers
    state: InboxState = Field(sa_type=stored_as_value(InboxState))
    why: Why | None = Field(default=None, sa_type=stored_as_value(Why), nullable=True)
    is_ours: bool = False  # written by somebody of us
    sender_name: str = Field(default="", max_length=160)
    sender_email: str = Field(default="", max_length=254)
    others: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))  # addresses it went to
    automatic: bool = False
    mass: bool = False
    subject: str = Field(default="", max_length=300)
    body: str = Field(default="", sa_column=Column(SqlText, nullable=False))
    happened_at: datetime
    received_at: datetime = Field(default_factory=machine_now)
    interaction_id: int | None = ref("interaction.id", nullable=True)
