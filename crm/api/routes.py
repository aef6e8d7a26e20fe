"""Tokens, for administrators; the description of the API, for whoever is signed in and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlmodel import Session

from crm.api import service
from crm.api.callers import Counted
from crm.api.description import described, document
from crm.api.models import Scope
from crm.clock import machine_now
from crm.config import get_settings
from crm.errors import Refusal
from crm.identity.deps import Administrator, CurrentViewer
from crm.text import N_
from crm.web.forms import Form, OrNone, Submitted, submitted
from crm.web.pages import page, see_other, writer_of
from crm.web.session import AppRegistry, DbSession

router = APIRouter()

INDEX = "api/tokens.html"
LIFETIMES: Sequence[tuple[str, str]] = (("90", N_("90 days")), ("365", N_("1 year")), ("", N_("without end")))


class TokenForm(Form):
    title: Annotated[str, Field(max_length=120)] = ""
    scopes: list[Scope] = []  # noqa: RUF012 - pydantic copies it
    days: Annotated[int | None, OrNone, Field(ge=1, le=3_650)] = None


class ButtonForm(Form):
    """A button."""


TokenSubmitted = Annotated[Submitted[TokenForm], Depends(submitted(TokenForm))]
ButtonSubmitted = Annotated[Submitted[ButtonForm], Depends(submitted(ButtonForm))]


@router.get("/settings/api", name="api.tokens.index")
def list_tokens(request: Request, session: DbSession, viewer: Administrator) -> Response:
    return _index(request, session)


@router.post("/settings/api", name="api.tokens.create")
def create_token(request: Request, session: DbSession, viewer: Administrator, sent: TokenSubmitted) -> Response:
    """Answers with the page itself and not with a redirect: the secret is shown this once and kept nowhere."""
    if sent.form is None:
        return _index(request, session, sent)
    form = sent.form
    try:
        token, secret = service.add_token(session, viewer, title=form.title, scopes=form.scopes, days=form.days)
    except Refusal as refused:
        return _index(request, session, sent.refused("scopes" if form.title else "title", refused.sentence))
    return _index(request, session, made=token, secret=secret)


@router.post("/settings/api/{token_id:int}/revocation", name="api.tokens.revoke")
def revoke_token(
    request: Request, token_id: int, session: DbSession, viewer: Administrator, sent: ButtonSubmitted
) -> Response:
    service.revoke_token(session, viewer, service.get_token(session, token_id))
    return see_other(request, "api.tokens.index")


def _index(request: Request, session: Session, sent: Submitted[Any] | None = None, **values: Any) -> Response:
    write = writer_of(request).translations.gettext
    return page(
        request,
        INDEX,
        status=422 if sent else 200,
        tokens=service.all_tokens(session),
        choices=[(scope.value, f"{scope.value} ({write(scope.words)})") for scope in Scope],
        lifetimes=[(days, write(title)) for days, title in LIFETIMES],
        now=machine_now(),
        raw=sent.raw if sent else {},
        errors=sent.errors if sent else {},
        made=values.get("made"),
        secret=values.get("secret"),
    )


# --- what programs may ask, described --------------------------------------------------------------------------------


@router.get("/api-reference", name="api.reference.show")
def show_reference(request: Request, viewer: CurrentViewer, registry: AppRegistry) -> Response:
    """Made from the same models that read what is sent; nothing of it comes from elsewhere."""
    return page(
        request, "api/reference.html", operations=described(registry.api_operations, get_settings().effective_base_url)
    )


@router.get("/api-reference/openapi.json", name="api.reference.file")
def show_reference_file(viewer: CurrentViewer, registry: AppRegistry) -> Response:
    return JSONResponse(document(registry.api_operations, get_settings().effective_base_url))


@router.get("/api/v1/openapi.json", name="api.openapi")
def show_document(caller: Counted, registry: AppRegistry) -> Response:
    """Any token may read it."""
    return JSONResponse(document(registry.api_operations, get_settings().effective_base_url))
