"""What is known of a ticket, and how another record adds to it. Pure; the order in which records arrive never matters.

The newest version wins: for everything beside events as a whole, for events one by one. A complete record also ends the
events that it no longer tells, as far as they are not newer than it. Of two records of one version the later to arrive
wins, so that a file read again with a better mapping counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from crm.db import metadata
from support.models import EventKind, Ticket, TicketEvent
from support.records import AccountHint, EventRecord, Requester, TicketFields, TicketRecord

OURS = (EventKind.REPEATED,)  # facts that no source tells


@dataclass
class History:
    """A ticket as all its records together tell it."""

    source_key: str
    external_id: str
    updated_at: datetime
    fields: TicketFields
    complete_at: datetime | None = None
    account_id: int | None = None
    account_told_at: datetime | None = None
    contact_id: int | None = None
    digest: int | None = None
    account: AccountHint = field(default_factory=AccountHint)
    requester: Requester = field(default_factory=Requester)
    events: dict[str, EventRecord] = field(default_factory=dict)

    @property
    def opened_at(self) -> datetime:
        openings = [event.happened_at for event in self.events.values() if event.kind is EventKind.OPENED]
        return min(openings or (event.happened_at for event in self.events.values()))

    def as_record(self) -> TicketRecord:
        return TicketRecord(
            source_key=self.source_key,
            external_id=self.external_id,
            updated_at=self.updated_at,
            events=tuple(self.events.values()),
            fields=self.fields,
            complete=self.complete_at is not None,
            account=self.account,
            requester=self.requester,
        )


def history_of(record: TicketRecord, complete_at: datetime | None) -> History:
    """What a record that was kept whole tells, with the versions of its events."""
    return History(
        source_key=record.source_key,
        external_id=record.external_id,
        updated_at=record.updated_at,
        fields=record.fields,
        complete_at=complete_at,
        account=record.account,
        requester=record.requester,
        events={event.key: event for event in record.events},
    )


def merge(known: History | None, record: TicketRecord, account_id: int | None, contact_id: int | None) -> History:
    """``known`` and ``record`` together. ``account_id``, ``contact_id``: whom its hints mean; ``None``: nobody known.

    A ticket keeps its account when a newer record names none.
    """
    if known is None:
        known = History(record.source_key, record.external_id, record.updated_at, _fitting(record.fields))
    elif record.updated_at >= known.updated_at:
        known.fields = _fitting(record.fields)
    if record.updated_at >= known.updated_at:
        known.updated_at = record.updated_at
        known.contact_id, known.account, known.requester = contact_id, record.account, record.requester
        known.digest = record.digest()
    if account_id is not None and (known.account_told_at is None or record.updated_at >= known.account_told_at):
        known.account_id, known.account_told_at = account_id, record.updated_at
    _merge_events(known, record)
    return known


def _merge_events(known: History, record: TicketRecord) -> None:
    complete_at = known.complete_at
    told = {}
    for event in record.events:
        if event.version_at is None or len(event.key) > _KEY:
            event = event._replace(key=event.key[:_KEY], version_at=event.version_at or record.updated_at)
        told[event.key] = event
    for key, event in told.items():
        stored = known.events.get(key)
        if stored is not None:
            if _version(event) >= _version(stored):
                known.events[key] = event
        elif complete_at is None or _version(event) >= complete_at:
            known.events[key] = event
    if record.complete and (complete_at is None or record.updated_at >= complete_at):
        known.complete_at = record.updated_at
        known.events = {
            key: event
            for key, event in known.events.items()
            if key in told or event.kind in OURS or _version(event) > record.updated_at
        }


def _version(event: EventRecord) -> datetime:
    if event.version_at is None:
        raise ValueError("An event of a history knows its version.")
    return event.version_at


# --- what fits the columns ---

_LENGTHS: Mapping[str, int] = {
    column.name: column.type.length  # type: ignore[attr-defined]
    for column in metadata.tables[str(Ticket.__tablename__)].columns
    if getattr(column.type, "length", None)
}
_KEY: int = metadata.tables[str(TicketEvent.__tablename__)].columns["key"].type.length  # type: ignore[attr-defined]
_WRITTEN = ("external_url", "subject", "topic", "channel", "assignee", "team")


def _fitting(fields: TicketFields) -> TicketFields:
    """Text longer than its column is cut; PostgreSQL takes no NUL."""
    changed = {}
    for name in _WRITTEN:
        text = getattr(fields, name)
        if text and (len(text) > _LENGTHS[name] or "\x00" in text):
            changed[name] = text.replace("\x00", "")[: _LENGTHS[name]]
    if "external_url" in changed:
        changed["external_url"] = None  # half an address leads nowhere
    return replace(fields, **changed) if changed else fields


# --- repeat contacts ---

REPEAT_WITHIN = timedelta(days=14)
REPEAT_KEY = "repeated"


def set_repeat(known: History, of: int | None) -> bool:
    """Say that the ticket is about what ticket ``of`` was resolved about, or that it is not; whether that is new."""
    before = known.events.get(REPEAT_KEY)
    if of is None:
        return known.events.pop(REPEAT_KEY, None) is not None
    at = known.opened_at
    after = EventRecord(EventKind.REPEATED, REPEAT_KEY, at, data={"of": str(of)}, derived=True, version_at=at)
    known.events[REPEAT_KEY] = after
    return before != after
