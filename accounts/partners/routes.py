"""The settings page of partner domains."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field
from sqlmodel import Session

from accounts.forms import NothingSubmitted, sent_as
from accounts.partners.queries import get_domain, list_domains
from accounts.partners.service import add_partner_domain, remove_partner_domain
from accounts.routes._forms import attempt
from crm.identity.deps import CurrentViewer, refuse_unless
from crm.viewer import Capability, Viewer
from crm.web.forms import Form, Submitted
from crm.web.pages import page, see_other
from crm.web.session import DbSession, Now

router = APIRouter(prefix="/settings/partner-domains")


class DomainForm(Form):
    domain: Annotated[str, Field(min_length=1, max_length=300)]
    note: Annotated[str, Field(max_length=200)] = ""


DomainSubmitted = Annotated[Submitted[DomainForm], sent_as(DomainForm)]


@router.get("", name="accounts.partners.index")
def index_domains(request: Request, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    refuse_unless(viewer, Capability.MANAGE_MATCHING)
    return _page(request, session, viewer)


@router.post("", name="accounts.partners.create")
def create_domain(
    request: Request, session: DbSession, viewer: CurrentViewer, now: Now, sent: DomainSubmitted
) -> Response:
    refuse_unless(viewer, Capability.MANAGE_MATCHING)
    refused: Any = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(session, sent, lambda: add_partner_domain(session, viewer, form.domain, note=form.note))
    if refused is not None:
        return _page(request, session, viewer, refused)
    return see_other(request, "accounts.partners.index")


@router.post("/{domain_id:int}/removal", name="accounts.partners.remove")
def remove_domain(
    request: Request, domain_id: int, session: DbSession, viewer: CurrentViewer, sent: NothingSubmitted
) -> Response:
    refuse_unless(viewer, Capability.MANAGE_MATCHING)
    remove_partner_domain(session, viewer, get_domain(session, domain_id))
    return see_other(request, "accounts.partners.index")


def _page(request: Request, session: Session, viewer: Viewer, sent: Submitted[Any] | None = None) -> Response:
    return page(
        request,
        "accounts/partners/index.html",
        status=422 if sent else 200,
        domains=list_domains(session, viewer),
        raw=sent.raw if sent else {},
        errors=sent.errors if sent else {},
    )
