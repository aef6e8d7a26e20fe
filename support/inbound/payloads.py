"""Helpdesks' messages to patches of tickets: one function a sender, all behind ``records_from``. Pure.

The shapes are those the helpdesks document; from each only what a ticket needs is read. What is there and cannot be
read is a ``BadPayload`` that names its place, what is not there is not told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.inbox.plain import text_of_html
from accounts.participants import FREE_DOMAINS
from crm.text import N_, Text, text
from support.inbound.models import Sender
from support.intake.patches import Patch
from support.models import EventKind, TicketKind
from support.records import AccountHint, EventRecord, Requester

Json = Mapping[str, Any]
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
_PRIORITIES = {
    **dict.fromkeys(("urgent", "highest", "critical", "blocker", "p1", "1"), 1),
    **dict.fromkeys(("high", "p2", "major", "2"), 2),
    **dict.fromkeys(("normal", "medium", "moderate", "p3", "3", "not_priority"), 3),
    **dict.fromkeys(("low", "lowest", "minor", "trivial", "p4", "4"), 4),
}


class BadPayload(Exception):
    """It tells nothing of a ticket that could be understood."""

    def __init__(self, reason: Text) -> None:
        self.reason = reason
        super().__init__(str(reason))


def records_from(sender: Sender, payload: Any, received_at: datetime) -> list[Patch]:
    """What ``payload`` tells of tickets; nothing where it is about something else. Raises ``BadPayload``."""
    read = _READERS[sender]
    messages = payload if isinstance(payload, list) else [payload]
    found: list[Patch] = []
    for one in messages:
        if not isinstance(one, Mapping):
            raise BadPayload(text(N_("A message is a JSON object.")))
        found += read(one, received_at)
    return [_with_answers_told(one) for one in found]


def _with_answers_told(patch: Patch) -> Patch:
    """The clock of first answers runs once the helpdesk has told an answer of ours; some are not set up to tell any."""
    if not any(event.kind is EventKind.AGENT_REPLY for event in patch.events):
        return patch
    return replace(patch, fields={**patch.fields, "answers_told": True})


# --- Zendesk ---------------------------------------------------------------------------------------------------------

_ZENDESK_STATES = {
    "new": EventKind.WORKING,
    "open": EventKind.WORKING,
    "hold": EventKind.WORKING,
    "on-hold": EventKind.WORKING,
    "pending": EventKind.WAITING,
    "solved": EventKind.RESOLVED,
    "closed": EventKind.CLOSED,
    "deleted": EventKind.DELETED,
}
_ZENDESK_KINDS = {
    "question": TicketKind.QUESTION,
    "incident": TicketKind.DEFECT,
    "problem": TicketKind.DEFECT,
    "task": TicketKind.REQUEST,
}


def _zendesk(message: Json, received_at: datetime) -> list[Patch]:
    """An event of a ticket (``zen:event-type:ticket.…``), or a trigger's own message with ``ticket`` or ``tickets``."""
    kind = _words(message, "type")
    if kind.startswith("zen:event-type:"):
        if not kind.startswith("zen:event-type:ticket."):
            return []
        ticket = _object(message, "detail")
        at = _instant(message, "time", received_at)
        return [_of_zendesk(ticket, at, kind.removeprefix("zen:event-type:ticket."), _object(message, "event"))]
    tickets = message.get("tickets") or [message.get("ticket", message)]
    return [_of_zendesk(one, _instant(one, "updated_at", received_at), "", {}) for one in _objects(tickets)]


def _of_zendesk(ticket: Json, at: datetime, happened: str, event: Json) -> Patch:
    events = []
    comment = _object(event, "comment")
    if happened == "comment_added":
        by_us = bool(_object(comment, "author").get("is_staff"))
        if comment.get("is_public", True):
            events.append(_reply(by_us, at, _words(comment, "body"), _words(comment, "id")))
    elif happened in ("soft_deleted", "permanently_deleted"):
        events.append(EventRecord(EventKind.DELETED, "deleted", at))
    via = ticket.get("via")
    requester = _object(ticket, "requester")
    company = _object(ticket, "organization")
    return Patch(
        external_id=_needed_id(ticket, "id"),
        version_at=at,
        opened_at=_maybe_instant(ticket, "created_at"),
        events=tuple(events),
        fields=_told(
            subject=_words(ticket, "subject") or _words(ticket, "raw_subject"),
            kind=_ZENDESK_KINDS.get(_words(ticket, "type").lower()),
            channel=_words(via, "channel") if isinstance(via, Mapping) else "",
            external_url=_address(ticket, "url"),
        ),
        account=_company(
            _words(company, "id") or _words(ticket, "organization_id"),
            _words(company, "name"),
            _words(requester, "email"),
        ),
        requester=_person(
            _words(requester, "id") or _words(ticket, "requester_id"),
            _words(requester, "name"),
            _words(requester, "email"),
        ),
        priority=_priority(ticket, "priority"),
        state_event=_ZENDESK_STATES.get(_words(ticket, "status").lower()) if happened != "comment_added" else None,
        text=_words(ticket, "description"),
    )


# --- Intercom --------------------------------------------------------------------------------------------------------


def _intercom(message: Json, received_at: datetime) -> list[Patch]:
    topic = _words(message, "topic")
    if not topic.startswith("conversation."):
        return []
    item = _object(_object(message, "data"), "item")
    at = _instant(item, "updated_at", _instant(message, "created_at", received_at))
    source = _object(item, "source")
    author = _object(source, "author")
    events = []
    for part in _objects(_object(item, "conversation_parts").get("conversation_parts") or []):
        body = _plain(_words(part, "body"))
        if _words(part, "part_type") == "comment" and body:
            by_us = _words(_object(part, "author"), "type") in ("admin", "bot", "team")
            said_at = _instant(part, "created_at", at)
            events.append(_reply(by_us, said_at, body, _words(part, "id")))
    rating = _object(item, "conversation_rating").get("rating")
    if isinstance(rating, (int, float)) and 1 <= rating <= 5:
        rated_at = _instant(_object(item, "conversation_rating"), "created_at", at)
        events.append(EventRecord(EventKind.RATED, "rated", rated_at, 25.0 * (rating - 1)))
    states = {"open": EventKind.WORKING, "snoozed": EventKind.WAITING, "closed": EventKind.RESOLVED}
    company = _object(item, "company")
    return [
        Patch(
            external_id=_needed_id(item, "id"),
            version_at=at,
            opened_at=_maybe_instant(item, "created_at"),
            events=tuple(events),
            fields=_told(
                subject=_plain(_words(item, "title") or _words(source, "subject")),
                channel={"conversation": "chat", "push": "chat"}.get(_words(source, "type"), _words(source, "type")),
            ),
            account=_company(
                _words(company, "company_id") or _words(company, "id"), _words(company, "name"), _words(author, "email")
            ),
            requester=_person(_words(author, "id"), _words(author, "name"), _words(author, "email"))
            if _words(author, "type") in ("user", "lead", "contact")
            else None,
            priority=1 if _words(item, "priority") == "priority" else None,
            state_event=states.get(_words(item, "state")),
            text=_plain(_words(source, "body")),
        )
    ]


# --- HubSpot ---------------------------------------------------------------------------------------------------------

# Stages of the pipeline that every account of HubSpot begins with; those of others are not known to be final.
_HUBSPOT_STAGES = {
    "1": EventKind.WORKING,
    "2": EventKind.WAITING,
    "3": EventKind.WORKING,
    "4": EventKind.RESOLVED,
}


def _hubspot(message: Json, received_at: datetime) -> list[Patch]:
    """A notice of a change (``ticket.propertyChange``), or a workflow's message with the ticket's properties."""
    notice = _words(message, "subscriptionType")
    if notice:
        # Newer apps say object.… and name the kind of object by its number: 0-5 is the ticket.
        if not notice.startswith("ticket.") and not (
            notice.startswith("object.") and _words(message, "objectTypeId") == "0-5"
        ):
            return []
        at = _instant(message, "occurredAt", received_at)
        number, happened = _needed_id(message, "objectId"), notice.partition(".")[2]
        if happened == "deletion":
            return [Patch(number, at, events=(EventRecord(EventKind.DELETED, "deleted", at),))]
        if happened == "creation":
            return [Patch(number, at, opened_at=at)]
        if happened != "propertyChange":
            return []
        properties: Json = {_words(message, "propertyName"): message.get("propertyValue")}
        return [_of_hubspot(number, at, properties)]
    properties = _object(message, "properties")
    plain = {name: one.get("value") if isinstance(one, Mapping) else one for name, one in properties.items()}
    number = _words(message, "objectId") or _words(message, "id") or _needed_id(plain, "hs_object_id")
    return [_of_hubspot(number, _instant(plain, "hs_lastmodifieddate", received_at), plain)]


def _of_hubspot(number: str, at: datetime, told: Json) -> Patch:
    return Patch(
        external_id=number,
        version_at=at,
        opened_at=_maybe_instant(told, "createdate"),
        fields=_told(subject=_words(told, "subject"), channel=_words(told, "source_type").lower()),
        account=_company(_words(told, "hs_primary_company_id"), _words(told, "hs_primary_company_name"), ""),
        priority=_priority(told, "hs_ticket_priority"),
        state_event=EventKind.CLOSED
        if _words(told, "closed_date")
        else _HUBSPOT_STAGES.get(_words(told, "hs_pipeline_stage")),
        text=_words(told, "content"),
    )


# --- Jira Service Management -----------------------------------------------------------------------------------------


def _jira(message: Json, received_at: datetime) -> list[Patch]:
    kind = _words(message, "webhookEvent")
    if "issue" not in message:
        return []
    issue = _object(message, "issue")
    fields = _object(issue, "fields")
    told_at = _instant(message, "timestamp", received_at)
    at = max(told_at, _instant(fields, "updated", told_at))
    status, reporter = _object(fields, "status"), _object(fields, "reporter")
    category = _words(_object(status, "statusCategory"), "key")
    waits = "waiting for customer" in _words(status, "name").lower()
    state = EventKind.RESOLVED if category == "done" else EventKind.WAITING if waits else EventKind.WORKING
    events = []
    comment = _object(message, "comment")
    if comment and comment.get("jsdPublic", True):
        author = _object(comment, "author")
        known_by = ("accountId", "emailAddress", "name")
        by_them = any(_words(author, name) and _words(author, name) == _words(reporter, name) for name in known_by)
        said_at = _instant(comment, "created", at)
        events.append(_reply(not by_them, said_at, _words(comment, "body"), _words(comment, "id")))
    if kind == "jira:issue_deleted":
        events.append(EventRecord(EventKind.DELETED, "deleted", at))
    issue_type = _words(_object(fields, "issuetype"), "name").lower()
    return [
        Patch(
            external_id=_words(issue, "key") or _needed_id(issue, "id"),
            version_at=at,
            opened_at=_maybe_instant(fields, "created"),
            events=tuple(events),
            fields=_told(
                subject=_words(fields, "summary"),
                kind=TicketKind.DEFECT if "bug" in issue_type or "incident" in issue_type else None,
                assignee=_words(_object(fields, "assignee"), "displayName"),
            ),
            account=_company("", "", _words(reporter, "emailAddress")),
            requester=_person(
                _words(reporter, "accountId") or _words(reporter, "name"),
                _words(reporter, "displayName"),
                _words(reporter, "emailAddress"),
            ),
            priority=_priority(_object(fields, "priority"), "name"),
            state_event=state if status and kind != "jira:issue_deleted" else None,
            text=_words(fields, "description"),
        )
    ]


# --- Freshdesk -------------------------------------------------------------------------------------------------------

_FRESHDESK_STATES = {
    **dict.fromkeys(("2", "open"), EventKind.WORKING),
    **dict.fromkeys(("3", "pending", "6", "waiting on customer"), EventKind.WAITING),
    **dict.fromkeys(("7", "waiting on third party"), EventKind.WORKING),
    **dict.fromkeys(("4", "resolved"), EventKind.RESOLVED),
    **dict.fromkeys(("5", "closed"), EventKind.CLOSED),
}
_FRESHDESK_PRIORITIES = {"1": 4, "low": 4, "2": 3, "medium": 3, "3": 2, "high": 2, "4": 1, "urgent": 1}


def _freshdesk(message: Json, received_at: datetime) -> list[Patch]:
    """An automation's message (``freshdesk_webhook`` with ``ticket_…``), or a ticket as the API tells it."""
    inner = message.get("freshdesk_webhook", message)
    ticket: Json = inner if isinstance(inner, Mapping) else message
    plain = {name.removeprefix("ticket_"): value for name, value in ticket.items()}
    requester, company = _object(plain, "requester"), _object(plain, "company")
    email = (
        _words(plain, "requester_email")
        or _words(plain, "contact_email")
        or _words(requester, "email")
        or _words(plain, "email")
    )
    return [
        Patch(
            external_id=_needed_id(plain, "id").removeprefix("INC-"),
            version_at=_instant(plain, "updated_at", received_at),
            opened_at=_maybe_instant(plain, "created_at"),
            events=(EventRecord(EventKind.DELETED, "deleted", received_at),) if plain.get("deleted") is True else (),
            fields=_told(
                subject=_words(plain, "subject"),
                assignee=_words(plain, "agent_name"),
                team=_words(plain, "group_name"),
                channel=_words(plain, "source_name").lower(),
                external_url=_address(plain, "url"),
            ),
            account=_company(
                _words(company, "id") or _words(plain, "company_id"),
                _words(company, "name") or _words(plain, "company_name"),
                email,
            ),
            requester=_person(
                _words(requester, "id") or _words(plain, "requester_id"),
                _words(requester, "name") or _words(plain, "requester_name") or _words(plain, "contact_name"),
                email,
            ),
            priority=_FRESHDESK_PRIORITIES.get(_words(plain, "priority").lower()),
            state_event=_FRESHDESK_STATES.get(_words(plain, "status").lower()),
            text=_words(plain, "description_text") or _plain(_words(plain, "description")),
        )
    ]


# --- Salesforce ------------------------------------------------------------------------------------------------------


def _salesforce(message: Json, received_at: datetime) -> list[Patch]:
    """A case as a flow sends it, alone, under ``Case``, or several under ``records``."""
    cases = message.get("records") or [message.get("Case", message)]
    return [_of_salesforce(one, received_at) for one in _objects(cases)]


def _of_salesforce(case: Json, received_at: datetime) -> Patch:
    at = _instant(case, "LastModifiedDate", received_at)
    company, contact = _object(case, "Account"), _object(case, "Contact")
    email = _words(case, "ContactEmail") or _words(contact, "Email") or _words(case, "SuppliedEmail")
    status = _words(case, "Status").lower()
    state = EventKind.WORKING if status else None
    if case.get("IsClosed") is True or status == "closed":
        state = EventKind.CLOSED
    elif "customer" in status and ("wait" in status or "pending" in status):
        state = EventKind.WAITING
    events = []
    if case.get("IsDeleted") is True:
        events.append(EventRecord(EventKind.DELETED, "deleted", at))
    if case.get("IsEscalated") is True:
        events.append(EventRecord(EventKind.ESCALATED, "escalated", at))
    return Patch(
        external_id=_of_18(_needed_id(case, "Id")),
        version_at=at,
        opened_at=_maybe_instant(case, "CreatedDate"),
        events=tuple(events),
        fields=_told(
            subject=_words(case, "Subject"), topic=_words(case, "Reason"), channel=_words(case, "Origin").lower()
        ),
        account=_company(_of_18(_words(case, "AccountId")), _words(company, "Name"), email),
        requester=_person(
            _of_18(_words(case, "ContactId")), _words(contact, "Name") or _words(case, "SuppliedName"), email
        ),
        priority=_priority(case, "Priority"),
        state_event=state,
        text=_words(case, "Description"),
    )


def _of_18(written: str) -> str:
    """An id of 15 signs in the form of 18 that tells no capitals apart: three signs more, each of five capitals."""
    if len(written) != 15 or not written.isascii() or not written.isalnum():
        return written
    parts = (written[:5], written[5:10], written[10:])
    places = (sum(1 << place for place, sign in enumerate(part) if sign.isupper()) for part in parts)
    return written + "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[place] for place in places)


_READERS: Mapping[Sender, Callable[[Json, datetime], list[Patch]]] = {
    Sender.ZENDESK: _zendesk,
    Sender.INTERCOM: _intercom,
    Sender.HUBSPOT: _hubspot,
    Sender.JIRA: _jira,
    Sender.FRESHDESK: _freshdesk,
    Sender.SALESFORCE: _salesforce,
}


# --- values ----------------------------------------------------------------------------------------------------------


def _words(part: Json, name: str) -> str:
    """A text or a number as text; empty where it is something else or not there. PostgreSQL takes no NUL."""
    value = part.get(name)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    written = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return written.replace("\x00", "").strip()[:20_000]


def _object(part: Json, name: str) -> Json:
    value = part.get(name)
    return value if isinstance(value, Mapping) else {}


def _objects(values: Any) -> Sequence[Json]:
    if not isinstance(values, list) or not all(isinstance(one, Mapping) for one in values):
        raise BadPayload(text(N_("A message is a JSON object.")))
    return values


def _needed_id(part: Json, name: str) -> str:
    found = _words(part, name)
    if not found or len(found) > 120:
        raise BadPayload(text(N_("The message has no ticket id in “%(field)s”."), field=name))
    return found


def _maybe_instant(part: Json, name: str) -> datetime | None:
    """ISO 8601, or seconds or milliseconds since 1970."""
    written = _words(part, name)
    if not written:
        return None
    try:
        if written.isdigit():
            number = int(written)
            found = datetime.fromtimestamp(number / 1000 if number > 10**11 else number, UTC)
        else:
            found = datetime.fromisoformat(written)
            found = (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise BadPayload(
            text(N_("“%(value)s” in “%(field)s” is no instant."), value=written[:60], field=name)
        ) from None
    if found < _EARLIEST:
        raise BadPayload(text(N_("“%(value)s” in “%(field)s” lies before 1980."), value=written[:60], field=name))
    return found


def _instant(part: Json, name: str, otherwise: datetime) -> datetime:
    """Not later than a day after it was received: a version from the future would win for ever."""
    return min(_maybe_instant(part, name) or otherwise, otherwise + timedelta(days=1))


def _priority(part: Json, name: str) -> int | None:
    return _PRIORITIES.get(_words(part, name).lower())


def _address(part: Json, name: str) -> str | None:
    found = _words(part, name)
    return found if found.startswith(("https://", "http://")) and len(found) <= 500 else None


def _told(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _company(external_id: str, name: str, email: str) -> AccountHint | None:
    """As the helpdesk names it; else by the domain of whoever asks, where it is a company's."""
    domain = email.rpartition("@")[2].lower() if "@" in email else ""
    hint = AccountHint(external_id[:120], "" if domain in FREE_DOMAINS else domain[:120], name[:200])
    return None if hint.is_empty else hint


def _person(external_id: str, name: str, email: str) -> Requester | None:
    found = Requester(external_id[:100], name[:160], email[:254] if "@" in email else "")
    return None if found.is_empty else found


def _plain(html: str) -> str:
    return text_of_html(html).strip() if "<" in html else html


def _reply(by_us: bool, at: datetime, said: str, key: str) -> EventRecord:
    kind = EventKind.AGENT_REPLY if by_us else EventKind.CUSTOMER_REPLY
    named = f"reply:{key}" if key else f"{kind.value}:{at:%Y%m%dT%H%M%S}"
    return EventRecord(kind, named[:120], at, data={"text": said} if said else {})
