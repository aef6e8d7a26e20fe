"""The board "complete": what was not done whole. Reopened tickets, complaints nobody has acknowledged, and tickets that
wait for the customer although nobody has anything planned with that account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from crm.text import N_
from crm.viewer import Viewer
from support.asof import TicketsAt
from support.list_query import TicketQuery
from support.listing import TicketRow, conditions, rows_of
from support.models import TicketKind

SHOWN = 12


@dataclass(frozen=True)
class Part:
    """``query``: the list with all of them."""

    key: str
    title: str
    why: str
    query: TicketQuery
    count: int
    rows: Sequence[TicketRow]


def read_complete(session: Session, viewer: Viewer, at: TicketsAt, query: TicketQuery) -> list[Part]:
    """Two statements for each of the three."""
    return [_part(session, viewer, at, key, title, why, narrowed) for key, title, why, narrowed in _parts(query)]


def _parts(query: TicketQuery) -> list[tuple[str, str, str, TicketQuery]]:
    return [
        (
            "reopened",
            N_("Reopened and open again"),
            N_("The customer says that it was not solved."),
            replace(query, state="open", reopened=True),
        ),
        (
            "complaints",
            N_("Complaints without an acknowledgement"),
            N_("Nobody has told the customer yet that they were understood."),
            replace(query, state="open", kind=TicketKind.COMPLAINT, unacknowledged=True),
        ),
        (
            "waiting",
            N_("Waiting for the customer, without a next step"),
            N_("No open task says who comes back to this account, and when."),
            replace(query, state="waiting", no_step=True),
        ),
    ]


def _part(session: Session, viewer: Viewer, at: TicketsAt, key: str, title: str, why: str, query: TicketQuery) -> Part:
    rows: Any = rows_of(at, at.ticket.c.opened_at).where(*conditions(viewer, at, query))
    found = session.execute(rows.order_by(at.ticket.c.opened_at, at.ticket.c.id).limit(SHOWN)).all()
    count = session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0
    return Part(key, title, why, query, count, [TicketRow(*row) for row in found])
