"""A person's own page: name, language, zone, looks, password, and where they are signed in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from markupsafe import Markup
from sqlmodel import Session

from crm.audit import record
from crm.clock import machine_now, now
from crm.contracts import PersonContext, PersonSection
from crm.errors import Invalid, NotFound
from crm.i18n import LANGUAGES
from crm.identity import passwords, queries, service
from crm.identity.deps import CurrentUser, CurrentViewer
from crm.identity.forms import EndSessionSubmitted, NewPasswordSubmitted, PersonSubmitted
from crm.identity.models import User, UserSession
from crm.identity.routes._browser import agent_of, keep_language, keep_session
from crm.text import N_, Text, text
from crm.web.forms import form_again
from crm.web.pages import page, part, see_other
from crm.web.session import DbSession, registry_of

router = APIRouter()

PAGE = "identity/me.html"


@dataclass(frozen=True)
class SignedInBrowser:
    reference: str  # names the session without being able to open it
    agent: str
    since: datetime
    seen_at: datetime
    is_this: bool

    @property
    def name(self) -> Text:
        """What a person calls it: Firefox on Windows."""
        program = next((title for sign, title in _PROGRAMS if sign in self.agent), None)
        system = next((title for sign, title in _SYSTEMS if sign in self.agent), None)
        if program is None:
            return text(N_("Another program"))
        if system is None:
            return text(program)
        return text(N_("%(program)s on %(system)s"), program=program, system=system)


# Told apart by the first sign that is there: Edge also says Chrome, and Chrome also says Safari.
_PROGRAMS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@router.get("/me", name="identity.me.show")
def show_me(request: Request, session: DbSession, viewer: CurrentViewer, user: CurrentUser) -> Response:
    return page(request, PAGE, raw={}, errors={}, **_about(request, session, user))


@router.post("/me", name="identity.me.update")
def update_me(request: Request, session: DbSession, user: CurrentUser, sent: PersonSubmitted) -> Response:
    if sent.form is None:
        return form_again(request, PAGE, None, sent, **_about(request, session, user))
    try:
        service.change_person(
            session, user, name=sent.form.name, language=sent.form.language, time_zone=sent.form.time_zone
        )
    except Invalid as wrong:
        return form_again(
            request, PAGE, None, sent.refused("time_zone", wrong.sentence), **_about(request, session, user)
        )
    answer = see_other(request, "identity.me.show")
    keep_language(request, answer, sent.form.language)
    return answer


@router.post("/me/password", name="identity.me.password.update")
def update_password(request: Request, session: DbSession, user: CurrentUser, sent: NewPasswordSubmitted) -> Response:
    """Every session ends with the old password; this browser gets a new one at once."""
    if sent.form is not None:
        try:
            service.change_own_password(session, user, current=sent.form.current, new=sent.form.new)
        except service.WrongPassword as wrong:
            sent = sent.refused("current", wrong.sentence)
        except passwords.Unacceptable as wrong:
            sent = sent.refused("new", wrong.sentence)
    if sent.form is None:
        return form_again(request, PAGE, None, sent, **_about(request, session, user))
    answer = see_other(request, "identity.me.show")
    keep_session(request, answer, service.open_session_for(session, user, agent=agent_of(request)))
    return answer


@router.post("/me/sessions/end", name="identity.me.sessions.delete")
def delete_sessions(
    request: Request, session: DbSession, viewer: CurrentViewer, user: CurrentUser, sent: EndSessionSubmitted
) -> Response:
    """One session by its reference, or all but this one."""
    if sent.form is None:
        raise NotFound(N_("There is no such session."))
    if sent.form.session == "others":
        service.end_sessions_of(session, user.id, but=request.state.token_hash)
    else:
        kept = {_reference(one): one for one in queries.sessions_of(session, user.id, machine_now())}
        if sent.form.session not in kept:
            raise NotFound(N_("There is no such session."))
        service.end_session(session, kept[sent.form.session].token_hash)
    record(session, viewer, None, "session.ended", session=sent.form.session)
    return see_other(request, "identity.me.show")


def _reference(kept: UserSession) -> str:
    return hashlib.sha256(kept.token_hash).hexdigest()[:16]


def _about(request: Request, session: Session, user: User) -> dict[str, Any]:
    browsers = [
        SignedInBrowser(
            _reference(kept), kept.agent, kept.created_at, kept.seen_at, kept.token_hash == request.state.token_hash
        )
        for kept in queries.sessions_of(session, user.id, machine_now())
    ]
    return {
        "user": user,
        "team": queries.get_team(session, user.team_id).name if user.team_id else None,
        "browsers": browsers,
        "languages": list(LANGUAGES.items()),
        "zones": sorted(zone for zone in service.known_zones() if "/" in zone and not zone.startswith("Etc/")),
        "shortest": passwords.SHORTEST,
        "sections": _sections(request, session),
    }


def _sections(request: Request, session: Session) -> list[tuple[PersonSection, Markup]]:
    """What other slices let a person choose for themselves."""
    context = PersonContext(session, request.state.viewer, now())
    loaded = ((one, one.load(context)) for one in registry_of(request).person_sections)
    return [(one, part(request, one.template, **values)) for one, values in loaded if values is not None]
