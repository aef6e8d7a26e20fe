"""What every panel of the account page needs, found once a page."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import Request
from sqlmodel import Session

from accounts.models import Account
from accounts.rights import Hands, hands_on
from crm import clock
from crm.contracts import PanelContext
from crm.viewer import Viewer
from crm.web.session import registry_of

ACCOUNT_COLUMNS = "account_columns"  # what every slice says of accounts in a list
_ACCOUNT, _HANDS = "accounts.account", "accounts.hands"


def make_context(request: Request, session: Session, viewer: Viewer, account: Account, now: datetime) -> PanelContext:
    context = PanelContext(session, viewer, account.id, now, dict(request.query_params))
    context.shared[_ACCOUNT] = account
    registry = registry_of(request)
    context.shared["timeline_sources"] = registry.timeline_sources
    context.shared[ACCOUNT_COLUMNS] = registry.account_columns
    return context


def account_of(context: PanelContext) -> Account:
    found: Account | None = context.shared.get(_ACCOUNT)
    if found is None:
        found = context.shared[_ACCOUNT] = context.session.get_one(Account, context.account_id)
    return found


def hands_of(context: PanelContext) -> Hands:
    found: Hands | None = context.shared.get(_HANDS)
    if found is None:
        found = context.shared[_HANDS] = hands_on(context.session, context.viewer, account_of(context))
    return found


def book_day(context: PanelContext) -> date:
    """The company's day as of which the page speaks: what ages and days to go count from."""
    return clock.day_of(context.now)
