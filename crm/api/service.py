"""Making and revoking tokens, and forgetting answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from crm.api.models import ApiAnswer, ApiToken, Scope
from crm.api.tokens import hash_of, is_well_formed, new_token
from crm.audit import record
from crm.clock import machine_now
from crm.errors import Conflict, Invalid, NotFound
from crm.text import N_
from crm.viewer import Viewer

ANSWERS_KEPT = timedelta(days=7)


def all_tokens(session: Session) -> Sequence[ApiToken]:
    """Those that count first, newest first."""
    order = (col(ApiToken.revoked_at).is_not(None), col(ApiToken.created_at).desc(), col(ApiToken.id).desc())
    return session.exec(select(ApiToken).order_by(*order).limit(200)).all()


def get_token(session: Session, token_id: int) -> ApiToken:
    found = session.get(ApiToken, token_id)
    if found is None:
        raise NotFound(N_("There is no such token."))
    return found


def add_token(
    session: Session, actor: Viewer, *, title: str, scopes: Sequence[Scope], days: int | None
) -> tuple[ApiToken, str]:
    """A token and its secret, which nobody can be shown again. ``days``: how long it counts; ``None``: for ever."""
    if not title.strip():
        raise Invalid(N_("Please say which program it is for."))
    if not scopes:
        raise Invalid(N_("Choose at least one thing that the token may do."))
    secret = new_token()
    token = ApiToken(
        title=title.strip(),
        begins=secret[:10],
        token_hash=hash_of(secret),
        scopes=[scope.value for scope in Scope if scope in scopes],
        created_by=actor.user_id,
        expires_at=None if days is None else machine_now() + timedelta(days=days),
    )
    session.add(token)
    session.flush()
    record(session, actor, None, "api_token.made", token=str(token.id), title=token.title, scopes=token.scopes)
    return token, secret


def revoke_token(session: Session, actor: Viewer, token: ApiToken) -> None:
    if token.revoked_at is not None:
        raise Conflict(N_("This token was revoked already."))
    token.revoked_at = machine_now()
    record(session, actor, None, "api_token.revoked", token=str(token.id), title=token.title)


def valid_token(session: Session, written: str, at: datetime) -> ApiToken | None:
    if not is_well_formed(written):
        return None
    found = session.exec(select(ApiToken).where(col(ApiToken.token_hash) == hash_of(written))).first()
    return found if found is not None and found.is_valid(at) else None


def touch_token(session: Session, token_id: int) -> None:
    token = session.get(ApiToken, token_id)
    if token is not None:
        token.last_used_at = machine_now()


def forget_answers(session: Session, now: datetime) -> int:
    gone = session.execute(delete(ApiAnswer).where(col(ApiAnswer.created_at) < now - ANSWERS_KEPT))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE's result counts
