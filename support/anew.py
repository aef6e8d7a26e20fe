"""Clocks computed anew after targets, hours or an account's tier have changed: by a job, chunk by chunk.

Only tickets that the change concerns are looked at, and of these only what differs is written: spans that no longer
hold are closed, so that scores of the past stay what was known then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlmodel import Session, col

from accounts.events import AccountsChanged
from accounts.models import AccountFact, FactKey
from crm import clock
from crm.clock import start_of
from crm.contracts import Job, JobContext
from crm.db import table_of
from crm.events import emit
from crm.hours.events import WorkingHoursChanged
from crm.jobs.queue import enqueue
from support.bulk import parts
from support.events import TicketsChanged
from support.models import Ticket
from support.policies.models import ServiceRule
from support.policies.queries import ticket_policies
from support.store import Writer, stored_by_id

CHUNK = 500
NAME = "support.clocks_anew"
_TICKET = table_of(Ticket)


def ask_for_clocks_anew(
    session: Session,
    *,
    opened_from: str | None = None,
    open_from: str | None = None,
    account_ids: list[int] | None = None,
) -> None:
    """``opened_from``: tickets opened then or later. ``open_from``: also those still open then. Neither: all.
    ``account_ids``: only of these accounts."""
    arguments: dict[str, Any] = {"opened_from": opened_from, "open_from": open_from}
    if account_ids is not None:
        arguments["account_ids"] = [str(id_) for id_ in account_ids]
    key = None if account_ids is not None else f"{NAME}:{opened_from}:{open_from}"
    enqueue(session, NAME, arguments, key=key)


def compute_anew(context: JobContext) -> str:
    wanted = _concerned(context.arguments)
    changed = 0
    if context.total is None:
        with context.reading() as session:
            context.total = session.scalar(select(func.count()).select_from(_TICKET).where(*wanted))
    while True:
        with context.reading() as session:
            place = select(_TICKET.c.account_id, _TICKET.c.id).where(*wanted)
            if context.mark is not None:
                last = tuple_(*(int(part) for part in context.mark))
                place = place.where(tuple_(_TICKET.c.account_id, _TICKET.c.id) > last)
            rows = session.execute(place.order_by(_TICKET.c.account_id, _TICKET.c.id).limit(CHUNK)).all()
        if not rows:
            return f"{changed} of {context.done} tickets have other clocks"
        with context.chunk(mark=[str(part) for part in rows[-1]], done=len(rows)) as session:
            changed += _compute(session, [row.id for row in rows])


def _compute(session: Session, ticket_ids: list[int]) -> int:
    policies = ticket_policies(session)
    writer = Writer(policies, clock.now(), None)
    found = stored_by_id(session, ticket_ids)
    policies.prepare(stored.ticket.account_id for stored in found.values() if stored.ticket is not None)
    changed = 0
    for ticket_id, stored in found.items():
        known = stored.history()
        if known is not None and known.events:
            changed += writer.put(ticket_id, stored, known)
    writer.write(session)
    if writer.account_ids:
        session.flush()
        emit(session, TicketsChanged(tuple(writer.account_ids)))
    return changed


def _concerned(arguments: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    opened, still = arguments.get("opened_from"), arguments.get("open_from")
    if opened:
        found.append(_TICKET.c.opened_at >= datetime.fromisoformat(opened))
    if still:
        from_at = datetime.fromisoformat(still)
        done, due = _TICKET.c.resolved_at, _TICKET.c.first_answer_due_at
        found.append(or_(done.is_(None), done >= from_at, due >= from_at))
    if (account_ids := arguments.get("account_ids")) is not None:
        found.append(_TICKET.c.account_id.in_([int(id_) for id_ in account_ids]))
    return found


def follow_hours(session: Session, fact: WorkingHoursChanged) -> None:
    from_at = start_of(fact.from_on).isoformat() if fact.from_on.year > 1 else None
    ask_for_clocks_anew(session, open_from=from_at)


def follow_tiers(session: Session, fact: AccountsChanged) -> None:
    """Of accounts whose tier was mended for a time in which tickets were opened, where targets depend on tiers. A tier
    that holds from now on concerns only tickets to come."""
    by_tier = select(col(ServiceRule.id)).where(col(ServiceRule.tier) != "", col(ServiceRule.closed_at).is_(None))
    if session.execute(by_tier.limit(1)).first() is None:
        return
    lately = clock.now() - timedelta(minutes=1)  # in this very transaction, or one just before
    mended = or_(col(AccountFact.known_at) >= lately, col(AccountFact.closed_at) >= lately)
    concerned: list[int] = []
    for some in parts(list(fact.account_ids)):
        concerned += session.scalars(
            select(col(AccountFact.account_id))
            .join(
                Ticket,
                and_(
                    col(Ticket.account_id) == col(AccountFact.account_id),
                    col(Ticket.opened_at) >= col(AccountFact.happened_at),
                ),
            )
            .where(col(AccountFact.account_id).in_(some), col(AccountFact.key) == FactKey.TIER, mended)
            .distinct()
        )
    if concerned:
        ask_for_clocks_anew(session, account_ids=concerned)


CLOCKS_ANEW = Job(name=NAME, run_long=compute_anew)
