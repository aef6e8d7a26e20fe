"""The verb that brings tickets in; whoever calls it (import, webhook, demo) gets the same rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from accounts.events import gathered
from accounts.models import Tier
from accounts.service import touch_source
from crm import clock
from crm.events import emit
from crm.ids import new_id
from crm.text import Text, text
from crm.viewer import Viewer, system_viewer
from support.events import TicketsChanged
from support.matching import NO_COMPANY, AccountFinder, ContactFinder
from support.merging import History, merge, set_repeat
from support.policies.queries import ticket_policies
from support.records import Requester, TicketRecord
from support.repeats import find_repeats
from support.store import Stored, Writer, stored_by_external_id, stored_by_id, told_last
from support.telling import Teller, keep_made, snapshot


@dataclass
class Applied:
    """What a chunk of records did; tickets are counted once, records for the same one together."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    unmatched: int = 0  # of all these, those that wait for an account
    account_ids: tuple[int, ...] = ()

    def __add__(self, other: Applied) -> Applied:
        return Applied(
            self.new + other.new,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.unmatched + other.unmatched,
            tuple(dict.fromkeys(self.account_ids + other.account_ids)),
        )


def apply_tickets(
    session: Session,
    records: Iterable[TicketRecord],
    *,
    known_at: datetime | None = None,
    import_run_id: int | None = None,
    actor: Viewer | None = None,
    source_title: str = "",
    tier: Tier = Tier.MID,
) -> Applied:
    """Add what ``records`` tell: one chunk, some thousand at most. The same again changes nothing.

    ``known_at``: when we learned it, by default ``crm.clock.now()``: a history that is imported today is known since
    today, whatever its dates. ``tier``: of accounts that the source may create. Accounts and contacts that are new, and
    tickets that changed, are told once, at the end.
    """
    by_source: dict[str, list[TicketRecord]] = {}
    for record in records:
        if not record.events:
            raise ValueError(f"{record.source_key} {record.external_id}: a ticket record needs an event.")
        by_source.setdefault(record.source_key, []).append(record)
    known_at = known_at or clock.now()
    applied = Applied()
    with gathered(session):
        for source_key, some in by_source.items():
            chunk = _Chunk(session, source_key, actor or system_viewer(), known_at, import_run_id, tier)
            applied += chunk.apply(some)
            newest = max(event.happened_at for record in some for event in record.events)
            touch_source(session, source_key, title=source_title or source_key, kind="tickets", newest_event_at=newest)
    if applied.account_ids:
        session.flush()
        emit(session, TicketsChanged(applied.account_ids))
    return applied


class _Chunk:
    """Records of one source, read, merged and written together."""

    def __init__(
        self,
        session: Session,
        source_key: str,
        actor: Viewer,
        known_at: datetime,
        import_run_id: int | None,
        tier: Tier,
    ) -> None:
        self.session = session
        self.source_key = source_key
        self.accounts = AccountFinder(session, actor, source_key, tier=tier)
        self.contacts = ContactFinder(session, source_key)
        self.writer = Writer(ticket_policies(session), known_at, import_run_id)
        self.teller = Teller(session, source_key, import_run_id)
        self.import_run_id = import_run_id

    def apply(self, records: Sequence[TicketRecord]) -> Applied:
        self.accounts.prepare(records)
        self.teller.prepare({record.external_id for record in records})
        again = self._told_again(records)
        records = [record for record in records if record.external_id not in again]
        applied = Applied(unchanged=len(again))
        if records:
            applied += self._apply(records)
        self.teller.write()
        keep_made(self.session, self.import_run_id, [*self.accounts.made, *self.contacts.made])
        return applied

    def _told_again(self, records: Sequence[TicketRecord]) -> set[str]:
        """Tickets whose one record here is the very one they were told last, about the same account and person."""
        ids = Counter(record.external_id for record in records)
        told = told_last(self.session, self.source_key, list(ids))
        same = [
            record
            for record in records
            if ids[record.external_id] == 1
            and (last := told.get(record.external_id)) is not None
            and last.digest == record.digest()
        ]
        self.contacts.prepare([record.requester for record in same])
        again = set()
        for record in same:
            account_id, contact_id = self.accounts.find(record).account_id, self.contacts.known(record)
            last = told[record.external_id]
            if (account_id, contact_id) == (last.account_id, last.contact_id):
                again.add(record.external_id)
                self.teller.told_again(record, account_id, contact_id)
        return again

    def _apply(self, records: Sequence[TicketRecord]) -> Applied:
        stored = stored_by_external_id(self.session, self.source_key, list({one.external_id: None for one in records}))
        self.contacts.prepare(self._requesters(records, stored))

        histories: dict[str, History] = {}
        why_not: dict[str, Text | None] = {
            key: Text(one.unmatched.reason, one.unmatched.reason_values)
            for key, one in stored.items()
            if one.unmatched is not None
        }
        for record in records:
            external_id = record.external_id
            known = histories.get(external_id) or stored.setdefault(external_id, Stored()).history()
            found = self.accounts.find(record)
            placed = found.account_id is not None or (known is not None and known.account_id is not None)
            before = None
            if known is not None and self.teller.follows:
                before = snapshot(known, why_not.get(external_id))
            contact_id = self.contacts.find(record) if placed else None
            self.teller.told(record, before, found.account_id, contact_id)
            known = merge(known, record, found.account_id, contact_id)
            histories[external_id] = known
            if record.updated_at >= known.updated_at:
                why_not[external_id] = found.why_not
        return self._write(stored, histories, why_not)

    def _requesters(self, records: Sequence[TicketRecord], stored: dict[str, Stored]) -> list[Requester]:
        asked = [record.requester for record in records if record.contact_id is None]
        waiting = (one.history() for one in stored.values() if not one.is_told)
        return asked + [known.requester for known in waiting if known is not None]

    def _write(
        self, stored: dict[str, Stored], histories: dict[str, History], why_not: dict[str, Text | None]
    ) -> Applied:
        applied = Applied()
        touched: dict[int, History] = {}
        places: dict[int, Stored] = {}
        for external_id, known in histories.items():
            place = stored[external_id]
            if known.account_id is None:
                changed = self.writer.put_unmatched(place, known, why_not[external_id] or text(NO_COMPANY))
                _count(applied, place.unmatched is not None, changed)
                applied.unmatched += 1
                continue
            if not place.is_told and place.unmatched is not None and known.contact_id is None:
                known.contact_id = self.contacts.find(known.as_record())
            ticket_id = place.ticket.id if place.ticket is not None else new_id()
            touched[ticket_id], places[ticket_id] = known, place

        self.contacts.link(
            (known.contact_id, known.account_id) for known in touched.values() if known.contact_id and known.account_id
        )
        others = find_repeats(
            self.session, touched, {ticket_id for ticket_id, place in places.items() if place.ticket is not None}
        )
        self.writer.policies.prepare(known.account_id for known in touched.values() if known.account_id)
        for ticket_id, known in touched.items():
            place = places[ticket_id]
            before = place.is_told or place.unmatched is not None
            _count(applied, before, self.writer.put(ticket_id, place, known))
        for ticket_id, place in stored_by_id(self.session, list(others)).items():
            other = place.history()
            if other is not None and set_repeat(other, others[ticket_id]):
                self.writer.put(ticket_id, place, other)
        self.session.flush()
        self.writer.write(self.session)
        applied.account_ids = tuple(self.writer.account_ids)
        return applied


def _count(applied: Applied, before: bool, changed: bool) -> None:
    if not before:
        applied.new += 1
    elif changed:
        applied.updated += 1
    else:
        applied.unchanged += 1
