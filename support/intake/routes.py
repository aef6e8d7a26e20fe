"""The API's routes: who asks, what they sent, one call, JSON."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from crm.api.answers import IdempotencyKey, answered_once, as_json
from crm.api.callers import Caller, caller_with
from crm.api.items import read_items
from crm.api.models import Scope
from crm.errors import Invalid
from crm.text import N_
from crm.web.pages import writer_of
from crm.web.session import DbSession
from support.intake.interactions import receive_interactions
from support.intake.schemas import EventIn, InteractionIn, TicketIn
from support.intake.tickets import receive_events, receive_tickets, ticket_answer

router = APIRouter(prefix="/api/v1")

TicketWriter = Annotated[Caller, Depends(caller_with(Scope.TICKETS_WRITE), scope="function")]
TicketReader = Annotated[Caller, Depends(caller_with(Scope.TICKETS_READ), scope="function")]
TalkWriter = Annotated[Caller, Depends(caller_with(Scope.INTERACTIONS_WRITE), scope="function")]


async def _body(request: Request) -> bytes:
    return await request.body()  # received before the transaction began


async def _partial(request: Request) -> bool:
    said = request.query_params.get("partial", "false")
    if said not in ("true", "false") or set(request.query_params) - {"partial"}:
        raise Invalid(N_("The address takes only ?partial=true or ?partial=false."))
    return said == "true"


Partial = Annotated[bool, Depends(_partial)]


# Who asks stands first in each: what is counted is counted before the session's transaction begins.


@router.post("/tickets", name="support.intake.tickets")
def create_tickets(
    request: Request,
    caller: TicketWriter,
    partial: Partial,
    session: DbSession,
    body: Annotated[bytes, Depends(_body)],
    key: IdempotencyKey = None,
) -> Response:
    def work() -> Any:
        read = read_items(body, TicketIn)
        return receive_tickets(session, caller.viewer, read, partial=partial, write=writer_of(request))

    return answered_once(request, session, caller, key, body, work)


@router.post("/events", name="support.intake.events")
def create_events(
    request: Request,
    caller: TicketWriter,
    partial: Partial,
    session: DbSession,
    body: Annotated[bytes, Depends(_body)],
    key: IdempotencyKey = None,
) -> Response:
    def work() -> Any:
        read = read_items(body, EventIn)
        return receive_events(session, caller.viewer, read, partial=partial, write=writer_of(request))

    return answered_once(request, session, caller, key, body, work)


@router.post("/interactions", name="support.intake.interactions")
def create_interactions(
    request: Request,
    caller: TalkWriter,
    partial: Partial,
    session: DbSession,
    body: Annotated[bytes, Depends(_body)],
    key: IdempotencyKey = None,
) -> Response:
    def work() -> Any:
        read = read_items(body, InteractionIn)
        return receive_interactions(session, caller.viewer, read, partial=partial, write=writer_of(request))

    return answered_once(request, session, caller, key, body, work)


@router.get("/tickets/{source}/{ticket_id:path}", name="support.intake.ticket")
def show_ticket(caller: TicketReader, source: str, ticket_id: str, session: DbSession) -> Response:
    return as_json(ticket_answer(session, source, ticket_id))
