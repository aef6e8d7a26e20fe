"""The page of usage: every metric, and the days behind one."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from accounts.deps import AccountInScope
from accounts.usage.models import day_number
from accounts.usage.queries import DAYS_A_PAGE, days_of, usage_of
from crm import clock
from crm.errors import NotFound
from crm.text import N_
from crm.web.pages import page
from crm.web.session import DbSession, Now

router = APIRouter()


@router.get("/accounts/{account_id:int}/usage", name="accounts.usage.show")
def show_usage(
    request: Request, account: AccountInScope, session: DbSession, now: Now, metric: int = 0, before: int = 0
) -> Response:
    """``metric``: whose days are listed, by default the first. ``before``: the days earlier than this number."""
    today = clock.day_of(now)
    found = usage_of(session, account.id, today)
    lines = found.metrics if found else ()
    chosen = next((one for one in lines if one.id == metric), None if metric else next(iter(lines), None))
    if metric and chosen is None:
        raise NotFound(N_("There is no such metric here."))
    days = days_of(session, account.id, chosen.id, today, before or None) if chosen else []
    return page(
        request,
        "accounts/usage/show.html",
        account=account,
        usage=found,
        chosen=chosen,
        days=days[:DAYS_A_PAGE],
        next_before=day_number(days[DAYS_A_PAGE - 1].day) if len(days) > DAYS_A_PAGE else None,
        is_later=bool(before),
        today=today,
    )
