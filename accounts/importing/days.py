"""Days and notices as people write them, in English and French. Pure."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Literal, NamedTuple

from babel import Locale

from accounts.importing.unreadable import Unreadable, is_empty
from accounts.names import fold
from crm.text import N_


class DayOrder(StrEnum):
    """What comes first in 3/4/25."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"
    YEAR_FIRST = "ymd"


_NUMERIC = re.compile(r"^(\d{1,4})\s*[/.\-\s]\s*(\d{1,2})\s*[/.\-\s]\s*(\d{1,4})(?:[ T].*)?$")
_COMPACT = re.compile(r"^(20\d\d|19\d\d)(\d\d)(\d\d)$")
_MONTH_YEAR = re.compile(r"^(\d{1,2})\s*[/.\-]\s*((?:19|20)\d\d)$")
_SERIAL = re.compile(r"^(\d{5})(?:[.,]\d+)?$")
_SHORT_MONTH = re.compile(r"^[^\W\d]+\.?[-/'’](\d\d)$")
_TIME = re.compile(r"[ T]\d{1,2}[:h]\d{2}.*$")
_EXCEL_DAY_0 = date(1899, 12, 30)


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    found = {}
    for language in ("en", "fr"):
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in Locale(language).months[context][width].items():
                    found[fold(name).rstrip(".")] = number
    return found | {
        "sept": 9,
        "fev": 2,
        "fevr": 2,
        "juill": 7,
        "jul": 7,
        "jui": 7,
        "dec": 12,
        "aou": 8,
        "avr": 4,
        "mrz": 3,
    }


def read_day(cell: str, order: DayOrder, *, end_of_month: bool = False, serials: bool = False) -> date:
    """A day in figures (``order`` settles 3/4/25), in words in English or French, ISO, or as a month.

    ``end_of_month``: "12/2026" is its last day, else its first. ``serials``: the column holds Excel's day numbers;
    whole ones of 1982 to 2091 are days in any column.
    """
    bare = cell.strip()
    if (found := _SERIAL.match(bare)) and (serials or (bare.isdigit() and _is_serial(found))):
        return _EXCEL_DAY_0 + timedelta(days=int(found[1]))
    bare = _TIME.sub("", bare).strip(" .")
    if found := _COMPACT.match(bare):
        return _day(cell, int(found[1]), int(found[2]), int(found[3]))
    if found := _NUMERIC.match(bare):
        first, second, third = (int(part) for part in found.groups())
        if len(found[1]) >= 3 or (order is DayOrder.YEAR_FIRST and len(found[3]) <= 2):
            return _day(cell, first, second, third)
        if order is DayOrder.MONTH_FIRST:
            return _day(cell, third, first, second)
        return _day(cell, third, second, first)
    if found := _MONTH_YEAR.match(bare):
        return _month(cell, int(found[2]), int(found[1]), end_of_month)
    return _day_in_words(cell, end_of_month)


def _day_in_words(cell: str, end_of_month: bool) -> date:
    parts = re.findall(r"[a-z]+|\d+", fold(cell))
    month = next((_months()[part] for part in parts if part in _months()), None)
    figures = [part for part in parts if part.isdigit()]
    if month and (found := _SHORT_MONTH.search(cell)):  # "déc-26", as spreadsheets write months
        return _month(cell, 2000 + int(found[1]), month, end_of_month)
    if month is None or not 1 <= len(figures) <= 2:
        raise Unreadable(N_("“%(value)s” is not a date."), value=cell)
    if len(figures) == 1:
        if len(figures[0]) != 4:
            raise Unreadable(N_("“%(value)s” is a date without a year."), value=cell)
        return _month(cell, int(figures[0]), month, end_of_month)
    year_first = len(figures[0]) == 4
    return _day(cell, int(figures[0 if year_first else 1]), month, int(figures[1 if year_first else 0]))


def _day(cell: str, year: int, month: int, day: int) -> date:
    if year < 100:
        year += 2000 if year < 80 else 1900
    try:
        found = date(year, month, day)
    except ValueError:
        raise Unreadable(N_("“%(value)s” is not a date."), value=cell) from None
    if not 1950 <= found.year <= 2150:
        raise Unreadable(N_("“%(value)s” lies too far away to be meant."), value=cell)
    return found


def _month(cell: str, year: int, month: int, last: bool) -> date:
    return _day(cell, year, month, calendar.monthrange(year, month)[1] if last and 1 <= month <= 12 and year else 1)


class FoundOrder(NamedTuple):
    order: DayOrder
    sure: bool  # some day is above 12, so it can only be read one way
    open: int  # cells that could be read either way


def day_order_of(cells: Iterable[str]) -> FoundOrder:
    """Which of day and month comes first over all these cells; days come first where none of them tells."""
    votes = dict.fromkeys(DayOrder, 0)
    either = 0
    for cell in cells:
        found = _NUMERIC.match(_TIME.sub("", cell.strip()))
        if not found or len(found[1]) >= 3:
            continue
        first, second, third = (int(part) for part in found.groups())
        if first > 31 and third <= 31:
            votes[DayOrder.YEAR_FIRST] += 1
        elif first > 12 >= second:
            votes[DayOrder.DAY_FIRST] += 1
        elif second > 12 >= first:
            votes[DayOrder.MONTH_FIRST] += 1
        elif first != second:
            either += 1
    best = max(votes, key=lambda order: votes[order])
    return FoundOrder(best, True, either) if votes[best] else FoundOrder(DayOrder.DAY_FIRST, False, either)


def _is_serial(found: re.Match[str]) -> bool:
    return 30_000 <= int(found[1]) <= 70_000


def are_serials(cells: Sequence[str]) -> bool:
    """A column of Excel's day numbers, and of nothing else: 1982 to 2091."""
    filled = [cell for cell in cells if not is_empty(cell)]
    hits = sum(bool((found := _SERIAL.match(cell.strip())) and _is_serial(found)) for cell in filled)
    return bool(filled) and hits >= 0.8 * len(filled)


# --- notices ---------------------------------------------------------------------------------------------------------


class Notice(NamedTuple):
    """A time before the end of a contract: calendar months, or days."""

    months: int = 0
    days: int = 0

    def days_before(self, ends_on: date | None) -> int:
        """Days of notice before ``ends_on``: three months before 31 March 2027 is 31 December, 90 days."""
        if not self.months:
            return self.days
        if ends_on is None:
            return 30 * self.months
        index = ends_on.year * 12 + ends_on.month - 1 - self.months
        year, month = divmod(index, 12)
        back = date(year, month + 1, min(ends_on.day, calendar.monthrange(year, month + 1)[1]))
        return (ends_on - back).days


_NOTICE = re.compile(r"^\D{0,20}?(\d{1,4})\s*([a-z]*)\.?(?:\s.*)?$")
_UNITS = {
    "months": "mois moi months month mth mths m",
    "days": "jours jour j jrs jr days day d",
    "weeks": "semaines semaine sem s weeks week wk wks w",
    "years": "ans an annee annees years year y a",
}
_MOST = {"months": 60, "days": 1830, "weeks": 260, "years": 5}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words.split()}


_NO_NOTICE = frozenset("none aucun aucune sans no non 0 zero".split())


def read_notice(cell: str, *, unit: Literal["months", "days"] | None = None) -> Notice:
    """Read "3 mois", "90 days", "6 semaines", "1 an" or "aucun".

    ``unit``: of a figure alone, as the heading says it; where it says nothing, up to 12 are months: nobody agrees on
    three days.
    """
    folded = re.sub(r"[.,]0+$", "", fold(cell))
    if folded in _NO_NOTICE:
        return Notice()
    found = _NOTICE.match(folded)
    if found:
        amount = int(found[1])
        said = _UNIT_OF.get(found[2], "") if found[2] else unit or ("months" if amount <= 12 else "days")
        if amount <= _MOST.get(said, -1):
            if said in ("months", "years"):
                return Notice(months=amount * (12 if said == "years" else 1))
            return Notice(days=amount * (7 if said == "weeks" else 1))
    raise Unreadable(N_("“%(value)s” is not a notice; write it like “3 months” or “90 days”."), value=cell)
