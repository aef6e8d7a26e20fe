"""INSERT … ON CONFLICT of either database."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert_for(session: Session, table: type[SQLModel]) -> Any:
    make: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    return make(table.__table__)  # type: ignore[attr-defined]
