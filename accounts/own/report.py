"""Own fields in the account report: those that are to stand there, for readers inside."""

from __future__ import annotations

from sqlmodel import col

from accounts.models import Account, OwnField, OwnFieldKind
from accounts.own.queries import own_values
from accounts.rights import hands_on
from crm.contracts import ReportSection, SectionContext
from crm.text import N_


def load(context: SectionContext) -> dict[str, object] | None:
    values = own_values(context.session, context.account_id, place=col(OwnField.on_report))
    said = [(own, value) for own, value in values if value is not None]
    if any(own.kind is OwnFieldKind.MONEY for own, _value in said):
        account = context.session.get_one(Account, context.account_id)
        if not hands_on(context.session, context.viewer, account).may_read_money:
            said = [(own, value) for own, value in said if own.kind is not OwnFieldKind.MONEY]
    return {"own": said} if said else None


OWN_SECTION = ReportSection("own", N_("About the account"), "reports/sections/accounts_own.html", load, order=65)
