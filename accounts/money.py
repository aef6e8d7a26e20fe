"""Reads of contracts and ARR movements; whether a viewer may see amounts is asked in ``rights``."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from babel.numbers import get_currency_precision
from sqlalchemy import select as core_select
from sqlmodel import Session, col

from accounts.models import Account, ArrMovement, Contract
from crm.errors import NotFound
from crm.text import N_


def minor_of(amount: Decimal, currency: str) -> int:
    """An amount as it is written, in minor units of ``currency``."""
    return int((amount * 10 ** get_currency_precision(currency)).to_integral_value())


def open_contracts(session: Session, account_id: int) -> Sequence[Contract]:
    """The one that is decided first comes first."""
    return session.scalars(
        core_select(Contract)
        .where(col(Contract.account_id) == account_id, col(Contract.closed_at).is_(None))
        .order_by(col(Contract.decides_on), col(Contract.id))
    ).all()


def get_contract(session: Session, account: Account, contract_id: int) -> Contract:
    found = session.get(Contract, contract_id)
    if found is None or found.account_id != account.id:
        raise NotFound(N_("There is no such contract here."))
    return found


def movements_of(session: Session, account_id: int, limit: int | None = None) -> Sequence[ArrMovement]:
    """Newest first."""
    return session.scalars(
        core_select(ArrMovement)
        .where(col(ArrMovement.account_id) == account_id)
        .order_by(col(ArrMovement.effective_on).desc(), col(ArrMovement.id).desc())
        .limit(limit)
    ).all()


def get_movement(session: Session, account: Account, movement_id: int) -> ArrMovement:
    found = session.get(ArrMovement, movement_id)
    if found is None or found.account_id != account.id:
        raise NotFound(N_("There is no such movement here."))
    return found
