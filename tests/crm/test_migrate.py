"""The schema by migrations is the schema of the tables, however a database came to it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

import crm.slices  # noqa: F401 - every table
from accounts.finding import TALKS
from crm import migrate
from crm.db import Database
from crm.full_text import SUFFIX
from support.finding import WORDS as TICKETS

pytestmark = [
    pytest.mark.skipif(migrate.head() is None, reason="there is no migration yet"),
    pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index"),
    pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index"),
]


def names(database: Database) -> dict[str, set[str]]:
    """Every table, with its columns, indexes and constraints by name."""
    seen = inspect(database.engine)
    found = {}
    for table in {name for name in seen.get_table_names() if SUFFIX not in name} - {"alembic_version"}:
        found[table] = {f"column {one['name']} {one['nullable']}" for one in seen.get_columns(table)}
        found[table] |= {
            f"index {one['name']} {one['unique']}" for one in seen.get_indexes(table) if SUFFIX not in str(one["name"])
        }
        found[table] |= {f"unique {one['name']}" for one in seen.get_unique_constraints(table)}
        found[table] |= {f"check {one['name']}" for one in seen.get_check_constraints(table)}
        found[table] |= {f"key {one['name']}" for one in seen.get_foreign_keys(table)}
    if database.is_sqlite:  # those on expressions cannot be inspected
        with database.engine.connect() as connection:
            for name, table in connection.execute(
                text("SELECT name, tbl_name FROM sqlite_master WHERE type = 'index'")
            ):
                if table in found and not name.startswith("sqlite_autoindex"):
                    found[table].add(f"index by name {name}")
    return found


def test_full_text_stands_beside_its_tables_whole(migrated: Database) -> None:
    """A migration that makes a table anew, as SQLite needs it for most changes, would lose its triggers."""
    with migrated.engine.connect() as connection:
        for index in (TICKETS, TALKS):
            if migrated.is_sqlite:
                rows = connection.execute(
                    text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"),
                    {"table": index.table},
                )
                assert {row.name for row in rows} == {f"{index.name}_{when}" for when in ("insert", "delete", "update")}
            else:
                assert index.name in {one["name"] for one in inspect(connection).get_indexes(index.table)}


@pytest.fixture
def migrated(empty_database: Database) -> Database:
    migrate.upgrade(empty_database)
    return empty_database


def test_an_empty_database_is_brought_up_to_date_once(empty_database: Database) -> None:
    assert migrate.current(empty_database) is None
    assert not migrate.is_current(empty_database)
    with pytest.raises(migrate.SchemaIsOld):
        migrate.ensure_current(empty_database)
    assert migrate.upgrade(empty_database) == migrate.head()
    assert migrate.upgrade(empty_database) == migrate.head()
    migrate.ensure_current(empty_database)


def test_migrations_and_tables_agree(migrated: Database) -> None:
    migrate.differences(migrated)


def test_nothing_that_has_a_name_is_missing_or_too_much(migrated: Database) -> None:
    """Indexes on expressions and checks too, which Alembic does not compare."""
    by_migrations = names(migrated)
    if migrated.is_sqlite:
        with migrated.engine.begin() as connection:
            for table in by_migrations:
                connection.execute(text(f'DROP TABLE "{table}"'))
            SQLModel.metadata.create_all(connection)
    else:
        with migrated.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
            SQLModel.metadata.create_all(connection)
    by_tables = names(migrated)
    assert by_migrations.keys() == by_tables.keys()
    for table, expected in by_tables.items():
        missing, besides = expected - by_migrations[table], by_migrations[table] - expected
        assert (table, missing, besides) == (table, set(), set())


def test_two_processes_may_bring_it_up_to_date_at_once(empty_database: Database) -> None:
    with ThreadPoolExecutor(2) as both:
        found = list(both.map(lambda _: migrate.upgrade(empty_database), range(2)))
    assert found == [migrate.head()] * 2


def test_a_database_of_a_newer_tenure_is_refused_and_left_alone(migrated: Database) -> None:
    with migrated.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from_next_year'"))
    with pytest.raises(migrate.SchemaIsNewer, match="newer Tenure"):
        migrate.ensure_current(migrated)
    with pytest.raises(migrate.SchemaIsNewer):
        migrate.upgrade(migrated)
    assert migrate.current(migrated) == "from_next_year"


def test_the_way_back_is_written_too(migrated: Database) -> None:
    migrate.downgrade(migrated, "base")
    assert set(inspect(migrated.engine).get_table_names()) <= {"alembic_version"}
    migrate.upgrade(migrated)
    migrate.ensure_current(migrated)
