"""Columns of a company's own spreadsheet that Tenure has no name for: kept, typed and shown."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Index,
    Text as SqlText,
    UniqueConstraint,
    func,
    literal_column,
    text as sql,
)
from sqlmodel import Field, SQLModel

from crm.db import Money, primary_id, ref, stored_as_value
from crm.text import N_


class OwnFieldKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"

    @property
    def words(self) -> str:
        return OWN_KIND_TITLES[self]


OWN_KIND_TITLES = {
    OwnFieldKind.TEXT: N_("text"),
    OwnFieldKind.NUMBER: N_("number"),
    OwnFieldKind.MONEY: N_("money"),
    OwnFieldKind.DATE: N_("day"),
    OwnFieldKind.YES_NO: N_("yes or no"),
    OwnFieldKind.CHOICE: N_("choice"),
}


def _flag(said: bool) -> Any:
    return Field(default=said, sa_column_kwargs={"server_default": sql("true" if said else "false")})


class OwnField(SQLModel, table=True):
    """``hidden``: out of use, its values are kept."""

    __tablename__ = "own_field"

    id: int = primary_id()
    key: str = Field(max_length=80, unique=True)  # folded heading
    title: str = Field(max_length=120)  # the heading as it was written, or as it was named later
    kind: OwnFieldKind = Field(sa_type=stored_as_value(OwnFieldKind))
    choices: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    position: int = Field(default=0, sa_column_kwargs={"server_default": sql("0")})
    on_page: bool = _flag(True)  # the account's page
    on_list: bool = _flag(True)  # offered as a column and a filter
    on_report: bool = _flag(False)  # the internal account report
    hidden: bool = _flag(False)


def beginning_of(text: Any) -> ColumnElement[str]:
    """The folded first letters of a value, as an index holds them: by these texts and choices are sorted and found."""
    return func.lower(func.substr(text, literal_column("1"), literal_column("80")), type_=SqlText())


class OwnValue(SQLModel, table=True):
    """One value; ``text`` is always what was written, the typed columns besides it are for sorting and filters."""

    __tablename__ = "own_value"
    __table_args__ = (
        UniqueConstraint("account_id", "field_id"),
        Index("ix_own_value_field_number", "field_id", "number", "account_id"),
        Index("ix_own_value_field_amount", "field_id", "amount_minor", "account_id"),
        Index("ix_own_value_field_day", "field_id", "day", "account_id"),
        Index("ix_own_value_field_text", "field_id", beginning_of(Column("text", SqlText)), "account_id"),
    )

    id: int = primary_id()
    account_id: int = ref("account.id", index=False)
    field_id: int = ref("own_field.id", index=False)
    text: str = Field(sa_column=Column(SqlText, nullable=False))
    number: float | None = None  # also 1 for yes and 0 for no
    amount_minor: int | None = Field(default=None, sa_type=Money)  # in minor units of ``currency``
    currency: str | None = Field(default=None, max_length=3)  # ISO 4217
    day: date | None = None
