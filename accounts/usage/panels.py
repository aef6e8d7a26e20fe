"""How much they use what they bought: the line for the account page, and for the report."""

from __future__ import annotations

from accounts.models import Account
from accounts.panels.context import account_of, book_day
from accounts.usage.queries import usage_of
from crm import clock
from crm.contracts import Panel, PanelContext, ReportSection, SectionContext
from crm.text import N_

MOST_SHOWN = 6
SILENT_AFTER = 7  # days without a figure, after which the panel says so


def load(context: PanelContext) -> dict[str, object] | None:
    today = book_day(context)
    found = usage_of(context.session, context.account_id, today)
    if found is None:
        return None
    return {
        "usage": found,
        "metrics": found.metrics[:MOST_SHOWN],
        "more": len(found.metrics) > MOST_SHOWN,
        "seats": account_of(context).seats,
        "silent": found.days_silent(today) > SILENT_AFTER,
    }


USAGE = Panel(
    key="usage",
    title=N_("Usage"),
    template="accounts/usage/panel.html",
    load=load,
    order=21,
    place="side",
    summary="accounts/usage/_summary.html",
    refresh_on="account-changed",
)


def load_section(context: SectionContext) -> dict[str, object] | None:
    today = clock.day_of(context.now)
    found = usage_of(context.session, context.account_id, today)
    if found is None:
        return None
    return {
        "usage": found,
        "seats": context.session.get_one(Account, context.account_id).seats,
        "silent": found.days_silent(today) > SILENT_AFTER,
    }


REPORT_SECTIONS = (ReportSection("usage", N_("Usage"), "reports/sections/accounts_usage.html", load_section, order=45),)
