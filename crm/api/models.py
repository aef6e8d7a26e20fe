"""Tokens of programs, and the answers they were given."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Column, Index, LargeBinary, Text as SqlText
from sqlmodel import Field, SQLModel

from crm.clock import machine_now
from crm.db import Id, primary_id, ref
from crm.text import N_


class Scope(StrEnum):
    """What a token may do. The value is the scope's public name and never changes its meaning."""

    TICKETS_WRITE = "tickets:write"
    TICKETS_READ = "tickets:read"
    INTERACTIONS_WRITE = "interactions:write"

    @property
    def words(self) -> str:
        return SCOPE_TITLES[self]


SCOPE_TITLES = {
    Scope.TICKETS_WRITE: N_("bring in tickets and their events"),
    Scope.TICKETS_READ: N_("read how a ticket stands"),
    Scope.INTERACTIONS_WRITE: N_("bring in calls, mails and messages"),
}


class ApiToken(SQLModel, table=True):
    """A program's key. The secret is shown once; here stands its SHA-256, and its beginning to tell it from others."""

    __tablename__ = "api_token"
    __table_args__ = (Index("uq_api_token_hash", "token_hash", unique=True),)

    id: int = primary_id()
    title: str = Field(max_length=120)
    begins: str = Field(max_length=12)
    token_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    scopes: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    created_by: int = ref("user_account.id")
    created_at: datetime = Field(default_factory=machine_now)
    expires_at: datetime | None = None
    last_used_at: datetime | None = None  # to within some minutes
    revoked_at: datetime | None = None

    def is_valid(self, at: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


class ApiAnswer(SQLModel, table=True):
    """What was answered under an ``Idempotency-Key``; written in the transaction it speaks of."""

    __tablename__ = "api_answer"
    __table_args__ = (Index("ix_api_answer_created", "created_at"),)

    token_id: int = Field(foreign_key="api_token.id", primary_key=True, sa_type=Id)
    key: str = Field(max_length=200, primary_key=True)
    asked_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))  # method, address and body
    status: int = 0
    body: str = Field(default="", sa_column=Column(SqlText, nullable=False))
    created_at: datetime = Field(default_factory=machine_now)
