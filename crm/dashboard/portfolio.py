"""The side of Today: the viewer's book by band and ARR, and what decides this quarter and the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from crm.config import get_settings
from crm.dashboard.queries import decisions_between, portfolio_by_band
from crm.i18n.write import Money
from crm.text import N_, Text, text
from crm.viewer import Viewer

BANDS = ("green", "amber", "red", "unknown")


@dataclass(frozen=True)
class BandPart:
    band: str
    accounts: int
    arr_minor: int  # home currency only; other currencies are counted, not converted


@dataclass(frozen=True)
class Quarter:
    name: Text  # "Q4 2026"
    accounts: int
    arr: tuple[Money, ...]  # one amount a currency


@dataclass(frozen=True)
class Portfolio:
    bands: tuple[BandPart, ...]
    accounts: int
    arr: tuple[Money, ...]
    quarters: tuple[Quarter, ...]
    currency: str


def quarter_start(day: date) -> date:
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def next_quarter(start: date) -> date:
    return date(start.year + start.month // 10, (start.month + 2) % 12 + 1, 1)


def portfolio_of(session: Session, viewer: Viewer, today: date) -> Portfolio:
    home = get_settings().currency
    counts = dict.fromkeys(BANDS, 0)
    money = dict.fromkeys(BANDS, 0)
    totals: dict[str, int] = {}
    for band, currency, accounts, arr_minor in portfolio_by_band(session, viewer):
        name = str(band)
        counts[name] += accounts
        money[name] += int(arr_minor) if currency == home else 0
        totals[currency] = totals.get(currency, 0) + int(arr_minor)
    start = quarter_start(today)
    bounds = (start, next_quarter(start), next_quarter(next_quarter(start)))
    quarters = []
    for first, after in ((bounds[0], bounds[1]), (bounds[1], bounds[2])):
        rows = decisions_between(session, viewer, max(first, today), after)
        quarters.append(
            Quarter(
                text(N_("Q%(quarter)s %(year)s"), quarter=(first.month + 2) // 3, year=str(first.year)),
                sum(row[1] for row in rows),
                tuple(Money(int(row[2]), row[0]) for row in rows),
            )
        )
    return Portfolio(
        tuple(BandPart(band, counts[band], money[band]) for band in BANDS),
        sum(counts.values()),
        tuple(Money(total, currency) for currency, total in sorted(totals.items(), key=lambda one: one[0] != home)),
        tuple(quarters),
        home,
    )
