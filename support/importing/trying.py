"""What an import would do, without doing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from accounts.models import Account
from crm.db import Database, table_of
from crm.viewer import Viewer
from support.importing.grouping import Source, groups
from support.importing.looking import Seen
from support.importing.running import Outcome, Progress, deriver, import_tickets
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
    mapping = seen.mapping()
    with seen.directory(spool_in) as directory:
        outcome = import_tickets(
            database,
            seen.reading,
            mapping,
            seen.written,
            actor=actor,
            spool_in=spool_in,
            directory=directory,
            dry_run=True,
            progress=progress,
        )
        source = Source(seen.reading, mapping, directory)
        shape = outcome.shape
        derive = deriver(mapping, shape)
        records = [
            record
            for group in islice(groups(source, shape, spool_in), 5 * first)
            if (record := derive(group.rows).record) is not None
        ][:first]
    return Preview(outcome, _as_they_become(database, records, seen, actor))


def _as_they_become(database: Database, records: list[TicketRecord], seen: Seen, actor: Viewer) -> tuple[FirstRow, ...]:
    placed: dict[str, Any] = {}
    try:
        with database.unit_of_work() as session:
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
    with database.reading() as session:
        before = set(session.scalars(select(col(Account.id)).where(col(Account.id).in_(ids))))
    return tuple(_row(record, placed.get(record.external_id), before) for record in records)


def _row(record: TicketRecord, row: Any, before: set[int]) -> FirstRow:
    hint, requester = record.account, record.requester

    def told(name: str) -> Any:
        return getattr(row, name, None)

    return FirstRow(
        external_id=record.external_id,
        subject=record.fields.subject,
        company=hint.name or hint.domain or hint.external_id,
        account=str(told("account_name") or ""),
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
