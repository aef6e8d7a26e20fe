"""INSERT … ON CONFLICT of either database, for a row or for thousands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

Row = Mapping[str, Any]


def table(model: type[SQLModel]) -> Any:
    return model.__table__  # type: ignore[attr-defined]


def insert_for(session: Session, model: type[SQLModel]) -> Any:
    return _insert(session.get_bind().dialect.name, model)


def _insert(dialect: str, model: type[SQLModel]) -> Any:
    make: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return make(table(model))


class Upsert:
    """A statement on ``model``, built once a dialect by ``finish``, which gets the bare insert."""

    def __init__(self, model: type[SQLModel], finish: Callable[[Any], Any]) -> None:
        self._model = model
        self._finish = finish
        self._statements: dict[str, Any] = {}

    def execute(self, session: Session, rows: Sequence[Row]) -> None:
        """Every row has the same columns."""
        if not rows:
            return
        connection = session.connection()
        dialect = connection.dialect
        if dialect.name not in self._statements:
            self._statements[dialect.name] = self._finish(_insert(dialect.name, self._model))
        statement = self._statements[dialect.name]
        if dialect.name == "sqlite":
            # The driver takes tuples as they are; to turn each value on its own would be most of the work.
            sql, write = _sqlite_writer(self, statement, tuple(rows[0]), dialect)
            connection.exec_driver_sql(sql, write(rows))
        else:
            connection.execute(statement, list(rows))

    @property
    def columns(self) -> Any:
        return table(self._model).c


Write = Callable[[Sequence[Row]], list[tuple[Any, ...]]]


@lru_cache(maxsize=64)
def _sqlite_writer(_of: Upsert, statement: Any, names: tuple[str, ...], dialect: Dialect) -> tuple[str, Write]:
    """The statement as text, and what turns rows into its tuples: column by column, each distinct value once."""
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    columns = statement.table.c
    places: list[tuple[str, Callable[[Any], Any] | None]] = []
    for name in compiled.positiontup:
        turn = columns[name].type.dialect_impl(dialect).bind_processor(dialect) if name in names else None
        places.append((name, turn))
    constants = {name: compiled.params[name] for name, _ in places if name not in names}

    def write(rows: Sequence[Row]) -> list[tuple[Any, ...]]:
        sent = []
        for name, turn in places:
            if name in constants:
                sent.append([constants[name]] * len(rows))
                continue
            values = [row[name] for row in rows]
            if turn is not None:
                turned = {value: None if value is None else turn(value) for value in set(values)}
                values = [turned[value] for value in values]
            sent.append(values)
        return list(zip(*sent, strict=True))

    return str(compiled), write
