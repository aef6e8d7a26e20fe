"""The operations of the API as they are described; ``routes`` answers them."""

from __future__ import annotations

from typing import Any

from crm.api.models import Scope
from crm.contracts import ApiOperation, ApiParameter
from crm.text import N_
from support.intake.schemas import EventIn, InteractionIn, InteractionsAnswer, TicketAnswer, TicketIn, TicketsAnswer

_BATCH = (
    ApiParameter(
        "partial",
        "query",
        N_("true: items that are wrong are refused one by one, and all others taken in."),
        {"type": "boolean"},
    ),
    ApiParameter(
        "Idempotency-Key",
        "header",
        N_("The same request under the same key gets the same answer and changes nothing."),
        {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
    ),
)

_TICKET: dict[str, Any] = {
    "source": "helpdesk",
    "id": "4412",
    "updated_at": "2026-11-20T10:05:00Z",
    "subject": "Export fails",
    "priority": "high",
    "channel": "email",
    "account": {"external_id": "C-17", "domain": "halden.example", "name": "Halden Logistics"},
    "requester": {"email": "ingrid@halden.example", "name": "Ingrid Moe"},
    "events": [
        {"kind": "opened", "at": "2026-11-20T09:30:00Z", "text": "The export stops at 90 %."},
        {"kind": "first_answered", "at": "2026-11-20T10:05:00Z", "actor": "Gil Moreau"},
    ],
}
_EVENT: dict[str, Any] = {
    "source": "helpdesk",
    "ticket_id": "4412",
    "kind": "resolved",
    "at": "2026-11-20T15:10:00Z",
    "key": "audit-991",
}
_TALK: dict[str, Any] = {
    "source": "social-inbox",
    "id": "post-88",
    "channel": "social",
    "direction": "in",
    "happened_at": "2026-11-20T16:00:00Z",
    "contact_email": "ingrid@halden.example",
    "text": "Third failed export this week. Can I speak to someone?",
    "make_ticket": True,
}

OPERATIONS = (
    ApiOperation(
        key="support.intake.tickets",
        method="POST",
        path="/api/v1/tickets",
        title=N_("Bring in tickets"),
        explains=N_(
            "One ticket or a batch. The newest version of a ticket wins whatever the order of arrival, and the same "
            "again changes nothing. A ticket whose company is not known waits among the unmatched."
        ),
        scope=Scope.TICKETS_WRITE,
        body=TicketIn,
        answer=TicketsAnswer,
        parameters=_BATCH,
        example=_TICKET,
        order=10,
    ),
    ApiOperation(
        key="support.intake.events",
        method="POST",
        path="/api/v1/events",
        title=N_("Add events to tickets"),
        explains=N_("What has happened to tickets that are known. An event of any other ticket is refused."),
        scope=Scope.TICKETS_WRITE,
        body=EventIn,
        answer=TicketsAnswer,
        parameters=_BATCH,
        example=_EVENT,
        order=20,
    ),
    ApiOperation(
        key="support.intake.interactions",
        method="POST",
        path="/api/v1/interactions",
        title=N_("Bring in calls, mails and messages"),
        explains=N_(
            "They stand on the account’s timeline. The account is found by the contact’s address or by what the "
            "company is called; where it is not clear, the answer says what to send. With make_ticket, and for social "
            "messages, a ticket is opened and given to the account’s owner. Answers of machines never count as talks."
        ),
        scope=Scope.INTERACTIONS_WRITE,
        body=InteractionIn,
        answer=InteractionsAnswer,
        parameters=_BATCH,
        example=_TALK,
        order=30,
    ),
    ApiOperation(
        key="support.intake.ticket",
        method="GET",
        path="/api/v1/tickets/{source}/{ticket_id}",
        title=N_("Read how a ticket stands"),
        explains=N_("Its state and its account, or why it waits for one."),
        scope=Scope.TICKETS_READ,
        body=None,
        answer=TicketAnswer,
        parameters=(
            ApiParameter(
                "source", "path", N_("Which system it comes from; ids are unique within it."), {"type": "string"}
            ),
            ApiParameter("ticket_id", "path", N_("The ticket's id in that system."), {"type": "string"}),
        ),
        example={"source": "helpdesk", "ticket_id": "4412"},
        order=40,
    ),
)
