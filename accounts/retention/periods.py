"""Months and quarters, counted as whole numbers so that statements can group by them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement

from crm.db import month_number


class Step(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"

    @property
    def months(self) -> int:
        return 1 if self is Step.MONTH else 3

    @property
    def a_year(self) -> int:
        return 12 // self.months

    def index_of(self, day: Any) -> ColumnElement[int]:
        """``Period.index`` of a column of days."""
        months: ColumnElement[int] = month_number(day)
        return months if self is Step.MONTH else months // self.months


@dataclass(frozen=True, order=True)
class Period:
    step: Step
    index: int

    @classmethod
    def of(cls, step: Step, day: date) -> Period:
        return cls(step, day.year * step.a_year + (day.month - 1) // step.months)

    @property
    def year(self) -> int:
        return self.index // self.step.a_year

    @property
    def number(self) -> int:
        """Month or quarter of the year, from 1."""
        return self.index % self.step.a_year + 1

    @property
    def start(self) -> date:
        return date(self.year, (self.number - 1) * self.step.months + 1, 1)

    @property
    def end(self) -> date:
        """The first day that is no longer of it."""
        return self.plus(1).start

    def plus(self, periods: int) -> Period:
        return Period(self.step, self.index + periods)
