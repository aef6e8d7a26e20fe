"""Words as people type them find names as companies write them, the same on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import text as sql
from sqlmodel import Session, select

from crm.db import Database
from crm.identity.models import Team
from crm.search import MOST_WORDS, folded, has_words, letters_of, like, starts_with, words_of

NAMES = [
    "halden logistics",
    "haldenberg",
    "hal 9000",
    "société".replace("é", "e"),
    "100% natural_foods",
    "100 natural foods",
    "a\\b",
    "ab",
    "zürich".replace("ü", "u"),
    "日本",
    "o'neil & sons",
]


@pytest.fixture
def names(session: Session) -> None:
    session.add_all(Team(name=name) for name in NAMES)
    session.commit()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Société Générale", "societe generale"),
        ("  HALDEN\t Logistics ", "halden logistics"),
        ("Straße", "strasse"),
        ("ŁÓDŹ", "lodz"),
        ("Sørensen’s Œuvre", "sorensen's oeuvre"),
        ("ﬁne", "fine"),
        ("Ａcme", "acme"),
        ("", ""),
    ],
)
def test_names_are_folded(written: str, kept: str) -> None:
    assert folded(written) == kept
    assert folded(folded(written)) == kept


def test_a_query_is_a_few_words_of_bounded_length() -> None:
    assert words_of("Halden  LOG") == ["halden", "log"]
    assert len(words_of("a " * 500)) == MOST_WORDS
    assert letters_of("x" * 10_000) == 80
    assert words_of("a\x00b") == ["a", "b"]
    assert words_of("") == []


@pytest.mark.parametrize(
    ("start", "found"),
    [
        ("hal", ["hal 9000", "halden logistics", "haldenberg"]),
        ("halden", ["halden logistics", "haldenberg"]),
        ("100%", ["100% natural_foods"]),
        ("100", ["100 natural foods", "100% natural_foods"]),
        ("a\\", ["a\\b"]),
        ("日", ["日本"]),
        ("o'neil &", ["o'neil & sons"]),
        ("_", []),
        ("%", []),
        ("halden logistics x", []),
    ],
)
def test_a_name_is_found_by_how_it_begins(session: Session, names: None, start: str, found: list[str]) -> None:
    assert sorted(session.exec(select(Team.name).where(starts_with(Team.name, start))).all()) == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("log hal", ["halden logistics"]),
        ("berg", []),  # not how a word begins
        ("natural", ["100 natural foods", "100% natural_foods"]),
        ("100% nat", ["100% natural_foods"]),
        ("natural_", ["100% natural_foods"]),
        ("' or 1=1 --", []),
        ("9", ["hal 9000"]),
    ],
)
def test_a_name_is_found_by_its_words_in_any_order(session: Session, names: None, typed: str, found: list[str]) -> None:
    assert sorted(session.exec(select(Team.name).where(has_words(Team.name, words_of(typed)))).all()) == found


def test_nothing_is_read_as_a_pattern() -> None:
    assert like("100%_\\") == "100\\%\\_\\\\"


def test_the_beginning_of_a_name_is_looked_up_in_its_index(session: Session, database: Database, names: None) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL reads a table of ten rows as a whole, rightly")
    statement = select(Team.name).where(starts_with(Team.name, "hal"))
    compiled = statement.compile(database.engine, compile_kwargs={"literal_binds": True})
    plan = session.execute(sql(f"EXPLAIN QUERY PLAN {compiled}".replace(":", "\\:"))).all()
    assert "USING COVERING INDEX" in str(plan)
    assert "name>? AND name<?" in str(plan)
