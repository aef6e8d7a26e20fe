"""Ways to tell a ticket in a line, and to look at all that is stored of tickets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from crm.db import table_of
from support.models import EventKind, Ticket, TicketEvent, TicketSpan, UnmatchedTicket
from support.projection import SPAN_COLUMNS
from support.records import AccountHint, EventRecord, TicketFields, TicketRecord

T0 = datetime(2026, 3, 2, 8, tzinfo=UTC)  # a Monday, 9:00 in Paris


def at(hours: float) -> datetime:
    """So many hours after the Monday it all begins on."""
    return T0 + timedelta(hours=hours)


def event(kind: str, hours: float, value: float | None = None, **more: Any) -> EventRecord:
    known = EventKind(kind)
    key = more.pop("key", kind if known is EventKind.OPENED else f"{kind}@{hours:g}")
    return EventRecord(known, key, at(hours), value, **more)


def record(
    external_id: str,
    *events: EventRecord,
    version: float | None = None,
    account_id: int | None = None,
    company: str = "",
    complete: bool = True,
    **fields: Any,
) -> TicketRecord:
    """``version``: hours as for ``at``; by default that of the newest event."""
    newest = max(one.happened_at for one in events)
    return TicketRecord(
        source_key="desk",
        external_id=external_id,
        updated_at=newest if version is None else at(version),
        events=events,
        fields=TicketFields(**fields),
        complete=complete,
        account=AccountHint(name=company),
        account_id=account_id,
    )


_NOT_TOLD = {"id", "digest", "known_at", "closed_at", "import_run_id", "ticket_id"}


def everything(session: Session) -> dict[str, Any]:
    """What is believed of every ticket, without ids that depend on when it came."""
    tickets = session.execute(select(table_of(Ticket))).mappings().all()
    names = {row["id"]: row["external_id"] for row in tickets}

    def plain(row: Any) -> dict[str, Any]:
        found = {name: value for name, value in row.items() if name not in _NOT_TOLD}
        if "repeat_of_id" in found:
            found["repeat_of_id"] = names.get(found["repeat_of_id"])
        if found.get("kind") is EventKind.REPEATED:
            found["data"] = {"of": names[int(found["data"]["of"])]}
        return found

    stored: dict[str, Any] = {"tickets": {row["external_id"]: plain(row) for row in tickets}}
    for name, model in (("events", TicketEvent), ("spans", TicketSpan)):
        rows = session.execute(select(table_of(model)).where(table_of(model).c.closed_at.is_(None))).mappings()
        found: dict[str, list[Any]] = {}
        for row in rows:
            found.setdefault(names[row["ticket_id"]], []).append(plain(row))
        stored[name] = {
            key: sorted(some, key=lambda one: (one.get("key", ""), one.get("from_at", T0)))
            for key, some in found.items()
        }
    stored["unmatched"] = {}
    for row in session.execute(select(table_of(UnmatchedTicket))).mappings():
        kept = plain(row)
        kept["record"] = {**kept["record"], "events": sorted(kept["record"]["events"], key=lambda told: told[1])}
        stored["unmatched"][row["external_id"]] = kept
    return stored


def spans_of(session: Session, ticket_id: int) -> list[Any]:
    spans = table_of(TicketSpan)
    return list(
        session.execute(
            select(*(spans.c[name] for name in SPAN_COLUMNS))
            .where(spans.c.ticket_id == ticket_id, spans.c.closed_at.is_(None))
            .order_by(spans.c.from_at)
        )
    )
