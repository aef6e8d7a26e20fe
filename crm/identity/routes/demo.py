"""The demo: making it while nobody is here, and entering it as one of its roles."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from crm.audit import record
from crm.errors import NotFound
from crm.identity import queries, service
from crm.identity.demo_making import DemoMaker
from crm.identity.deps import session_token
from crm.identity.forms import EnterSubmitted
from crm.identity.routes._browser import agent_of, go_next, keep_session
from crm.text import N_
from crm.web.pages import page, see_other
from crm.web.session import DbSession

router = APIRouter()


def _maker(request: Request) -> DemoMaker:
    maker: DemoMaker | None = getattr(request.app.state, "demo_maker", None)
    if maker is None:
        raise NotFound(N_("This server cannot make a demo."))
    return maker


@router.post("/welcome/demo", name="identity.demo.create")
def create_demo(request: Request) -> Response:
    """Claims the empty installation and begins; a second click, or a second person, finds it begun."""
    _maker(request).begin()
    return see_other(request, "identity.demo.show")


@router.get("/welcome/demo", name="identity.demo.show")
def show_demo(request: Request, session: DbSession) -> Response:
    """How far it is; the page asks again by itself until the demo is there."""
    maker = _maker(request)
    interrupted = not maker.is_running and queries.is_demo_unfinished(session)
    if maker.is_running or maker.state.failed or interrupted:
        headers = {"Refresh": "2"} if maker.is_running else {}
        return page(request, "identity/demo.html", headers=headers, state=maker.state, interrupted=interrupted)
    return see_other(request, "identity.sign_in.new")


@router.post("/demo/enter", name="identity.demo.enter")
def enter_demo(request: Request, session: DbSession, sent: EnterSubmitted) -> Response:
    if not queries.is_demo(session):
        raise NotFound(N_("There is nothing at this address."))
    people = {user.role: user for user in queries.demo_people(session)}
    user = people.get(sent.form.role) if sent.form else None
    if user is None or sent.form is None:
        raise NotFound(N_("Nobody of the demo has this role."))
    old = session_token(request)
    if old is not None:
        service.end_session(session, service.hash_of_token(old))
    token = service.open_session_for(session, user, agent=agent_of(request))
    record(session, service.as_viewer(user), None, "demo.entered")
    answer = go_next(request, sent.form.next)
    keep_session(request, answer, token)
    return answer
