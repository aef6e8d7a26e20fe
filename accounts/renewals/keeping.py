"""The history of forecasts: each row is followed, none is changed. Only this file writes them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from accounts.models import Account, Contract
from accounts.renewals.models import Forecast, RenewalForecast
from accounts.renewals.worth import arr_of_contract, contract_arr
from crm import clock


def current_forecast(session: Session, contract_id: int) -> RenewalForecast | None:
    return session.scalars(
        select(RenewalForecast).where(
            col(RenewalForecast.contract_id) == contract_id, col(RenewalForecast.closed_at).is_(None)
        )
    ).first()


def follow(
    session: Session,
    contract: Contract,
    before: RenewalForecast | None,
    *,
    forecast: Forecast | None,
    amount_minor: int | None,
    arr_minor: int,
    currency: str,
    expected_on: date | None = None,
    note: str = "",
    by_id: int | None = None,
) -> RenewalForecast:
    """``before`` was believed until now; from now on this is."""
    at = clock.now()
    if before is not None:
        at = max(at, before.known_at)
        before.closed_at = at
        session.flush()  # the open row is one at any time
    row = RenewalForecast(
        account_id=contract.account_id,
        contract_id=contract.id,
        forecast=forecast,
        amount_minor=amount_minor,
        arr_minor=arr_minor,
        currency=currency,
        expected_on=expected_on,
        note=note,
        by_id=by_id,
        known_at=at,
    )
    session.add(row)
    session.flush()
    return row


def follow_arr(session: Session, account: Account) -> None:
    """The ARR of ``account`` or its contracts changed: open forecasts go on with what is now up for renewal."""
    session.flush()
    found = session.execute(
        select(RenewalForecast, Contract, contract_arr().label("arr_minor"))
        .join(Contract, col(Contract.id) == col(RenewalForecast.contract_id))
        .join(Account, col(Account.id) == col(Contract.account_id))
        .where(
            col(Contract.account_id) == account.id,
            col(Contract.closed_at).is_(None),
            col(RenewalForecast.closed_at).is_(None),
        )
    ).all()
    for row, contract, arr in found:
        moved = row.currency != account.currency
        if moved or row.arr_minor != arr:
            follow(
                session,
                contract,
                row,
                forecast=row.forecast,
                # An amount in the currency of yesterday says nothing today.
                amount_minor=None if moved else row.amount_minor,
                arr_minor=arr,
                currency=account.currency,
                expected_on=row.expected_on,
                note=row.note,
            )


def settle(
    session: Session,
    account: Account,
    contract: Contract,
    outcome: Forecast,
    *,
    amount_minor: int | None = None,
    note: str = "",
    by_id: int | None = None,
) -> None:
    """They decided: renewed or lost. Called while ``contract`` is still open."""
    before = current_forecast(session, contract.id)
    follow(
        session,
        contract,
        before,
        forecast=outcome,
        amount_minor=amount_minor,
        arr_minor=arr_of_contract(session, contract),
        currency=account.currency,
        note=note,
        by_id=by_id,
    )


def forget(session: Session, contract: Contract) -> None:
    """The contract was a mistake: nothing is expected of it any more."""
    before = current_forecast(session, contract.id)
    if before is not None:
        before.closed_at = max(clock.now(), before.known_at)
        session.flush()
