"""What a browser may send about a renewal: one cell, or all of it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from babel.numbers import get_currency_precision
from pydantic import Field, TypeAdapter, ValidationError

from accounts.days import TypedDayOrNone
from accounts.forms import Amount, Line, sent_as
from accounts.money import minor_of
from accounts.renewals.models import BY_HAND, Forecast
from crm.text import N_, Text, text
from crm.web.forms import Form, OrNone, Submitted


class Cell(StrEnum):
    """What of a renewal is edited where it stands."""

    FORECAST = "forecast"
    AMOUNT = "amount"
    UPLIFT = "uplift"
    MONTH = "month"


class CellForm(Form):
    value: Annotated[str, Field(max_length=60)] = ""


class RenewalForm(Form):
    forecast: Annotated[Forecast | None, OrNone] = None
    amount: Annotated[Amount | None, OrNone] = None
    expected_on: TypedDayOrNone = None
    note: Line = ""


CellSubmitted = Annotated[Submitted[CellForm], sent_as(CellForm)]
RenewalSubmitted = Annotated[Submitted[RenewalForm], sent_as(RenewalForm)]

_AMOUNT: TypeAdapter[Decimal] = TypeAdapter(Amount)
_PER_CENT = re.compile(r"([+-]?\d{1,4}(?:[.,]\d{1,2})?)\s*%")
_MONTH = re.compile(r"(\d{4})-(\d{2})")


class Unreadable(ValueError):
    """``sentence`` says why."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence)
        self.sentence: Text = text(sentence, **values)


def read_forecast(written: str) -> Forecast | None:
    if not written:
        return None
    if written not in list(BY_HAND):
        raise Unreadable(N_("“%(input)s” is not one of the choices."), input=written)
    return Forecast(written)


def read_amount(written: str, currency: str) -> int | None:
    """Empty: as much as now."""
    return minor_of(_number(written), currency) if written else None


def read_uplift(written: str, arr_minor: int, currency: str) -> int | None:
    """The amount after "+5 %", "-12 000" or "0"; empty: as much as now."""
    if not written:
        return None
    plain = written.replace("\N{MINUS SIGN}", "-").replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\xa0", " ")
    if found := _PER_CENT.fullmatch(plain.strip()):
        change = round(arr_minor * Decimal(found[1].replace(",", ".")) / 100)
        unit: int = 10 ** get_currency_precision(currency)
        return arr_minor + round(change / unit) * unit  # nobody agrees on cents of a forecast
    return arr_minor + minor_of(_number(plain.strip().removeprefix("+")), currency)


def read_month(written: str) -> tuple[int, int]:
    found = _MONTH.fullmatch(written)
    if not found or not (1900 <= int(found[1]) <= 2200 and 1 <= int(found[2]) <= 12):
        raise Unreadable(N_("“%(input)s” is not a month; write it like 2026-12."), input=written)
    return int(found[1]), int(found[2])


def day_in(year: int, month: int, decides_on: date) -> date | None:
    """When a decision is expected that was moved to a month: on its last day; ``None``: as the contract says."""
    if (decides_on.year, decides_on.month) == (year, month):
        return None
    following = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def _number(written: str) -> Decimal:
    try:
        return _AMOUNT.validate_python(written)
    except ValidationError as wrong:
        raise Unreadable(N_("“%(input)s” is not a number."), input=written) from wrong
