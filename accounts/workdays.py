"""Working days: Monday to Friday. Public holidays differ from customer to customer and are not known here."""

from __future__ import annotations

from datetime import date, timedelta

_SATURDAY = 5


def workday_from(day: date) -> date:
    """``day``, or the Monday after it."""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= _SATURDAY else day


def workday_until(day: date) -> date:
    """``day``, or the Friday before it."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def add_workdays(day: date, count: int) -> date:
    """The working day that comes ``count`` (1 or more) working days after ``day``."""
    day = workday_until(day)
    weeks, rest = divmod(count, 5)
    found = day + timedelta(weeks=weeks, days=rest)
    return found + timedelta(days=2) if day.weekday() + rest > 4 else found
