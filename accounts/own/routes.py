"""Own fields, for managers and administrators."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from accounts.models import OwnField, OwnFieldKind
from accounts.models.own_field import OWN_KIND_TITLES
from accounts.own import service
from accounts.own.forms import FieldSubmitted, KindSubmitted, NewFieldSubmitted, PlaceSubmitted
from accounts.own.queries import every_field, get_own_field, how_many_values
from accounts.routes._forms import attempt
from crm.errors import Invalid
from crm.identity.deps import CurrentViewer, requires
from crm.text import N_
from crm.viewer import Capability, Viewer
from crm.web.forms import Submitted
from crm.web.pages import page, see_other
from crm.web.session import DbSession

router = APIRouter(prefix="/settings/fields")

INDEX, FIELD = "accounts/own/index.html", "accounts/own/field.html"

WhoArranges = Annotated[Viewer, Depends(requires(Capability.ARRANGE), scope="function")]


def _field_in_scope(session: DbSession, viewer: CurrentViewer, field_id: int) -> OwnField:
    service.ensure_may_arrange(viewer)
    return get_own_field(session, field_id)


FieldInScope = Annotated[OwnField, Depends(_field_in_scope, scope="function")]


@router.get("", name="accounts.own_fields.index")
def index_fields(request: Request, session: DbSession, viewer: WhoArranges) -> Response:
    return page(request, INDEX, raw={}, errors={}, **_all(session))


@router.post("", name="accounts.own_fields.create")
def create_field(request: Request, session: DbSession, viewer: WhoArranges, sent: NewFieldSubmitted) -> Response:
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: service.create_field(
                session, viewer, title=form.title, kind=form.kind, choices=service.choices_of(form.choices)
            ),
        )
    if refused is not None:
        return page(request, INDEX, status=422, raw=refused.raw, errors=refused.errors, **_all(session))
    return see_other(request, "accounts.own_fields.index")


@router.get("/{field_id:int}", name="accounts.own_fields.edit")
def edit_field(
    request: Request, session: DbSession, viewer: CurrentViewer, own: FieldInScope, kind: str = ""
) -> Response:
    """With ``kind``: also what that kind would make of the values; nothing is written."""
    return _field(request, session, own, kind)


@router.post("/{field_id:int}", name="accounts.own_fields.update")
def update_field(
    request: Request, session: DbSession, viewer: CurrentViewer, own: FieldInScope, sent: FieldSubmitted
) -> Response:
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: service.change_field(
                session,
                viewer,
                own,
                title=form.title,
                on_page="page" in form.places,
                on_list="list" in form.places,
                on_report="report" in form.places,
                choices=service.choices_of(form.choices),
            ),
        )
    if refused is not None:
        return _field(request, session, own, "", refused)
    return see_other(request, "accounts.own_fields.index")


@router.post("/{field_id:int}/kind", name="accounts.own_fields.kind.update")
def update_kind(
    request: Request, session: DbSession, viewer: CurrentViewer, own: FieldInScope, sent: KindSubmitted
) -> Response:
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(session, sent, lambda: service.change_kind(session, viewer, own, form.kind))
    if refused is not None:
        return _field(request, session, own, "", refused)
    return see_other(request, "accounts.own_fields.index")


@router.post("/{field_id:int}/place", name="accounts.own_fields.place.update")
def update_place(
    request: Request, session: DbSession, viewer: CurrentViewer, own: FieldInScope, sent: PlaceSubmitted
) -> Response:
    if sent.form is None:
        raise Invalid(N_("A field can be moved up or down, hidden or shown again."))
    if sent.form.move in ("hide", "show"):
        service.hide_field(session, viewer, own, hidden=sent.form.move == "hide")
    else:
        service.move_field(session, viewer, own, by=-1 if sent.form.move == "up" else 1)
    return see_other(request, "accounts.own_fields.index")


def _all(session: Session) -> dict[str, Any]:
    return {"fields": every_field(session), "counts": how_many_values(session), "kinds": OWN_KIND_TITLES}


def _field(
    request: Request, session: Session, own: OwnField, kind: str, refused: Submitted[Any] | None = None
) -> Response:
    wanted = OwnFieldKind(kind) if kind in list(OwnFieldKind) and kind != own.kind else None
    return page(
        request,
        FIELD,
        status=422 if refused else 200,
        own=own,
        kinds=OWN_KIND_TITLES,
        wanted=wanted,
        look=service.look_at_kind(session, own, wanted) if wanted else None,
        raw=refused.raw if refused else {},
        errors=refused.errors if refused else {},
    )
