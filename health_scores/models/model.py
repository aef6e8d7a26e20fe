"""A health model: what is measured, how many points it takes, where the bands lie. Published versions never change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import ref


class HealthModel(SQLModel, table=True):
    """``definition`` is read by ``health_scores.definition``. The newest version is the one in use; going back is
    publishing an old definition again, under a new version."""

    __tablename__ = "health_model"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    title: str = Field(max_length=120)
    definition: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    published_at: datetime = Field(default_factory=now)
    published_by: int | None = ref("user_account.id", nullable=True)  # none: it came with the product
    note: str = Field(default="", max_length=500)
