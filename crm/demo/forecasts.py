"""What the relationship managers expected of each decision, week by week: days ago, forecast, uplift, and why."""

# ruff: noqa: E501 - sentences that people write are not cut

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from accounts.renewals.models import Forecast
from crm.demo.companies import Company
from crm.demo.money import Money, Term
from crm.demo.when import Book, dice

F = Forecast
AHEAD_DAYS = 240  # decisions that somebody thinks about already


class Said(NamedTuple):
    """``uplift``: share of the ARR, or None: as now."""

    ago: int
    forecast: Forecast
    uplift: float | None
    note: str


_WRITTEN: dict[str, tuple[Said, ...]] = {
    "halden": (
        Said(96, F.COMMIT, 0.03, "They extended Svinesund and asked for a price for two years."),
        Said(31, F.LIKELY, None, "First urgent tickets from Gardermoen; Ingrid still positive."),
        Said(4, F.AT_RISK, None, "Urgent ticket open for days, no answer from the sponsor, the day to decide is near."),
    ),
    "brodeur": (Said(40, F.LIKELY, None, "Content, but nobody has spoken with the sponsor for weeks."),),
    "kestrel-rail": (
        Said(61, F.COMMIT, 0.04, "Champion has the budget approved."),
        Said(19, F.LIKELY, None, "The champion has left; her successor does not know us yet."),
    ),
    "ferrolan": (Said(44, F.LIKELY, None, ""), Said(3, F.COMMIT, 0.02, "Order number promised in writing.")),
    "vanhoudt": (Said(26, F.LIKELY, 0.05, "More drivers than seats since September."),),
    "sorel": (Said(52, F.LIKELY, -0.15, "Moins de licences à Firminy."), Said(17, F.AT_RISK, -0.3, "La direction demande ce que coûte une sortie.")),
    "mistral-energies": (Said(64, F.LIKELY, None, ""), Said(18, F.AT_RISK, None, "Froid depuis les trois interlocuteurs par ticket.")),
    "bogazcargo": (Said(45, F.AT_RISK, None, "Gebze is back on paper."),),
    "belvaux": (Said(70, F.LIKELY, None, ""), Said(6, F.AT_RISK, -0.2, "« Je préviens ma direction. »")),
    "harbourline": (Said(80, F.LIKELY, -0.1, "Poole is gone, Portsmouth stays."), Said(46, F.AT_RISK, -0.25, "Left alone with the open faults."), Said(5, F.LOST, None, "They have signed with somebody else, says the champion.")),
    "stadtwerke-ellerbach": (Said(58, F.COMMIT, 0.03, ""), Said(12, F.LIKELY, 0.03, "Answers have become slower; the board decides in spring.")),
}  # fmt: skip

# Courses in which nothing is written by hand: forecast and uplift.
_BY_COURSE: dict[str, tuple[Forecast, float | None] | None] = {
    "excellent": (F.COMMIT, 0.05),
    "steady": (F.COMMIT, 0.03),
    "recovered": (F.COMMIT, None),
    "saved": (F.COMMIT, None),
    "fair": (F.LIKELY, None),
    "bumpy": (F.LIKELY, None),
    "surge_light": (F.LIKELY, 0.04),
    "quiet_fine": (F.LIKELY, None),
    "silent": None,  # nobody knows
}


def said_of(book: Book, company: Company, seed: int) -> tuple[Said, ...]:
    """Of the present term; nothing where the decision is far."""
    if company.churned is not None or company.decides_in > AHEAD_DAYS:
        return ()
    if company.key in _WRITTEN:
        return _WRITTEN[company.key]
    found = _BY_COURSE.get(company.course, (F.LIKELY, None))
    rng = dice(seed, "forecast", company.key)
    if found is None or rng.random() < 0.12:
        return ()
    return (Said(rng.randint(15, 75), *found, ""),)


def settled_of(book: Book, company: Company, terms: tuple[Term, ...]) -> list[tuple[int, tuple[Said, ...]]]:
    """Decisions that were taken not long ago, by the place of their term: what was expected, and what came."""
    found: list[tuple[int, tuple[Said, ...]]] = []
    for place, term in enumerate(terms):
        if term.closed_on is None or book.ago(term.closed_on) > 330 or term.closed_on > book.today:
            continue
        ago = book.ago(term.closed_on)
        if company.churned is not None and place == len(terms) - 1:
            found.append((place, (Said(ago + 75, F.AT_RISK, None, ""), Said(ago, F.LOST, None, "Notice received."))))
        elif place < len(terms) - 1:
            before = F.AT_RISK if company.course == "saved" else F.LIKELY
            found.append((place, (Said(ago + 90, before, None, ""), Said(ago, F.RENEWED, None, "Signed."))))
    return found


def arr_on(money: Money, day: date) -> int:
    """Whole currency units a year."""
    return sum(movement.amount for movement in money.movements if movement.on <= day)
