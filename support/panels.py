"""Tickets on the account page: what is open, most pressing first, and entries of the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select, tuple_

from crm.contracts import Panel, PanelContext, TimelineEntry, TimelineSource
from crm.db import table_of
from crm.text import N_, Text, text
from support.asof import TicketsAt, tickets_now
from support.listing import TicketRow, rows_of
from support.models import EventKind, Ticket, TicketEvent
from support.models.ticket import PRIORITY_TITLES
from support.words import EVENT_BANDS, event_words

SHOWN = 8
LATELY = timedelta(days=90)


def load_tickets(context: PanelContext) -> dict[str, object] | None:
    """Two statements. No panel for an account that never had a ticket."""
    at = tickets_now(context.session, context.now)
    dated = at.dated.c
    of_account = [at.there, dated.account_id == context.account_id]
    counts = context.session.execute(
        select(
            func.count().label("ever"),
            _count(at.is_open).label("open"),
            _count(at.is_late).label("late"),
            _count(dated.opened_at > context.now - LATELY).label("opened"),
            _count(dated.resolved_at > context.now - LATELY).label("resolved"),
        )
        .select_from(at.source)
        .where(*of_account)
    ).one()
    if not counts.ever:
        return None
    rows = open_tickets(context, at, SHOWN) if counts.open else []
    return {
        "counts": counts,
        "rows": [(row, row.clock(context.now)) for row in rows],
        "priorities": PRIORITY_TITLES,
        "days": LATELY.days,
    }


def open_tickets(context: Any, at: TicketsAt, limit: int) -> Sequence[TicketRow]:
    """Of one account: late ones first, then by priority, then the oldest. ``context``: a panel's or a section's."""
    statement = (
        rows_of(at, at.ticket.c.opened_at)
        .where(at.dated.c.account_id == context.account_id, at.is_open)
        .order_by(case((at.is_late, 0), else_=1), at.dated.c.priority, at.ticket.c.opened_at, at.ticket.c.id)
        .limit(limit)
    )
    return [TicketRow(*row) for row in context.session.execute(statement)]


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


TICKETS = Panel(
    key="tickets",
    title=N_("Tickets"),
    template="support/panel.html",
    load=load_tickets,
    order=30,
    place="main",
)

# --- timeline --------------------------------------------------------------------------------------------------------

TOLD = (
    EventKind.OPENED,
    EventKind.ESCALATED,
    EventKind.BREACHED,
    EventKind.REOPENED,
    EventKind.RESOLVED,
    EventKind.RATED,
    EventKind.ACKNOWLEDGED,
)


def entries(context: PanelContext, before: tuple[datetime, int] | None, limit: int) -> Sequence[TimelineEntry]:
    event, ticket = table_of(TicketEvent).alias("e"), table_of(Ticket).alias("t")
    statement = (
        select(
            event.c.id,
            event.c.kind,
            event.c.happened_at,
            event.c.value,
            event.c.data,
            ticket.c.id.label("ticket_id"),
            ticket.c.external_id,
            ticket.c.external_url,
            ticket.c.subject,
        )
        .join(ticket, ticket.c.id == event.c.ticket_id)
        .where(
            event.c.account_id == context.account_id,
            event.c.closed_at.is_(None),
            event.c.kind.in_(TOLD),
            event.c.happened_at <= context.now,
            ticket.c.deleted_at.is_(None),
        )
        .order_by(event.c.happened_at.desc(), event.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        there = tuple_(literal(before[0], event.c.happened_at.type), literal(before[1], event.c.id.type))
        statement = statement.where(tuple_(event.c.happened_at, event.c.id) < there)
    return [
        TimelineEntry(
            kind="escalation" if row.kind is EventKind.ESCALATED else "ticket",
            id=row.id,
            at=row.happened_at,
            title=_title(row),
            body=row.data.get("text", "") if row.kind is EventKind.OPENED else "",
            href=f"/tickets/{row.ticket_id}",
            meta=event_words(row.kind, row.value, row.data),
            band=EVENT_BANDS.get(row.kind),
            external_url=row.external_url,
        )
        for row in context.session.execute(statement)
    ]


def _title(row: Any) -> Text:
    if row.subject:
        return text(N_("Ticket %(id)s: %(subject)s"), id=row.external_id, subject=row.subject)
    return text(N_("Ticket %(id)s"), id=row.external_id)


TIMELINE = TimelineSource("tickets", N_("Tickets"), entries, order=20)
