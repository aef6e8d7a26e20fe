"""Parent, subsidiaries, and what they come to together."""

from __future__ import annotations

from accounts.asof import later_is_known
from accounts.family.columns import KEY
from accounts.family.queries import Rolled, relatives_of, rolled_up
from accounts.listing.query import columns_for
from accounts.panels.context import ACCOUNT_COLUMNS, account_of
from crm import clock
from crm.contracts import ColumnContext, Panel, PanelContext
from crm.text import N_


def load(context: PanelContext) -> dict[str, object] | None:
    session, account = context.session, account_of(context)
    relatives = relatives_of(session, context.viewer, account)
    if relatives.parent is None and not relatives.children:
        return None
    count = 0
    rolled: list[Rolled] = []
    if relatives.children:
        later = later_is_known(session, context.now)
        asked = ColumnContext(context.viewer, context.now, clock.day_of(context.now), later)
        columns = columns_for(context.shared.get(ACCOUNT_COLUMNS, ()), context.viewer)
        count, rolled = rolled_up(session, columns, account, asked)
    return {"relatives": relatives, "count": count, "rolled": rolled, "family": {"scope": "all", KEY: str(account.id)}}


FAMILY = Panel(
    key="family",
    title=N_("Company group"),
    template="accounts/panels/family.html",
    load=load,
    order=35,
    place="side",
    summary="accounts/panels/_family_summary.html",
    refresh_on="account-changed,health-changed",
)
