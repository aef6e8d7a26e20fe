"""Many rows at once, as Core statements: an import is no loop over objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Table, bindparam, insert, update
from sqlmodel import Session, SQLModel

T = TypeVar("T")

_MANY = 900  # values in one IN list; every database takes as many


def table(model: type[SQLModel]) -> Table:
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found


def parts(values: Sequence[T]) -> Iterable[Sequence[T]]:
    return (values[start : start + _MANY] for start in range(0, len(values), _MANY))


def insert_rows(session: Session, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        session.execute(insert(table(model)), list(rows))


def update_rows(session: Session, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Each row: its id and the columns to set, the same in every row."""
    if rows:
        target = table(model)
        statement = update(target).where(target.c.id == bindparam("row_id"))
        sent = [{"row_id" if name == "id" else name: value for name, value in row.items()} for row in rows]
        session.connection().execute(statement, sent)
