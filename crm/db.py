"""The engine, the transactions and the column types; SQLite and PostgreSQL behave the same above this file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

import pysqlite3
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Enum as SqlEnum,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlmodel import Field, Session, SQLModel

from crm.config import Settings
from crm.events import HANDLERS, Handlers
from crm.ids import new_id

T = TypeVar("T")

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: MetaData = SQLModel.metadata
metadata.naming_convention = NAMING

Id = BigInteger().with_variant(Integer(), "sqlite")  # 63 bits made by the app; INTEGER so that SQLite needs no 2nd key
Money = BigInteger()  # minor units of the row's currency


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model, for Core statements; SQLModel does not declare it."""
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found


def folded(length: int) -> String:
    """Folded text, ordered by its letters' numbers on both databases, so that an index serves order and prefix."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def primary_id() -> Any:
    return Field(default_factory=new_id, primary_key=True, sa_type=Id, sa_column_kwargs={"autoincrement": False})


def ref(target: str, *, index: bool = True, nullable: bool = False, default: Any = ...) -> Any:
    """A foreign key to ``target`` (``"account.id"``); one that may be empty defaults to ``None``."""
    if nullable:
        default = None
    return Field(default, foreign_key=target, index=index, sa_type=Id, nullable=nullable)


def stored_as_value(enum: type[Enum]) -> SqlEnum:
    """The enum's value in the column, with a CHECK that it is a known one."""
    return SqlEnum(
        enum,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        length=40,
        name=f"{enum.__name__.lower()}_known",
    )


class seconds_between(GenericFunction[float]):  # noqa: N801 - reads as SQL
    """Seconds from the first instant to the second, as a float, on both databases."""

    type = Float()
    inherit_cache = True


@compiles(seconds_between, "sqlite")
def _seconds_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    start, end = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"((julianday({end}) - julianday({start})) * 86400.0)"


@compiles(seconds_between, "postgresql")
def _seconds_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    start, end = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(EXTRACT(EPOCH FROM ({end} - {start}))::float8)"


class epoch_seconds(GenericFunction[int]):  # noqa: N801 - reads as SQL
    """Whole seconds since 1970 of an instant, or of a day's midnight in UTC: exact, and the same on both databases."""

    type = BigInteger()
    inherit_cache = True


@compiles(epoch_seconds, "sqlite")
def _epoch_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"unixepoch({compiler.process(element.clauses, **kw)})"


@compiles(epoch_seconds, "postgresql")
def _epoch_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"FLOOR(EXTRACT(EPOCH FROM {compiler.process(element.clauses, **kw)}))::bigint"


class month_number(GenericFunction[int]):  # noqa: N801 - reads as SQL
    """Months since the year 0 of a day, January of the year 1 being 12: by it statements group months and quarters."""

    type = Integer()
    inherit_cache = True


@compiles(month_number, "sqlite")
def _month_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    # Days are text: to cut it costs a fifth of what strftime() does, which reads it as a date twice.
    day = compiler.process(element.clauses, **kw)
    return f"(CAST(substr({day}, 1, 4) AS INTEGER) * 12 + CAST(substr({day}, 6, 2) AS INTEGER) - 1)"


@compiles(month_number, "postgresql")
def _month_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    day = compiler.process(element.clauses, **kw)
    return f"(EXTRACT(YEAR FROM {day})::integer * 12 + EXTRACT(MONTH FROM {day})::integer - 1)"


def known_at(column_known: Any, column_closed: Any, at: datetime | None) -> ColumnElement[bool]:
    """Rows that were believed at ``at``; with ``None`` those believed now."""
    if at is None:
        return column_closed.is_(None)  # type: ignore[no-any-return]
    return (column_known <= at) & (column_closed.is_(None) | (column_closed > at))  # type: ignore[no-any-return]


class Database:
    """One engine and the ways into it; ``handlers`` are who hears the facts that services emit."""

    def __init__(self, url: str, *, synchronous: str = "FULL", pool_size: int = 20) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.handlers: Handlers = {}
        self.engine = _sqlite_engine(url, synchronous) if self.is_sqlite else _postgres_engine(url, pool_size)
        options = {"tenure_begin": "BEGIN"} if self.is_sqlite else {"postgresql_readonly": True}
        self._reading = self.engine.execution_options(**options)

    @contextmanager
    def unit_of_work(self) -> Iterator[Session]:
        """A transaction that may write: commits at the end, rolls back when something was raised."""
        with Session(self.engine, expire_on_commit=False) as session:
            session.info[HANDLERS] = self.handlers
            try:
                yield session
            except BaseException:
                session.rollback()
                raise
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that is always rolled back: what a GET gets."""
        with Session(self._reading, expire_on_commit=False) as session:
            try:
                yield session
            finally:
                session.expunge_all()  # what was read stays readable
                session.rollback()

    def note(self, write: Callable[[Session], T]) -> T:
        """Write what must survive a refusal (failed sign-ins, counters) in a short transaction of its own.

        Only before the request's own transaction begins or after it has ended: on SQLite it would wait for itself.
        """
        with self.unit_of_work() as session:
            return write(session)

    def dispose(self) -> None:
        self.engine.dispose()


def open_database(settings: Settings) -> Database:
    if settings.database_url is None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    return Database(settings.effective_database_url, synchronous=settings.sqlite_synchronous)


def _sqlite_engine(url: str, synchronous: str) -> Engine:
    engine = create_engine(
        url, module=pysqlite3, connect_args={"timeout": 15}, pool_size=40, max_overflow=20, pool_timeout=20
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; we say when and how
        cursor = connection.cursor()
        for pragma in (
            "journal_mode = WAL",
            f"synchronous = {synchronous}",
            "foreign_keys = ON",
            "busy_timeout = 15000",
            "journal_size_limit = 67108864",
            "temp_store = MEMORY",
            "cache_size = -65536",
            "mmap_size = 1073741824",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("tenure_begin", "BEGIN IMMEDIATE"))

    return engine


def _postgres_engine(url: str, pool_size: int) -> Engine:
    target = make_url(url).set(drivername="postgresql+psycopg")
    # Our statements are wide and short: to compile one takes longer than to run it, and each page would pay anew.
    options = f"{target.query.get('options', '')} -c jit=off".strip()
    return create_engine(
        target, connect_args={"options": options}, pool_size=pool_size, max_overflow=20, pool_pre_ping=True
    )
