"""Talks, mails and messages that programs send: onto the timeline once, and into a ticket where one is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from accounts.events import gathered
from accounts.inbox.reading import is_automatic_subject
from accounts.models import Interaction
from accounts.service import log_interaction, touch_source
from crm.api.items import Mistake, Read
from crm.clock import now
from crm.identity.models import User
from crm.viewer import Viewer
from support.intake.finding import TalkFinder, With
from support.intake.schemas import OWN_SOURCE, InteractionIn, InteractionsAnswer
from support.intake.tickets import refusals, refuse_unless_whole
from support.models import EventKind
from support.models.ticket import NORMAL
from support.records import EventRecord, TicketFields, TicketRecord
from support.service import apply_tickets
from support.wishes.service import notice_tickets


def receive_interactions(
    session: Session, actor: Viewer, read: Read[InteractionIn], *, partial: bool, write: Any
) -> InteractionsAnswer:
    ids = {index: one.id for index, one in read.items.items()}
    known = _known(session, read.items)
    found = _found(session, actor, {index: one for index, one in read.items.items() if index not in known}, read)
    refuse_unless_whole(read, partial)
    new, tickets = 0, []
    taken: set[tuple[str, str]] = set()
    with gathered(session):
        for index, where in found.items():
            one = read.items[index]
            if (one.source, one.id) in taken:
                continue  # the same twice in a batch
            taken.add((one.source, one.id))
            _log(session, actor, one, where)
            new += 1
            if one.becomes_ticket and not _is_automatic(one):
                tickets.append(_ticket(session, one, where))
        if tickets:
            apply_tickets(session, tickets, actor=actor, source_title="Tenure")
            session.flush()
            notice_tickets(session, tickets)
    for source in sorted({one.source for one in read.items.values()}):
        newest = max(one.happened_at for one in read.items.values() if one.source == source)
        touch_source(session, source, title=source, kind="interactions", newest_event_at=newest)
    return InteractionsAnswer(
        new=new,
        unchanged=len(read.items) - new,
        tickets=[one.external_id for one in tickets],
        refused=read.count - len(read.items),
        items=refusals(read, ids, write) if partial else [],
    )


def _key(one: InteractionIn) -> tuple[str, str]:
    """Sources of talks have a name space of their own beside mailboxes and calendars."""
    return f"api:{one.source}"[:60], one.id


def _known(session: Session, items: Mapping[int, InteractionIn]) -> set[int]:
    """Indices of what came before, also where it was corrected or taken back since."""
    keys = {_key(one): None for one in items.values()}
    by_source: dict[str, list[str]] = {}
    for source, external_id in keys:
        by_source.setdefault(source, []).append(external_id)
    stored: set[tuple[str, str]] = set()
    for source, external_ids in by_source.items():
        rows = session.execute(
            select(col(Interaction.external_id)).where(
                col(Interaction.source_key) == source, col(Interaction.external_id).in_(external_ids)
            )
        )
        stored |= {(source, external_id) for (external_id,) in rows if external_id is not None}
    return {index for index, one in items.items() if _key(one) in stored}


def _found(
    session: Session, actor: Viewer, items: Mapping[int, InteractionIn], read: Read[InteractionIn]
) -> dict[int, With]:
    found: dict[int, With] = {}
    for source in sorted({one.source for one in items.values()}):
        of_source = {index: one for index, one in items.items() if one.source == source}
        answers = TalkFinder(session, actor, source).find(of_source.values())
        for index, where in zip(of_source, answers, strict=True):
            if isinstance(where, With):
                found[index] = where
            else:
                read.mistakes.append(Mistake(index, *where))
                del read.items[index]
    return {index: found[index] for index in sorted(found)}


def _is_automatic(one: InteractionIn) -> bool:
    return one.automatic or is_automatic_subject(one.subject)


def _log(session: Session, actor: Viewer, one: InteractionIn, where: With) -> Interaction:
    channel, direction = one.spoken
    return log_interaction(
        session,
        actor,
        where.account,
        channel=channel,
        direction=direction,
        body=one.text,
        subject=one.subject,
        contact=where.contact,
        happened_at=min(one.happened_at, now()),
        duration_minutes=one.duration_minutes,
        automatic=_is_automatic(one),
        mass=one.mass,
        source=_key(one),
    )


def _ticket(session: Session, one: InteractionIn, where: With) -> TicketRecord:
    """Of our own, given to the account's owner; nobody's while the account has none."""
    owner = session.get(User, where.account.owner_id) if where.account.owner_id is not None else None
    at = min(one.happened_at, now())
    words = {"text": one.text or one.subject}
    return TicketRecord(
        source_key=OWN_SOURCE,
        external_id=f"{one.source}:{one.id}"[:120],
        updated_at=at,
        events=(EventRecord(EventKind.OPENED, "opened", at, NORMAL, words),),
        fields=TicketFields(
            subject=one.subject or one.text.splitlines()[0][:120],
            channel=one.channel,
            assignee=owner.name if owner is not None else "",
        ),
        complete=False,
        account_id=where.account.id,
        contact_id=where.contact.id if where.contact is not None else None,
    )
