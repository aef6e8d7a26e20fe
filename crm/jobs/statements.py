"""Statements that both databases know under different names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert_if_missing(session: Session, table: type[SQLModel], values: Mapping[str, Any]) -> bool:
    """True when the row was added; false when a unique key is taken, by whoever else."""
    make = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    added = session.execute(
        make(table.__table__).values(**values).on_conflict_do_nothing().returning(literal(1))  # type: ignore[attr-defined]
    )
    return added.first() is not None
