"""What a message tells of a ticket, often only a part of it, made whole with what is stored.

A ``TicketRecord`` speaks for the whole ticket: its newest version counts for all fields. Events of the API and most
webhooks tell one change. A ``Patch`` says only what was told; the rest stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from support.merging import History
from support.models import EventKind
from support.models.ticket import NORMAL
from support.records import AccountHint, EventRecord, Requester, TicketFields, TicketRecord
from support.store import stored_by_external_id


@dataclass(frozen=True)
class Patch:
    """``fields``: of ``TicketFields``, those that were told. ``complete``: ``events`` are all there are.

    ``priority`` and ``state_event`` say how it stands at ``version_at``, where the source tells no history: they become
    events only if the ticket stands otherwise.
    """

    external_id: str
    version_at: datetime
    opened_at: datetime | None = None
    events: tuple[EventRecord, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    account: AccountHint | None = None
    requester: Requester | None = None
    priority: int | None = None
    state_event: EventKind | None = None
    text: str = ""  # what the customer wrote when it was opened


def made_whole(session: Session, source_key: str, patches: Sequence[Patch]) -> list[TicketRecord]:
    """Records for ``apply_tickets``; patches of one ticket build on one another, in the order of their versions."""
    stored = stored_by_external_id(session, source_key, list({one.external_id: None for one in patches}))
    known: dict[str, _Standing] = {
        key: _Standing.of(history) for key, one in stored.items() if (history := one.history()) is not None
    }
    records = []
    for patch in sorted(patches, key=lambda one: one.version_at):
        before = known.get(patch.external_id)
        record = _whole(source_key, patch, before)
        if record is None:
            continue
        records.append(record)
        known[patch.external_id] = _Standing.after(before, record)
    return records


@dataclass(frozen=True)
class _Standing:
    """As far as it matters for the next patch."""

    updated_at: datetime
    fields: TicketFields
    account: AccountHint
    requester: Requester
    account_id: int | None
    contact_id: int | None
    events: Mapping[str, EventRecord]

    @classmethod
    def of(cls, known: History) -> _Standing:
        return cls(
            known.updated_at,
            known.fields,
            known.account,
            known.requester,
            known.account_id,
            known.contact_id,
            dict(known.events),
        )

    @classmethod
    def after(cls, before: _Standing | None, record: TicketRecord) -> _Standing:
        events = {**(before.events if before else {}), **{event.key: event for event in record.events}}
        return cls(
            max(record.updated_at, before.updated_at) if before else record.updated_at,
            record.fields,
            record.account,
            record.requester,
            record.account_id,
            record.contact_id,
            events,
        )


def _whole(source_key: str, patch: Patch, before: _Standing | None) -> TicketRecord | None:
    """``None``: it tells nothing that happened, and nothing is known yet that it could change."""
    at, is_new = patch.version_at, before is None or not before.events
    events = list(patch.events)
    has_opening = any(event.kind is EventKind.OPENED for event in events)
    if is_new and not has_opening:
        opened_at = min([patch.opened_at or at, *(event.happened_at for event in events)])
        data = {"text": patch.text} if patch.text else {}
        events.insert(
            0, EventRecord(EventKind.OPENED, "opened", opened_at, patch.priority or NORMAL, data, derived=True)
        )
    standing = sorted(
        [*(before.events.values() if before else ()), *events], key=lambda one: (one.happened_at, one.seq)
    )
    if patch.priority is not None and patch.priority != _priority(standing):
        events.append(EventRecord(EventKind.PRIORITY, _key(EventKind.PRIORITY, at), at, patch.priority, derived=True))
    if patch.state_event is not None and not _stands(standing, patch.state_event):
        kind = _changed(standing, patch.state_event)
        if kind is not None:
            events.append(EventRecord(kind, _key(kind, at), at, derived=True))
    if before is None:
        fields = replace(TicketFields(answers_told=False), **patch.fields)
        return TicketRecord(
            source_key,
            patch.external_id,
            at,
            tuple(events),
            fields,
            complete=False,
            account=patch.account or AccountHint(),
            requester=patch.requester or Requester(),
        )
    newer = at >= before.updated_at
    if not events:  # a record needs an event: say again one that is known
        events = [next(iter(before.events.values()))]
    return TicketRecord(
        source_key,
        patch.external_id,
        at,
        tuple(events),
        replace(before.fields, **patch.fields) if newer else before.fields,
        complete=False,
        account=patch.account or before.account,
        requester=patch.requester or before.requester,
        account_id=before.account_id if patch.account is None else None,
        contact_id=before.contact_id if patch.requester is None else None,
    )


def _key(kind: EventKind, at: datetime) -> str:
    return f"{kind.value}:{at:%Y%m%dT%H%M%S}"


def _priority(events: Sequence[EventRecord]) -> int:
    told = [event.value for event in events if event.kind in (EventKind.OPENED, EventKind.PRIORITY) and event.value]
    return int(told[-1]) if told else NORMAL


_STATES = {
    EventKind.OPENED: EventKind.WORKING,
    EventKind.WORKING: EventKind.WORKING,
    EventKind.REOPENED: EventKind.WORKING,
    EventKind.WAITING: EventKind.WAITING,
    EventKind.RESOLVED: EventKind.RESOLVED,
    EventKind.CLOSED: EventKind.CLOSED,
    EventKind.DELETED: EventKind.DELETED,
}


def _state(events: Sequence[EventRecord]) -> EventKind:
    state = EventKind.WORKING
    for event in events:
        if event.kind is EventKind.CUSTOMER_REPLY and state is EventKind.WAITING:
            state = EventKind.WORKING
        state = _STATES.get(event.kind, state)
    return state


def _stands(events: Sequence[EventRecord], wanted: EventKind) -> bool:
    return _state(events) is wanted


def _changed(events: Sequence[EventRecord], wanted: EventKind) -> EventKind | None:
    """The event that leads from how it stands to ``wanted``."""
    done = _state(events) in (EventKind.RESOLVED, EventKind.CLOSED)
    if done and wanted in (EventKind.WORKING, EventKind.WAITING):
        return EventKind.REOPENED
    if wanted is EventKind.RESOLVED and _state(events) is EventKind.CLOSED:
        return None
    return wanted
