"""Making the demo and taking it away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlmodel import Session, select

from accounts.models import Account
from crm import clock
from crm.contracts import Registry
from crm.db import Database
from crm.demo.history import imagine
from crm.demo.making import Maker
from crm.errors import Conflict
from crm.identity import queries, service as identity
from crm.text import N_
from health_scores.recompute import InSession, backfill, recompute_all

WEEKS = 104  # of past scores


class NotEmpty(Conflict):
    def __init__(self) -> None:
        super().__init__(
            N_("The demo needs an empty installation; this one has people or accounts already. Nothing was changed.")
        )


def make(database: Database, registry: Registry, progress: Callable[..., None] | None, seed: int) -> dict[str, Any]:
    tell = progress or _nobody
    now = clock.now()
    tell(0.02, N_("Two years of history"))
    history = imagine(now, seed)
    tell(0.18, N_("People and teams"))
    database.handlers = registry.handlers
    with database.unit_of_work() as session:
        _ensure_empty(session)
        identity.mark_as_demo(session)
        Maker(session, history).write(tell)
        tell(0.76, N_("Scores of two years"))
        work = InSession(session)
        backfill(work, WEEKS)
        recompute_all(work)
    tell(1.0, N_("Ready"))
    return {
        "accounts": len(history.casts),
        "contacts": sum(len(cast.everybody) for cast in history.casts.values()),
        "tickets": len(history.tickets),
        "interactions": len(history.talks),
        "tasks": len(history.todos),
    }


def _ensure_empty(session: Session) -> None:
    if not queries.is_empty(session) or session.exec(select(Account.id).limit(1)).first() is not None:
        raise NotEmpty


def _nobody(done: float, words: str = "") -> None:
    """Nobody is watching."""


def remove(database: Database) -> None:
    raise NotImplementedError
