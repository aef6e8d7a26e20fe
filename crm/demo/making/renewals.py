"""Products, amendments, and what was expected of each decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import ContractAmendment, ContractProduct, MovementKind
from accounts.renewals.models import Forecast, RenewalForecast
from crm.clock import start_of
from crm.demo.companies import COMPANIES, Company
from crm.demo.forecasts import Said, arr_on, said_of, settled_of
from crm.demo.making.writing import Writing
from crm.demo.when import dice

_PRODUCTS = ("Planning board", "Inspections", "Mobile work orders", "Meter readings", "ERP interface")
_AMENDED = (MovementKind.EXPANSION, MovementKind.CONTRACTION)


def write_amendments(w: Writing) -> None:
    """Each change of seats within the present term was an amendment; products come with the term."""
    products, amendments = [], []
    for company in COMPANIES:
        money, account_id, contract_id = (
            w.history.money[company.key],
            w.accounts[company.key],
            w.contracts[company.key][-1],
        )
        term = money.terms[-1]
        rng = dice(w.book.today.year, "products", company.key)
        count = 2 + (company.arr > 60_000) + (company.arr > 200_000)
        products += [
            {
                "account_id": account_id,
                "contract_id": contract_id,
                "name": name,
                "seats": None if name == "ERP interface" else company.seats,
                "from_on": term.starts_on,
                "to_on": term.closed_on,
                "known_at": w.book.now,
            }
            for name in sorted(rng.sample(_PRODUCTS, count))
        ]
        seats = dict(money.seats)
        days = [day for day, _ in money.seats]
        for movement_id, movement in zip(w.movements[company.key], money.movements, strict=True):
            if movement.kind not in _AMENDED or movement.on < term.starts_on or movement.on not in seats:
                continue
            before = [seats[day] for day in days if day < movement.on]
            changes = {"seats": [before[-1], seats[movement.on]]} if before else {}
            amendments.append(
                {
                    "account_id": account_id,
                    "contract_id": contract_id,
                    "effective_on": movement.on,
                    "title": movement.note,
                    "changes": changes,
                    "movement_id": movement_id,
                    "by_id": w.user(company.owner),
                    "known_at": start_of(movement.on) + timedelta(hours=9),
                }
            )
    w.put(ContractProduct, products)
    w.put(ContractAmendment, amendments)


def write_forecasts(w: Writing) -> None:
    rows: list[dict[str, Any]] = []
    seed = w.book.today.year
    for company in COMPANIES:
        money, ids = w.history.money[company.key], w.contracts[company.key]
        for place, said in settled_of(w.book, company, money.terms):
            rows += _rows(w, company, ids[place], said, start_of(money.terms[place].closed_on or w.book.today))
        rows += _rows(w, company, ids[-1], said_of(w.book, company, seed), None)
    w.put(RenewalForecast, rows)


def _rows(
    w: Writing, company: Company, contract_id: int, said: Sequence[Said], settled_at: datetime | None
) -> list[dict[str, Any]]:
    """What was said, and a row for each movement of the ARR that it outlived."""
    if not said:
        return []
    money = w.history.money[company.key]
    events: list[tuple[datetime, Said, bool]] = []
    for place, one in enumerate(said):
        last = place == len(said) - 1
        at = settled_at if last and settled_at else w.book.moment(one.ago, "09:40")
        events.append((at, one, True))
    until = settled_at or w.book.now
    for movement in money.movements:
        at = start_of(movement.on) + timedelta(hours=12)
        before = [(when, one) for when, one, _ in events if when < at]
        if before and at < until:
            events.append((at, max(before, key=lambda event: event[0])[1], False))
    events.sort(key=lambda event: event[0])
    rows = []
    for place, (at, one, by_hand) in enumerate(events):
        arr = _arr(w, company, at)
        rows.append(
            {
                "account_id": w.accounts[company.key],
                "contract_id": contract_id,
                "forecast": one.forecast,
                "amount_minor": _amount(one, arr),
                "arr_minor": 100 * arr,
                "currency": company.currency,
                "expected_on": None,
                "note": one.note,
                "by_id": w.user(company.owner) if by_hand else None,
                "known_at": at,
                "closed_at": events[place + 1][0] if place + 1 < len(events) else None,
            }
        )
    return rows


def _arr(w: Writing, company: Company, at: datetime) -> int:
    day: date = at.date()
    money = w.history.money[company.key]
    if company.churned is not None and day >= w.book.day(company.churned):
        day = w.book.day(company.churned + 1)  # what was up when they decided
    return arr_on(money, day)


def _amount(said: Said, arr: int) -> int | None:
    if said.uplift is None or said.forecast is Forecast.LOST:
        return None
    return 100 * round(arr * (1 + said.uplift) / 500) * 500
