"""Contracts and the movements that lead to what a customer pays now."""

# ruff: noqa: E501 - a table reads best with one line a row

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from accounts.models import MovementKind, Tier
from crm.demo.companies import Company
from crm.demo.when import Book, dice

K = MovementKind
_DAYS_OF_GROWTH = 700


@dataclass(frozen=True)
class Term:
    starts_on: date
    ends_on: date
    notice_days: int
    seats: int
    closed_on: date | None = None  # replaced or ended


@dataclass(frozen=True)
class Movement:
    kind: MovementKind
    amount: int  # whole currency units, signed
    on: date
    note: str


@dataclass(frozen=True)
class Money:
    terms: tuple[Term, ...]
    movements: tuple[Movement, ...]
    seats: tuple[tuple[date, int], ...]  # from which day on


class Change(NamedTuple):
    """An amount of 0 is a share of what was paid before: the per cent that the note names."""

    on: date
    kind: MovementKind
    amount: int
    seats: int
    note: str


# Written by hand where the story needs it: days ago, kind, amount, seats that come with it, note.
_WRITTEN: dict[str, tuple[tuple[int, MovementKind, int, int, str], ...]] = {
    "halden": ((640, K.EXPANSION, 26_000, 18, "Gothenburg terminal"), (275, K.EXPANSION, 12_000, 8, "Svinesund")),
    "corvin": (
        (590, K.EXPANSION, 64_000, 45, "Getafe"),
        (310, K.EXPANSION, 38_000, 26, "Augsburg, second shift"),
        (70, K.EXPANSION, 22_000, 14, "Stade, paint shop"),
    ),
    "gothachemie": ((35, K.CONTRACTION, -14_000, -10, "Leuna warehouse given up"), (35, K.PRICE, 6_000, 0, "Three-year term")),
    "aldermoor": ((48, K.EXPANSION, 7_000, 5, "Grimsby, night shift"),),
    "harbourline": ((160, K.CONTRACTION, -12_000, -9, "Poole yard closed"),),
    "sorel": ((215, K.CONTRACTION, -9_000, -6, "Firminy: half of the seats"),),
}  # fmt: skip


def deal(book: Book, company: Company, seed: int) -> Money:
    """The history that ends at ``company.arr``; every year's indexation and what grew or shrank in between."""
    rng = dice(seed, "money", company.key)
    signed = book.day(company.since)
    ended = book.day(company.churned) if company.churned is not None else None
    written = _WRITTEN.get(company.key, ())
    changes = [Change(book.day(ago), kind, amount, seats, note) for ago, kind, amount, seats, note in written]
    if company.key not in _WRITTEN and company.since > 260:
        changes += _grown(rng, book, company)

    movements: list[Movement] = []
    seats_changes: list[tuple[date, int]] = []
    arr = company.arr
    last_day = ended or book.today
    back = sorted(changes + _indexations(rng, company, signed, last_day), key=lambda one: one.on, reverse=True)
    for on, kind, amount, seats, note in back:
        if not amount:
            rate = float(note.split()[1])
            amount = round(arr - arr / (1 + rate / 100))
        movements.append(Movement(kind, amount, on, note))
        seats_changes.append((on, seats))
        arr -= amount
    movements.append(Movement(K.NEW, arr, signed, "First contract"))
    movements.reverse()
    if ended is not None:
        movements.append(Movement(K.CHURN, -company.arr, ended, "Notice received"))

    seats = company.seats
    known = []
    for on, change in seats_changes:
        if change:
            known.append((on, seats))
            seats -= change
    known.append((signed, max(seats, 1)))
    known.reverse()
    return Money(tuple(_terms(book, company, rng, signed, ended, known)), tuple(movements), tuple(known))


def _grown(rng: Random, book: Book, company: Company) -> list[Change]:
    changes = []
    price = company.arr / company.seats
    for _ in range(rng.choices((0, 1, 2, 3), (25, 38, 27, 10))[0]):
        ago = rng.randint(30, min(_DAYS_OF_GROWTH, company.since - 200))
        shrinks = rng.random() < 0.16
        seats = max(1, round(company.seats * rng.uniform(0.03, 0.1)))
        amount = round(seats * price / 500) * 500 or 500
        site = rng.choice(company.sites)
        if shrinks:
            changes.append(Change(book.day(ago), K.CONTRACTION, -amount, -seats, f"Fewer seats in {site}"))
        else:
            changes.append(Change(book.day(ago), K.EXPANSION, amount, seats, f"More seats in {site}"))
    return changes


def _indexations(rng: Random, company: Company, signed: date, last_day: date) -> list[Change]:
    if company.tier is Tier.LOW_TOUCH and rng.random() < 0.5:
        return []
    rates = {
        year: f"Indexation {rng.choice((1.8, 2.1, 2.4, 2.9))} %" for year in range(signed.year + 1, last_day.year + 1)
    }
    first = signed + timedelta(days=180)
    return [
        Change(date(year, 1, 1), K.PRICE, 0, 0, rate)
        for year, rate in rates.items()
        if first <= date(year, 1, 1) <= last_day
    ]


def _terms(
    book: Book, company: Company, rng: Random, signed: date, ended: date | None, seats: list[tuple[date, int]]
) -> list[Term]:
    """Terms without gap, back from the current one; of a customer who left, the last ended with them."""

    def seats_on(day: date) -> int:
        return next((count for on, count in reversed(seats) if on <= day), seats[0][1])

    ends_on = ended or book.today + timedelta(days=company.decides_in + company.notice)
    terms: list[Term] = []
    while ends_on > signed:
        years = 3 if company.key == "gothachemie" and not terms else rng.choice((1, 1, 1, 2))
        starts_on = _years_before(ends_on, years)
        while starts_on > book.today:
            starts_on = _years_before(starts_on, 1)
        if company.key == "gothachemie" and not terms:
            starts_on = book.day(35)
        starts_on = max(starts_on, signed)
        if (starts_on - signed).days < 100:
            starts_on = signed
        closed_on = terms[-1].starts_on if terms else ended
        terms.append(Term(starts_on, ends_on, company.notice, seats_on(min(starts_on, book.today)), closed_on))
        ends_on = starts_on
    terms.reverse()
    return terms


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
