"""The customers, and the dated facts that scores of past days read."""

from __future__ import annotations

from accounts.models import Account, AccountFact, Contract, FactKey, Stage
from accounts.names import fold
from crm.clock import start_of
from crm.demo.companies import COMPANIES, Company
from crm.demo.making.writing import Writing
from crm.ids import new_id

LIVE_AFTER = 85  # days from the signature until a customer works by itself


def write_companies(w: Writing) -> None:
    rows, facts = [], []
    for place, company in enumerate(COMPANIES):
        account_id = w.accounts[company.key] = new_id()
        stages = stages_of(company)
        money = w.history.money[company.key]
        current = next((term for term in reversed(money.terms) if term.closed_on is None), None)
        signed = start_of(w.book.day(company.since))
        rows.append(
            {
                "id": account_id,
                "name": company.name,
                "name_folded": fold(company.name),
                "external_id": f"C-{1000 + 7 * place}",
                "domain": f"{company.domain}.example",
                "tier": company.tier,
                "stage": stages[-1][0],
                "stage_entered_on": w.book.day(stages[-1][1]),
                "team_id": w.users[company.owner].team_id,
                "owner_id": w.user(company.owner),
                "parent_id": None,
                "arr_minor": 100 * sum(movement.amount for movement in money.movements),
                "currency": company.currency,
                "seats": company.seats,
                "decides_on": current and Contract.decision_day(current.ends_on, current.notice_days),
                "ends_on": current and current.ends_on,
                "country": company.country,
                "language": company.language,
                "industry": company.industry,
                "version": 1,
                "created_at": signed,
                "closed_at": None,
            }
        )
        facts += [(account_id, FactKey.TIER, company.tier.value, signed)]
        facts += [(account_id, FactKey.STAGE, stage.value, start_of(w.book.day(ago))) for stage, ago in stages]
        facts += [(account_id, FactKey.SEATS, str(seats), start_of(on)) for on, seats in money.seats]
    w.put(Account, rows)
    w.put(
        AccountFact,
        (
            {
                "account_id": account_id,
                "key": key,
                "value": value,
                "happened_at": at,
                "known_at": w.book.now,
                "closed_at": None,
            }
            for account_id, key, value, at in facts
        ),
    )


def stages_of(company: Company) -> list[tuple[Stage, int]]:
    """Each stage the customer went through, and since how many days ago."""
    stages = [(Stage.ONBOARDING, company.since)]
    if company.course in ("late_onboarding", "new"):
        return stages
    stages.append((Stage.LIVE, company.since - LIVE_AFTER))
    if company.churned is not None:
        stages.append((Stage.CHURNED, company.churned))
    elif company.decides_in <= 90:
        stages.append((Stage.RENEWING, 90 - company.decides_in))
    return stages
