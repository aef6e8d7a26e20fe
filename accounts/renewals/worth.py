"""What of an account's ARR hangs on one contract, as SQL: the same in lists, sums and forms."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from accounts.models import Account, ArrMovement, Contract
from accounts.renewals.models import Forecast, RenewalForecast


def agreement_of(contract: Any) -> ColumnElement[Any]:
    """The chain of renewals that a contract belongs to."""
    return func.coalesce(contract.agreement_id, contract.id)


def contract_arr() -> ColumnElement[int]:
    """Of a row of ``contract`` joined with its ``account``.

    A contract is worth the movements written to it or to those it renews. The one that is decided first also carries
    what was written to no open contract, so that the open contracts of an account always sum to its ARR.
    """
    other, moved_by = aliased(Contract), aliased(Contract)
    others = and_(
        col(other.account_id) == col(Contract.account_id),
        col(other.closed_at).is_(None),
        col(other.id) != col(Contract.id),
    )
    earlier = or_(
        col(other.decides_on) < col(Contract.decides_on),
        and_(col(other.decides_on) == col(Contract.decides_on), col(other.id) < col(Contract.id)),
    )
    moved = (
        select(func.coalesce(func.sum(col(ArrMovement.amount_minor)), 0))
        .join(moved_by, col(moved_by.id) == col(ArrMovement.contract_id))
        .where(
            col(ArrMovement.account_id) == col(Contract.account_id),
            col(ArrMovement.currency) == col(Account.currency),
        )
    )
    own = moved.where(agreement_of(moved_by) == agreement_of(Contract))
    elsewhere = moved.where(
        exists()
        .where(others, agreement_of(other) == agreement_of(moved_by), agreement_of(other) != agreement_of(Contract))
        .correlate(Contract, moved_by)
    )
    found: ColumnElement[int] = case(
        (~exists().where(others).correlate(Contract), col(Account.arr_minor)),
        (
            ~exists().where(others, earlier).correlate(Contract),
            col(Account.arr_minor) - elsewhere.correlate(Contract, Account).scalar_subquery(),
        ),
        else_=own.correlate(Contract, Account).scalar_subquery(),
    )
    return cast(found, BigInteger)  # PostgreSQL sums whole numbers into decimals


def expected(forecast: Any = RenewalForecast) -> ColumnElement[int]:
    """``RenewalForecast.expected_minor`` of a row."""
    lost = case((forecast.forecast == Forecast.LOST, 0), else_=forecast.arr_minor)
    return func.coalesce(forecast.amount_minor, lost)


def arr_of_contract(session: Session, contract: Contract) -> int:
    session.flush()
    found = session.scalar(
        select(contract_arr())
        .select_from(Contract)
        .join(Account, col(Account.id) == col(Contract.account_id))
        .where(col(Contract.id) == contract.id)
    )
    return int(found or 0)
