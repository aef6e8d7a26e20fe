"""Columns of a company's own spreadsheet that Tenure has no name for: kept, typed and shown."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import JSON, Column, Text as SqlText, UniqueConstraint
from sqlmodel import Field, SQLModel

from crm.db import primary_id, ref, stored_as_value


class OwnFieldKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"


class OwnField(SQLModel, table=True):
    __tablename__ = "own_field"

    id: int = primary_id()
    key: str = Field(max_length=80, unique=True)  # folded heading
    title: str = Field(max_length=120)  # the heading as it was written
    kind: OwnFieldKind = Field(sa_type=stored_as_value(OwnFieldKind))
    choices: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class OwnValue(SQLModel, table=True):
    """One value; ``text`` is always what was written, the typed column besides it is for sorting and filters."""

    __tablename__ = "own_value"
    __table_args__ = (UniqueConstraint("account_id", "field_id"),)

    id: int = primary_id()
    account_id: int = ref("account.id", index=False)
    field_id: int = ref("own_field.id")
    text: str = Field(sa_column=Column(SqlText, nullable=False))
    number: float | None = None
    day: date | None = None
