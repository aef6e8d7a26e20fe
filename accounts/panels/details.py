"""Stage, tier, and the company's own fields."""

from __future__ import annotations

from accounts.own import own_values
from crm.contracts import Panel, PanelContext
from crm.text import N_


def load(context: PanelContext) -> dict[str, object]:
    return {"own": own_values(context.session, context.account_id)}


DETAILS = Panel(
    key="details",
    title=N_("About the account"),
    template="accounts/panels/details.html",
    load=load,
    order=40,
    place="side",
    refresh_on="account-changed",
)
