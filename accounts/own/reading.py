"""What a written value of an own field is as its kind. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from math import isfinite

from accounts.importing.days import DayOrder, read_day
from accounts.importing.unreadable import LONGEST_CELL, Unreadable
from accounts.importing.values import minor_units, read_amount, read_number
from accounts.models import OwnFieldKind, OwnValue
from accounts.names import fold
from crm.errors import Invalid
from crm.text import N_

YES, NO = "yes", "no"
_YES = frozenset("yes oui y o true vrai 1 x ok ja si sì ✓ ✔ ☑ ✅".split())
_NO = frozenset("no non n false faux 0 nein ✗ ✘ ☐ ❌".split())


@dataclass(frozen=True)
class Read:
    """``text`` as it is kept; what it is besides, for order and filters."""

    text: str
    number: float | None = None
    amount_minor: int | None = None
    currency: str | None = None
    day: date | None = None


def read_value(
    kind: OwnFieldKind, written: str, *, currency: str, order: DayOrder | None = None, decimal: str | None = None
) -> Read:
    """Raises ``Invalid`` with a sentence. ``order``: how days are written; ``None``: only as 2026-11-23."""
    written = written.strip()
    if kind in (OwnFieldKind.TEXT, OwnFieldKind.CHOICE):
        return Read(written)
    if len(written) > LONGEST_CELL:
        raise Invalid(N_("“%(text)s” is too long."), text=written[:40] + "…")
    match kind:
        case OwnFieldKind.NUMBER:
            return Read(written, number=_number(written, decimal))
        case OwnFieldKind.MONEY:
            return _money(written, currency, decimal)
        case OwnFieldKind.DATE:
            day = _day(written, order)
            return Read(day.isoformat(), day=day)
        case OwnFieldKind.YES_NO:
            said = fold(written)
            if said in _YES or said in _NO:
                return Read(YES, number=1.0) if said in _YES else Read(NO, number=0.0)
            raise Invalid(N_("“%(text)s” is neither yes nor no."), text=written)


def keep_read(value: OwnValue, read: Read) -> None:
    value.text, value.number, value.day = read.text, read.number, read.day
    value.amount_minor, value.currency = read.amount_minor, read.currency


def choice_of(choices: Collection[str], written: str) -> str:
    if written not in choices:
        raise Invalid(N_("“%(text)s” is not one of the choices."), text=written)
    return written


def _number(written: str, decimal: str | None) -> float:
    bare = "".join(written.split()).replace("\N{MINUS SIGN}", "-").removesuffix("%")
    digits = bare.removeprefix("-")
    wrong = Invalid(N_("“%(text)s” is not a number."), text=written)
    if not digits or any(letter not in "0123456789.,'’" for letter in digits):
        raise wrong
    try:
        number = float(read_number(digits.replace("'", "").replace("’", ""), decimal))
    except Unreadable:
        raise wrong from None
    if not isfinite(number):
        raise wrong
    return -number if bare.startswith("-") else number


def _money(written: str, currency: str, decimal: str | None) -> Read:
    try:
        amount = read_amount(written, decimal)
    except Unreadable:
        raise Invalid(N_("“%(text)s” is not an amount."), text=written) from None
    if abs(amount.number) >= 10**13:
        raise Invalid(N_("“%(text)s” is more than we can keep."), text=written)
    used = amount.currency or currency
    return Read(written, amount_minor=minor_units(amount.number, used), currency=used)


def _day(written: str, order: DayOrder | None) -> date:
    try:
        if order is None:
            return date.fromisoformat(written)
        return read_day(written, order)
    except (ValueError, Unreadable):
        raise Invalid(N_("“%(text)s” is not a date; write it like 2026-11-23."), text=written) from None
