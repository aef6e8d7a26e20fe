"""Accounts whose currency changed: what they were worth, in the currency in which they began a span.

A change of currency is neither gain nor loss. What went out and what came in give its rate, and what moves afterwards
is counted at that rate, so that a customer who changes currency and then leaves is lost, not forgotten.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from accounts.models import MovementKind


class Moved(NamedTuple):
    """An ARR movement, as far as retention reads it."""

    effective_on: date
    kind: MovementKind
    amount_minor: int
    currency: str


def opening_of(movements: Iterable[Moved], currency: str, start: date) -> int:
    """ARR in ``currency`` before ``start``; nothing where more was lost than was there."""
    return max(0, sum(m.amount_minor for m in movements if m.currency == currency and m.effective_on < start))


def closing_of(movements: Sequence[Moved], currency: str, start: date, end: date) -> int:
    """What is left at ``end`` of the opening in ``currency``, with all that was gained and lost in between, in that
    currency at the rates of the changes themselves."""
    opening = sum(m.amount_minor for m in movements if m.currency == currency and m.effective_on < start)
    inside = [m for m in movements if start <= m.effective_on < end]
    rates = _rates(inside, currency)
    change = sum(
        (
            m.amount_minor * rates[m.currency]
            for m in inside
            if m.kind is not MovementKind.CURRENCY and m.currency in rates
        ),
        Fraction(0),
    )
    return max(0, round(opening + change))


def _rates(inside: Iterable[Moved], currency: str) -> dict[str, Fraction]:
    """What one unit of each later currency is worth in ``currency``."""
    rates = {currency: Fraction(1)}
    days: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for m in inside:
        if m.kind is MovementKind.CURRENCY:
            days[m.effective_on][m.currency] += m.amount_minor
    for day in sorted(days):
        gone = [(of, -amount) for of, amount in days[day].items() if amount < 0 and of in rates]
        come = [(to, amount) for to, amount in days[day].items() if amount > 0]
        if len(gone) == 1 and len(come) == 1:
            (of, out), (to, into) = gone[0], come[0]
            rates.setdefault(to, rates[of] * out / into)
    return rates
