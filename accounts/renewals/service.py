"""What somebody expects of a renewal: refuse first, then follow the row that was believed until now."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Final

from sqlmodel import Session

from accounts.models import Account, Contract
from accounts.renewals.keeping import current_forecast, follow
from accounts.renewals.models import BY_HAND, Forecast, RenewalForecast
from accounts.renewals.worth import arr_of_contract
from accounts.rights import ensure_may_change_money
from accounts.service._row import hold
from accounts.service.arr import LARGEST_MINOR
from crm import webhooks
from crm.audit import record
from crm.errors import Conflict, Invalid
from crm.text import N_, text
from crm.viewer import Viewer
from crm.webhooks.models import Kind
from crm.webhooks.outbox import News


class _Kept(Enum):
    AS_IS = 0


AS_IS: Final = _Kept.AS_IS


def expect(
    session: Session,
    actor: Viewer,
    account: Account,
    contract: Contract,
    *,
    forecast: Forecast | _Kept | None = AS_IS,
    amount_minor: int | _Kept | None = AS_IS,
    expected_on: date | _Kept | None = AS_IS,
    note: str | _Kept = AS_IS,
) -> RenewalForecast | None:
    """Forecast, amount, day and note of the decision on ``contract``; what is left out stays as it is.

    ``amount_minor``: ARR after the decision; ``None``: as now. What changes nothing writes nothing.
    """
    hold(session, account)
    ensure_may_change_money(session, actor, account)
    if contract.closed_at is not None:
        raise Conflict(N_("That contract is already closed; look at the current one."))
    if forecast is not AS_IS and forecast is not None and forecast not in BY_HAND:
        raise Invalid(N_("Renewed is what a contract is when it is renewed; choose a forecast."))
    if amount_minor is not AS_IS and amount_minor is not None and not 0 <= amount_minor <= LARGEST_MINOR:
        raise Invalid(N_("The expected amount is what they pay a year, 0 or more."))

    before = current_forecast(session, contract.id)
    wanted = {
        "forecast": before.forecast if before else None,
        "amount_minor": before.amount_minor if before else None,
        "expected_on": before.expected_on if before else None,
        "note": before.note if before else "",
    }
    was = dict(wanted)
    said = {"forecast": forecast, "amount_minor": amount_minor, "expected_on": expected_on, "note": note}
    wanted.update({name: value for name, value in said.items() if value is not AS_IS})
    if wanted["expected_on"] is not None and wanted["expected_on"] == contract.decides_on:
        wanted["expected_on"] = None
    if wanted == was:
        return before

    row = follow(
        session,
        contract,
        before,
        forecast=wanted["forecast"],  # type: ignore[arg-type]
        amount_minor=wanted["amount_minor"],  # type: ignore[arg-type]
        expected_on=wanted["expected_on"],  # type: ignore[arg-type]
        note=wanted["note"] or "",  # type: ignore[arg-type]
        arr_minor=arr_of_contract(session, contract),
        currency=account.currency,
        by_id=None if actor.is_system else actor.user_id,
    )
    changed = {name: [was[name], wanted[name]] for name in wanted if was[name] != wanted[name]}
    record(session, actor, account.id, "renewal.expected", contract=str(contract.id), **changed)
    _tell_worse(session, account, contract, before.forecast if before else None, row.forecast)
    return row


def _tell_worse(
    session: Session, account: Account, contract: Contract, before: Forecast | None, after: Forecast | None
) -> None:
    """What nobody had judged counts as likely."""
    if after not in BY_HAND or BY_HAND.index(after) <= (BY_HAND.index(before) if before in BY_HAND else 1):
        return
    was = before or Forecast.LIKELY
    sentence = text(
        N_("%(account)s: the renewal is judged worse, %(before)s → %(after)s"),
        account=account.name,
        before=text(was.words),
        after=text(after.words),
    )
    data = {"account_id": str(account.id), "account": account.name, "before": was.value, "after": after.value}
    webhooks.tell(session, [News(Kind.FORECAST_WORSENED, sentence, f"/renewals/{contract.id}", data)])
