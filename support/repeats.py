"""Who came back: tickets opened on the same topic, by the same account, within 14 days of a resolution.

Whether a ticket is a repeat is decided by what had happened when it was opened: later events do not change it, a record
that arrives late can.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from support.merging import REPEAT_WITHIN, History, set_repeat
from support.models import EventKind, Ticket, TicketEvent


class Resolution(NamedTuple):
    at: datetime
    external_id: str  # of two at one instant the greater counts, whatever their ids
    ticket_id: int


class Subject(NamedTuple):
    """What repeats are told apart by."""

    account_id: int
    topic: str


def subject_of(known: History) -> Subject | None:
    topic = known.fields.topic
    return Subject(known.account_id, topic) if known.account_id is not None and topic else None


def resolutions_of(known: History, ticket_id: int) -> list[Resolution]:
    return [
        Resolution(event.happened_at, known.external_id, ticket_id)
        for event in known.events.values()
        if event.kind is EventKind.RESOLVED
    ]


def repeated(ticket_id: int, opened_at: datetime, resolutions: Iterable[Resolution]) -> int | None:
    """The ticket whose resolution did not last."""
    before = [
        one for one in resolutions if one.ticket_id != ticket_id and opened_at - REPEAT_WITHIN <= one.at <= opened_at
    ]
    return max(before).ticket_id if before else None


def find_repeats(
    session: Session, touched: Mapping[int, History], stored_ids: Collection[int]
) -> dict[int, int | None]:
    """Mark the repeats among ``touched``, of which ``stored_ids`` were there before.

    Returns those that are not among them and must change: ticket → repeat of.
    """
    found: dict[Subject, list[Resolution]] = {}
    asked: dict[int, tuple[Subject, datetime]] = {}
    resolved: list[datetime] = []
    for ticket_id, known in touched.items():
        subject = subject_of(known)
        if subject is None:
            set_repeat(known, None)
            continue
        own = resolutions_of(known, ticket_id)
        resolved += [one.at for one in own]
        found.setdefault(subject, []).extend(own)
        asked[ticket_id] = subject, known.opened_at

    others = {
        other.id: other for other in _others(session, found.keys(), resolved, stored_ids) if other.id not in touched
    }
    asked.update((other.id, (other.subject, other.opened_at)) for other in others.values())
    for subject, resolution in _stored(session, asked.values()):
        if resolution.ticket_id not in touched:
            found.setdefault(subject, []).append(resolution)

    changed = {}
    for ticket_id, (subject, opened_at) in asked.items():
        of = repeated(ticket_id, opened_at, found.get(subject, ()))
        if ticket_id in touched:
            set_repeat(touched[ticket_id], of)
        elif of != others[ticket_id].repeat_of_id:
            changed[ticket_id] = of
    return changed


class _Other(NamedTuple):
    id: int
    subject: Subject
    opened_at: datetime
    repeat_of_id: int | None


def _others(
    session: Session, subjects: Collection[Subject], resolved: Sequence[datetime], stored_ids: Collection[int]
) -> Iterator[_Other]:
    """Stored tickets that a resolution could make a repeat, and those that were one of ``stored_ids``."""
    columns = select(
        col(Ticket.id), col(Ticket.account_id), col(Ticket.topic), col(Ticket.opened_at), col(Ticket.repeat_of_id)
    )
    asked = []
    if resolved:
        asked.append(
            columns.where(
                col(Ticket.account_id).in_({subject.account_id for subject in subjects}),
                col(Ticket.opened_at).between(min(resolved), max(resolved) + REPEAT_WITHIN),
            )
        )
    if stored_ids:
        asked.append(columns.where(col(Ticket.repeat_of_id).in_(stored_ids)))
    for statement in asked:
        for ticket_id, account_id, topic, opened_at, of in session.execute(statement):
            subject = Subject(account_id, topic)
            if topic and (subject in subjects or of in stored_ids):
                yield _Other(ticket_id, subject, opened_at, of)


def _stored(session: Session, asked: Collection[tuple[Subject, datetime]]) -> Iterator[tuple[Subject, Resolution]]:
    """Stored resolutions that tickets of these subjects, opened then, could be repeats of."""
    if not asked:
        return
    opened = [opened_at for _, opened_at in asked]
    topics = {subject.topic for subject, _ in asked}
    rows = session.execute(
        select(
            col(Ticket.id),
            col(Ticket.external_id),
            col(Ticket.account_id),
            col(Ticket.topic),
            col(TicketEvent.happened_at),
        )
        .join(Ticket, col(Ticket.id) == col(TicketEvent.ticket_id))
        .where(
            col(TicketEvent.account_id).in_({subject.account_id for subject, _ in asked}),
            col(TicketEvent.happened_at).between(min(opened) - REPEAT_WITHIN, max(opened)),
            col(TicketEvent.kind) == EventKind.RESOLVED,
            col(TicketEvent.closed_at).is_(None),
            col(Ticket.topic).in_(topics),
        )
    )
    for ticket_id, external_id, account_id, topic, at in rows:
        yield Subject(account_id, topic), Resolution(at, external_id, ticket_id)


__all__ = ["find_repeats", "repeated"]
