"""What each import told of which ticket, and what the ticket was before: kept for as long as an import can be undone.

What a source tells while one of its imports can still be undone is noted whoever tells it: an undo then knows how
things would stand without.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlmodel import Session

from crm.clock import machine_now
from crm.db import table_of
from crm.ids import new_id
from crm.text import Text
from support.bulk import insert_rows, parts
from support.merging import History, history_of
from support.models.importing import ImportMade, MadeKind, Telling
from support.records import TicketRecord, as_json, from_json

UNDO_WITHIN = timedelta(days=7)

_TELLING = table_of(Telling)
_PLAIN = (
    "id", "import_run_id", "source_key", "external_id", "number", "again", "digest", "told_at", "account_id",
    "contact_id",
)  # fmt: skip


class Teller:
    """Notes one chunk of records of one source."""

    def __init__(self, session: Session, source_key: str, import_run_id: int | None) -> None:
        self._session = session
        self._source_key = source_key
        self._run_id = import_run_id
        self._last: dict[str, int] = {}  # how often each ticket was told
        self.follows = import_run_id is not None
        self._plain: list[tuple[Any, ...]] = []
        self._whole: list[dict[str, Any]] = []
        self._told_at = machine_now()

    def prepare(self, external_ids: Collection[str]) -> None:
        if not self.follows:
            live = select(_TELLING.c.id).where(
                _TELLING.c.source_key == self._source_key, _TELLING.c.undone_at.is_(None)
            )
            self.follows = self._session.scalar(live.limit(1)) is not None
        if not self.follows:
            return
        for some in parts(list(external_ids)):
            rows = self._session.execute(
                select(_TELLING.c.external_id, func.max(_TELLING.c.number))
                .where(_TELLING.c.source_key == self._source_key, _TELLING.c.external_id.in_(some))
                .group_by(_TELLING.c.external_id)
            )
            self._last.update((external_id, number) for external_id, number in rows)

    def told_again(self, record: TicketRecord, account_id: int | None, contact_id: int | None) -> None:
        if self.follows:
            self._plain.append(self._row(record, account_id, contact_id, again=True))

    def told(
        self,
        record: TicketRecord,
        before: dict[str, Any] | None,
        account_id: int | None,
        contact_id: int | None,
    ) -> None:
        """``before``: a ``snapshot``; none: the ticket was not there."""
        if not self.follows:
            return
        row = self._row(record, account_id, contact_id, again=False)
        if before is None:
            self._plain.append(row)
        else:
            self._whole.append({**dict(zip(_PLAIN, row, strict=True)), "before": before, "record": as_json(record)})

    def _row(
        self, record: TicketRecord, account_id: int | None, contact_id: int | None, *, again: bool
    ) -> tuple[Any, ...]:
        external_id = record.external_id
        number = self._last[external_id] = self._last.get(external_id, 0) + 1
        key = (self._source_key, external_id)
        return (
            new_id(), self._run_id, *key, number, again, record.digest(), self._told_at, account_id, contact_id,
        )  # fmt: skip

    def write(self) -> None:
        insert_rows(self._session, Telling, _PLAIN, self._plain)
        if self._whole:
            self._session.execute(insert(_TELLING), self._whole)
        self._plain, self._whole = [], []


def keep_made(session: Session, import_run_id: int | None, made: Sequence[tuple[MadeKind, int]]) -> None:
    """Rows beside tickets that an import added."""
    if import_run_id is not None and made:
        rows = [(new_id(), import_run_id, kind, made_id) for kind, made_id in dict.fromkeys(made)]
        insert_rows(session, ImportMade, ("id", "import_run_id", "kind", "made_id"), rows)


# --- a ticket as JSON ---


def snapshot(known: History, why: Text | None = None) -> dict[str, Any]:
    """``known`` as JSON can hold it. ``why``: no account was found."""
    return {
        "record": as_json(known.as_record()),
        "complete_at": _written(known.complete_at),
        "account_id": _id(known.account_id),
        "account_told_at": _written(known.account_told_at),
        "contact_id": _id(known.contact_id),
        "digest": _id(known.digest),
        "why": [why.message, dict(why.values)] if why is not None else None,
    }


def history_in(kept: dict[str, Any]) -> tuple[History, Text | None]:
    known = history_of(from_json(kept["record"]), _read(kept["complete_at"]))
    known.account_id, known.contact_id = _int(kept["account_id"]), _int(kept["contact_id"])
    known.account_told_at, known.digest = _read(kept["account_told_at"]), _int(kept["digest"])
    why = kept.get("why")
    return known, Text(why[0], why[1]) if why else None


def _written(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _read(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written).astimezone(UTC) if written else None


def _id(value: int | None) -> str | None:
    """JSON of some readers keeps no whole numbers of 63 bits."""
    return None if value is None else str(value)


def _int(written: str | None) -> int | None:
    return None if written is None else int(written)


__all__ = ["UNDO_WITHIN", "Teller", "history_in", "keep_made", "snapshot"]
