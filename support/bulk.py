"""Many rows at once, as Core statements: an import is no loop over objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Dialect, bindparam, insert, update
from sqlmodel import Session, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from crm.db import table_of

T = TypeVar("T")

_MANY = 900  # values in one IN list; every database takes as many


def parts(values: Sequence[T]) -> Iterable[Sequence[T]]:
    return (values[start : start + _MANY] for start in range(0, len(values), _MANY))


def insert_rows(
    session: Session, model: type[SQLModel], names: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> None:
    """``names``: the columns of every row, in its order; other columns stay empty."""
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        statement, written = _sqlite_insert(model, names, connection.dialect)
        connection.exec_driver_sql(statement, written(rows))
    else:
        connection.execute(insert(table_of(model)), [dict(zip(names, row, strict=True)) for row in rows])


Written = Callable[[Sequence[tuple[Any, ...]]], list[tuple[Any, ...]]]


@lru_cache(maxsize=32)
def _sqlite_insert(model: type[SQLModel], names: tuple[str, ...], dialect: Dialect) -> tuple[str, Written]:
    """The statement, and what turns rows into what the driver takes: with the columns' own types, but an instant that
    stands in many columns is turned once. Writing instants is most of the work of an import."""
    target = table_of(model)
    instants: list[tuple[int, Callable[[Any], Any]]] = []
    others: list[tuple[int, Callable[[Any], Any]]] = []
    for place, name in enumerate(names):
        kind = target.c[name].type
        turn = kind.dialect_impl(dialect).bind_processor(dialect)
        if turn is not None:
            (instants if isinstance(kind, UTCDateTime) else others).append((place, turn))
    marks = ", ".join("?" * len(names))
    statement = f"INSERT INTO {target.name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - names of our columns

    def written(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        known: dict[datetime | None, Any] = {None: None}

        def write(row: tuple[Any, ...]) -> tuple[Any, ...]:
            cells = list(row)
            for place, turn in instants:
                at = cells[place]
                if at not in known:
                    known[at] = turn(at)
                cells[place] = known[at]
            for place, turn in others:
                if (cell := cells[place]) is not None:  # no column of ours holds JSON's own null
                    cells[place] = turn(cell)
            return tuple(cells)

        return [write(row) for row in rows]

    return statement, written


def update_rows(session: Session, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Each row: its id and the columns to set, the same in every row."""
    if rows:
        target = table_of(model)
        statement = update(target).where(target.c.id == bindparam("row_id"))
        sent = [{"row_id" if name == "id" else name: value for name, value in row.items()} for row in rows]
        session.connection().execute(statement, sent)
