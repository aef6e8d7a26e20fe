"""Days as people type them: 2026-12-03, 3/12, "tomorrow", "vendredi", "in 2 weeks", "3 déc."."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated

from pydantic import BeforeValidator

from accounts.names import fold
from crm import clock
from crm.text import N_, text

_WORDS = {
    "today": 0,
    "aujourd'hui": 0,
    "aujourdhui": 0,
    "tomorrow": 1,
    "tmr": 1,
    "demain": 1,
    "day after tomorrow": 2,
    "the day after tomorrow": 2,
    "apres-demain": 2,
    "apres demain": 2,
    "yesterday": -1,
    "hier": -1,
}
_WEEKDAYS = (
    ("monday", "mon", "lundi", "lun"),
    ("tuesday", "tue", "tues", "mardi", "mar"),
    ("wednesday", "wed", "mercredi", "mer"),
    ("thursday", "thu", "thur", "thurs", "jeudi", "jeu"),
    ("friday", "fri", "vendredi", "ven"),
    ("saturday", "sat", "samedi", "sam"),
    ("sunday", "sun", "dimanche", "dim"),
)
_MONTHS = (
    ("january", "jan", "janvier", "janv"),
    ("february", "feb", "fevrier", "fevr", "fev"),
    ("march", "mar", "mars"),
    ("april", "apr", "avril", "avr"),
    ("may", "mai"),
    ("june", "jun", "juin"),
    ("july", "jul", "juillet", "juil"),
    ("august", "aug", "aout"),
    ("september", "sep", "sept", "septembre"),
    ("october", "oct", "octobre"),
    ("november", "nov", "novembre"),
    ("december", "dec", "decembre"),
)
_WEEKDAY = {name: number for number, names in enumerate(_WEEKDAYS) for name in names}
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
_UNITS = {
    "day": 1,
    "days": 1,
    "d": 1,
    "jour": 1,
    "jours": 1,
    "j": 1,
    "week": 7,
    "weeks": 7,
    "w": 7,
    "semaine": 7,
    "semaines": 7,
    "month": 30,
    "months": 30,
    "mois": 30,
}
_ONE = {"a": 1, "one": 1, "un": 1, "une": 1}
_IN = re.compile(r"(?:in |dans |d'ici |\+ ?)?(\d{1,3}|a|one|un|une) ?([a-z]+)")
_NUMERIC = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?\.?")
_NAMED = re.compile(r"(\d{1,2})(?:er|st|nd|rd|th)?(?: of| de)? ([a-z]+)\.?,?(?: (\d{4}))?")
_NAMED_FIRST = re.compile(r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,?(?: (\d{4}))?")


def parse_day(typed: str, today: date) -> date | None:
    """The day that ``typed`` means in English or French, or ``None``; a day without a year is the next such day."""
    words = re.sub(r"^(?:by|on|le|pour|d'ici le) ", "", fold(typed[:60]).strip(" ,"))
    if re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", words):
        year, month, day = map(int, words.split("-"))
        return _day(year, month, day)
    if words in _WORDS:
        return _after(today, _WORDS[words])
    weekday = re.sub(r"^(?:next |this |ce |cette )| (?:prochain|prochaine)$", "", words).rstrip(".")
    if weekday in _WEEKDAY:
        return today + timedelta(days=(_WEEKDAY[weekday] - today.weekday() - 1) % 7 + 1)
    if words in ("next week", "la semaine prochaine", "semaine prochaine"):
        return today + timedelta(days=7 - today.weekday())
    if (found := _IN.fullmatch(words)) and found[2] in _UNITS:
        count = _ONE.get(found[1]) or int(found[1])
        if found[2] in ("month", "months", "mois"):
            return _months_after(today, count)
        return _after(today, count * _UNITS[found[2]])
    if found := _NUMERIC.fullmatch(words):  # day before month, as most of the world writes it
        return _next(today, int(found[1]), int(found[2]), found[3])
    if (found := _NAMED.fullmatch(words)) and found[2] in _MONTH:
        return _next(today, int(found[1]), _MONTH[found[2]], found[3])
    if (found := _NAMED_FIRST.fullmatch(words)) and found[1] in _MONTH:
        return _next(today, int(found[2]), _MONTH[found[1]], found[3])
    return None


def split_day(typed: str, today: date) -> tuple[str, date | None]:
    """What is to be done and by when, from one line: "Call Ingrid, Fri"."""
    what, comma, when = typed.rpartition(",")
    if comma and (day := parse_day(when, today)):
        return what.strip(), day
    return typed.strip(), None


def _next(today: date, day: int, month: int, year: str | None) -> date | None:
    if year:
        return _day(int(year) + (2000 if len(year) == 2 else 0), month, day)
    found = _day(today.year, month, day)
    if found is None or found < today:
        return _day(today.year + 1, month, day) or found
    return found


def _after(today: date, days: int) -> date:
    return today + timedelta(days=days)


def _months_after(today: date, months: int) -> date:
    """The same day of a later month, or its last one."""
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    for day in range(today.day, 27, -1):
        if found := _day(year, month + 1, day):
            return found
    return date(year, month + 1, min(today.day, 28))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _understood(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = parse_day(value, clock.today())
    if found is None:
        raise ValueError(
            text(N_("“%(text)s” is not a day; write it like 2026-11-23, Friday or in 2 weeks."), text=value[:60])
        )
    return found


def _understood_or_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else _understood(value)


TypedDay = Annotated[date, BeforeValidator(_understood)]
TypedDayOrNone = Annotated[date | None, BeforeValidator(_understood_or_none)]
