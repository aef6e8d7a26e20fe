"""Risks on the account page."""

from __future__ import annotations

from accounts.risks.queries import risks_of
from crm import clock
from crm.contracts import Panel, PanelContext
from crm.text import N_

MOST_SHOWN = 20


def load(context: PanelContext) -> dict[str, object]:
    return {"risks": risks_of(context.session, context.account_id, MOST_SHOWN), "today": clock.today()}


RISKS = Panel(
    key="risks",
    title=N_("Risks"),
    template="accounts/panels/risks.html",
    load=load,
    order=5,
    place="side",
    refresh_on="account-changed",
)
