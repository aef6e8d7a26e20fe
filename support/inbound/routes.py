"""Helpdesks' webhooks: the address they send to, and the pages on which administrators look after it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlmodel import Session

from crm.clock import machine_now
from crm.config import get_settings
from crm.db import Database
from crm.errors import Refusal
from crm.identity.deps import Administrator, CurrentViewer, refuse_unless
from crm.viewer import Capability
from crm.web.forms import Form, Submitted, submitted
from crm.web.pages import page, path_for, see_other
from crm.web.session import DbSession
from support.inbound import service
from support.inbound.models import InboundEndpoint, Sender
from support.inbound.signatures import OWN_HEADER, Arrived

router = APIRouter()

INDEX, SHOW = "support/inbound/index.html", "support/inbound/show.html"


# --- for helpdesks ---------------------------------------------------------------------------------------------------


async def _arrived(request: Request) -> Arrived:
    body = await request.body()
    query = f"?{request.url.query}" if request.url.query else ""
    return Arrived(
        request.method,
        # As the helpdesk was given it, whatever a proxy has made of it.
        f"{get_settings().effective_base_url}{request.url.path}{query}",
        {name.lower(): value for name, value in request.headers.items()},
        body,
    )


@router.post("/in/{endpoint_id:int}", name="support.inbound.receive")
def receive(request: Request, endpoint_id: int, arrived: Annotated[Arrived, Depends(_arrived)]) -> Response:
    """Three short transactions and none around them: whose it is, how many there were, and the row."""
    database: Database = request.app.state.database
    now = machine_now()
    with database.reading() as session:
        endpoint = service.get_endpoint(session, endpoint_id)
    key = service.ensure_signed(endpoint, arrived, now)
    database.note(lambda session: service.count_message(session, endpoint_id, now))
    new = database.note(lambda session: service.keep(session, endpoint, key, arrived.body))
    return JSONResponse({"kept": True, "new": new}, 202 if new else 200)


# --- for administrators ----------------------------------------------------------------------------------------------


class EndpointForm(Form):
    sender: Sender
    title: Annotated[str, Field(max_length=120)] = ""
    secret: Annotated[str, Field(max_length=300)] = ""


class SecretForm(Form):
    secret: Annotated[str, Field(max_length=300)] = ""


class ButtonForm(Form):
    """A button."""


EndpointSubmitted = Annotated[Submitted[EndpointForm], Depends(submitted(EndpointForm))]
SecretSubmitted = Annotated[Submitted[SecretForm], Depends(submitted(SecretForm))]
ButtonSubmitted = Annotated[Submitted[ButtonForm], Depends(submitted(ButtonForm))]


def _endpoint(session: DbSession, viewer: CurrentViewer, endpoint_id: int) -> InboundEndpoint:
    refuse_unless(viewer, Capability.MANAGE_USERS)
    return service.get_endpoint(session, endpoint_id)


Endpoint = Annotated[InboundEndpoint, Depends(_endpoint, scope="function")]


@router.get("/settings/helpdesks", name="support.inbound.index")
def list_endpoints(request: Request, session: DbSession, viewer: Administrator) -> Response:
    return _index(request, session)


@router.post("/settings/helpdesks", name="support.inbound.create")
def create_endpoint(request: Request, session: DbSession, viewer: Administrator, sent: EndpointSubmitted) -> Response:
    """Answers with the endpoint's page and not with a redirect: a secret of ours is shown this once."""
    if (form := sent.form) is None:
        return _index(request, session, sent)
    try:
        endpoint, secret = service.add_endpoint(
            session, viewer, sender=form.sender, title=form.title, secret=form.secret
        )
    except Refusal as refused:
        return _index(request, session, sent.refused("secret", refused.sentence))
    return _show(request, session, endpoint, secret=secret, made=True)


@router.get("/settings/helpdesks/{endpoint_id:int}", name="support.inbound.show")
def show_endpoint(request: Request, session: DbSession, endpoint: Endpoint) -> Response:
    return _show(request, session, endpoint)


@router.post("/settings/helpdesks/{endpoint_id:int}/secret", name="support.inbound.secret.renew")
def renew_secret(
    request: Request, session: DbSession, viewer: Administrator, endpoint: Endpoint, sent: SecretSubmitted
) -> Response:
    if (form := sent.form) is None:
        return _show(request, session, endpoint, sent)
    try:
        secret = service.renew_secret(session, viewer, endpoint, secret=form.secret)
    except Refusal as refused:
        return _show(request, session, endpoint, sent.refused("secret", refused.sentence))
    return _show(request, session, endpoint, secret=secret) if secret else _back(request, endpoint)


@router.post("/settings/helpdesks/{endpoint_id:int}/on", name="support.inbound.on")
def switch_on(
    request: Request, session: DbSession, viewer: Administrator, endpoint: Endpoint, sent: ButtonSubmitted
) -> Response:
    service.switch(session, viewer, endpoint, on=True)
    return _back(request, endpoint)


@router.post("/settings/helpdesks/{endpoint_id:int}/off", name="support.inbound.off")
def switch_off(
    request: Request, session: DbSession, viewer: Administrator, endpoint: Endpoint, sent: ButtonSubmitted
) -> Response:
    service.switch(session, viewer, endpoint, on=False)
    return _back(request, endpoint)


@router.post("/settings/helpdesks/{endpoint_id:int}/removal", name="support.inbound.remove")
def remove_endpoint(
    request: Request, session: DbSession, viewer: Administrator, endpoint: Endpoint, sent: ButtonSubmitted
) -> Response:
    service.remove_endpoint(session, viewer, endpoint)
    return see_other(request, "support.inbound.index")


@router.post("/settings/helpdesks/{endpoint_id:int}/messages/{message_id:int}/again", name="support.inbound.again")
def try_again(
    request: Request,
    session: DbSession,
    viewer: Administrator,
    endpoint: Endpoint,
    message_id: int,
    sent: ButtonSubmitted,
) -> Response:
    service.try_again(session, viewer, service.get_message(session, endpoint, message_id))
    return _back(request, endpoint)


def _back(request: Request, endpoint: InboundEndpoint) -> Response:
    return see_other(request, "support.inbound.show", endpoint_id=endpoint.id)


def _index(request: Request, session: Session, sent: Submitted[Any] | None = None) -> Response:
    return page(
        request,
        INDEX,
        status=422 if sent else 200,
        endpoints=service.all_endpoints(session),
        failed=service.failed_by_endpoint(session),
        senders=[(one.value, one.words) for one in Sender],
        raw=sent.raw if sent else {},
        errors=sent.errors if sent else {},
    )


def _show(
    request: Request,
    session: Session,
    endpoint: InboundEndpoint,
    sent: Submitted[Any] | None = None,
    *,
    secret: str = "",
    made: bool = False,
) -> Response:
    return page(
        request,
        SHOW,
        status=422 if sent else 200,
        endpoint=endpoint,
        address=get_settings().effective_base_url
        + path_for(request, "support.inbound.receive", endpoint_id=endpoint.id),
        header=OWN_HEADER.title(),
        messages=service.messages_of(session, endpoint),
        secret=secret,
        made=made,
        raw=sent.raw if sent else {},
        errors=sent.errors if sent else {},
    )
