"""The first page of an empty installation: look at the demo, or bring one's own accounts."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from crm.identity import passwords, queries, service
from crm.identity.forms import BeginSubmitted
from crm.identity.routes._browser import agent_of, keep_session
from crm.web.forms import form_again
from crm.web.pages import go_to, language_of, page, path_for, see_other
from crm.web.routes import routes_of
from crm.web.session import DbSession

router = APIRouter()


@router.get("/welcome", name="identity.welcome.show")
def show_welcome(request: Request, session: DbSession) -> Response:
    if queries.is_demo_unfinished(session):
        return see_other(request, "identity.demo.show")
    if not queries.is_empty(session):
        return go_to(request, "/")
    return page(request, "identity/welcome.html", can_demo=hasattr(request.app.state, "demo_maker"))


@router.get("/welcome/own", name="identity.welcome.new")
def new_book(request: Request, session: DbSession) -> Response:
    if not queries.is_empty(session):
        return go_to(request, "/")
    return page(request, "identity/begin.html", raw={}, errors={})


@router.post("/welcome/own", name="identity.welcome.create")
def create_book(request: Request, session: DbSession, sent: BeginSubmitted) -> Response:
    """The first person becomes the administrator; whoever comes second is told so."""
    if not queries.is_empty(session):
        raise service.AlreadyBegun
    if sent.form is None:
        return form_again(request, "identity/begin.html", None, sent)
    try:
        user = service.begin_with_own_accounts(
            session,
            name=sent.form.name,
            email=sent.form.email,
            password=sent.form.password,
            team_name=sent.form.team,
            language=language_of(request),
        )
    except service.UnusableAddress as wrong:
        return form_again(request, "identity/begin.html", None, sent.refused("email", wrong.sentence))
    except passwords.Unacceptable as wrong:
        return form_again(request, "identity/begin.html", None, sent.refused("password", wrong.sentence))
    token = service.open_session_for(session, user, agent=agent_of(request))
    importing = routes_of(request.app).has("accounts.import.new")
    answer = go_to(request, path_for(request, "accounts.import.new") if importing else "/")
    keep_session(request, answer, token)
    return answer
