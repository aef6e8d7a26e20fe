"""What an import would do, without doing it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from accounts.models import Account
from crm.db import Database, table_of
from crm.text import Text
from crm.viewer import Viewer
from support.importing.grouping import Source, groups, look_at
from support.importing.looking import Seen
from support.importing.running import Outcome, Progress, Unit, bring, deriver
from support.matching import AccountFinder, Found, Rule
from support.models import Ticket, TicketKind, TicketState
from support.records import TicketRecord
from support.service import apply_tickets

FIRST = 10


@dataclass(frozen=True)
class FirstRow:
    """A ticket as it would stand. ``account``: empty where nobody knows the company; it would wait, and ``company`` is
    what the source calls it."""

    external_id: str
    subject: str
    company: str
    account: str
    rule: Rule | None  # by what the account was found
    why_not: Text | None  # what it would wait for
    is_new_account: bool
    requester: str
    state: TicketState | None
    kind: TicketKind
    priority: int | None
    opened_at: datetime | None
    resolved_at: datetime | None
    resolution_met: bool | None
    reopened: int
    csat: float | None
    deleted: bool


@dataclass(frozen=True)
class Preview:
    outcome: Outcome
    first: tuple[FirstRow, ...]


class _TakenBack(Exception):
    pass


def try_out(
    database: Database,
    seen: Seen,
    *,
    actor: Viewer,
    spool_in: Path,
    first: int = FIRST,
    progress: Progress = lambda done, total: None,
) -> Preview:
    """Everything is done as it would be done, and taken back."""

    def unit(mark: int, done: int) -> AbstractContextManager[Session]:
        return database.unit_of_work()

    return try_in(unit, database.reading, seen, actor=actor, spool_in=spool_in, first=first, progress=progress)


def try_in(
    unit: Unit,
    reading: Callable[[], AbstractContextManager[Session]],
    seen: Seen,
    *,
    actor: Viewer,
    spool_in: Path,
    first: int = FIRST,
    progress: Progress = lambda done, total: None,
) -> Preview:
    """The same in the transactions of a job, which are all taken back."""
    mapping = seen.mapping()
    spool_in.mkdir(parents=True, exist_ok=True)
    with seen.directory(spool_in) as directory:
        source = Source(seen.reading, mapping, directory)
        shape = look_at(source)
        outcome = bring(unit, source, shape, None, actor=actor, spool_in=spool_in, progress=progress)
        derive = deriver(mapping, shape)
        records = [
            record
            for group in islice(groups(source, shape, spool_in), 5 * first)
            if (record := derive(group.rows).record) is not None
        ][:first]
    return Preview(outcome, _as_they_become(unit, reading, records, seen, actor))


def _as_they_become(
    unit: Unit,
    reading: Callable[[], AbstractContextManager[Session]],
    records: list[TicketRecord],
    seen: Seen,
    actor: Viewer,
) -> tuple[FirstRow, ...]:
    placed: dict[str, Any] = {}
    found: dict[str, Found] = {}
    try:
        with unit(0, 0) as session:
            finder = AccountFinder(session, actor, seen.source_key)
            finder.prepare(records)
            found = {record.external_id: finder.find(record) for record in records}
            apply_tickets(session, records, actor=actor, source_title=seen.source_title)
            t = table_of(Ticket)
            rows = session.execute(
                select(t, col(Account.name).label("account_name"))
                .join(Account, col(Account.id) == t.c.account_id)
                .where(t.c.source_key == seen.source_key, t.c.external_id.in_([one.external_id for one in records]))
            )
            placed = {row.external_id: row for row in rows}
            raise _TakenBack
    except _TakenBack:
        pass
    ids = {row.account_id for row in placed.values()}
    with reading() as session:
        before = set(session.scalars(select(col(Account.id)).where(col(Account.id).in_(ids))))
    return tuple(_row(record, placed.get(record.external_id), before, found[record.external_id]) for record in records)


def _row(record: TicketRecord, row: Any, before: set[int], found: Found) -> FirstRow:
    hint, requester = record.account, record.requester

    def told(name: str) -> Any:
        return getattr(row, name, None)

    return FirstRow(
        external_id=record.external_id,
        subject=record.fields.subject,
        company=hint.name or hint.domain or hint.external_id,
        account=str(told("account_name") or ""),
        rule=found.rule,
        why_not=found.why_not if row is None else None,
        is_new_account=row is not None and told("account_id") not in before,
        requester=requester.name or requester.email,
        state=told("state"),
        kind=record.fields.kind,
        priority=told("priority"),
        opened_at=record.opened_at,
        resolved_at=told("resolved_at"),
        resolution_met=told("resolution_met"),
        reopened=int(told("reopened") or 0),
        csat=told("csat"),
        deleted=told("deleted_at") is not None,
    )
