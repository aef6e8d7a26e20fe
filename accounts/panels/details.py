"""Stage, tier, and the company's own fields."""

from __future__ import annotations

from accounts.models import OwnFieldKind
from accounts.own.queries import own_values
from accounts.panels.context import hands_of
from accounts.tags.queries import tags_of
from crm.contracts import Panel, PanelContext
from crm.text import N_


def load(context: PanelContext) -> dict[str, object]:
    own = own_values(context.session, context.account_id)
    if not hands_of(context).may_read_money:
        own = [(field, value) for field, value in own if field.kind is not OwnFieldKind.MONEY]
    return {"own": own, "tags": tags_of(context.session, [context.account_id])[context.account_id]}


DETAILS = Panel(
    key="details",
    title=N_("About the account"),
    template="accounts/panels/details.html",
    load=load,
    order=40,
    place="side",
    refresh_on="account-changed",
)
