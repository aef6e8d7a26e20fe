"""Histories of tickets out of the tables and back: what differs is written, and only that.

Events and spans are never changed: a row that no longer holds is closed, and what holds is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, select
from sqlmodel import Session

from crm.db import table_of
from crm.ids import new_id
from crm.text import Text
from support.bulk import insert_rows, parts, update_rows
from support.merging import History, history_of
from support.models import Ticket, TicketEvent, TicketSpan, UnmatchedTicket
from support.policies.queries import TicketPolicies
from support.projection import SPAN_COLUMNS, Span, project
from support.records import EventRecord, TicketFields, as_json, from_json

_TICKET, _EVENT, _SPAN, _UNMATCHED = (
    table_of(Ticket),
    table_of(TicketEvent),
    table_of(TicketSpan),
    table_of(UnmatchedTicket),
)
_FIELDS = tuple(TicketFields.__dataclass_fields__)
_TICKET_IDENTITY = ("id", "source_key", "external_id", "known_at", "import_run_id")
_FACT_IDENTITY = ("id", "ticket_id", "account_id", "known_at")
_VERSIONS = ("updated_at", "complete_at", "account_told_at", "digest")  # they move without anything having changed


class StoredEvent(NamedTuple):
    id: int
    account_id: int
    event: EventRecord


class StoredSpan(NamedTuple):
    id: int
    account_id: int
    span: Span


@dataclass
class Stored:
    """A ticket as it stands in the tables."""

    ticket: Row[Any] | None = None
    events: list[StoredEvent] = field(default_factory=list)
    spans: list[StoredSpan] = field(default_factory=list)
    unmatched: Row[Any] | None = None

    @property
    def is_told(self) -> bool:
        """There is a ticket, and not only the row of one that was taken back."""
        return self.ticket is not None and bool(self.events)

    def history(self) -> History | None:
        if self.ticket is not None and self.is_told:
            row = self.ticket._mapping
            return History(
                source_key=row["source_key"],
                external_id=row["external_id"],
                updated_at=row["updated_at"],
                fields=TicketFields(**{name: row[name] for name in _FIELDS}),
                complete_at=row["complete_at"],
                account_id=row["account_id"],
                account_told_at=row["account_told_at"],
                contact_id=row["contact_id"],
                digest=row["digest"],
                events={stored.event.key: stored.event for stored in self.events},
            )
        if self.unmatched is not None:
            return history_of(from_json(self.unmatched.record), self.unmatched.complete_at)
        return None


class Told(NamedTuple):
    """What a stored ticket was told last."""

    digest: int | None
    account_id: int
    contact_id: int | None


def told_last(session: Session, source_key: str, external_ids: Sequence[str]) -> dict[str, Told]:
    found: dict[str, Told] = {}
    for some in parts(external_ids):
        rows = session.execute(
            select(_TICKET.c.external_id, _TICKET.c.digest, _TICKET.c.account_id, _TICKET.c.contact_id).where(
                _TICKET.c.source_key == source_key, _TICKET.c.external_id.in_(some)
            )
        )
        found.update((external_id, Told(*rest)) for external_id, *rest in rows)
    return found


def stored_by_external_id(session: Session, source_key: str, external_ids: Sequence[str]) -> dict[str, Stored]:
    """Every ticket of ``source_key`` with one of these ids, held until the transaction ends."""
    found: dict[str, Stored] = {}
    for some in parts(external_ids):
        tickets = select(_TICKET).where(_TICKET.c.source_key == source_key, _TICKET.c.external_id.in_(some))
        for row in session.execute(tickets.order_by(_TICKET.c.id).with_for_update()):
            found[row.external_id] = Stored(ticket=row)
        waiting = select(_UNMATCHED).where(_UNMATCHED.c.source_key == source_key, _UNMATCHED.c.external_id.in_(some))
        for row in session.execute(waiting.order_by(_UNMATCHED.c.id).with_for_update()):
            found.setdefault(row.external_id, Stored()).unmatched = row
    _read_facts(session, found.values())
    return found


def stored_by_id(session: Session, ticket_ids: Sequence[int]) -> dict[int, Stored]:
    found: dict[int, Stored] = {}
    for some in parts(ticket_ids):
        for row in session.execute(
            select(_TICKET).where(_TICKET.c.id.in_(some)).order_by(_TICKET.c.id).with_for_update()
        ):
            found[row.id] = Stored(ticket=row)
    _read_facts(session, found.values())
    return found


def _read_facts(session: Session, found: Iterable[Stored]) -> None:
    by_id = {stored.ticket.id: stored for stored in found if stored.ticket is not None}
    event_columns = [_EVENT.c[name] for name in EventRecord._fields]
    span_columns = [_SPAN.c[name] for name in SPAN_COLUMNS]
    for some in parts(list(by_id)):
        events = select(_EVENT.c.ticket_id, _EVENT.c.id, _EVENT.c.account_id, *event_columns)
        for ticket_id, id_, account_id, *values in session.execute(
            events.where(_EVENT.c.ticket_id.in_(some), _EVENT.c.closed_at.is_(None))
        ):
            by_id[ticket_id].events.append(StoredEvent(id_, account_id, EventRecord(*values)))
        spans = select(_SPAN.c.ticket_id, _SPAN.c.id, _SPAN.c.account_id, *span_columns)
        for ticket_id, id_, account_id, *values in session.execute(
            spans.where(_SPAN.c.ticket_id.in_(some), _SPAN.c.closed_at.is_(None))
        ):
            by_id[ticket_id].spans.append(StoredSpan(id_, account_id, Span(*values)))


class Writer:
    """Collects what differs, and writes it in an order that every constraint can hold."""

    def __init__(self, policies: TicketPolicies, known_at: datetime, import_run_id: int | None) -> None:
        self.policies = policies
        self.known_at = known_at
        self.import_run_id = import_run_id
        self.account_ids: dict[int, None] = {}  # of what changed, the accounts before and after
        self._new_tickets: list[tuple[Any, ...]] = []
        self._ticket_columns: tuple[str, ...] = ()
        self._tickets: list[dict[str, Any]] = []
        self._new_events: list[tuple[Any, ...]] = []
        self._event_versions: list[dict[str, Any]] = []
        self._closed_events: list[int] = []
        self._new_spans: list[tuple[Any, ...]] = []
        self._closed_spans: list[int] = []
        self._new_unmatched: list[dict[str, Any]] = []
        self._unmatched: list[dict[str, Any]] = []
        self._matched: list[int] = []
        self._gone: list[int] = []

    def put(self, ticket_id: int, stored: Stored, known: History) -> bool:
        """``known`` is how the ticket is to stand from now on; whether that changes anything."""
        if known.account_id is None:
            raise ValueError("A ticket without account waits among the unmatched.")
        policy = self.policies.policy_for(known.account_id, known.opened_at, known.fields.channel)
        projected = project(known.fields, known.events.values(), policy)
        columns = {
            "account_id": known.account_id,
            "contact_id": known.contact_id,
            "updated_at": known.updated_at,
            "complete_at": known.complete_at,
            "account_told_at": known.account_told_at,
            "digest": known.digest,
            **{name: getattr(known.fields, name) for name in _FIELDS},
            **projected.columns,
        }
        changed = self._put_events(ticket_id, stored, known)
        changed |= self._put_spans(ticket_id, stored, known.account_id, projected.spans)
        changed |= self._put_ticket(ticket_id, stored, known, columns)
        if stored.unmatched is not None:
            self._matched.append(stored.unmatched.id)
            changed = True
        if changed:
            self.account_ids[known.account_id] = None
            if stored.ticket is not None:
                self.account_ids[stored.ticket.account_id] = None
        return changed

    def _put_ticket(self, ticket_id: int, stored: Stored, known: History, columns: dict[str, Any]) -> bool:
        if stored.ticket is None:
            identity = (ticket_id, known.source_key, known.external_id, self.known_at, self.import_run_id)
            self._new_tickets.append((*identity, *columns.values()))
            self._ticket_columns = tuple(columns)
            return True
        row = stored.ticket._mapping
        differing = {name for name, value in columns.items() if row[name] != value}
        if not differing:
            return False
        changed = not differing.issubset(_VERSIONS)
        run_id = self.import_run_id if changed and self.import_run_id else row["import_run_id"]
        self._tickets.append({"id": ticket_id, "import_run_id": run_id, **columns})
        return changed

    def _put_events(self, ticket_id: int, stored: Stored, known: History) -> bool:
        kept: set[str] = set()
        changed = False
        for id_, account_id, event in stored.events:
            wanted = known.events.get(event.key)
            if wanted is not None and account_id == known.account_id and _same_fact(wanted, event):
                kept.add(event.key)
                if wanted.version_at != event.version_at:
                    self._event_versions.append({"id": id_, "version_at": wanted.version_at})
            else:
                self._closed_events.append(id_)
                changed = True
        for key, event in known.events.items():
            if key not in kept:
                self._new_events.append((new_id(), ticket_id, known.account_id, self.known_at, *event))
                changed = True
        return changed

    def _put_spans(self, ticket_id: int, stored: Stored, account_id: int, spans: list[Span]) -> bool:
        wanted = dict.fromkeys(spans)
        changed = False
        for span in stored.spans:
            if span.account_id == account_id and span.span in wanted:
                del wanted[span.span]
            else:
                self._closed_spans.append(span.id)
                changed = True
        for new in wanted:
            self._new_spans.append((new_id(), ticket_id, account_id, self.known_at, *new))
            changed = True
        return changed

    def take_back(self, stored: Stored) -> bool:
        """No source tells this ticket any more: it is closed with everything it was, and nothing reads it."""
        if stored.unmatched is not None:
            self._matched.append(stored.unmatched.id)
        if stored.ticket is None or not stored.is_told:
            return stored.unmatched is not None
        self._closed_events += [event.id for event in stored.events]
        self._closed_spans += [span.id for span in stored.spans]
        self._gone.append(stored.ticket.id)
        self.account_ids[stored.ticket.account_id] = None
        return True

    def put_unmatched(self, stored: Stored, known: History, why: Text) -> bool:
        """Kept whole, so that it can move once somebody knows whose it is."""
        record = as_json(known.as_record())
        columns = {
            "external_url": known.fields.external_url,
            "subject": known.fields.subject,
            "requester": (known.requester.email or known.requester.name)[:254],
            "reason": why.message,
            "reason_values": dict(why.values),
            "opened_at": known.opened_at,
            "updated_at": known.updated_at,
            "complete_at": known.complete_at,
            "record": record,
        }
        if stored.unmatched is None:
            self._new_unmatched.append(
                {
                    "id": new_id(),
                    "source_key": known.source_key,
                    "external_id": known.external_id,
                    "known_at": self.known_at,
                    "import_run_id": self.import_run_id,
                    **columns,
                }
            )
            return True
        row = stored.unmatched._mapping
        if all(row[name] == value for name, value in columns.items()):
            return False
        self._unmatched.append({"id": row["id"], **columns})
        return True

    def write(self, session: Session) -> None:
        insert_rows(session, Ticket, (*_TICKET_IDENTITY, *self._ticket_columns), self._new_tickets)
        update_rows(session, Ticket, self._tickets)
        for some in parts(self._gone):
            gone = {"deleted_at": self.known_at, "digest": None, "repeat_of_id": None, "due_at": None}
            session.execute(_TICKET.update().where(_TICKET.c.id.in_(some)).values(gone))
        update_rows(session, TicketEvent, self._event_versions)
        for target, closed in ((_EVENT, self._closed_events), (_SPAN, self._closed_spans)):
            for some in parts(closed):
                session.execute(target.update().where(target.c.id.in_(some)).values(closed_at=self.known_at))
        insert_rows(session, TicketEvent, (*_FACT_IDENTITY, *EventRecord._fields), self._new_events)
        insert_rows(session, TicketSpan, (*_FACT_IDENTITY, *SPAN_COLUMNS), self._new_spans)
        if self._new_unmatched:
            session.execute(_UNMATCHED.insert(), self._new_unmatched)
        update_rows(session, UnmatchedTicket, self._unmatched)
        for some in parts(self._matched):
            session.execute(_UNMATCHED.delete().where(_UNMATCHED.c.id.in_(some)))


def _same_fact(one: EventRecord, other: EventRecord) -> bool:
    return (
        one.kind is other.kind
        and one.happened_at == other.happened_at
        and one.value == other.value
        and one.seq == other.seq
        and one.derived == other.derived
        and dict(one.data) == dict(other.data)
    )
