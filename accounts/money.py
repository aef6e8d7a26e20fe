"""Reads of contracts and ARR movements; whether a viewer may see amounts is asked in ``rights``."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from babel.numbers import get_currency_precision
from sqlalchemy import select as core_select
from sqlmodel import Session, col

from accounts.models import Account, ArrMovement, Contract, ContractAmendment, ContractProduct
from crm.errors import NotFound
from crm.identity.models import User
from crm.text import N_


def minor_of(amount: Decimal, currency: str) -> int:
    """An amount as it is written, in minor units of ``currency``."""
    return int((amount * 10 ** get_currency_precision(currency)).to_integral_value())


def major(minor: int, currency: str) -> float | int:
    """An amount as a machine reads it: 12 or 12.5."""
    size: int = 10 ** get_currency_precision(currency)
    return minor // size if minor % size == 0 else minor / size


def open_contracts(session: Session, account_id: int) -> Sequence[Contract]:
    """The one that is decided first comes first."""
    return session.scalars(
        core_select(Contract)
        .where(col(Contract.account_id) == account_id, col(Contract.closed_at).is_(None))
        .order_by(col(Contract.decides_on), col(Contract.id))
    ).all()


class ToldContract(NamedTuple):
    contract: Contract
    products: list[ContractProduct]
    amendments: list[tuple[ContractAmendment, str | None, ArrMovement | None]]  # with who entered it


def told_contracts(session: Session, account_id: int) -> list[ToldContract]:
    """Every contract of the account, open ones first, with its products and amendments; three statements."""
    found = [
        ToldContract(one, [], [])
        for one in session.scalars(
            core_select(Contract)
            .where(col(Contract.account_id) == account_id)
            .order_by(col(Contract.closed_at).is_not(None), col(Contract.starts_on).desc(), col(Contract.id).desc())
        )
    ]
    by_id = {one.contract.id: one for one in found}
    for product in session.scalars(
        core_select(ContractProduct)
        .where(col(ContractProduct.account_id) == account_id)
        .order_by(col(ContractProduct.from_on), col(ContractProduct.name), col(ContractProduct.id))
    ):
        by_id[product.contract_id].products.append(product)
    rows = session.execute(
        core_select(ContractAmendment, col(User.name), ArrMovement)
        .join(User, col(User.id) == col(ContractAmendment.by_id), isouter=True)
        .join(ArrMovement, col(ArrMovement.id) == col(ContractAmendment.movement_id), isouter=True)
        .where(col(ContractAmendment.account_id) == account_id)
        .order_by(col(ContractAmendment.effective_on).desc(), col(ContractAmendment.id).desc())
    )
    for amendment, name, movement in rows:
        by_id[amendment.contract_id].amendments.append((amendment, name, movement))
    return found


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
