"""Stage, tier, and the company's own fields."""

from __future__ import annotations

from sqlalchemy import select as core_select
from sqlmodel import col

from accounts.models import OwnField, OwnValue
from crm.contracts import Panel, PanelContext
from crm.text import N_


def load(context: PanelContext) -> dict[str, object]:
    rows = context.session.execute(
        core_select(OwnField, OwnValue)
        .outerjoin(
            OwnValue, (col(OwnValue.field_id) == col(OwnField.id)) & (col(OwnValue.account_id) == context.account_id)
        )
        .order_by(col(OwnField.title), col(OwnField.id))
        .limit(60)
    )
    return {"own": [(own, value) for own, value in rows]}


DETAILS = Panel(
    key="details",
    title=N_("About the account"),
    template="accounts/panels/details.html",
    load=load,
    order=40,
    place="side",
    refresh_on="account-changed",
)
