"""What is answered: JSON, and under an ``Idempotency-Key`` the very same once more."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Annotated

from fastapi import Header, Request, Response
from pydantic import BaseModel
from sqlmodel import Session

from crm.api.callers import Caller
from crm.api.models import ApiAnswer
from crm.errors import Conflict, Invalid
from crm.jobs.statements import insert_if_missing
from crm.text import N_

IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key")]
LONGEST_KEY = 200


class KeyReused(Conflict):
    title = N_("This key was used before")


def as_json(answer: BaseModel, status: int = 200) -> Response:
    return Response(answer.model_dump_json(), status, media_type="application/json")


def answered_once(
    request: Request, session: Session, caller: Caller, key: str | None, body: bytes, work: Callable[[], BaseModel]
) -> Response:
    """Do ``work`` and answer with it. With ``key``: the same request again gets the same answer and does nothing,
    another one under the same key is refused. The key is taken first, so that of two at once one waits for the other;
    what is refused leaves no key behind.
    """
    if key is None:
        return as_json(work())
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise Invalid(N_("An Idempotency-Key has 1 to %(most)s printable ASCII characters."), most=LONGEST_KEY)
    asked = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body).digest()
    taken = ApiAnswer(token_id=caller.token_id, key=key, asked_hash=asked)
    if insert_if_missing(session, ApiAnswer, taken.model_dump()):
        answer = work()
        kept = session.get_one(ApiAnswer, (caller.token_id, key))
        kept.status, kept.body = 200, answer.model_dump_json()
        return Response(kept.body, kept.status, media_type="application/json")
    kept = session.get_one(ApiAnswer, (caller.token_id, key))
    if kept.asked_hash != asked:
        raise KeyReused(N_("This Idempotency-Key was used for another request. Nothing was changed; use a new key."))
    headers = {"Idempotent-Replayed": "true"}
    return Response(kept.body, kept.status, headers=headers, media_type="application/json")
