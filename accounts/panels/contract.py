"""What was agreed, until when, and how its worth came about."""

from __future__ import annotations

from sqlalchemy import select as core_select
from sqlmodel import col

from accounts.models import ArrMovement, Contract
from accounts.panels.context import book_day, hands_of
from crm.contracts import Panel, PanelContext
from crm.text import N_

MOVEMENTS_SHOWN = 8


def load(context: PanelContext) -> dict[str, object]:
    contracts = context.session.scalars(
        core_select(Contract)
        .where(col(Contract.account_id) == context.account_id, col(Contract.closed_at).is_(None))
        .order_by(col(Contract.decides_on), col(Contract.id))
    ).all()
    movements: list[ArrMovement] = []
    if hands_of(context).may_read_money:
        movements = list(
            context.session.scalars(
                core_select(ArrMovement)
                .where(col(ArrMovement.account_id) == context.account_id)
                .order_by(col(ArrMovement.effective_on).desc(), col(ArrMovement.id).desc())
                .limit(MOVEMENTS_SHOWN + 1)
            )
        )
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
