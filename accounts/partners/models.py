"""Domains that belong to no single account."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import primary_id, ref


class PartnerDomain(SQLModel, table=True):
    __tablename__ = "partner_domain"
    __table_args__ = (UniqueConstraint("domain"),)

    id: int = primary_id()
    domain: str = Field(max_length=253)  # small letters, without www
    note: str = Field(default="", max_length=200)  # whose it is
    added_by: int | None = ref("user_account.id", nullable=True, index=False)
    created_at: datetime = Field(default_factory=now)
