"""Cells as people write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from accounts.importing.days import (
    DayOrder,
    Notice,
    are_serials,
    day_order_of,
    read_day,
    read_notice,
)
from accounts.importing.unreadable import Unreadable, is_empty
from accounts.importing.values import decimal_of, minor_units, read_amount, read_domain, read_email, read_whole

DMY, MDY, YMD = DayOrder.DAY_FIRST, DayOrder.MONTH_FIRST, DayOrder.YEAR_FIRST


@pytest.mark.parametrize(
    ("cell", "decimal", "number", "currency", "per"),
    [
        ("184 000,50 €", None, "184000.50", "EUR", None),
        ("184\u202f000,50\u00a0€", None, "184000.50", "EUR", None),
        ("274?500,00 €", None, "274500.00", "EUR", None),  # Excel writes a thin space so
        ("184k€", None, "184000", "EUR", None),
        ("1,2 M€", None, "1200000", "EUR", None),
        ("1.234,50", None, "1234.50", None, None),
        ("1,234.50", None, "1234.50", None, None),
        ("$1,200", None, "1200", "USD", None),
        ("1.200", None, "1200", None, None),
        ("1.200", ".", "1.200", None, None),
        ("1,200", ",", "1.200", None, None),
        ("1234,5", None, "1234.5", None, None),
        ("12'000.- CHF", None, "12000", "CHF", None),
        ("12 000 € HT par an", None, "12000", "EUR", "year"),
        ("99 €/mois", None, "99", "EUR", "month"),
        ("US$ 5,000.25", None, "5000.25", "USD", None),
        ("kEUR 12", None, "12000", "EUR", None),
        ("(300)", None, "-300", None, None),
        ("-45", None, "-45", None, None),
        ("\N{MINUS SIGN}45 €", None, "-45", "EUR", None),
        ("0", None, "0", None, None),
        ("0,5", None, "0.5", None, None),
    ],
)
def test_an_amount_is_read(cell: str, decimal: str | None, number: str, currency: str | None, per: str | None) -> None:
    assert read_amount(cell, decimal) == (Decimal(number), currency, per)


@pytest.mark.parametrize("cell", ["", "à définir", "12 ou 13", "12 000 points", "1.2.3,4,5", "€", "12-13", "=1+1"])
def test_what_is_not_an_amount_is_said(cell: str) -> None:
    with pytest.raises(Unreadable) as wrong:
        read_amount(cell, None)
    assert wrong.value.sentence.message


@pytest.mark.parametrize(
    ("cells", "decimal"),
    [
        (["1 234,50", "12"], ","),
        (["1,234.50", "12"], "."),
        (["1.200", "2,500"], None),
        (["12,5", "3,75", "1.5"], ","),
        (["1.234.567"], ","),
        ([], None),
    ],
)
def test_the_decimal_mark_shows_over_a_column(cells: list[str], decimal: str | None) -> None:
    assert decimal_of(cells) == decimal


@pytest.mark.parametrize(("number", "currency", "minor"), [("184000.505", "EUR", 18400051), ("1200", "JPY", 1200)])
def test_amounts_become_minor_units(number: str, currency: str, minor: int) -> None:
    assert minor_units(Decimal(number), currency) == minor


@pytest.mark.parametrize(
    ("cell", "order", "day"),
    [
        ("3/4/25", DMY, date(2025, 4, 3)),
        ("45750", DMY, date(2025, 4, 3)),
        ("3 avr. 25", DMY, date(2025, 4, 3)),
        ("3/4/25", MDY, date(2025, 3, 4)),
        ("25/4/3", YMD, date(2025, 4, 3)),
        ("03.04.2025", DMY, date(2025, 4, 3)),
        ("3-4-2025 00:00", DMY, date(2025, 4, 3)),
        ("2025-04-03", MDY, date(2025, 4, 3)),
        ("2025-04-03T10:00:00Z", DMY, date(2025, 4, 3)),
        ("20250403", DMY, date(2025, 4, 3)),
        ("3 avril 2025", DMY, date(2025, 4, 3)),
        ("1er février 2026", DMY, date(2026, 2, 1)),
        ("vendredi 3 avr. 2025", DMY, date(2025, 4, 3)),
        ("April 3, 2025", DMY, date(2025, 4, 3)),
        ("03-Apr-25", DMY, date(2025, 4, 3)),
        ("1 août 2026", DMY, date(2026, 8, 1)),
        ("12/2026", DMY, date(2026, 12, 1)),
        ("déc-26", DMY, date(2026, 12, 1)),
        ("29/02/2028", DMY, date(2028, 2, 29)),
    ],
)
def test_a_day_is_read(cell: str, order: DayOrder, day: date) -> None:
    assert read_day(cell, order) == day


def test_a_month_can_mean_its_last_day() -> None:
    assert read_day("02/2028", DMY, end_of_month=True) == date(2028, 2, 29)
    assert read_day("décembre 2026", DMY, end_of_month=True) == date(2026, 12, 31)


@pytest.mark.parametrize(
    "cell",
    ["31/02/2025", "13/13/2025", "3 avril", "0000-00-00", "bientôt", "25750", "45750,5", "2/3", "99/99/99", "1/1/1"],
)
def test_what_is_not_a_day_is_said(cell: str) -> None:
    if cell == "1/1/1":
        assert read_day(cell, DMY) == date(2001, 1, 1)
        return
    with pytest.raises(Unreadable):
        read_day(cell, DMY)


def test_spreadsheet_day_numbers_count_only_where_the_column_is_one() -> None:
    assert are_serials(["45750", "46022", ""])
    assert not are_serials(["45750", "75001 Paris", "69002"])
    assert not are_serials([])
    assert read_day("45750", DMY, serials=True) == date(2025, 4, 3)


@pytest.mark.parametrize(
    ("cells", "order", "sure", "open_"),
    [
        (["25/12/2026", "3/4/2026"], DMY, True, 1),
        (["12/25/2026", "3/4/2026"], MDY, True, 1),
        (["3/4/2026", "5/5/2026"], DMY, False, 1),
        (["2026-12-25"], DMY, False, 0),
        (["89/12/25"], YMD, True, 0),
    ],
)
def test_the_order_of_dates_shows_over_a_column(cells: list[str], order: DayOrder, sure: bool, open_: int) -> None:
    assert day_order_of(cells) == (order, sure, open_)


@pytest.mark.parametrize(
    ("cell", "unit", "notice"),
    [
        ("3 mois", None, Notice(months=3)),
        ("Préavis de 3 mois", None, Notice(months=3)),
        ("90 jours", None, Notice(days=90)),
        ("90j.", None, Notice(days=90)),
        ("6 weeks", None, Notice(days=42)),
        ("1 an", None, Notice(months=12)),
        ("3", None, Notice(months=3)),
        ("90", None, Notice(days=90)),
        ("3", "days", Notice(days=3)),
        ("3.0", "months", Notice(months=3)),
        ("aucun", None, Notice()),
    ],
)
def test_a_notice_is_read(cell: str, unit: str | None, notice: Notice) -> None:
    assert read_notice(cell, unit=unit) == notice  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", ["trois mois", "3 lunes", "9000", "90 mois"])
def test_what_is_not_a_notice_is_said(cell: str) -> None:
    with pytest.raises(Unreadable):
        read_notice(cell)


def test_months_of_notice_are_calendar_months() -> None:
    assert Notice(months=3).days_before(date(2027, 3, 31)) == 90  # 31 December
    assert Notice(months=1).days_before(date(2027, 3, 31)) == 31  # 28 February
    assert Notice(days=45).days_before(date(2027, 3, 31)) == 45


@pytest.mark.parametrize(
    ("cell", "domain"),
    [
        ("https://www.halden.example/en?x=1", "halden.example"),
        ("WWW.Halden.Example", "halden.example"),
        ("info@halden.example", "halden.example"),
        ("http://shop.halden.example:8080", "shop.halden.example"),
        ("société.example", "xn--socit-esab.example"),
    ],
)
def test_a_web_address_becomes_a_domain(cell: str, domain: str) -> None:
    assert read_domain(cell) == domain


@pytest.mark.parametrize("cell", ["halden", "not a site", "http://", "192.168.0.1", "a..b.example", "-x.example"])
def test_what_is_no_web_address_is_said(cell: str) -> None:
    with pytest.raises(Unreadable):
        read_domain(cell)


def test_an_address_is_found_in_what_mail_programs_copy() -> None:
    assert read_email("Iris Weber <iris@halden.example>") == "iris@halden.example"
    assert read_email("mailto:iris@halden.example") == "iris@halden.example"
    for wrong in ("iris", "iris@halden", "a@b.example; c@d.example", "@halden.example"):
        with pytest.raises(Unreadable):
            read_email(wrong)


@pytest.mark.parametrize(("cell", "number"), [("1 200", 1200), ("1,200", 1200), ("25 licences", 25), ("25.0", 25)])
def test_a_whole_number_is_read(cell: str, number: int) -> None:
    assert read_whole(cell) == number


@pytest.mark.parametrize("cell", ["illimité", "-3", "12,5", "1200000000000"])
def test_what_is_no_whole_number_is_said(cell: str) -> None:
    with pytest.raises(Unreadable):
        read_whole(cell)


@pytest.mark.parametrize("cell", ["", "  ", "-", "–", "N/A", "#N/A", "n.c.", "NULL", "néant", "?", "à définir"])
def test_there_are_many_ways_to_write_nothing(cell: str) -> None:
    assert is_empty(cell)


@pytest.mark.parametrize("cell", ["0", "non", "NA-12", "A"])
def test_what_looks_short_is_not_nothing(cell: str) -> None:
    assert not is_empty(cell)
