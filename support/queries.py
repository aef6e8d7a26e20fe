"""Reads of one ticket, and of those that wait for an account; every read starts where visibility is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, literal, select, tuple_
from sqlmodel import Session, col

from accounts.listing.query import Cursor, read_cursor, write_cursor
from accounts.models import Account, Contact, DataSource
from accounts.queries import is_visible
from crm.db import Id, table_of
from crm.errors import Forbidden, NotFound
from crm.text import N_
from crm.viewer import Capability, Viewer
from support.models import Ticket, TicketEvent, UnmatchedTicket
from support.projection import in_order
from support.records import EventRecord, TicketFields

_FIELDS = tuple(TicketFields.__dataclass_fields__)


def visible_tickets(viewer: Viewer) -> Select[Ticket, Account]:
    """Every ticket of an account that ``viewer`` may read, with that account; deleted ones are gone."""
    return (
        select(Ticket, Account)
        .join(Account, col(Account.id) == col(Ticket.account_id))
        .where(is_visible(viewer), col(Ticket.deleted_at).is_(None))
    )


@dataclass(frozen=True)
class TicketView:
    """A ticket's page: what it is, whose, and everything that happened to it by then, in order."""

    ticket: Ticket
    account: Account
    requester: Contact | None
    source_title: str
    events: tuple[EventRecord, ...]

    @property
    def fields(self) -> TicketFields:
        return TicketFields(**{name: getattr(self.ticket, name) for name in _FIELDS})


def get_ticket(session: Session, viewer: Viewer, ticket_id: int, now: datetime) -> TicketView:
    """Two statements. A ticket that was not there yet at ``now`` is not there."""
    # "Not yours" and "not there" get the same answer, so ids cannot be probed.
    row = None
    if 0 <= ticket_id < 2**63:
        row = session.execute(
            visible_tickets(viewer)
            .add_columns(Contact, col(DataSource.title))
            .outerjoin(Contact, col(Contact.id) == col(Ticket.contact_id))
            .outerjoin(DataSource, col(DataSource.key) == col(Ticket.source_key))
            .where(col(Ticket.id) == ticket_id, col(Ticket.opened_at) <= now)
        ).first()
    if row is None:
        raise NotFound(N_("There is no such ticket."))
    ticket, account, requester, title = row
    return TicketView(ticket, account, requester, title or ticket.source_key, events_of(session, ticket.id, now))


def events_of(session: Session, ticket_id: int, now: datetime) -> tuple[EventRecord, ...]:
    event = table_of(TicketEvent)
    rows = session.execute(
        select(*(event.c[name] for name in EventRecord._fields)).where(
            event.c.ticket_id == ticket_id, event.c.closed_at.is_(None), event.c.happened_at <= now
        )
    )
    return tuple(in_order(EventRecord(*row) for row in rows))


@dataclass(frozen=True)
class UnmatchedPage:
    rows: tuple[UnmatchedTicket, ...]
    previous: str
    next: str


def unmatched_page(session: Session, viewer: Viewer, *, after: str, before: str, size: int) -> UnmatchedPage:
    """Tickets without an account, newest first."""
    if not viewer.may(Capability.READ_UNMATCHED):
        raise Forbidden(N_("Tickets without an account are read by support and managers; ask one of them."))
    cursor = read_cursor(before or after, datetime) if before or after else None
    backward = bool(before) and cursor is not None
    waiting = table_of(UnmatchedTicket)
    statement = select(UnmatchedTicket)
    if cursor is not None:
        here = tuple_(waiting.c.opened_at, waiting.c.id)
        there = tuple_(literal(cursor.value, waiting.c.opened_at.type), literal(cursor.id, Id))
        statement = statement.where(here > there if backward else here < there)
    order = (waiting.c.opened_at, waiting.c.id) if backward else (waiting.c.opened_at.desc(), waiting.c.id.desc())
    found: Sequence[UnmatchedTicket] = session.scalars(statement.order_by(*order).limit(size + 1)).all()
    more, found = len(found) > size, found[:size]
    if backward:
        found = found[::-1]
    at_start, at_end = (not more, False) if backward else (cursor is None, not more)
    return UnmatchedPage(
        tuple(found),
        previous="" if at_start or not found else write_cursor(Cursor(found[0].opened_at, found[0].id)),
        next="" if at_end or not found else write_cursor(Cursor(found[-1].opened_at, found[-1].id)),
    )


def count_unmatched(session: Session, viewer: Viewer) -> int | None:
    """How many wait; ``None``: not the viewer's business."""
    if not viewer.may(Capability.READ_UNMATCHED):
        return None
    return session.scalar(select(func.count()).select_from(table_of(UnmatchedTicket))) or 0
