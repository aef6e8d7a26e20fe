"""Contracts and ARR movements."""

from __future__ import annotations

from accounts.models import ArrMovement, Contract, Tier
from crm.clock import start_of
from crm.demo.companies import COMPANIES
from crm.demo.making.writing import Writing
from crm.ids import new_id


def write_money(w: Writing) -> None:
    contracts, movements = [], []
    for company in COMPANIES:
        account_id, money = w.accounts[company.key], w.history.money[company.key]
        ids = [new_id() for _ in money.terms]
        w.contracts[company.key] = ids
        current = ids[-1]
        for place, term in enumerate(money.terms):
            contracts.append(
                {
                    "id": ids[place],
                    "account_id": account_id,
                    "agreement_id": ids[0] if place else None,
                    "external_id": f"{company.domain.upper()[:6]}-{term.starts_on:%Y}-{place + 1}",
                    "title": "Operations platform",
                    "starts_on": term.starts_on,
                    "ends_on": term.ends_on,
                    "auto_renews": company.tier is not Tier.ENTERPRISE,
                    "notice_days": term.notice_days,
                    "decides_on": Contract.decision_day(term.ends_on, term.notice_days),
                    "seats": term.seats,
                    "known_at": w.book.now,
                    "closed_at": None if term.closed_on is None else start_of(term.closed_on),
                }
            )
        w.movements[company.key] = [new_id() for _ in money.movements]
        movements += [
            {
                "id": movement_id,
                "account_id": account_id,
                "contract_id": current,
                "kind": movement.kind,
                "amount_minor": 100 * movement.amount,
                "currency": company.currency,
                "effective_on": movement.on,
                "known_at": w.book.now,
                "corrects_id": None,
                "note": movement.note,
            }
            for movement_id, movement in zip(w.movements[company.key], money.movements, strict=True)
        ]
    w.put(Contract, contracts)
    w.put(ArrMovement, movements)
