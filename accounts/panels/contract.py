"""What was agreed, until when, and how its worth came about."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import ArrMovement
from accounts.money import movements_of, open_contracts
from accounts.panels.context import book_day, hands_of
from crm.contracts import Panel, PanelContext
from crm.text import N_

MOVEMENTS_SHOWN = 8


def load(context: PanelContext) -> dict[str, object]:
    contracts = open_contracts(context.session, context.account_id)
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
