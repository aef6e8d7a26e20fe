"""The tickets behind a measure: listed by the very conditions that its features count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import col

from crm.contracts import RecordRef, RecordsContext, RecordsOf
from crm.text import N_, Text, plural, text
from support.health.rows import TicketRows, since, values
from support.models import Ticket
from support.models.ticket import PRIORITY_TITLES

_SHOWN = 50

Condition = Callable[[TicketRows], ColumnElement[bool]]


def _tickets(context: RecordsContext, where: Condition, *, newest: bool = False) -> Sequence[RecordRef]:
    """Worst first: the most urgent, then the oldest; or the newest first."""
    rows = TicketRows(context.features.shape)
    c = rows.c
    order: tuple[Any, ...] = (c.opened_at.desc(), rows.ticket_id.desc())
    if not newest:
        order = (c.priority, c.opened_at, rows.ticket_id)
    found = context.session.execute(
        select(
            rows.ticket_id.label("id"),
            col(Ticket.external_id),
            col(Ticket.external_url),
            col(Ticket.subject),
            c.priority,
            c.opened_at,
            c.resolved_at,
            c.due_at,
            c.first_answer_met,
            c.resolution_met,
            c.reopened,
            c.csat,
            c.csat_at,
        )
        .join(Ticket, col(Ticket.id) == rows.ticket_id)
        .where(*rows.conditions, where(rows))
        .order_by(*order)
        .limit(_SHOWN),
        {
            **values(context.features),
            "t": context.t,
            "known_at": context.features.known_at,
            "account_ids": [context.account_id],
        },
    )
    return [
        RecordRef(
            kind="ticket",
            id=row.id,
            title=f"{row.external_id} · {row.subject}" if row.subject else row.external_id,
            href=f"/tickets/{row.id}",
            at=row.opened_at,
            note=_note(row, context),
            external_url=row.external_url,
        )
        for row in found
    ]


def _note(row: Any, context: RecordsContext) -> Text:
    """How the ticket stood: "urgent, open for 9 days, past its target", "normal, resolved on 3 March, too late"."""
    said = {"priority": text(PRIORITY_TITLES[row.priority])}
    if row.resolved_at is None:
        days = _days(context, row.opened_at)
        if row.due_at is not None and row.due_at < context.t:
            return plural(
                N_("%(priority)s, open for %(n)s day, past its target"),
                N_("%(priority)s, open for %(n)s days, past its target"),
                days,
                **said,
            )
        return plural(N_("%(priority)s, open for %(n)s day"), N_("%(priority)s, open for %(n)s days"), days, **said)
    day = row.resolved_at.astimezone(ZoneInfo(context.features.zone)).date()
    if row.csat is not None:
        return text(N_("%(priority)s, resolved on %(day)s, rated %(rating)s of 100"), day=day, rating=row.csat, **said)
    if row.resolution_met is False:
        return text(N_("%(priority)s, resolved on %(day)s, past its target"), day=day, **said)
    return text(N_("%(priority)s, resolved on %(day)s"), day=day, **said)


def _days(context: RecordsContext, at: datetime) -> int:
    return (context.features.day - at.astimezone(ZoneInfo(context.features.zone)).date()).days


def tickets_where(where: Condition, *, newest: bool = False) -> RecordsOf:
    return lambda context: _tickets(context, where, newest=newest)


last_tickets = tickets_where(lambda rows: rows.in_window, newest=True)
open_tickets = tickets_where(lambda rows: rows.is_open)
urgent_tickets = tickets_where(lambda rows: and_(rows.is_open, rows.is_urgent))
tickets_of_30_days = tickets_where(lambda rows: rows.in_30, newest=True)
answered_late = tickets_where(lambda rows: and_(rows.in_90, rows.answer_was_late), newest=True)
resolved_late = tickets_where(lambda rows: and_(rows.in_window, rows.resolution_was_late), newest=True)
reopened = tickets_where(lambda rows: and_(rows.in_window, rows.c.reopened > 0), newest=True)
escalated_open = tickets_where(lambda rows: and_(rows.is_open, rows.c.escalated > 0))
escalated = tickets_where(lambda rows: and_(rows.in_window, rows.c.escalated > 0), newest=True)
rated = tickets_where(lambda rows: and_(rows.in_window, rows.is_rated), newest=True)
rated_in_60_days = tickets_where(
    lambda rows: and_(rows.in_window, or_(rows.is_rated_in_30, rows.is_rated_in_60)), newest=True
)
repeated = tickets_where(lambda rows: and_(rows.in_90, rows.c.repeat_of_id.is_not(None)), newest=True)
complaints = tickets_where(
    lambda rows: and_(rows.is_open, or_(rows.is_unacknowledged, rows.is_unremedied)),
)
grown = tickets_where(lambda rows: and_(rows.is_open, rows.c.opened_at >= since(60)), newest=True)
