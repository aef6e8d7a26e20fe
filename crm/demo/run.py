"""Making the demo and taking it away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, SQLModel, select

from accounts.models import Account
from crm import clock
from crm.contracts import Registry
from crm.db import Database
from crm.demo.history import imagine
from crm.demo.making import write
from crm.demo.making.plays import write_plays
from crm.errors import Conflict
from crm.identity import queries, service as identity
from crm.text import N_
from health_scores.history import last_sundays
from health_scores.recompute import InSession, recompute_all, snapshot_day

WEEKS, EVERY_WEEK = 104, 52  # of past scores; every second week before the last 52
_OF_THE_MACHINE = {"job", "job_run", "lease", "rate_counter"}  # tables that outlive the demo

Progress = Callable[..., None]


class NotEmpty(Conflict):
    def __init__(self) -> None:
        super().__init__(
            N_("The demo needs an empty installation; this one has people or accounts already. Nothing was changed.")
        )


class NotTheDemo(Conflict):
    def __init__(self) -> None:
        super().__init__(N_("This installation is not the demo; nothing was removed."))


def make(database: Database, registry: Registry, progress: Progress | None, seed: int) -> dict[str, Any]:
    tell = progress or _nobody
    refuse_unless_empty(database)
    tell(0.02, N_("Two years of history"))
    history = imagine(clock.now(), seed)
    database.handlers = registry.handlers
    with database.unit_of_work() as session:
        _ensure_empty(session)
        identity.mark_as_demo(session)
        write(session, history, tell)
        _score(session, past_days(history.book.today), tell)
        write_plays(session, history.book.now)
    tell(1.0, N_("Ready"))
    return {
        "accounts": len(history.casts),
        "contacts": sum(len(cast.everybody) for cast in history.casts.values()),
        "tickets": len(history.tickets),
        "interactions": len(history.talks),
        "tasks": len(history.todos),
    }


def past_days(today: date) -> list[date]:
    """Ends of weeks whose scores are shown as history, oldest first: each depends on the band before it."""
    sundays = last_sundays(today, WEEKS)
    return [*sundays[:-EVERY_WEEK:2], *sundays[-EVERY_WEEK:]]


def _score(session: Session, days: Sequence[date], tell: Progress) -> None:
    work = InSession(session)
    for place, day in enumerate(days):
        tell(0.55 + 0.43 * place / len(days), N_("Scores of two years"))
        snapshot_day(work, day)
    recompute_all(work)


def refuse_unless_empty(database: Database) -> None:
    with database.reading() as session:
        _ensure_empty(session)


def _ensure_empty(session: Session) -> None:
    if not queries.is_empty(session) or session.exec(select(Account.id).limit(1)).first() is not None:
        raise NotEmpty


def remove(database: Database) -> None:
    import crm.slices  # noqa: F401 - every table, also of slices that nobody has loaded yet

    with database.unit_of_work() as session:
        if not queries.is_demo(session):
            raise NotTheDemo
        for table in reversed(SQLModel.metadata.sorted_tables):
            if table.name not in _OF_THE_MACHINE:
                session.execute(delete(table))


def _nobody(done: float, words: str = "") -> None:
    """Nobody is watching."""
