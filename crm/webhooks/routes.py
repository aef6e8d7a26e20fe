"""Webhooks, for administrators."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field
from sqlmodel import Session

from crm.clock import machine_now
from crm.errors import Refusal
from crm.identity.deps import Administrator, CurrentViewer, refuse_unless
from crm.viewer import Capability
from crm.web.forms import Form, Submitted, submitted
from crm.web.pages import page, see_other, writer_of
from crm.web.session import DbSession
from crm.webhooks import service
from crm.webhooks.models import CHOICES, Kind, WebhookDelivery, WebhookEndpoint

router = APIRouter(prefix="/settings/webhooks")

INDEX, SHOW = "webhooks/index.html", "webhooks/show.html"


class EndpointForm(Form):
    title: Annotated[str, Field(max_length=120)] = ""
    url: Annotated[str, Field(max_length=2_000)] = ""
    kinds: list[Kind] = []  # noqa: RUF012 - pydantic copies it


class ButtonForm(Form):
    """A button."""


EndpointSubmitted = Annotated[Submitted[EndpointForm], Depends(submitted(EndpointForm))]
ButtonSubmitted = Annotated[Submitted[ButtonForm], Depends(submitted(ButtonForm))]


def _endpoint(session: DbSession, viewer: CurrentViewer, endpoint_id: int) -> WebhookEndpoint:
    refuse_unless(viewer, Capability.MANAGE_USERS)
    return service.get_endpoint(session, endpoint_id)


Endpoint = Annotated[WebhookEndpoint, Depends(_endpoint, scope="function")]


@router.get("", name="webhooks.index")
def list_endpoints(request: Request, session: DbSession, viewer: Administrator) -> Response:
    return _index(request, session)


@router.post("", name="webhooks.create")
def create_endpoint(request: Request, session: DbSession, viewer: Administrator, sent: EndpointSubmitted) -> Response:
    made: list[WebhookEndpoint] = []

    def add(form: EndpointForm) -> None:
        made.append(service.add_endpoint(session, viewer, title=form.title, url=form.url, kinds=form.kinds))

    refused = _attempt(sent, add)
    if refused is not None:
        return _index(request, session, refused)
    return see_other(request, "webhooks.show", endpoint_id=made[0].id)


@router.get("/{endpoint_id:int}", name="webhooks.show")
def show_endpoint(request: Request, session: DbSession, endpoint: Endpoint) -> Response:
    return _show(request, session, endpoint)


@router.post("/{endpoint_id:int}", name="webhooks.update")
def update_endpoint(
    request: Request, session: DbSession, viewer: Administrator, endpoint: Endpoint, sent: EndpointSubmitted
) -> Response:
    refused = _attempt(
        sent,
        lambda form: service.change_endpoint(
            session, viewer, endpoint, title=form.title, url=form.url, kinds=form.kinds
        ),
    )
    return _back(request, endpoint) if refused is None else _show(request, session, endpoint, refused)


@router.post("/{endpoint_id:int}/test", name="webhooks.test")
def test_endpoint(
    request: Request, session: DbSession, viewer: Administrator, endpoint: Endpoint, sent: ButtonSubmitted
) -> Response:
    service.send_test(session, viewer, endpoint)
    return _back(request, endpoint)


@router.post("/{endpoint_id:int}/secret", name="webhooks.secret.renew")
def renew_secret(
    request: Request, session: DbSession, viewer: Administrator, endpoint: Endpoint, sent: ButtonSubmitted
) -> Response:
    service.renew_secret(session, viewer, endpoint)
    return _back(request, endpoint)


@router.post("/{endpoint_id:int}/on", name="webhooks.on")
def switch_on(
    request: Request, session: DbSession, viewer: Administrator, endpoint: Endpoint, sent: ButtonSubmitted
) -> Response:
    service.switch(session, viewer, endpoint, on=True)
    return _back(request, endpoint)


@router.post("/{endpoint_id:int}/off", name="webhooks.off")
def switch_off(
    request: Request, session: DbSession, viewer: Administrator, endpoint: Endpoint, sent: ButtonSubmitted
) -> Response:
    service.switch(session, viewer, endpoint, on=False)
    return _back(request, endpoint)


@router.post("/{endpoint_id:int}/removal", name="webhooks.remove")
def remove_endpoint(
    request: Request, session: DbSession, viewer: Administrator, endpoint: Endpoint, sent: ButtonSubmitted
) -> Response:
    service.remove_endpoint(session, viewer, endpoint)
    return see_other(request, "webhooks.index")


@router.post("/{endpoint_id:int}/messages/{delivery_id:int}/again", name="webhooks.deliveries.again")
def try_again(
    request: Request,
    session: DbSession,
    viewer: Administrator,
    endpoint: Endpoint,
    delivery_id: int,
    sent: ButtonSubmitted,
) -> Response:
    service.try_again(session, viewer, service.get_delivery(session, endpoint, delivery_id))
    return _back(request, endpoint)


def _attempt(sent: Submitted[EndpointForm], verb: Callable[[EndpointForm], object]) -> Submitted[EndpointForm] | None:
    if sent.form is None:
        return sent
    try:
        verb(sent.form)
    except Refusal as refused:
        return sent.refused("kinds" if not sent.form.kinds else "url", refused.sentence)
    return None


def _index(request: Request, session: Session, sent: Submitted[Any] | None = None) -> Response:
    return page(
        request,
        INDEX,
        status=422 if sent else 200,
        endpoints=[(one, host_of(one)) for one in service.all_endpoints(session)],
        **_form(request, sent),
    )


def _show(
    request: Request, session: Session, endpoint: WebhookEndpoint, sent: Submitted[Any] | None = None
) -> Response:
    return page(
        request,
        SHOW,
        status=422 if sent else 200,
        endpoint=endpoint,
        host=host_of(endpoint),
        secret=service.secrets_of(endpoint, machine_now())[0],
        deliveries=[(one, _words(one)) for one in service.deliveries_of(session, endpoint)],
        titles={kind: kind.words for kind in Kind},
        **_form(request, sent),
    )


def _form(request: Request, sent: Submitted[Any] | None) -> dict[str, Any]:
    write = writer_of(request)
    return {
        "choices": [(kind.value, write.translations.gettext(kind.words)) for kind in CHOICES],
        "raw": sent.raw if sent else {},
        "errors": sent.errors if sent else {},
    }


def _words(delivery: WebhookDelivery) -> str:
    """What the message says, for the log."""
    return str(json.loads(delivery.body)["text"])


def host_of(endpoint: WebhookEndpoint) -> str:
    """All of the address that is no secret."""
    return urlsplit(endpoint.url).netloc


def _back(request: Request, endpoint: WebhookEndpoint) -> Response:
    return see_other(request, "webhooks.show", endpoint_id=endpoint.id)
