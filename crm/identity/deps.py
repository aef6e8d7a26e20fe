"""Who is asking: from the cookie to a ``Viewer``, once a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from crm.clock import machine_now
from crm.db import Database
from crm.errors import Forbidden, SignInNeeded
from crm.identity import queries, service
from crm.identity.models import User
from crm.text import N_, text
from crm.viewer import Capability, Viewer
from crm.web.session import DbSession, after_answer


def session_token(request: Request) -> str | None:
    return request.cookies.get(service.cookie_name(request.app.state.settings)) or None


def _signed_in(request: Request, session: Session) -> Viewer | None:
    token = session_token(request)
    if token is None:
        return None
    token_hash = service.hash_of_token(token)
    now = machine_now()
    found = queries.signed_in(session, token_hash, now)
    if found is None:
        return None
    if now - found.kept.seen_at >= service.TOUCH_EVERY:
        database: Database = request.app.state.database
        after_answer(request, lambda: database.note(lambda own: service.touch_session(own, token_hash)))
    request.state.token_hash = token_hash
    request.state.user = found.user
    request.state.demo = found.in_demo
    return service.as_viewer(found.user, request.app.state.settings)


def maybe_viewer(request: Request, session: DbSession) -> Viewer | None:
    """Who is signed in, or nobody; the frame of every page reads ``request.state.viewer``."""
    viewer = _signed_in(request, session)
    request.state.viewer = viewer
    return viewer


MaybeViewer = Annotated[Viewer | None, Depends(maybe_viewer, scope="function")]


class NobodyYet(SignInNeeded):
    """An empty installation: nobody could sign in."""

    route = "identity.welcome.show"


def current_viewer(viewer: MaybeViewer, session: DbSession) -> Viewer:
    if viewer is None:
        sentence = N_("Please sign in to see this page.")
        raise NobodyYet(sentence) if queries.is_empty(session) else SignInNeeded(sentence)
    return viewer


CurrentViewer = Annotated[Viewer, Depends(current_viewer, scope="function")]


def current_user(request: Request, _viewer: CurrentViewer) -> User:
    """The row of who is asking, for what they change about themselves."""
    user: User = request.state.user
    return user


CurrentUser = Annotated[User, Depends(current_user, scope="function")]

_ASK_A_MANAGER = N_("Your role may not do this. Please ask a manager or an administrator.")
_WHOM_TO_ASK = {
    Capability.MANAGE_USERS: N_("Only administrators may do this. Please ask one of them."),
    Capability.IMPORT: N_("Your role may not bring in data. Please ask a manager or an administrator."),
    Capability.READ_UNMATCHED: N_("Your role may not see tickets without an account. Please ask a support agent."),
    Capability.REPORT: N_("Your role may not make reports. Please ask the account's owner or a manager."),
}


def refuse_unless(viewer: Viewer, capability: Capability) -> None:
    if not viewer.may(capability):
        raise Forbidden(text(_WHOM_TO_ASK.get(capability, _ASK_A_MANAGER)))


def requires(capability: Capability) -> Callable[[Viewer], Viewer]:
    """The dependency that lets only those pass who may: ``Annotated[Viewer, Depends(requires(Capability.IMPORT))]``."""

    def check(viewer: CurrentViewer) -> Viewer:
        refuse_unless(viewer, capability)
        return viewer

    return check


Administrator = Annotated[Viewer, Depends(requires(Capability.MANAGE_USERS), scope="function")]
