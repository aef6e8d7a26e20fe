"""What every table keeps to, read from the tables themselves."""

from __future__ import annotations

from importlib.metadata import version

import pysqlite3
import pytest
from sqlalchemy import BigInteger, Float
from sqlmodel import SQLModel

import crm.slices  # noqa: F401 - every table
from crm.db import metadata

TABLES = sorted(metadata.tables.values(), key=lambda table: table.name)
COLUMNS = [column for table in TABLES for column in table.columns]

# Rows that may concern no account: what was written down of an installation, what a person must do for themselves, and
# what a source told of a ticket nobody has matched.
WITHOUT_ACCOUNT = {"audit_entry", "task", "ticket_telling"}

FLOORS = {"starlette": "1.3.1", "python-multipart": "0.0.27", "weasyprint": "70.0", "jinja2": "3.1.6", "h11": "0.16"}


def test_ids_and_money_are_wide_and_made_by_the_app() -> None:
    wide = [one for one in COLUMNS if one.name == "id" or one.name.endswith("_minor") or one.foreign_keys]
    narrow = [str(one) for one in wide if one.name.endswith(("id", "_minor")) and not isinstance(one.type, BigInteger)]
    counted = [str(one) for one in COLUMNS if one.name == "id" and one.autoincrement is not False]
    assert wide
    assert (narrow, counted) == ([], [])


def test_money_and_points_are_never_floats() -> None:
    exact = [one for one in COLUMNS if one.name.endswith(("_minor", "_hundredths"))]
    assert exact
    assert [str(one) for one in exact if isinstance(one.type, Float)] == []


def test_instants_carry_a_zone() -> None:
    instants = [one for one in COLUMNS if one.name.endswith("_at")]
    assert instants
    assert [str(one) for one in instants if not getattr(getattr(one.type, "impl", one.type), "timezone", False)] == []


def test_what_belongs_to_an_account_says_to_which() -> None:
    loose = [
        table.name
        for table in TABLES
        if "account_id" in table.columns and table.columns["account_id"].nullable and table.name not in WITHOUT_ACCOUNT
    ]
    assert loose == []


def test_relations_never_load_by_themselves() -> None:
    mappers = SQLModel._sa_registry.mappers
    assert [str(one) for mapper in mappers for one in mapper.relationships if one.lazy != "raise"] == []


@pytest.mark.parametrize(("name", "least"), FLOORS.items())
def test_no_library_is_older_than_its_last_hole(name: str, least: str) -> None:
    def parts(written: str) -> list[int]:
        return [int("".join(filter(str.isdigit, part)) or 0) for part in written.split(".")]

    assert parts(version(name)) >= parts(least)


def test_sqlite_is_free_of_the_bug_that_loses_commits() -> None:
    assert pysqlite3.sqlite_version_info >= (3, 51, 3)
