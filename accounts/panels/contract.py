"""What was agreed, until when, and how its worth came about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import and_, or_, select
from sqlmodel import Session, col

from accounts.models import ArrMovement, Contract, ContractProduct
from accounts.money import movements_of
from accounts.panels.context import book_day, hands_of
from accounts.renewals.models import RenewalForecast
from crm.contracts import Panel, PanelContext
from crm.text import N_

MOVEMENTS_SHOWN = 8


class Agreed(NamedTuple):
    contract: Contract
    forecast: RenewalForecast | None
    products: list[tuple[str, int | None]]  # with their seats


def agreed_with(session: Session, account_id: int, day: date) -> list[Agreed]:
    """Open contracts, the one that is decided first comes first, with forecast and products; one statement."""
    rows = session.execute(
        select(Contract, RenewalForecast, col(ContractProduct.name), col(ContractProduct.seats))
        .join(
            RenewalForecast,
            and_(col(RenewalForecast.contract_id) == col(Contract.id), col(RenewalForecast.closed_at).is_(None)),
            isouter=True,
        )
        .join(
            ContractProduct,
            and_(
                col(ContractProduct.contract_id) == col(Contract.id),
                or_(col(ContractProduct.to_on).is_(None), col(ContractProduct.to_on) > day),
            ),
            isouter=True,
        )
        .where(col(Contract.account_id) == account_id, col(Contract.closed_at).is_(None))
        .order_by(col(Contract.decides_on), col(Contract.id), col(ContractProduct.name), col(ContractProduct.id))
    )
    found: dict[int, Agreed] = {}
    for contract, forecast, product, seats in rows:
        agreed = found.setdefault(contract.id, Agreed(contract, forecast, []))
        if product is not None:
            agreed.products.append((product, seats))
    return list(found.values())


def load(context: PanelContext) -> dict[str, object]:
    contracts = agreed_with(context.session, context.account_id, book_day(context))
    movements: Sequence[ArrMovement] = ()
    if hands_of(context).may_read_money:
        movements = movements_of(context.session, context.account_id, MOVEMENTS_SHOWN + 1)
    return {
        "contracts": contracts,
        "movements": movements[:MOVEMENTS_SHOWN],
        "more": len(movements) > MOVEMENTS_SHOWN,
        "today": book_day(context),
    }


CONTRACT = Panel(
    key="contract",
    title=N_("Contract"),
    template="accounts/panels/contract.html",
    load=load,
    order=20,
    place="side",
    refresh_on="account-changed",
)
