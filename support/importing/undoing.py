"""An import taken back: afterwards everything reads as if it had never been, but for what others have done since.

Tickets go back to what they were, and what others told of them since is told again on top. Facts that no longer hold
are closed, not deleted. Accounts and people that only this import made are closed as well, unless somebody uses them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, or_, select, update
from sqlmodel import Session, SQLModel, col

from accounts.asof import forget_sources
from accounts.events import AccountsChanged, ContactsChanged, gathered, tell
from accounts.models import Account, AccountAlias, Contact, ContactAccount, DataSource
from crm.audit import AuditEntry, record as keep
from crm.clock import machine_now, now
from crm.csv_io import ImportRun, ImportState
from crm.db import table_of
from crm.errors import Conflict, NotFound
from crm.events import emit
from crm.jobs import enqueue
from crm.text import N_, Text, text
from crm.viewer import Viewer
from support.bulk import parts
from support.events import TicketsChanged
from support.importing.running import KIND, Unit
from support.matching import NO_COMPANY, ContactFinder
from support.merging import History, merge, set_repeat
from support.models import Ticket, TicketEvent, UnmatchedTicket
from support.models.importing import ImportMade, ImportUndo, MadeKind, Telling, UndoState
from support.policies.queries import ticket_policies
from support.records import TicketFields, from_json
from support.repeats import find_repeats
from support.store import Stored, Writer, stored_by_external_id, stored_by_id
from support.telling import UNDO_WITHIN, history_in, snapshot

UNDO_JOB = "support.undo_import"
CHUNK = 300
_TELLING, _MADE, _UNDO = table_of(Telling), table_of(ImportMade), table_of(ImportUndo)
_TICKET, _EVENT = table_of(Ticket), table_of(TicketEvent)


@dataclass(frozen=True)
class Undoable:
    """``until``: as long as it can be asked for. ``counts``: gone, back and kept tickets; accounts, accounts_kept,
    contacts, contacts_kept."""

    until: datetime | None
    state: UndoState | None
    counts: dict[str, int]
    asked_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def is_possible(self) -> bool:
        return self.state is None and self.until is not None and self.until >= machine_now()


def undo_of(session: Session, run: ImportRun) -> Undoable:
    undo = session.scalar(select(ImportUndo).where(col(ImportUndo.import_run_id) == run.id))
    until = None
    if run.kind == KIND and run.state is not ImportState.PREVIEW and _has_told(session, run.id):
        until = (run.finished_at or machine_now()) + UNDO_WITHIN
    if undo is None:
        return Undoable(until, None, {})
    return Undoable(until, undo.state, dict(undo.counts), undo.asked_at, undo.finished_at)


def _has_told(session: Session, run_id: int) -> bool:
    told = select(col(Telling.id)).where(col(Telling.import_run_id) == run_id).limit(1)
    return session.scalar(told) is not None


def begin_undo(session: Session, actor: Viewer, run: ImportRun) -> ImportUndo:
    """Refuse, or say that ``run`` is being taken back. One that was interrupted goes on."""
    session.refresh(run, with_for_update=True)
    if run.kind != KIND or run.state is ImportState.PREVIEW:
        raise NotFound(N_("There is no such import of tickets."))
    undo: ImportUndo | None = session.scalar(select(ImportUndo).where(col(ImportUndo.import_run_id) == run.id))
    if undo is not None:
        if undo.state is UndoState.DONE:
            raise Conflict(N_("This import has been taken back already."))
        return undo
    if machine_now() > (run.finished_at or machine_now()) + UNDO_WITHIN:
        raise Conflict(N_("An import can be taken back for 7 days; this one is older."))
    if run.counts.get("tickets") and not _has_told(session, run.id):
        raise Conflict(N_("What this import changed is not kept; it cannot be taken back."))
    if run.state is ImportState.RUNNING:  # it was stopped: what is left of the file stays out
        run.state, run.finished_at = ImportState.FAILED, machine_now()
        session.add(run)
    undo = ImportUndo(import_run_id=run.id, asked_by=None if actor.is_system else actor.user_id)
    session.add(undo)
    session.flush()
    keep(session, actor, None, "tickets.import_undo_asked", run=str(run.id), file=run.file_name)
    return undo


def start_undo(session: Session, viewer: Viewer, run: ImportRun) -> int:
    """Queue the job and say its id."""
    from support.importing.uploads import ensure_may_import

    ensure_may_import(viewer)
    begin_undo(session, viewer, run)
    by = None if viewer.is_system else str(viewer.user_id)
    return enqueue(session, UNDO_JOB, {"run": str(run.id), "by": by}, key=f"{UNDO_JOB}:{run.id}").id


def undo_run(unit: Unit, run_id: int, actor: Viewer) -> Counter[str]:
    """Chunk by chunk, each whole or not at all; interrupted, it goes on."""
    done = 0
    while True:
        with unit(done, CHUNK) as session:
            undo = _undo_row(session, run_id)
            told = _next_told(session, run_id)
            if not told:
                break
            counts = Counter(undo.counts) + _Step(session, run_id, actor).take_back(told)
            undo.counts = dict(counts)
            session.add(undo)
            done += len(told)
    while True:
        with unit(done, 0) as session:
            undo = _undo_row(session, run_id)
            made = _next_made(session, run_id)
            counts = Counter(undo.counts)
            if made:
                counts += _unmake(session, made)
                undo.counts = dict(counts)
                session.add(undo)
                continue
            run = session.get_one(ImportRun, run_id)
            _refresh_source(session, run.source_key)
            undo.state, undo.finished_at = UndoState.DONE, machine_now()
            session.add(undo)
            keep(session, actor, None, "tickets.import_undone", run=str(run_id), file=run.file_name, **counts)
            return counts


def undo_import_now(unit: Unit, run_id: int, actor: Viewer) -> Counter[str]:
    """For commands: asked for and done at once."""
    with unit(0, 0) as session:
        run = session.get(ImportRun, run_id)
        if run is None:
            raise NotFound(N_("There is no such import of tickets."))
        begin_undo(session, actor, run)
    return undo_run(unit, run_id, actor)


def _undo_row(session: Session, run_id: int) -> ImportUndo:
    found = session.scalar(select(ImportUndo).where(col(ImportUndo.import_run_id) == run_id).with_for_update())
    if found is None:
        raise NotFound(N_("There is no such import of tickets."))
    return found


def _next_told(session: Session, run_id: int) -> Sequence[tuple[str, str]]:
    """Tickets that the run told and that are not taken back, the last to be told first."""
    return [
        (source_key, external_id)
        for source_key, external_id in session.execute(
            select(_TELLING.c.source_key, _TELLING.c.external_id)
            .where(_TELLING.c.import_run_id == run_id, _TELLING.c.undone_at.is_(None))
            .group_by(_TELLING.c.source_key, _TELLING.c.external_id)
            .order_by(func.max(_TELLING.c.id).desc())
            .limit(CHUNK)
        )
    ]


class _Step:
    """Some tickets of one run, as they would stand without it."""

    def __init__(self, session: Session, run_id: int, actor: Viewer) -> None:
        self.session = session
        self.run_id = run_id
        self.actor = actor
        self.at = machine_now()
        self.writer = Writer(ticket_policies(session), now(), None)
        self.counts: Counter[str] = Counter()
        self._whys: dict[str, Text | None] = {}
        self._links: list[tuple[int, int]] = []

    def take_back(self, told: Sequence[tuple[str, str]]) -> Counter[str]:
        by_source: dict[str, list[str]] = {}
        for source_key, external_id in told:
            by_source.setdefault(source_key, []).append(external_id)
        with gathered(self.session):
            for source_key, external_ids in by_source.items():
                self._take_back(source_key, external_ids)
        self.session.flush()
        self.writer.write(self.session)
        if self.writer.account_ids:
            emit(self.session, TicketsChanged(tuple(self.writer.account_ids)))
        return self.counts

    def _take_back(self, source_key: str, external_ids: Sequence[str]) -> None:
        stored = stored_by_external_id(self.session, source_key, external_ids)
        rows: dict[str, list[Row[Any]]] = {}
        for some in parts(external_ids):
            live = select(_TELLING).where(
                _TELLING.c.source_key == source_key,
                _TELLING.c.external_id.in_(some),
                _TELLING.c.undone_at.is_(None),
            )
            for row in self.session.execute(live.order_by(_TELLING.c.number).with_for_update()):
                rows.setdefault(row.external_id, []).append(row)
        after: dict[str, History | None] = {}
        for external_id, tellings in rows.items():
            changed, known = self._without(tellings)
            if changed:
                after[external_id] = known
            else:
                self.counts["kept"] += 1
        told = (known.account_id for known in after.values() if known is not None)
        self.writer.policies.prepare(account_id for account_id in told if account_id is not None)
        self._write(stored, after)
        ContactFinder(self.session, source_key).link(self._links)
        self._links = []

    def _without(self, tellings: Sequence[Row[Any]]) -> tuple[bool, History | None]:
        """How the ticket stands without what the run told; ``False``: as it does, because others told the same."""
        ours = [row for row in tellings if row.import_run_id == self.run_id]
        others = [row for row in tellings if row.import_run_id != self.run_id]
        first: Row[Any] | None = None
        gone = {row.id for row in ours}
        for row in ours:
            if row.again:
                self._undone(row)
                continue
            heir = next(
                (one for one in others if one.again and one.digest == row.digest and one.number > row.number), None
            )
            self._undone(row)
            if heir is not None and first is None:
                self._inherit(heir, row)
                others.remove(heir)
            elif first is None:
                first = row
        if first is None:
            return False, None
        told_at: datetime | None = None  # of what was told last: one chunk has one instant
        known, why = history_in(first.before) if first.before is not None else (None, None)
        for row in tellings:
            if row.number <= first.number or row.again or row.id in gone or row.record is None:
                continue
            if row.told_at != told_at:
                self._link(known)
            told_at = row.told_at
            self._set(row.id, before=snapshot(known, why) if known is not None else None)
            record = from_json(row.record)
            known = merge(known, record, row.account_id, row.contact_id)
            why = None
        self._link(known)
        self._whys[tellings[0].external_id] = why
        return True, known

    def _link(self, known: History | None) -> None:
        """Whoever asked belongs to the account, as they would have after that chunk."""
        if known is not None and known.contact_id is not None and known.account_id is not None:
            self._links.append((known.contact_id, known.account_id))

    def _undone(self, row: Row[Any]) -> None:
        self._set(row.id, undone_at=self.at)

    def _inherit(self, heir: Row[Any], row: Row[Any]) -> None:
        """Somebody told the very same later: that is now what told it."""
        self._set(
            heir.id,
            number=row.number,
            again=False,
            before=row.before,
            record=row.record,
            account_id=row.account_id,
            contact_id=row.contact_id,
        )

    def _set(self, row_id: int, **values: Any) -> None:
        self.session.execute(update(_TELLING).where(_TELLING.c.id == row_id).values(**values))

    def _write(self, stored: dict[str, Stored], after: dict[str, History | None]) -> None:
        touched: dict[int, History] = {}
        for external_id, known in after.items():
            place = stored.get(external_id, Stored())
            if known is None or known.account_id is None:
                if place.ticket is not None:
                    # Nobody repeats it any more, and it repeats nobody.
                    touched[place.ticket.id] = History(place.ticket.source_key, external_id, self.at, TicketFields())
            elif place.ticket is not None:
                known.contact_id = self._person(known.contact_id)
                touched[place.ticket.id] = known
        others = find_repeats(self.session, touched, set(touched))
        for external_id, known in after.items():
            place = stored.get(external_id, Stored())
            if known is None:
                self.writer.take_back(place)
                self.counts["gone"] += 1
            elif known.account_id is None or place.ticket is None:
                unmatched = Stored(unmatched=place.unmatched)
                self.writer.take_back(Stored(ticket=place.ticket, events=place.events, spans=place.spans))
                self.writer.put_unmatched(unmatched, known, self._whys.get(external_id) or text(NO_COMPANY))
                self.counts["back"] += 1
            else:
                self.writer.put(place.ticket.id, place, known)
                self.counts["back"] += 1
        for ticket_id, place in stored_by_id(self.session, list(others)).items():
            other = place.history()
            if other is not None and set_repeat(other, others[ticket_id]):
                self.writer.put(ticket_id, place, other)

    def _person(self, contact_id: int | None) -> int | None:
        """Whoever was merged away since is the person they were merged into."""
        if contact_id is None:
            return None
        row = self.session.execute(select(col(Contact.merged_into_id)).where(col(Contact.id) == contact_id)).first()
        return contact_id if row is None or row[0] is None else int(row[0])


# --- what the import made beside tickets ---


def _next_made(session: Session, run_id: int) -> Sequence[Row[Any]]:
    """Links and aliases before the accounts and people they are about."""
    for kinds in ((MadeKind.LINK, MadeKind.ALIAS), (MadeKind.CONTACT,), (MadeKind.ACCOUNT,)):
        found = session.execute(
            select(_MADE)
            .where(_MADE.c.import_run_id == run_id, _MADE.c.kind.in_(kinds))
            .order_by(_MADE.c.id)
            .limit(CHUNK)
        ).all()
        if found:
            return found
    return ()


def _unmake(session: Session, made: Sequence[Row[Any]]) -> Counter[str]:
    ids: dict[MadeKind, list[int]] = {}
    for row in made:
        ids.setdefault(row.kind, []).append(row.made_id)
    counts: Counter[str] = Counter()
    with gathered(session):
        _unlink(session, ids.get(MadeKind.LINK, []))
        _forget_aliases(session, ids.get(MadeKind.ALIAS, []))
        counts += _close_contacts(session, ids.get(MadeKind.CONTACT, []))
        counts += _close_accounts(session, ids.get(MadeKind.ACCOUNT, []))
        _hand_over(session, made)
    return counts


def _hand_over(session: Session, made: Sequence[Row[Any]]) -> None:
    """What stays because another import told of it is now that import's: it goes when that one is taken back too."""
    about: dict[MadeKind, dict[int, int]] = {}
    for kind, model, subject in _SUBJECTS:
        ids = [row.made_id for row in made if row.kind is kind]
        table = table_of(model)
        there = select(table.c.id, table.c[subject]).where(table.c.id.in_(ids))
        if "closed_at" in table.c:
            there = there.where(table.c.closed_at.is_(None))
        about[kind] = {row[0]: row[1] for row in session.execute(there)} if ids else {}
    heirs: dict[tuple[bool, int], int] = {}
    for of_contact, column in ((True, _TELLING.c.contact_id), (False, _TELLING.c.account_id)):
        subjects = {
            one for kind, found in about.items() if (kind is MadeKind.CONTACT) is of_contact for one in found.values()
        }
        rows = session.execute(
            select(column, func.max(_TELLING.c.import_run_id))
            .where(column.in_(subjects), _TELLING.c.undone_at.is_(None), _TELLING.c.import_run_id.is_not(None))
            .group_by(column)
        )
        heirs.update(((of_contact, one), run_id) for one, run_id in rows)
    gone = []
    for row in made:
        subject_id = about[row.kind].get(row.made_id)
        heir = None if subject_id is None else heirs.get((row.kind is MadeKind.CONTACT, subject_id))
        if heir is None:
            gone.append(row.id)
        else:
            session.execute(update(_MADE).where(_MADE.c.id == row.id).values(import_run_id=heir))
    session.execute(delete(_MADE).where(_MADE.c.id.in_(gone)))


# What each kind of thing is about: an account, or a contact.
_SUBJECTS: tuple[tuple[MadeKind, type[SQLModel], str], ...] = (
    (MadeKind.LINK, ContactAccount, "account_id"),
    (MadeKind.ALIAS, AccountAlias, "account_id"),
    (MadeKind.CONTACT, Contact, "id"),
    (MadeKind.ACCOUNT, Account, "id"),
)


def _unlink(session: Session, ids: Sequence[int]) -> None:
    link = table_of(ContactAccount)
    asked = (
        select(_TICKET.c.id)
        .where(
            _TICKET.c.contact_id == link.c.contact_id,
            _TICKET.c.account_id == link.c.account_id,
            _is_told(),
        )
        .exists()
    )
    told = (
        select(_TELLING.c.id)
        .where(
            _TELLING.c.contact_id == link.c.contact_id,
            _TELLING.c.account_id == link.c.account_id,
            _TELLING.c.undone_at.is_(None),
        )
        .exists()
    )
    untouched = (link.c.position == "", link.c.influence.is_(None), link.c.sentiment.is_(None), link.c.to_on.is_(None))
    for some in parts(ids):
        gone = session.execute(
            delete(link).where(link.c.id.in_(some), ~asked, ~told, *untouched).returning(link.c.account_id)
        ).all()
        tell(session, ContactsChanged, [row.account_id for row in gone])


def _is_told() -> Any:
    return select(_EVENT.c.id).where(_EVENT.c.ticket_id == _TICKET.c.id, _EVENT.c.closed_at.is_(None)).exists()


def _forget_aliases(session: Session, ids: Sequence[int]) -> None:
    """What a source calls an account is forgotten, unless tickets of that source remain there."""
    alias = table_of(AccountAlias)
    used = (
        select(_TICKET.c.id)
        .where(_TICKET.c.account_id == alias.c.account_id, _TICKET.c.source_key == alias.c.source_key, _is_told())
        .exists()
    )
    told = (
        select(_TELLING.c.id)
        .where(
            _TELLING.c.account_id == alias.c.account_id,
            _TELLING.c.source_key == alias.c.source_key,
            _TELLING.c.undone_at.is_(None),
        )
        .exists()
    )
    for some in parts(ids):
        session.execute(delete(alias).where(alias.c.id.in_(some), ~used, ~told))


def _close_contacts(session: Session, ids: Sequence[int]) -> Counter[str]:
    if not ids:
        return Counter()
    used = _used(session, "contact", ids) | _told_of(session, _TELLING.c.contact_id, ids)
    used.update(
        session.scalars(select(_TICKET.c.contact_id).where(_TICKET.c.contact_id.in_(ids), _is_told()).distinct())
    )
    gone = [one for one in ids if one not in used]
    contact = table_of(Contact)
    session.execute(
        update(contact)
        .where(contact.c.id.in_(gone), contact.c.closed_at.is_(None))
        .values(closed_at=now(), external_id=None)  # the source may name somebody by it again
    )
    return Counter(contacts=len(gone), contacts_kept=len(ids) - len(gone))


def _close_accounts(session: Session, ids: Sequence[int]) -> Counter[str]:
    if not ids:
        return Counter()
    used = _used(session, "account", ids) | _told_of(session, _TELLING.c.account_id, ids)
    entries = select(col(AuditEntry.account_id)).where(
        col(AuditEntry.account_id).in_(ids), col(AuditEntry.verb) != "account.created"
    )
    used.update(one for one in session.scalars(entries.distinct()) if one is not None)
    used.update(
        session.scalars(select(_TICKET.c.account_id).where(_TICKET.c.account_id.in_(ids), _is_told()).distinct())
    )
    gone = [one for one in ids if one not in used]
    account = table_of(Account)
    session.execute(
        update(account).where(account.c.id.in_(gone), account.c.closed_at.is_(None)).values(closed_at=now())
    )
    tell(session, AccountsChanged, gone)
    return Counter(accounts=len(gone), accounts_kept=len(ids) - len(gone))


def _told_of(session: Session, column: Any, ids: Sequence[int]) -> set[int]:
    """Of accounts or people those that others have told of since, and would have made."""
    return set(session.scalars(select(column).where(column.in_(ids), _TELLING.c.undone_at.is_(None)).distinct()))


# What stands at an account or a person without anybody having done anything with it.
_BY_THEMSELVES = frozenset(
    "account_fact account_access ticket ticket_event ticket_span unmatched_ticket moved_ticket day_mark".split()
)


def _used(session: Session, target: str, ids: Sequence[int]) -> set[int]:
    """Of accounts or contacts those that something else refers to: a task, a call, a contract, a role, a plan."""
    found: set[int] = set()
    for model, table in _referring():
        if table.name in _BY_THEMSELVES or (table.name, target) == ("contact_account", "account"):
            continue  # people come with tickets, and whoever adds one by hand stands in the audit trail
        if not model.__module__.startswith("accounts."):
            continue
        for column in table.c:
            if any(key.column.table.name == target and key.column.name == "id" for key in column.foreign_keys):
                found.update(session.scalars(select(column).where(column.in_(ids)).distinct()))
    return found


def _referring() -> Iterator[tuple[Any, Any]]:
    for mapper in SQLModel._sa_registry.mappers:
        yield mapper.class_, mapper.local_table


def _refresh_source(session: Session, source_key: str) -> None:
    """How far the source reaches now."""
    source = table_of(DataSource)
    newest = session.scalar(
        select(func.max(_EVENT.c.happened_at))
        .join(_TICKET, _TICKET.c.id == _EVENT.c.ticket_id)
        .where(_TICKET.c.source_key == source_key, _EVENT.c.closed_at.is_(None))
    )
    waits = max(_waiting_since(session, source_key), default=None)
    newest = max((at for at in (newest, waits) if at is not None), default=None)
    if newest is None:
        session.execute(
            delete(source).where(
                source.c.key == source_key,
                source.c.live.is_(False),
                source.c.synced_at.is_(None),
                or_(source.c.kind == "tickets"),
            )
        )
    session.execute(update(source).where(source.c.key == source_key).values(newest_event_at=newest))
    forget_sources(session)


def _waiting_since(session: Session, source_key: str) -> Iterator[datetime]:
    """The newest event of each ticket that waits for an account."""
    records = session.scalars(
        select(col(UnmatchedTicket.record))
        .where(col(UnmatchedTicket.source_key) == source_key)
        .execution_options(yield_per=500)
    )
    for record in records:
        yield max(event.happened_at for event in from_json(record).events)


def forget_tellings(session: Session) -> int:
    """Imports that are older than an undo reaches need nothing of this any more."""
    before = machine_now() - UNDO_WITHIN
    gone = session.execute(delete(_TELLING).where(_TELLING.c.told_at < before))
    old = select(col(ImportRun.id)).where(
        col(ImportRun.kind) == KIND, col(ImportRun.finished_at) < before, col(ImportRun.state) != ImportState.RUNNING
    )
    session.execute(delete(_MADE).where(_MADE.c.import_run_id.in_(old)))
    return int(gone.rowcount)  # type: ignore[attr-defined]


__all__ = [
    "UNDO_JOB",
    "Undoable",
    "begin_undo",
    "forget_tellings",
    "start_undo",
    "undo_import_now",
    "undo_of",
    "undo_run",
]
