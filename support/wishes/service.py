"""Finding wishes in what has just come in, once for each text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from accounts.events import InteractionsChanged
from accounts.models import Channel, Direction, Interaction
from crm.clock import now
from crm.ids import new_id
from crm.jobs.statements import insert_if_missing
from support.events import TicketsChanged
from support.models import EventKind, Ticket
from support.records import TicketRecord
from support.wishes.models import HumanWish
from support.wishes.words import wish_in

THEIRS = (EventKind.OPENED, EventKind.CUSTOMER_REPLY)  # what the customer wrote
LATELY = timedelta(days=2)  # talks that became known since then are looked at


def notice_tickets(session: Session, records: Iterable[TicketRecord]) -> int:
    """Look at what customers wrote in ``records``, which have been applied. Tickets without an account wait: their
    texts are looked at when the next message about them finds one."""
    found: dict[str, dict[str, list[tuple[str, str, Any]]]] = {}
    for record in records:
        for event in record.events:
            if event.kind not in THEIRS:
                continue
            written = str(event.data.get("text", ""))
            if event.kind is EventKind.OPENED:
                written = f"{record.fields.subject}\n{written}" if written else record.fields.subject
            words = wish_in(written)
            if words:
                told = found.setdefault(record.source_key, {}).setdefault(record.external_id, [])
                told.append((f"ticket:{record.source_key}:{record.external_id}:{event.kind.value}", words, event))
    noticed = 0
    for source_key, by_ticket in found.items():
        for ticket_id, external_id, account_id in _tickets(session, source_key, list(by_ticket)):
            for origin, words, event in by_ticket[external_id]:
                # A reply is known by its instant, whatever key a source gives it: it often comes twice by two ways.
                place = "" if event.kind is EventKind.OPENED else f":{event.happened_at:%Y%m%dT%H%M%S}"
                noticed += _add(
                    session,
                    f"{origin}{place}",
                    account_id=account_id,
                    ticket_id=ticket_id,
                    words=words,
                    happened_at=event.happened_at,
                )
    return noticed


def _tickets(session: Session, source_key: str, external_ids: Sequence[str]) -> list[tuple[int, str, int]]:
    session.flush()
    rows = session.execute(
        select(col(Ticket.id), col(Ticket.external_id), col(Ticket.account_id)).where(
            col(Ticket.source_key) == source_key, col(Ticket.external_id).in_(external_ids)
        )
    )
    return [(ticket_id, external_id, account_id) for ticket_id, external_id, account_id in rows]


def notice_talks(session: Session, fact: InteractionsChanged) -> None:
    """Look at what customers have written lately: mails, chats and messages that became known, by whatever way.

    A message that became a ticket is that ticket's: asked for once, shown once.
    """
    rows = session.execute(
        select(Interaction)
        .outerjoin(HumanWish, col(HumanWish.interaction_id) == col(Interaction.id))
        .where(
            col(Interaction.account_id).in_(fact.account_ids),
            col(Interaction.direction) == Direction.IN,
            col(Interaction.channel).not_in((Channel.CALL, Channel.MEETING, Channel.IN_PERSON, Channel.NOTE)),
            col(Interaction.automatic).is_(False),
            col(Interaction.mass).is_(False),
            col(Interaction.closed_at).is_(None),
            col(Interaction.known_at) >= now() - LATELY,
            col(HumanWish.id).is_(None),
        )
        .order_by(col(Interaction.happened_at), col(Interaction.id))
    )
    for talk in rows.scalars():
        words = wish_in(f"{talk.subject}\n{talk.body}")
        if words is None or _became_ticket(session, talk):
            continue
        _add(
            session,
            f"talk:{talk.id}",
            account_id=talk.account_id,
            interaction_id=talk.id,
            words="" if talk.private_to is not None else words,
            happened_at=talk.happened_at,
        )


def follow_tickets(session: Session, fact: TicketsChanged) -> None:
    """A ticket's wish is where its ticket is: at another account, once somebody has said whose it is."""
    at = select(col(Ticket.account_id)).where(col(Ticket.id) == col(HumanWish.ticket_id)).scalar_subquery()
    session.execute(
        update(HumanWish)
        .where(
            col(HumanWish.account_id).in_(fact.account_ids),
            col(HumanWish.ticket_id).is_not(None),
            col(HumanWish.account_id) != at,
        )
        .values(account_id=at)
    )


def _became_ticket(session: Session, talk: Interaction) -> bool:
    if talk.source_key is None or not talk.source_key.startswith("api:"):
        return False
    external_id = f"{talk.source_key.removeprefix('api:')}:{talk.external_id}"[:120]
    found = select(col(Ticket.id)).where(
        col(Ticket.source_key) == "tenure", col(Ticket.external_id) == external_id, col(Ticket.deleted_at).is_(None)
    )
    return session.scalar(found.limit(1)) is not None


def _add(session: Session, origin: str, **values: Any) -> bool:
    row: Mapping[str, Any] = {
        "id": new_id(),
        "ticket_id": None,
        "interaction_id": None,
        "known_at": now(),
        "closed_at": None,
        "origin": origin[:260],
        **values,
    }
    return insert_if_missing(session, HumanWish, row)
