"""A wish for a person: a fact about something that a customer wrote."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import primary_id, ref


class HumanWish(SQLModel, table=True):
    """Of one text: a ticket's event or an interaction, so that the same is never flagged twice. Dated twice; never
    changed: that somebody has spoken with them since is read from the talks.
    """

    __tablename__ = "human_wish"
    __table_args__ = (
        Index("uq_human_wish_origin", "origin", unique=True),
        Index("ix_human_wish_account", "account_id", "happened_at", "id"),
        Index("ix_human_wish_ticket", "ticket_id"),
        Index("ix_human_wish_happened", "happened_at"),
    )

    id: int = primary_id()
    account_id: int = ref("account.id", index=False)
    ticket_id: int | None = ref("ticket.id", index=False, nullable=True)
    interaction_id: int | None = ref("interaction.id", nullable=True)
    origin: str = Field(max_length=260)  # "ticket:source:id:event" or "talk:id"
    words: str = Field(default="", max_length=120)  # empty where the text is private to its reader
    happened_at: datetime
    known_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None
