"""What a browser may send about service targets. Twelve targets come as columns, clock by clock, urgent first."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated

from fastapi import Depends
from pydantic import Field, field_validator

from crm.text import N_, text
from crm.web.forms import Form, OrNone, Submitted, submitted
from support.clocks import PRIORITIES, Clock

PLACES = [(clock, priority) for clock in Clock for priority in PRIORITIES]
_WRITTEN = re.compile(r"(\d{1,5}(?:[.,]\d{1,2})?) ?(h|hours?|heures?|min|minutes?|m|d|days?|j|jours?)?", re.IGNORECASE)
_DAY_MINUTES = 24 * 60


class RuleForm(Form):
    tier: Annotated[str, Field(max_length=40)] = ""
    channel: Annotated[str, Field(max_length=40)] = ""
    calendar: Annotated[int | None, OrNone] = None
    from_on: Annotated[date | None, OrNone] = None
    time: list[str]
    counted: list[str]

    @field_validator("time")
    @classmethod
    def _readable(cls, written: list[str]) -> list[str]:
        if len(written) != len(PLACES):
            raise ValueError(text(N_("Twelve targets are needed.")))
        for one in written:
            read_minutes(one)
        return written

    @property
    def targets(self) -> dict[tuple[Clock, int], tuple[int, bool]]:
        counted = [*self.counted, *[""] * len(PLACES)]
        return {
            place: (read_minutes(written), kind != "clock")
            for place, written, kind in zip(PLACES, self.time, counted, strict=False)
        }


def read_minutes(written: str) -> int:
    """ "8" and "8 h" are hours, "30 min" minutes. Raises ``ValueError`` with a sentence."""
    found = _WRITTEN.fullmatch(" ".join(written.replace("\u202f", " ").replace("\u00a0", " ").split()))
    if found is None:
        raise ValueError(text(N_("“%(text)s” is no time; write it like 4 h or 30 min."), text=written[:40]))
    try:
        number = Decimal(found[1].replace(",", "."))
    except InvalidOperation as wrong:
        raise ValueError(text(N_("“%(text)s” is no time; write it like 4 h or 30 min."), text=written[:40])) from wrong
    unit = (found[2] or "h").lower()
    minutes = round(number * (1 if unit.startswith("m") else _DAY_MINUTES if unit[0] in "dj" else 60))
    if not 1 <= minutes <= 60_000:
        raise ValueError(text(N_("“%(text)s”: a target is between 1 minute and 1,000 hours."), text=written[:40]))
    return minutes


def write_minutes(minutes: int) -> str:
    if minutes % 60 == 0:
        return f"{minutes // 60} h"
    return f"{minutes} min"


class WithdrawalForm(Form):
    tier: Annotated[str, Field(max_length=40)] = ""
    channel: Annotated[str, Field(max_length=40)] = ""
    from_on: date


class ButtonForm(Form):
    """A button."""


RuleSubmitted = Annotated[Submitted[RuleForm], Depends(submitted(RuleForm))]
WithdrawalSubmitted = Annotated[Submitted[WithdrawalForm], Depends(submitted(WithdrawalForm))]
ButtonSubmitted = Annotated[Submitted[ButtonForm], Depends(submitted(ButtonForm))]
