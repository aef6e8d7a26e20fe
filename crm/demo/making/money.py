"""Contracts, ARR movements and the company's own fields."""

from __future__ import annotations

from datetime import date

from accounts.models import ArrMovement, Contract, OwnField, OwnFieldKind, OwnValue, Tier
from crm.clock import start_of
from crm.demo.companies import COMPANIES, Company
from crm.demo.history import History
from crm.demo.making.companies import LIVE_AFTER
from crm.demo.making.writing import Writing
from crm.demo.when import dice
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


def write_own_fields(w: Writing) -> None:
    fields = {
        "contract_language": ("Contract language", OwnFieldKind.CHOICE, ["English", "French", "German"]),
        "deployment": ("Deployment", OwnFieldKind.CHOICE, ["Cloud EU", "Cloud US", "On premises"]),
        "plants": ("Plants", OwnFieldKind.NUMBER, []),
        "go_live_planned": ("Go-live planned", OwnFieldKind.DATE, []),
    }
    ids = {key: new_id() for key in fields}
    w.put(
        OwnField,
        (
            {"id": ids[key], "key": key, "title": title, "kind": kind, "choices": choices}
            for key, (title, kind, choices) in fields.items()
        ),
    )
    values = []
    for company in COMPANIES:
        account_id = w.accounts[company.key]
        for key, (text, number, day) in _own_values(company, w.history).items():
            values.append({"account_id": account_id, "field_id": ids[key], "text": text, "number": number, "day": day})
    w.put(OwnValue, values)


def _own_values(company: Company, history: History) -> dict[str, tuple[str, float | None, date | None]]:
    rng = dice("own", company.key)
    language = "French" if company.language == "fr" else "German" if company.country in ("DE", "AT") else "English"
    cloud = "Cloud US" if company.country == "US" else "Cloud EU"
    deployment = "On premises" if company.tier is Tier.ENTERPRISE and rng.random() < 0.35 else cloud
    values: dict[str, tuple[str, float | None, date | None]] = {
        "contract_language": (language, None, None),
        "deployment": (deployment, None, None),
        "plants": (str(len(company.sites)), float(len(company.sites)), None),
    }
    if company.course == "late_onboarding":
        planned = history.book.workday(company.since - LIVE_AFTER - 10)
        values["go_live_planned"] = (planned.isoformat(), None, planned)
    return values
