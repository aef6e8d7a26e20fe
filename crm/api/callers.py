"""Which program is asking: from the bearer token to a ``Caller``. Cookies say nothing here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request

from crm.api import service
from crm.api.models import Scope
from crm.clock import machine_now
from crm.config import get_settings
from crm.db import Database
from crm.errors import Forbidden, Refusal, TooMany
from crm.identity import limits
from crm.text import N_
from crm.viewer import Viewer, system_viewer
from crm.web.session import after_answer, take_turn

WINDOW = timedelta(minutes=1)
TOUCH_EVERY = timedelta(minutes=5)


class TokenNeeded(Refusal):
    status = 401
    title = N_("A token is needed")
    headers = {"WWW-Authenticate": 'Bearer realm="Tenure"'}  # noqa: RUF012 - never changed


class ScopeMissing(Forbidden):
    title = N_("This token may not do that")


@dataclass(frozen=True)
class Caller:
    token_id: int
    title: str
    scopes: frozenset[Scope]

    @property
    def viewer(self) -> Viewer:
        """The product itself, acting for the program that is named."""
        return replace(system_viewer(), name=f"API: {self.title}"[:120])


def token_in(request: Request) -> str:
    kind, _, written = request.headers.get("authorization", "").partition(" ")
    return written.strip() if kind.lower() == "bearer" else ""


def authenticated(request: Request) -> Caller:
    """Read before the body is received, so that a stranger's is never held."""
    database: Database = request.app.state.database
    now = machine_now()
    with database.reading() as session:
        token = service.valid_token(session, token_in(request), now)
    if token is None:
        raise TokenNeeded(
            N_("Send a valid token in the header Authorization, after “Bearer”; administrators make them.")
        )
    if token.last_used_at is None or now - token.last_used_at >= TOUCH_EVERY:
        token_id = token.id
        after_answer(request, lambda: database.note(lambda own: service.touch_token(own, token_id)))
    return Caller(token.id, token.title, frozenset(Scope(one) for one in token.scopes if one in set(Scope)))


Authenticated = Annotated[Caller, Depends(authenticated)]


def _counted(
    request: Request, caller: Authenticated, _turn: Annotated[None, Depends(take_turn, scope="function")]
) -> Caller:
    """Counted in a transaction of its own, before the request's begins."""
    database: Database = request.app.state.database
    limit = {f"api {caller.token_id}": get_settings().api_requests_a_minute}
    wait_s = database.note(lambda session: limits.take(session, limit, WINDOW, machine_now()))
    if wait_s:
        raise TooMany(
            N_("This token has sent too many requests. Please wait %(seconds)s s; one request may carry 1,000 items."),
            retry_after_s=wait_s,
            seconds=wait_s,
        )
    return caller


Counted = Annotated[Caller, Depends(_counted)]


def caller_with(scope: Scope) -> Callable[[Caller], Caller]:
    """The dependency that lets only tokens with ``scope`` pass. It stands before the session in a route."""

    def check(caller: Counted) -> Caller:
        if scope not in caller.scopes:
            raise ScopeMissing(N_("This needs a token with the scope “%(scope)s”."), scope=scope.value)
        return caller

    return check
