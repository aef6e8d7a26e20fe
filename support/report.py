"""What this slice says in the account report: tickets by month, and what is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import format_date
from sqlalchemy import ColumnElement, and_, case, func, or_, select

from crm.clock import day_of, start_of
from crm.contracts import ReportSection, SectionContext
from crm.text import N_
from support.asof import TicketsAt, tickets_now
from support.models.ticket import PRIORITY_TITLES
from support.panels import open_tickets

MONTHS = 12
MOST_OPEN = 12
OPEN_IN_BRIEF = 5


@dataclass(frozen=True)
class Month:
    """``late``: of the resolved ones, those resolved too late."""

    first: date
    opened: int
    resolved: int
    late: int


def months_until(now: datetime) -> list[date]:
    """First days of the last twelve months, this one included."""
    today = day_of(now)
    last = today.year * 12 + today.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(last - MONTHS + 1, last + 1)]


def by_month(context: Any, at: TicketsAt) -> list[Month]:
    """Twelve months of one account, by one statement; ``context``: a section's or a panel's."""
    firsts = months_until(context.now)
    starts = [start_of(first) for first in firsts]
    ends = [*starts[1:], context.now + timedelta(microseconds=1)]
    dated = at.dated.c
    sums: list[ColumnElement[int]] = []
    for start, end in zip(starts, ends, strict=True):
        came = and_(dated.opened_at >= start, dated.opened_at < end)
        went = and_(dated.resolved_at >= start, dated.resolved_at < end)
        sums += [_sum(came), _sum(went), _sum(and_(went, dated.resolution_met.is_(False)))]
    found = context.session.execute(
        select(*sums)
        .select_from(at.source)
        .where(
            at.there,
            dated.account_id == context.account_id,
            or_(dated.opened_at >= starts[0], dated.resolved_at >= starts[0]),
        )
    ).one()
    return [
        Month(first, *(int(value) for value in found[3 * number : 3 * number + 3]))
        for number, first in enumerate(firsts)
    ]


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def load_months(context: SectionContext) -> dict[str, object] | None:
    months = by_month(context, tickets_now(context.session, context.now))
    if not any(month.opened or month.resolved for month in months):
        return None
    return {
        "months": months,
        "labels": [format_date(month.first, "LLL", locale=context.language) for month in months],
        "opened": sum(month.opened for month in months),
        "resolved": sum(month.resolved for month in months),
        "late": sum(month.late for month in months),
    }


def load_open(context: SectionContext) -> dict[str, object] | None:
    most = context.most(MOST_OPEN, OPEN_IN_BRIEF)
    found = open_tickets(context, tickets_now(context.session, context.now), most + 1)
    if not found:
        return None
    rows = [(row, row.clock(context.now)) for row in found[:most]]
    return {"rows": rows, "priorities": PRIORITY_TITLES, "more": len(found) > most}


REPORT_SECTIONS = (
    ReportSection(
        "tickets_by_month",
        N_("Tickets by month"),
        "support/report_months.html",
        load_months,
        order=40,
        in_brief=False,
    ),
    ReportSection("open_tickets", N_("Open tickets"), "support/report_open.html", load_open, order=50),
)
