"""What the list of accounts can say of tickets: how many are open, and how many urgent ones are past their target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, func, select

from crm.contracts import AccountColumn, AnySelect, ColumnContext, ColumnFilter
from crm.text import N_, Text, text
from support.asof import tickets_at
from support.models.ticket import URGENT


def _open_tickets(context: ColumnContext) -> AnySelect:
    at = tickets_at(context.now, later=context.later)
    urgent = and_(at.dated.c.priority == URGENT, at.is_late)
    return (
        select(
            at.dated.c.account_id.label("account_id"),
            func.count().label("open"),
            func.sum(case((at.is_late, 1), else_=0)).label("late"),
            func.sum(case((urgent, 1), else_=0)).label("urgent_late"),
        )
        .select_from(at.source)
        .where(at.there, at.is_open)
        .group_by(at.dated.c.account_id)
    )


def _total(source: FromClause, context: ColumnContext) -> Mapping[str, ColumnElement[Any]]:
    return {
        "open": func.coalesce(func.sum(source.c.open), 0),
        "urgent_late": func.coalesce(func.sum(source.c.urgent_late), 0),
    }


def _choices(context: ColumnContext) -> Sequence[tuple[str, Text]]:
    return [
        ("open", text(N_("some open"))),
        ("late", text(N_("some past target"))),
        ("urgent", text(N_("urgent ones past target"))),
    ]


_AT_LEAST_ONE = {"open": "open", "late": "late", "urgent": "urgent_late"}


def _have(source: FromClause, values: Sequence[str], context: ColumnContext) -> ColumnElement[bool]:
    asked = [source.c[_AT_LEAST_ONE[value]] > 0 for value in values if value in _AT_LEAST_ONE]
    return and_(*asked) if asked else and_(True)


OPEN_TICKETS = AccountColumn(
    key="open_tickets",
    title=N_("Open"),
    source=_open_tickets,
    value=("open", "late", "urgent_late"),
    cell="support/cells/open.html",
    csv=lambda row: int(row.open) if row else 0,
    order=50,
    sort="open",
    sort_first="desc",
    numeric=True,
    total=_total,
    total_cell="support/cells/open_total.html",
    rolled="support/cells/open_rolled.html",
    filters=(ColumnFilter("tickets", N_("Tickets"), _choices, _have),),
)

URGENT_LATE = AccountColumn(
    key="urgent_late",
    title=N_("Urgent past target"),
    source=_open_tickets,
    value=("urgent_late",),
    cell="support/cells/urgent.html",
    csv=lambda row: int(row.urgent_late) if row else 0,
    order=55,
    sort="urgent_late",
    sort_first="desc",
    numeric=True,
    optional=True,
    total=_total,
    total_cell="support/cells/urgent_total.html",
)

ACCOUNT_COLUMNS = (OPEN_TICKETS, URGENT_LATE)
