"""The list of tickets: what its address says, and its statements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, case, func, literal, or_, select, tuple_
from sqlmodel import Session, col

from accounts.listing.query import Cursor, Scope, read_cursor, write_cursor
from accounts.models import Account, Contact, Task
from accounts.portfolio import portfolio_ids
from accounts.queries import is_visible
from crm.db import Id, epoch_seconds, table_of
from crm.identity.models import User
from crm.search import like
from crm.viewer import Viewer
from support.asof import TicketsAt
from support.channels import WRITTEN, TicketChannel, channel_is
from support.clocks import Clock
from support.list_query import NOBODY, STATES, WRITTEN_CHANNELS, TicketQuery, read_query
from support.models import Ticket, TicketKind, TicketState
from support.models.ticket import URGENT
from support.words import ClockState, clock_state

SEARCHED = 20_000  # newest tickets whose subjects a search looks through
COUNTED = 1_000  # beyond, a list has "1,000+"


class TicketRow(NamedTuple):
    id: int
    external_id: str
    external_url: str | None
    subject: str
    topic: str
    channel: str
    assignee: str
    team: str
    kind: TicketKind
    priority: int
    state: TicketState
    opened_at: datetime
    resolved_at: datetime | None
    due_at: datetime | None
    resolution_met: bool | None
    first_answered_at: datetime | None
    first_answer_due_at: datetime | None
    next_answer_due_at: datetime | None
    account_id: int
    account_name: str
    requester: str | None
    sort_value: datetime | int

    def clock(self, now: datetime) -> ClockState:
        return clock_state(now, self.state, self.due_at, self.resolution_met, self.due_clock)

    @property
    def due_clock(self) -> Clock | None:
        """Whose target ``due_at`` is."""
        if self.due_at is None:
            return None
        if self.first_answered_at is None and self.due_at == self.first_answer_due_at:
            return Clock.FIRST_ANSWER
        return Clock.NEXT_ANSWER if self.due_at == self.next_answer_due_at else Clock.RESOLUTION


@dataclass(frozen=True)
class TicketPage:
    rows: tuple[TicketRow, ...]
    previous: str
    next: str


ACCOUNT, _CONTACT, _TASK = table_of(Account), table_of(Contact), table_of(Task)
_OF_TICKET = ("id", "external_id", "external_url", "subject", "topic", "channel", "assignee", "team")
_DATED = ("kind", "priority", "state", "opened_at", "resolved_at", "due_at", "resolution_met")
_CLOCKS = ("first_answered_at", "first_answer_due_at", "next_answer_due_at")


def rows_of(at: TicketsAt, sort: ColumnElement[Any]) -> Select[Any]:
    """Tickets with their account and who asked, without any condition but that they are there."""
    rows: Select[Any] = (
        select(
            *(at.ticket.c[name] for name in _OF_TICKET),
            *(at.dated.c[name] for name in (*_DATED, *_CLOCKS)),
            ACCOUNT.c.id.label("account_id"),
            ACCOUNT.c.name.label("account_name"),
            _CONTACT.c.name.label("requester"),
            sort.label("sort_value"),
        )
        .select_from(
            at.source.join(ACCOUNT, ACCOUNT.c.id == at.dated.c.account_id).join(
                _CONTACT, _CONTACT.c.id == at.ticket.c.contact_id, isouter=True
            )
        )
        .where(at.there)
    )
    return rows


def read_page(session: Session, viewer: Viewer, at: TicketsAt, query: TicketQuery, size: int) -> TicketPage:
    """One page. By due date, tickets without one (paused, resolved) come last; what presses most is late, then urgent,
    then due soon."""
    sort = _sort_value(at, query.sort)
    kind = int if query.sort == "pressing" else datetime
    cursor = read_cursor(query.before or query.after, kind) if (query.before or query.after) else None
    backward = bool(query.before) and cursor is not None
    statement = rows_of(at, sort).where(*conditions(viewer, at, query))
    id_ = at.ticket.c.id
    down = (query.sort == "opened") != backward
    if cursor is not None:
        here, there = tuple_(sort, id_), tuple_(literal(cursor.value, sort.type), literal(cursor.id, Id))
        statement = statement.where(here < there if down else here > there)
    order = (sort.desc(), id_.desc()) if down else (sort, id_)
    found = [TicketRow(*row) for row in session.execute(statement.order_by(*order).limit(size + 1))]

    more = len(found) > size
    found = found[:size]
    if backward:
        found.reverse()
    at_start, at_end = (not more, False) if backward else (cursor is None, not more)
    return TicketPage(
        tuple(found),
        previous="" if at_start or not found else write_cursor(Cursor(found[0].sort_value, found[0].id)),
        next="" if at_end or not found else write_cursor(Cursor(found[-1].sort_value, found[-1].id)),
    )


_NEVER = datetime.fromisoformat("9999-01-01T00:00:00+00:00")


def _sort_value(at: TicketsAt, sort: str) -> ColumnElement[Any]:
    if sort == "opened":
        return at.ticket.c.opened_at
    instant = at.dated.c.due_at.type
    due = func.coalesce(at.dated.c.due_at, literal(_NEVER, instant), type_=instant)
    if sort == "due":
        return due
    late_first = case((at.is_late, 0), else_=10)
    return (late_first + at.dated.c.priority) * literal(10**12, BigInteger()) + epoch_seconds(due)


def conditions(viewer: Viewer, at: TicketsAt, query: TicketQuery) -> list[ColumnElement[bool]]:
    """What stands on the list, of the accounts that the viewer may read."""
    found = [is_visible(viewer), *_in_scope(viewer, query)]
    if query.state == "open":
        found.append(at.is_open)
    elif query.state != "any":
        found.append(at.dated.c.state.in_(STATES[query.state]))
    if query.priority is not None:
        found.append(at.dated.c.priority == query.priority)
    if query.late:
        found.append(at.is_late)
    if query.kind is not None:
        found.append(at.dated.c.kind == query.kind)
    if query.topic:
        found.append(at.ticket.c.topic == query.topic)
    if query.account_id is not None:
        found.append(at.dated.c.account_id == query.account_id)
    if query.words:
        found.append(_speaks_of(viewer, at, query.words))
    if query.among is not None:
        found.append(at.ticket.c.id.in_(query.among))
    return found + _narrowed(at, query)


def _narrowed(at: TicketsAt, query: TicketQuery) -> list[ColumnElement[bool]]:
    ticket, dated = at.ticket.c, at.dated.c
    found: list[ColumnElement[bool]] = []
    if query.channel == WRITTEN_CHANNELS:
        found.append(or_(*(channel_is(ticket.channel, one) for one in WRITTEN)))
    elif query.channel:
        found.append(channel_is(ticket.channel, TicketChannel(query.channel)))
    if query.assignee:
        found.append(ticket.assignee == ("" if query.assignee == NOBODY else query.assignee))
    if query.group:
        found.append(ticket.team == ("" if query.group == NOBODY else query.group))
    if query.due_hours is not None:
        found += [at.is_open, dated.due_at >= at.now, dated.due_at <= at.now + timedelta(hours=query.due_hours)]
    if query.opened_days is not None:
        found.append(dated.opened_at > at.now - timedelta(days=query.opened_days))
    if query.answer:
        found.append(dated.first_answer_met.is_(query.answer == "in_time"))
    if query.rated:
        found.append(dated.csat.is_not(None))
    if query.reopened:
        found.append(dated.reopened > 0)
    if query.unacknowledged:
        found.append(dated.acknowledged_at.is_(None))
    if query.no_step:
        step = select(_TASK.c.id).where(_TASK.c.account_id == dated.account_id, _TASK.c.done_at.is_(None))
        found.append(~step.exists())
    return found


def _in_scope(viewer: Viewer, query: TicketQuery) -> list[ColumnElement[bool]]:
    if query.account_id is not None:
        return []  # one account's tickets, whosever it is
    if query.scope is Scope.TEAM and viewer.team_id is not None:
        members = select(col(User.id)).where(col(User.team_id) == viewer.team_id)
        return [or_(ACCOUNT.c.team_id == viewer.team_id, ACCOUNT.c.owner_id.in_(members))]
    if query.scope is Scope.MINE:
        return [ACCOUNT.c.id.in_(portfolio_ids(viewer))]
    return []


def _speaks_of(viewer: Viewer, at: TicketsAt, words: str) -> ColumnElement[bool]:
    """The source's own id, or a subject that holds the words, among the newest tickets that the viewer may read."""
    one = table_of(Ticket).alias("one")
    newest = (
        select(one.c.id, one.c.subject)
        .join(ACCOUNT, ACCOUNT.c.id == one.c.account_id)
        .where(is_visible(viewer), one.c.deleted_at.is_(None))
        .order_by(one.c.opened_at.desc(), one.c.id.desc())
        .limit(SEARCHED)
        .subquery()
    )
    pattern = f"%{like(words.lower())}%"
    by_words = select(newest.c.id).where(func.lower(newest.c.subject).like(pattern, escape="\\"))
    return or_(at.ticket.c.external_id == words, at.ticket.c.id.in_(by_words))


@dataclass(frozen=True)
class Totals:
    count: int  # up to one more than ``COUNTED``
    late: int
    urgent_late: int

    @property
    def is_capped(self) -> bool:
        return self.count > COUNTED


def read_totals(session: Session, viewer: Viewer, at: TicketsAt, query: TicketQuery) -> Totals:
    """Of the whole list, looked at up to 1,000 rows; how many of them are late."""
    counted = (
        rows_of(at, at.ticket.c.opened_at)
        .where(*conditions(viewer, at, query))
        .with_only_columns(
            case((at.is_late, 1), else_=0).label("late"),
            case((at.is_late & (at.dated.c.priority == URGENT), 1), else_=0).label("urgent"),
            maintain_column_froms=True,
        )
        .limit(COUNTED + 1)
        .subquery()
    )
    found = session.execute(
        select(
            func.count(), func.coalesce(func.sum(counted.c.late), 0), func.coalesce(func.sum(counted.c.urgent), 0)
        ).select_from(counted)
    ).one()
    return Totals(*found)


def all_rows(session: Session, viewer: Viewer, at: TicketsAt, query: TicketQuery, size: int) -> Iterator[TicketRow]:
    """Page after page, for a file."""
    query = replace(query, after="", before="")
    while True:
        found = read_page(session, viewer, at, query, size)
        yield from found.rows
        if not found.next:
            return
        query = replace(query, after=found.next)


__all__ = [
    "ACCOUNT",
    "NOBODY",
    "STATES",
    "WRITTEN_CHANNELS",
    "TicketPage",
    "TicketQuery",
    "TicketRow",
    "Totals",
    "all_rows",
    "conditions",
    "read_page",
    "read_query",
    "read_totals",
]
