"""Words are found wherever they stand in a text, the same on both databases, and as soon as they are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlmodel import Session, select

from crm.full_text import FullText, words_in
from support.models import Ticket

WORDS = FullText("ticket", ("subject",))
SUBJECTS = (
    "Export fails after the upgrade",
    "L’export échoue à la clôture",
    "EXPORT/IMPORT: WO-46576 (Zürich)",
    "Größe der Datei",
    "Łódź: naïve façade",
    "日本 語",
    "100% of jobs; \"quoted\" & 'single' | <b>",
    "",
)


@pytest.fixture
def subjects(make_ticket: Callable[..., Ticket]) -> dict[int, str]:
    return {make_ticket(subject).id: subject for subject in SUBJECTS}


def found(session: Session, typed: str, most: int = 100) -> list[str]:
    words = words_in(typed)
    rows = session.execute(WORDS.matches(session, words, most)).all() if words else []
    return [session.get_one(Ticket, row.id).subject for row in rows]


@pytest.mark.parametrize(
    ("typed", "places"),
    [
        ("export", {0, 1, 2}),
        ("EXP", {0, 1, 2}),
        ("export fails", {0}),
        ("fails export", {0}),
        ("echoue", {1}),
        ("échoue", {1}),
        ("cloture", {1}),
        ("l'export", {1}),
        ("WO-46576", {2}),
        ("4657", {2}),
        ("zurich", {2}),
        ("Zürich", {2}),
        ("grosse", set()),
        ("größe", {3}),
        ("naive facade", {4}),
        ("日本", {5}),
        ("100% of", {6}),
        ("port", set()),
        ("nothing like it", set()),
    ],
)
def test_words_are_found_by_how_they_begin(
    session: Session, subjects: dict[int, str], typed: str, places: set[int]
) -> None:
    assert set(found(session, typed)) == {SUBJECTS[place] for place in places}


def test_the_newest_are_kept_where_there_are_more(session: Session, subjects: dict[int, str]) -> None:
    assert found(session, "export", most=2) == [SUBJECTS[2], SUBJECTS[1]]


def test_a_changed_and_a_deleted_text_is_found_no_longer(session: Session, subjects: dict[int, str]) -> None:
    first = session.exec(select(Ticket).where(Ticket.subject == SUBJECTS[0])).one()
    first.subject = "Reports stay empty"
    session.commit()
    assert SUBJECTS[0] not in found(session, "export")
    assert found(session, "reports") == ["Reports stay empty"]
    session.delete(first)
    session.commit()
    assert found(session, "reports") == []


@given(typed=st.text(max_size=60))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_is_words_and_no_query(session: Session, subjects: Any, typed: str) -> None:
    assert all(word.isalnum() for word in words_in(typed))
    found(session, typed)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=40))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_plain_word_finds_the_text_it_stands_in(session: Session, make_ticket: Any, noise: str) -> None:
    ticket = make_ticket(f"{noise} plainword {noise}"[:300])
    assert ticket.subject in found(session, "plainword", most=1)
