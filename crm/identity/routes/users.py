"""People and teams, for administrators."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from crm.errors import Refusal
from crm.i18n import LANGUAGES
from crm.identity import passwords, queries, service
from crm.identity.deps import Administrator, CurrentViewer, refuse_unless
from crm.identity.forms import NewTeamSubmitted, NewUserSubmitted, RoleAndTeamSubmitted
from crm.identity.models import Team, User
from crm.text import text
from crm.viewer import ROLE_TITLES, Capability
from crm.web.forms import form_again
from crm.web.pages import page, see_other, writer_of
from crm.web.session import DbSession, registry_of

router = APIRouter(prefix="/settings")

USERS = "identity/users.html"


def _user_in_scope(session: DbSession, viewer: CurrentViewer, user_id: int) -> User:
    refuse_unless(viewer, Capability.MANAGE_USERS)
    return queries.get_user(session, user_id)


UserInScope = Annotated[User, Depends(_user_in_scope, scope="function")]


@router.get("/users", name="identity.users.index")
def index_users(request: Request, session: DbSession, viewer: Administrator) -> Response:
    return page(request, USERS, raw={}, errors={}, **_everybody(request, session))


@router.get("/users/new", name="identity.users.new")
def new_user(request: Request, session: DbSession, viewer: Administrator) -> Response:
    return page(request, "identity/new_user.html", raw={}, errors={}, **_choices(request, session))


@router.post("/users", name="identity.users.create")
def create_user(request: Request, session: DbSession, viewer: Administrator, sent: NewUserSubmitted) -> Response:
    """Without a chosen password one is made, and shown this once."""
    if sent.form is not None:
        chosen = sent.form.password
        password = chosen or service.make_password()
        try:
            user = service.create_user(
                session,
                name=sent.form.name,
                email=sent.form.email,
                role=sent.form.role,
                team=_team(session, sent.form.team_id),
                password=password,
                language=sent.form.language,
                actor=viewer,
            )
        except (service.AddressTaken, service.UnusableAddress) as wrong:
            sent = sent.refused("email", wrong.sentence)
        except passwords.Unacceptable as wrong:
            sent = sent.refused("password", wrong.sentence)
        else:
            if chosen:
                return see_other(request, "identity.users.index")
            return page(request, "identity/first_password.html", user=user, password=password)
    return form_again(request, "identity/new_user.html", None, sent, **_choices(request, session))


@router.get("/users/{user_id}", name="identity.users.edit")
def edit_user(request: Request, session: DbSession, user: UserInScope) -> Response:
    raw = {"role": user.role.value, "team_id": str(user.team_id or "")}
    return page(request, "identity/user.html", user=user, raw=raw, errors={}, **_choices(request, session))


@router.post("/users/{user_id}/role", name="identity.users.role.update")
def update_role(
    request: Request, session: DbSession, viewer: CurrentViewer, user: UserInScope, sent: RoleAndTeamSubmitted
) -> Response:
    if sent.form is None:
        return form_again(request, "identity/user.html", None, sent, user=user, **_choices(request, session))
    service.change_user(session, viewer, user, role=sent.form.role, team=_team(session, sent.form.team_id))
    return see_other(request, "identity.users.index")


@router.post("/users/{user_id}/password", name="identity.users.password.create")
def create_password(request: Request, session: DbSession, viewer: CurrentViewer, user: UserInScope) -> Response:
    """For whoever forgot theirs: a new one, shown this once; their sessions end."""
    password = service.make_password()
    service.set_password(session, user, password, actor=viewer)
    return page(request, "identity/first_password.html", user=user, password=password)


@router.post("/users/{user_id}/disablement", name="identity.users.disablement.create")
def create_disablement(request: Request, session: DbSession, viewer: CurrentViewer, user: UserInScope) -> Response:
    service.disable_user(session, viewer, user)
    return see_other(request, "identity.users.index")


@router.post("/users/{user_id}/enablement", name="identity.users.enablement.create")
def create_enablement(request: Request, session: DbSession, viewer: CurrentViewer, user: UserInScope) -> Response:
    service.enable_user(session, viewer, user)
    return see_other(request, "identity.users.index")


@router.post("/teams", name="identity.teams.create")
def create_team(request: Request, session: DbSession, viewer: Administrator, sent: NewTeamSubmitted) -> Response:
    if sent.form is not None:
        try:
            service.create_team(session, sent.form.name, actor=viewer)
        except Refusal as wrong:
            sent = sent.refused("name", wrong.sentence)
        else:
            return see_other(request, "identity.users.index")
    return form_again(request, USERS, None, sent, **_everybody(request, session))


def _team(session: Session, team_id: int | None) -> Team | None:
    return queries.get_team(session, team_id) if team_id is not None else None


def _everybody(request: Request, session: Session) -> dict[str, Any]:
    return {
        "people": queries.all_users(session),
        "teams": queries.all_teams(session),
        "roles": ROLE_TITLES,
        "languages": LANGUAGES,
        "further": registry_of(request).settings,
    }


def _choices(request: Request, session: Session) -> dict[str, Any]:
    return {
        "role_options": [(role.value, writer_of(request)(text(title))) for role, title in ROLE_TITLES.items()],
        "team_options": [(str(team.id), team.name) for team in queries.all_teams(session)],
        "languages": list(LANGUAGES.items()),
        "shortest": passwords.SHORTEST,
    }
