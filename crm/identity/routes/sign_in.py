"""Sign in with e-mail and password, sign out."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from crm.audit import record
from crm.db import Database
from crm.errors import TooMany
from crm.identity import queries, service
from crm.identity.deps import MaybeViewer, session_token
from crm.identity.forms import SignInSubmitted
from crm.identity.routes._browser import agent_of, drop_session, go_next, ip_of, keep_session
from crm.identity.signing_in import sign_in_with_password
from crm.text import N_
from crm.web.pages import page, see_other
from crm.web.session import DbSession

router = APIRouter()

PAGE = "identity/sign_in.html"


@router.get("/sign-in", name="identity.sign_in.new")
def new_session(request: Request, session: DbSession, viewer: MaybeViewer, next: str = "") -> Response:
    if queries.is_empty(session) or queries.is_demo_unfinished(session):
        return see_other(request, "identity.welcome.show")
    offers = _offers(session)
    if viewer is not None and not offers["people"]:  # in the demo one comes here to change eyes
        return go_next(request, next)
    return page(request, PAGE, raw={"next": next}, errors={}, **offers)


@router.post("/sign-in", name="identity.sign_in.create")
def create_session(request: Request, sent: SignInSubmitted) -> Response:
    """Asks for no transaction: what this writes must survive a refusal, and hashing must not hold a lock."""
    database: Database = request.app.state.database
    old = session_token(request)
    status = 422
    headers: dict[str, str] = {}
    if sent.form is not None:
        wanted = sent.form.next
        try:
            token = sign_in_with_password(
                database,
                email=sent.form.email,
                password=sent.form.password,
                ip=ip_of(request),
                agent=agent_of(request),
                replaces=service.hash_of_token(old) if old else None,
            )
        except TooMany as limited:
            status, headers = limited.status, {"Retry-After": str(limited.retry_after_s)}
            sent = sent.refused("form", limited.sentence)
        else:
            if token is not None:
                answer = go_next(request, wanted)
                keep_session(request, answer, token)
                return answer
            sent = sent.refused("form", N_("This address and this password do not belong together."))
    with database.reading() as session:
        offers = _offers(session)
    return page(request, PAGE, status=status, headers=headers, raw=sent.raw, errors=sent.errors, **offers)


@router.post("/sign-out", name="identity.sign_out")
def delete_session(request: Request, session: DbSession, viewer: MaybeViewer) -> Response:
    """Ends the session here and not only in the browser; done twice it is still done."""
    if viewer is not None:
        service.end_session(session, request.state.token_hash)
        record(session, viewer, None, "sign_out.done")
        request.state.viewer = None
    answer = see_other(request, "identity.sign_in.new")
    drop_session(request, answer)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _offers(session: Session) -> dict[str, Any]:
    """In the demo a button for each role, and nowhere else."""
    return {"people": queries.demo_people(session) if queries.is_demo(session) else []}
