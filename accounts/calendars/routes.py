"""A person's calendars: files, addresses, and the one that other programs read."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from accounts.calendars import service
from accounts.calendars.forms import FeedSubmitted, FileSubmitted
from accounts.calendars.queries import feeds_of, get_feed
from accounts.calendars.service import Taken
from accounts.calendars.writing import calendar_of
from accounts.forms import NothingSubmitted
from accounts.rights import ensure_may_note
from crm.clock import now
from crm.config import get_settings
from crm.errors import Invalid, NotFound, Refusal
from crm.i18n.write import Writer
from crm.identity.deps import CurrentViewer
from crm.identity.keys import Purpose, make_key, owner_of, revoke_key, token_of
from crm.identity.service import as_viewer
from crm.text import N_
from crm.viewer import Viewer
from crm.web.forms import Submitted
from crm.web.pages import page, see_other
from crm.web.session import DbSession, Now

router = APIRouter()

PAGE = "accounts/calendars/index.html"


@router.get("/me/calendars", name="accounts.calendars.index")
def show_calendars(request: Request, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    ensure_may_note(viewer)
    return _page(request, session, viewer)


def _page(
    request: Request,
    session: Session,
    viewer: Viewer,
    *,
    sent: Submitted[Any] | None = None,
    taken: Taken | None = None,
) -> Response:
    return page(
        request,
        PAGE,
        status=422 if sent else 200,
        feeds=feeds_of(session, viewer.user_id),
        address=own_address(session, viewer),
        taken=taken,
        raw=sent.raw if sent else {},
        errors=sent.errors if sent else {},
    )


def own_address(session: Session, viewer: Viewer) -> str | None:
    token = token_of(session, viewer.user_id, Purpose.CALENDAR)
    return f"{get_settings().effective_base_url}/calendars/{token}.ics" if token else None


@router.post("/me/calendars", name="accounts.calendars.create")
def create_feed(request: Request, session: DbSession, viewer: CurrentViewer, now: Now, sent: FeedSubmitted) -> Response:
    ensure_may_note(viewer)
    if (form := sent.form) is not None:
        try:
            service.add_feed(session, viewer, url=form.url, title=form.title)
        except Refusal as refused:
            sent = sent.refused("url", refused.sentence)
    return _page(request, session, viewer, sent=sent) if sent.form is None else _back(request)


@router.post("/me/calendars/file", name="accounts.calendars.upload")
def upload_calendar(
    request: Request, session: DbSession, viewer: CurrentViewer, now: Now, sent: FileSubmitted
) -> Response:
    """What came of it is told at once."""
    ensure_may_note(viewer)
    if (form := sent.form) is not None:
        try:
            with session.begin_nested():
                taken = service.take_file(session, viewer, form.file.file.read())
            return _page(request, session, viewer, taken=taken)
        except Invalid as refused:
            sent = sent.refused("file", refused.sentence)
    return _page(request, session, viewer, sent=Submitted(None, {}, sent.errors))


@router.post("/me/calendars/{feed_id:int}/removal", name="accounts.calendars.remove")
def remove_feed(
    request: Request, feed_id: int, session: DbSession, viewer: CurrentViewer, sent: NothingSubmitted
) -> Response:
    ensure_may_note(viewer)
    service.remove_feed(session, viewer, get_feed(session, viewer, feed_id))
    return _back(request)


@router.post("/me/calendars/address", name="accounts.calendars.address.create")
def make_address(request: Request, session: DbSession, viewer: CurrentViewer, sent: NothingSubmitted) -> Response:
    """A new address; the one before shows nothing any more."""
    ensure_may_note(viewer)
    make_key(session, viewer, viewer.user_id, Purpose.CALENDAR)
    return _back(request)


@router.post("/me/calendars/address/removal", name="accounts.calendars.address.remove")
def remove_address(request: Request, session: DbSession, viewer: CurrentViewer, sent: NothingSubmitted) -> Response:
    ensure_may_note(viewer)
    revoke_key(session, viewer, viewer.user_id, Purpose.CALENDAR)
    return _back(request)


@router.get("/calendars/{token}.ics", name="accounts.calendars.show")
def show_calendar(token: str, session: DbSession) -> Response:
    """For calendar programs, which cannot sign in: the address is the key."""
    user = owner_of(session, Purpose.CALENDAR, token)
    if user is None:
        raise NotFound(N_("There is nothing at this address."))
    writer = Writer(user.language, ZoneInfo(user.time_zone), _now())
    return Response(
        calendar_of(session, as_viewer(user), writer),
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="tenure.ics"', "Referrer-Policy": "no-referrer"},
    )


def _now() -> datetime:
    return now()


def _back(request: Request) -> Response:
    return see_other(request, "accounts.calendars.index")
