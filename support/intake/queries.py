"""Reads of one ticket by a source's id of it, for programs: their tokens read every account."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from support.intake.schemas import PRIORITIES, TicketAnswer
from support.models import Ticket, UnmatchedTicket

_BY_NUMBER: dict[int, Any] = {number: name for name, number in PRIORITIES.items()}


def stored_ticket(session: Session, source: str, external_id: str) -> TicketAnswer | None:
    ticket = session.scalar(
        select(Ticket).where(col(Ticket.source_key) == source, col(Ticket.external_id) == external_id)
    )
    if ticket is not None:
        return TicketAnswer(
            source=source,
            id=external_id,
            account_id=str(ticket.account_id),
            waits_because=None,
            subject=ticket.subject,
            state="deleted" if ticket.deleted_at is not None else ticket.state.value,
            priority=_BY_NUMBER[ticket.priority],
            opened_at=ticket.opened_at,
            resolved_at=ticket.resolved_at,
            due_at=ticket.due_at,
            updated_at=ticket.updated_at,
        )
    waiting = session.scalar(
        select(UnmatchedTicket).where(
            col(UnmatchedTicket.source_key) == source, col(UnmatchedTicket.external_id) == external_id
        )
    )
    if waiting is None:
        return None
    return TicketAnswer(
        source=source,
        id=external_id,
        account_id=None,
        waits_because=str(waiting.why),
        subject=waiting.subject,
        state=None,
        priority=None,
        opened_at=waiting.opened_at,
        resolved_at=None,
        due_at=None,
        updated_at=waiting.updated_at,
    )
