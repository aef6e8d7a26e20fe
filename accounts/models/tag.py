"""Words that people pin to accounts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import Id, folded, primary_id

LONGEST_TAG, MOST_TAGS = 40, 20


class Tag(SQLModel, table=True):
    __tablename__ = "tag"

    id: int = primary_id()
    name: str = Field(max_length=LONGEST_TAG)  # without commas
    name_folded: str = Field(sa_type=folded(80), unique=True)
    created_at: datetime = Field(default_factory=now)


class AccountTag(SQLModel, table=True):
    __tablename__ = "account_tag"
    __table_args__ = (Index("ix_account_tag_tag", "tag_id", "account_id"),)

    account_id: int = Field(foreign_key="account.id", primary_key=True, sa_type=Id)
    tag_id: int = Field(foreign_key="tag.id", primary_key=True, sa_type=Id)
