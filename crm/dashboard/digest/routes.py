"""Choosing the digest on "About me", and switching it off from the mail itself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field
from sqlmodel import Session

from crm.dashboard.digest import service
from crm.dashboard.digest.models import Rhythm
from crm.errors import Invalid, NotFound
from crm.identity.deps import CurrentViewer
from crm.identity.keys import Purpose, owner_of
from crm.identity.models import User
from crm.text import N_, text
from crm.web.forms import Form, Submitted, submitted
from crm.web.pages import page, see_other
from crm.web.session import DbSession

router = APIRouter()

OFF = "dashboard/digest/off.html"


class ChoiceForm(Form):
    rhythm: Rhythm
    hour: Annotated[int, Field(ge=0, le=23)] = 7


ChoiceSubmitted = Annotated[Submitted[ChoiceForm], Depends(submitted(ChoiceForm))]


@router.post("/me/digest", name="dashboard.digest.update")
def update_choice(request: Request, session: DbSession, viewer: CurrentViewer, sent: ChoiceSubmitted) -> Response:
    if (form := sent.form) is None:
        raise Invalid(text("%(problem)s", problem=next(iter(sent.errors.values()))))
    service.choose(session, viewer, rhythm=form.rhythm, hour=form.hour)
    return see_other(request, "identity.me.show")


@router.get("/unsubscribe/{token}", name="dashboard.digest.off.show")
def show_off(request: Request, token: str, session: DbSession) -> Response:
    """A button, because programs that look into mails follow links."""
    user = _whose(session, token)
    request.state.language = user.language
    return page(request, OFF, done=False, token=token, headers=_PRIVATE)


@router.post("/unsubscribe/{token}", name="dashboard.digest.off.create")
def create_off(request: Request, token: str, session: DbSession) -> Response:
    """Sent by the button, or by the mail program itself (RFC 8058)."""
    user = _whose(session, token)
    service.switch_off(session, user)
    request.state.language = user.language
    return page(request, OFF, done=True, token=token, headers=_PRIVATE)


_PRIVATE = {"Referrer-Policy": "no-referrer"}


def _whose(session: Session, token: str) -> User:
    user = owner_of(session, Purpose.DIGEST, token)
    if user is None:
        raise NotFound(N_("There is nothing at this address."))
    return user
