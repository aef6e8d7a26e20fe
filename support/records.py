"""A ticket as a source tells it: what importers, the API and the demo hand to ``support.service.apply_tickets``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from support.models import EventKind, TicketKind


class EventRecord(NamedTuple):
    """``key`` names the event within its ticket: the source's own id of it, or kind and instant. What ``value`` means
    stands with each ``EventKind``; that of the opening is the priority, normal where the source has none."""

    kind: EventKind
    key: str
    happened_at: datetime
    value: float | None = None
    data: Mapping[str, Any] = {}
    seq: int = 0
    derived: bool = False
    version_at: datetime | None = None  # of the record that told it; given by ``merge``


class AccountHint(NamedTuple):
    """How the source names the company: tried in this order, and the first that is known counts."""

    external_id: str = ""
    domain: str = ""
    name: str = ""
    create: bool = False  # a company nobody knows yet becomes an account, if it has a name

    @property
    def is_empty(self) -> bool:
        return not (self.external_id or self.domain or self.name)


class Requester(NamedTuple):
    """Who asked. Known by the source's id, else by e-mail; a new one becomes a contact, if there is a name."""

    external_id: str = ""
    name: str = ""
    email: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.external_id or self.name or self.email)


@dataclass(frozen=True)
class TicketFields:
    """What a record says about the ticket beside its events. The newest record counts for all of them."""

    external_url: str | None = None
    subject: str = ""
    topic: str = ""
    kind: TicketKind = TicketKind.OTHER
    channel: str = ""
    assignee: str = ""
    team: str = ""
    answers_told: bool = True  # the source tells first answers
    breaches_told: bool = False  # the source tells missed targets: a resolution without BREACHED was in time


@dataclass(frozen=True)
class TicketRecord:
    """One ticket, in one version. ``complete``: these are all its events; else they are added to those already known.

    ``account_id`` and ``contact_id``: where the caller knows them; else the hints are looked up.
    """

    source_key: str
    external_id: str
    updated_at: datetime  # the version: the newest wins whatever the order of arrival
    events: tuple[EventRecord, ...]
    fields: TicketFields = field(default_factory=TicketFields)
    complete: bool = True
    account: AccountHint = field(default_factory=AccountHint)
    requester: Requester = field(default_factory=Requester)
    account_id: int | None = None
    contact_id: int | None = None

    @property
    def opened_at(self) -> datetime | None:
        return next((event.happened_at for event in self.events if event.kind is EventKind.OPENED), None)

    def digest(self) -> int:
        """63 bits of everything it tells, to know the very same record again."""
        told = (
            self.updated_at.timestamp(),
            self.complete,
            tuple(vars(self.fields).values()),
            self.account,
            self.requester,
            self.account_id,
            self.contact_id,
            [(*event[:2], event.happened_at.timestamp(), *event[3:7]) for event in self.events],
        )
        return int.from_bytes(blake2b(repr(told).encode(), digest_size=8).digest()) >> 1


def as_json(record: TicketRecord) -> dict[str, Any]:
    """``record`` as JSON can hold it; ``from_json`` gives it back."""
    fields = record.fields
    return {
        "source_key": record.source_key,
        "external_id": record.external_id,
        "updated_at": record.updated_at.isoformat(),
        "complete": record.complete,
        "fields": {**fields.__dict__, "kind": fields.kind.value},
        "account": list(record.account),
        "requester": list(record.requester),
        "account_id": record.account_id,
        "contact_id": record.contact_id,
        "events": [
            [
                event.kind.value,
                event.key,
                event.happened_at.isoformat(),
                event.value,
                dict(event.data),
                event.seq,
                event.derived,
                event.version_at.isoformat() if event.version_at else None,
            ]
            for event in record.events
        ],
    }


def from_json(kept: Mapping[str, Any]) -> TicketRecord:
    fields = TicketFields(**{**kept["fields"], "kind": TicketKind(kept["fields"]["kind"])})
    return TicketRecord(
        source_key=kept["source_key"],
        external_id=kept["external_id"],
        updated_at=_instant(kept["updated_at"]),
        complete=kept["complete"],
        fields=fields,
        account=AccountHint(*kept["account"]),
        requester=Requester(*kept["requester"]),
        account_id=kept["account_id"],
        contact_id=kept["contact_id"],
        events=tuple(
            EventRecord(
                EventKind(kind),
                key,
                _instant(happened_at),
                value,
                data,
                seq,
                derived,
                _instant(version_at) if version_at else None,
            )
            for kind, key, happened_at, value, data, seq, derived, version_at in kept["events"]
        ),
    )


def _instant(written: str) -> datetime:
    return datetime.fromisoformat(written).astimezone(UTC)
