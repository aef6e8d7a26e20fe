"""Tickets and events that programs send: the same rules as an import, item by item or all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from crm.api.items import Mistake, Mistakes, Read
from crm.errors import NotFound
from crm.text import N_, text
from crm.viewer import Viewer
from support.intake.patches import Patch, made_whole
from support.intake.queries import stored_ticket
from support.intake.schemas import (
    KINDS,
    PRIORITIES,
    EventIn,
    ItemAnswer,
    TicketAnswer,
    TicketEventIn,
    TicketIn,
    TicketsAnswer,
)
from support.models import EventKind
from support.records import AccountHint, EventRecord, Requester, TicketFields, TicketRecord
from support.service import Applied, apply_tickets
from support.store import stored_by_external_id
from support.wishes.service import notice_tickets

TITLE = "API"


def receive_tickets(
    session: Session, actor: Viewer, read: Read[TicketIn], *, partial: bool, write: Any
) -> TicketsAnswer:
    """``write``: says a mistake's reason in the caller's language."""
    refuse_unless_whole(read, partial)
    records = [_record(one) for one in read.items.values()]
    applied = take_in(session, actor, records)
    return _answer(applied, read, {index: one.id for index, one in read.items.items()}, partial, write)


def receive_events(session: Session, actor: Viewer, read: Read[EventIn], *, partial: bool, write: Any) -> TicketsAnswer:
    """Events of tickets that are known; an event of any other is refused."""
    by_source: dict[str, dict[int, EventIn]] = {}
    for index, one in read.items.items():
        by_source.setdefault(one.source, {})[index] = one
    ids = {index: one.ticket_id for index, one in read.items.items()}
    records: list[TicketRecord] = []
    for source, events in by_source.items():
        known = stored_by_external_id(session, source, list({one.ticket_id: None for one in events.values()}))
        patches = []
        for index, one in events.items():
            history = known[one.ticket_id].history() if one.ticket_id in known else None
            if history is None:
                reason = text(N_("no ticket with this id came from “%(source)s”; send the ticket first"), source=source)
                read.mistakes.append(Mistake(index, "ticket_id", one.ticket_id, reason))
                del read.items[index]
                continue
            # Told now, whatever was told before: it holds until a newer version of the ticket leaves it out.
            version_at = max(one.at, history.updated_at)
            patches.append(Patch(one.ticket_id, version_at, events=(_event(one, named_by_instant=True),)))
        records += made_whole(session, source, patches)
    refuse_unless_whole(read, partial)
    applied = take_in(session, actor, records)
    return _answer(applied, read, ids, partial, write)


def refuse_unless_whole(read: Read[Any], partial: bool) -> None:
    if read.mistakes and not partial:
        raise Mistakes(sorted(read.mistakes, key=lambda one: one.index))


def take_in(session: Session, actor: Viewer, records: Sequence[TicketRecord], *, title: str = TITLE) -> Applied:
    """The rules of the import, and whether a customer asked for a person."""
    if not records:
        return Applied()
    titles = {TITLE: ""} if title == TITLE else {}
    applied = apply_tickets(session, records, actor=actor, source_title=titles.get(title, title))
    notice_tickets(session, records)
    return applied


def refusals(read: Read[Any], ids: Mapping[int, str], write: Any) -> list[ItemAnswer]:
    """Each item and what became of it, in order."""
    wrong = {one.index: one for one in reversed(read.mistakes)}
    answers = []
    for index in range(read.count):
        if (mistake := wrong.get(index)) is None:
            answers.append(ItemAnswer(index=index, id=ids[index], taken=True))
        else:
            answers.append(
                ItemAnswer(
                    index=index,
                    id=ids.get(index, ""),
                    taken=False,
                    field=mistake.field,
                    value=mistake.value,
                    reason=write(mistake.reason),
                )
            )
    return answers


def _answer(applied: Applied, read: Read[Any], ids: Mapping[int, str], partial: bool, write: Any) -> TicketsAnswer:
    refused = read.count - len(read.items)
    return TicketsAnswer(
        new=applied.new,
        updated=applied.updated,
        unchanged=applied.unchanged,
        unmatched=applied.unmatched,
        refused=refused,
        items=refusals(read, ids, write) if partial else [],
    )


def _record(sent: TicketIn) -> TicketRecord:
    account, person = sent.account, sent.requester
    return TicketRecord(
        source_key=sent.source,
        external_id=sent.id,
        updated_at=sent.updated_at,
        events=_events(sent),
        fields=TicketFields(
            external_url=sent.url or None,
            subject=sent.subject,
            topic=sent.topic,
            kind=sent.kind,
            channel=sent.channel,
            assignee=sent.assignee,
            team=sent.team,
        ),
        complete=sent.complete,
        account=AccountHint(account.external_id, account.domain, account.name, account.create),
        requester=Requester(person.external_id, person.name, person.email),
    )


def _events(sent: TicketIn) -> tuple[EventRecord, ...]:
    if sent.events:
        return tuple(_named_apart([_event(one, priority=sent.priority) for one in sent.events]))
    assert sent.opened_at is not None  # noqa: S101 - the model has made sure
    data = {"text": sent.text} if sent.text else {}
    priority = float(PRIORITIES[sent.priority])
    events = [EventRecord(EventKind.OPENED, "opened", sent.opened_at, priority, data, derived=True)]
    later = ((EventKind.FIRST_ANSWERED, sent.first_answered_at), (EventKind.RESOLVED, sent.resolved_at))
    events += [EventRecord(kind, kind.value, at, derived=True) for kind, at in later if at is not None]
    return tuple(events)


def _event(sent: TicketEventIn | EventIn, *, priority: str = "normal", named_by_instant: bool = False) -> EventRecord:
    kind, value = KINDS[sent.kind], sent.value
    if kind in (EventKind.OPENED, EventKind.PRIORITY):
        value = float(PRIORITIES[sent.priority or priority])
    data = {name: said for name in ("text", "actor", "to") if (said := getattr(sent, name))}
    key = sent.key
    if not key:
        once = kind is EventKind.OPENED and not named_by_instant
        key = kind.value if once else f"{kind.value}:{sent.at:%Y%m%dT%H%M%S}"
        if sent.seq:
            key += f":{sent.seq}"
    return EventRecord(kind, key, sent.at, value, data, sent.seq)


def _named_apart(events: Sequence[EventRecord]) -> list[EventRecord]:
    """Two of one kind at one instant without keys of their own are two, in the order they were sent."""
    taken: dict[str, int] = {}
    named = []
    for event in events:
        taken[event.key] = again = taken.get(event.key, 0) + 1
        named.append(event if again == 1 else event._replace(key=f"{event.key}:{again}"[:120]))
    return named


def ticket_answer(session: Session, source: str, external_id: str) -> TicketAnswer:
    found = stored_ticket(session, source, external_id)
    if found is None:
        raise NotFound(N_("There is no such ticket."))
    return found
