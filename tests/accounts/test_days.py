"""Days as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, strategies as st

from accounts.days import parse_day, split_day

TODAY = date(2026, 11, 23)  # a Monday


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2026-12-03", date(2026, 12, 3)),
        ("today", TODAY),
        ("Aujourd’hui", TODAY),
        ("TOMORROW", date(2026, 11, 24)),
        ("demain", date(2026, 11, 24)),
        ("après-demain", date(2026, 11, 25)),
        ("yesterday", date(2026, 11, 22)),
        ("Friday", date(2026, 11, 27)),
        ("by fri.", date(2026, 11, 27)),
        ("vendredi prochain", date(2026, 11, 27)),
        ("monday", date(2026, 11, 30)),  # today is one, so the next
        ("next week", date(2026, 11, 30)),
        ("in 3 days", date(2026, 11, 26)),
        ("dans 2 semaines", date(2026, 12, 7)),
        ("a month", date(2026, 12, 23)),
        ("in 3 months", date(2027, 2, 23)),
        ("3 Dec", date(2026, 12, 3)),
        ("3 décembre", date(2026, 12, 3)),
        ("1er janvier", date(2027, 1, 1)),
        ("Dec 3, 2027", date(2027, 12, 3)),
        ("le 4 mars", date(2027, 3, 4)),
        ("03/12", date(2026, 12, 3)),
        ("03.12.27", date(2027, 12, 3)),
        ("22/11", date(2027, 11, 22)),  # was yesterday, so next year's
        ("31/02", None),
        ("2026-02-31", None),
        ("someday", None),
        ("", None),
        (",", None),
        ("12", None),
        ("in 0 parsecs", None),
    ],
)
def test_days_in_english_and_french(typed: str, expected: date | None) -> None:
    assert parse_day(typed, TODAY) == expected


def test_months_end_where_they_end() -> None:
    assert parse_day("in 1 month", date(2027, 1, 31)) == date(2027, 2, 28)


@given(typed=st.text(max_size=80), today=st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_nothing_that_is_typed_breaks_it(typed: str, today: date) -> None:
    assert parse_day(typed, today) is None or isinstance(parse_day(typed, today), date)
    what, day = split_day(typed, today)
    assert what in typed or what == typed.strip()
    assert day is None or isinstance(day, date)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Call Ingrid, Friday", ("Call Ingrid", date(2026, 11, 27))),
        ("Call Ingrid, then Luc, demain", ("Call Ingrid, then Luc", date(2026, 11, 24))),
        ("Call Ingrid, Luc", ("Call Ingrid, Luc", None)),
        ("Call Ingrid", ("Call Ingrid", None)),
    ],
)
def test_what_and_when_in_one_line(line: str, expected: tuple[str, date | None]) -> None:
    assert split_day(line, TODAY) == expected
