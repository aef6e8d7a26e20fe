"""Rows made by the database itself, the same from the same seed: numbers, dice, days and instants as SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Integer,
    Select,
    String,
    case,
    cast,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlmodel import Session, SQLModel

from crm import clock
from crm.db import table_of

Number = ColumnElement[int]
_PRIME = 1_000_003
_STEPS = (7_919, 104_729, 15_485, 611_953, 32_452, 179_424, 86_028, 49_979, 982_451, 334_214)  # of one die each
_SYLLABLES = "bedafimolunarosevitakegopuhaliteranosibcerdumonvelkarjutpexwin"


class day_after(GenericFunction[date]):  # noqa: N801 - reads as SQL
    """The day so many days after another."""

    type = Date()
    inherit_cache = True


@compiles(day_after, "sqlite")
def _day_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    day, days = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"date({day}, ({days}) || ' days')"


@compiles(day_after, "postgresql")
def _day_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    day, days = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(CAST({day} AS date) + CAST({days} AS integer))"


class instant_after(GenericFunction[datetime]):  # noqa: N801 - reads as SQL
    """The instant so many whole seconds after another."""

    type = DateTime(timezone=True)
    inherit_cache = True


@compiles(instant_after, "sqlite")
def _instant_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    at, seconds = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"strftime('%Y-%m-%d %H:%M:%S.000000', {at}, ({seconds}) || ' seconds')"


@compiles(instant_after, "postgresql")
def _instant_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    at, seconds = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(CAST({at} AS timestamptz) + make_interval(secs => {seconds}))"


class whole_days(GenericFunction[int]):  # noqa: N801 - reads as SQL
    """Days from the first day to the second."""

    type = BigInteger()
    inherit_cache = True


@compiles(whole_days, "sqlite")
def _days_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    start, end = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST(julianday({end}) - julianday({start}) AS INTEGER)"


@compiles(whole_days, "postgresql")
def _days_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    start, end = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST(CAST({end} AS date) - CAST({start} AS date) AS bigint)"


def numbers(name: str, first: int, after: int) -> CTE:
    """Column ``n``: the whole numbers from ``first`` on, before ``after``."""
    start = select(cast(literal(first), BigInteger).label("n")).cte(name, recursive=True)
    return start.union_all(select((start.c.n + 1).label("n")).where(start.c.n + 1 < after))


@dataclass(frozen=True)
class Maker:
    """Accounts ``first`` … ``after`` − 1 of a book; whatever is rolled depends on ``seed`` and the number alone."""

    session: Session
    first: int
    after: int
    seed: int

    @property
    def today(self) -> date:
        return clock.today()

    @property
    def now(self) -> datetime:
        return clock.now().replace(microsecond=0)

    def accounts(self) -> CTE:
        return numbers("numbered", self.first, self.after)

    def die(self, which: int, sides: int, n: Any, times: Any = 0) -> Number:
        """From 0 to ``sides`` − 1, for account ``n`` and its ``times``-th row."""
        step = _STEPS[which % len(_STEPS)]
        found: Number = ((n * step + times * 7_717 + self.seed * 31 + which * 1_009) * 37 % _PRIME) % sides
        return found

    def day(self, days: Any) -> ColumnElement[date]:
        """``days`` after today."""
        return day_after(literal(self.today, Date()), days)

    def at(self, seconds: Any, column: Any) -> ColumnElement[datetime]:
        """``seconds`` after now, for a column like ``column``."""
        return instant_after(literal(self.now, column.type), seconds)

    def word(self, number: Any) -> ColumnElement[str]:
        """Small letters that can be said aloud."""
        return part(literal(_SYLLABLES), 1 + number * 2 % (len(_SYLLABLES) - 5), 5)

    def insert(self, model: type[SQLModel], values: Mapping[str, Any], source: FromClause, *where: Any) -> None:
        """A row of ``model`` for each of ``source``; what ``values`` leave out gets the model's own default."""
        table = table_of(model)
        given = {**_defaults(model, self.now), **values}
        read: list[ColumnElement[Any]] = [
            value if isinstance(value, ColumnElement) else literal(value, table.c[name].type)
            for name, value in given.items()
        ]
        chosen: Select[Any] = select(*read).select_from(source).where(*where)
        self.session.execute(insert(table).from_select(list(given), chosen, include_defaults=False))


def _defaults(model: type[SQLModel], now: datetime) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if field.default_factory is not None and name.endswith("_at"):
            found[name] = now
        elif field.default is not None and not field.is_required() and field.default_factory is None:
            found[name] = field.default
    return found


def pick(die: Number, choices: list[Any], column: Any) -> ColumnElement[Any]:
    """The ``die``-th of ``choices``, for a column like ``column``."""
    return case(
        *((die == place, literal(one, column.type)) for place, one in enumerate(choices[:-1])),
        else_=literal(choices[-1], column.type),
    )


def part(text: Any, *places: Any) -> ColumnElement[str]:
    """From a place on, counted from 1, and so many letters."""
    return func.substr(text, *(cast(place, Integer) for place in places), type_=String)
