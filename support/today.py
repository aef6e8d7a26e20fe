"""What this slice puts on the ranked day: urgent tickets past their target, and those about to be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Result, and_, func, select
from sqlmodel import col

from accounts.models import Account
from accounts.portfolio import portfolio_ids
from accounts.queries import in_sight
from crm.contracts import DayContext, TodayAction, TodayItem, TodaySource
from crm.text import N_, Text, plural, text
from support.asof import TicketsAt, tickets_now
from support.models.ticket import URGENT
from support.words import SOON

MOST_ITEMS = 500
_STEPS = (1, 2, 4, 7, 14, 30, 60)  # days past the target at which a dismissed item comes back


def urgency(count: int, days_late: int) -> float:
    """Harm is happening: 90, and up to 99.5 with every further ticket and every further day."""
    return min(99.5, 90.0 + (count - 1) + min(days_late, 14) * 0.5)


def condition(count: int, days_late: int) -> float:
    """Rises with each further ticket and at each step of lateness, not every day."""
    return float(10 * count + sum(days_late >= step for step in _STEPS))


def _urgent(context: DayContext, at: TicketsAt, which: ColumnElement[bool]) -> Result[Any]:
    """Urgent tickets of the viewer's portfolio, a row an account; one statement."""
    account_id = at.dated.c.account_id
    return context.session.execute(
        select(
            account_id,
            func.count().label("tickets"),
            func.min(at.dated.c.due_at, type_=at.dated.c.due_at.type).label("due_at"),
            func.min(at.dated.c.opened_at, type_=at.dated.c.opened_at.type).label("opened_at"),
            func.min(at.ticket.c.id).label("ticket_id"),
        )
        .select_from(at.source.join(Account, col(Account.id) == account_id))
        .where(
            at.there,
            which,
            at.dated.c.priority == URGENT,
            account_id.in_(portfolio_ids(context.viewer)),
            in_sight(account_id, context.viewer),
        )
        .group_by(account_id)
        .order_by(func.min(at.dated.c.due_at), account_id)
        .limit(MOST_ITEMS)
    )


def urgent_soon(context: DayContext) -> Sequence[TodayItem]:
    """Where there is still time to help. One item an account."""
    at = tickets_now(context.session, context.now)
    due = at.dated.c.due_at
    items = []
    for row in _urgent(context, at, and_(at.is_open, due >= context.now, due <= context.now + SOON)):
        minutes = max(1, int((row.due_at - context.now).total_seconds() // 60))
        reason = (
            plural(
                N_("Urgent ticket: %(n)s minute left to its target"),
                N_("Urgent ticket: %(n)s minutes left to its target"),
                minutes,
            )
            if row.tickets == 1
            else plural(
                N_("%(count)s urgent tickets: %(n)s minute left to the nearest target"),
                N_("%(count)s urgent tickets: %(n)s minutes left to the nearest target"),
                minutes,
                count=row.tickets,
            )
        )
        items.append(
            TodayItem(
                key="urgent_soon",
                account_id=row.account_id,
                kind="urgent_soon",
                reason=reason,
                since=row.opened_at,
                due=None,
                minutes=15,
                money_minor=None,
                urgency=min(89.0, 80.0 + row.tickets),
                condition=float(row.tickets),
                action=TodayAction(text(N_("Open the ticket")), f"/tickets/{row.ticket_id}")
                if row.tickets == 1
                else TodayAction(text(N_("Open the tickets")), f"/tickets?account={row.account_id}&priority=1&due=2"),
                records_href=f"/tickets/{row.ticket_id}"
                if row.tickets == 1
                else f"/tickets?account={row.account_id}&priority=1&due=2",
            )
        )
    return items


def urgent_late(context: DayContext) -> Sequence[TodayItem]:
    """One item an account."""
    at = tickets_now(context.session, context.now)
    items = []
    for row in _urgent(context, at, at.is_late):
        days_late = max(0, (context.now - row.due_at).days)
        items.append(
            TodayItem(
                key="urgent_late",
                account_id=row.account_id,
                kind="urgent_late",
                reason=_reason(row.tickets, row.opened_at, context.now),
                since=row.due_at,
                due=None,
                minutes=20,
                money_minor=None,
                urgency=urgency(row.tickets, days_late),
                condition=condition(row.tickets, days_late),
                action=TodayAction(text(N_("Log a call")), f"/accounts/{row.account_id}/notes/new?channel=call"),
                records_href=f"/tickets/{row.ticket_id}"
                if row.tickets == 1
                else f"/tickets?account={row.account_id}&priority=1&late=yes",
            )
        )
    return items


def _reason(count: int, opened_at: datetime, now: datetime) -> Text:
    days, hours = (now - opened_at).days, int((now - opened_at).total_seconds() // 3600)
    if count == 1 and days >= 1:
        return plural(
            N_("Urgent ticket past its target, open %(n)s day"),
            N_("Urgent ticket past its target, open %(n)s days"),
            days,
        )
    if count == 1:
        return plural(
            N_("Urgent ticket past its target, open %(n)s hour"),
            N_("Urgent ticket past its target, open %(n)s hours"),
            max(hours, 1),
        )
    if days >= 1:
        return plural(
            N_("%(count)s urgent tickets past their target, the oldest open %(n)s day"),
            N_("%(count)s urgent tickets past their target, the oldest open %(n)s days"),
            days,
            count=count,
        )
    return plural(
        N_("%(count)s urgent tickets past their target, the oldest open %(n)s hour"),
        N_("%(count)s urgent tickets past their target, the oldest open %(n)s hours"),
        max(hours, 1),
        count=count,
    )


TODAY = (
    TodaySource("urgent_late", N_("Urgent tickets past their target"), urgent_late),
    TodaySource("urgent_soon", N_("Urgent tickets close to their target"), urgent_soon),
)
