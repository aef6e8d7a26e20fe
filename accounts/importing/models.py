"""What is remembered of imports beside their runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from crm.clock import machine_now
from crm.db import Id, primary_id


class ImportMapping(SQLModel, table=True):
    """What the columns of files with these headings became last time."""

    __tablename__ = "import_mapping"
    __table_args__ = (UniqueConstraint("signature"),)

    id: int = primary_id()
    signature: str = Field(max_length=64)  # of the headings
    mapping: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    used_by: int | None = Field(default=None, sa_type=Id)
    used_at: datetime = Field(default_factory=machine_now)
