"""Asking for work, and the life of a piece of it: claimed, renewed, finished, tried again, given up, cancelled.

Every step is one conditional statement that repeats the fencing token, so it needs no lock and no trust.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, inspect, or_, select, update
from sqlmodel import Session, col

from crm import clock
from crm.ids import new_id
from crm.jobs.models import JobRun, JobState, QueuedJob, Work
from crm.jobs.statements import insert_if_missing

Table = type[QueuedJob] | type[JobRun]
RowT = TypeVar("RowT", bound=Work)

_LONGEST_WAIT = timedelta(hours=1)


class LeaseLost(Exception):
    """Another process has taken this work over; whatever is not yet committed must not be."""


@dataclass(frozen=True)
class Claim:
    """The right to do one piece of work until its lease ends."""

    table: Table
    id: int
    name: str
    token: int
    attempts: int
    mark: Any
    done: int
    total: int | None
    arguments: Mapping[str, Any]

    def is_ours(self) -> ColumnElement[bool]:
        return and_(
            col(self.table.id) == self.id,
            col(self.table.token) == self.token,
            col(self.table.state) == JobState.RUNNING,
        )


def enqueue(
    session: Session,
    name: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    key: str | None = None,
    due_at: datetime | None = None,
    created_by: int | None = None,
) -> QueuedJob:
    """Ask for ``name`` to be done, in the transaction that needs it done.

    While a job with the same ``key`` waits, that one is returned and none is added. One that has begun does not count:
    it may have looked already.
    """
    now = clock.machine_now()
    job = QueuedJob(
        name=name, arguments=dict(arguments or {}), waiting_key=key, due_at=due_at or now, created_by=created_by
    )
    if key is None:
        session.add(job)
        session.flush()
        return job
    for _ in range(20):  # the waiting one may begin between our two statements
        insert_if_missing(session, QueuedJob, {**job.model_dump(), "id": new_id()})
        found: QueuedJob | None = session.scalar(select(QueuedJob).where(col(QueuedJob.waiting_key) == key))
        if found is not None:
            return found
    raise RuntimeError(f"{name}: the job with key {key} could not be queued.")


def insert_slot(session: Session, name: str, slot: str, due_at: datetime) -> bool:
    """Note that a scheduled job is due; a slot that is known already changes nothing."""
    run = JobRun(name=name, slot=slot, due_at=due_at)
    return insert_if_missing(session, JobRun, run.model_dump())


def _claimable(table: Table, now: datetime) -> ColumnElement[bool]:
    waiting = and_(col(table.state) == JobState.WAITING, col(table.due_at) <= now)
    orphaned = and_(col(table.state) == JobState.RUNNING, col(table.lease_until) < now)
    return or_(waiting, orphaned)


def is_anything_due(session: Session, names: Collection[str], now: datetime) -> bool:
    """Asked before every claim, because on SQLite even a claim of nothing would queue with the writers."""
    return any(
        session.execute(
            select(col(table.id)).where(_claimable(table, now), col(table.name).in_(names)).limit(1)
        ).first()
        for table in (JobRun, QueuedJob)
    )


def claim(
    session: Session, table: Table, lease_s: Mapping[str, int], *, now: datetime, only: int | None = None
) -> Claim | None:
    """Take one piece of due work whose name is a key of ``lease_s``, the oldest first, or the one with the id ``only``.

    The condition is repeated in the update: two workers that chose the same row do not both get it.
    """
    wanted = [_claimable(table, now), col(table.name).in_(lease_s)]
    if only is not None:
        wanted.append(col(table.id) == only)
    chosen = (
        select(col(table.id))
        .where(*wanted)
        .order_by(col(table.due_at), col(table.id))
        .limit(1)
        .with_for_update(skip_locked=True)  # PostgreSQL; a row locked by a chunk in progress is alive
        .scalar_subquery()
    )
    changed = {
        "state": JobState.RUNNING,
        "token": col(table.token) + 1,
        "attempts": col(table.attempts) + 1,
        "started_at": now,
        "lease_until": now + timedelta(seconds=max(lease_s.values(), default=60)),
    }
    if table is QueuedJob:
        changed["waiting_key"] = None
    taken = session.execute(
        update(table)
        .where(col(table.id) == chosen, *wanted)
        .values(**changed)
        .returning(*inspect(table).columns)
        .execution_options(synchronize_session=False)
    ).first()
    if taken is None:
        return None
    held = Claim(
        table=table,
        id=taken.id,
        name=taken.name,
        token=taken.token,
        attempts=taken.attempts,
        mark=taken.mark,
        done=taken.done,
        total=taken.total,
        arguments=taken.arguments if table is QueuedJob else {},
    )
    renew(session, held, now + timedelta(seconds=lease_s[held.name]))
    return held


def _write(session: Session, held: Claim, **values: Any) -> bool:
    """Change the work's row if it is still ours."""
    written = session.execute(
        update(held.table).where(held.is_ours()).values(**values).execution_options(synchronize_session=False)
    )
    return bool(written.rowcount)  # type: ignore[attr-defined]


def renew(session: Session, held: Claim, until: datetime) -> bool:
    return _write(session, held, lease_until=until)


def hold(session: Session, held: Claim, until: datetime) -> bool:
    """Check that the work is ours and lock its row for this transaction; the answer: has somebody asked to cancel?"""
    row = session.execute(
        update(held.table)
        .where(held.is_ours())
        .values(lease_until=until)
        .returning(col(held.table.cancel_asked))
        .execution_options(synchronize_session=False)
    ).first()
    if row is None:
        raise LeaseLost(f"{held.name} {held.id}")
    return bool(row.cancel_asked)


def keep_progress(session: Session, held: Claim, *, mark: Any, done: int, total: int | None, until: datetime) -> None:
    _write(session, held, mark=mark, done=done, total=total, lease_until=until, attempts=1, error="")


def finish(session: Session, held: Claim, result: str, now: datetime) -> bool:
    return _write(
        session,
        held,
        state=JobState.DONE,
        result=result,
        error="",
        finished_at=now,
        lease_until=None,
        cancel_asked=False,
    )


def finish_cancelled(session: Session, held: Claim, now: datetime) -> bool:
    return _write(session, held, state=JobState.CANCELLED, finished_at=now, lease_until=None)


def put_back(session: Session, held: Claim, now: datetime) -> bool:
    """The worker is being stopped: another one goes on at the mark, and this start does not count."""
    return _write(
        session, held, state=JobState.WAITING, due_at=now, lease_until=None, attempts=max(0, held.attempts - 1)
    )


def fail(session: Session, held: Claim, error: str, now: datetime, *, attempts: int, for_good: bool = False) -> bool:
    """Try again later, each time after a longer wait; after ``attempts`` without progress it stays as a dead letter."""
    row = session.execute(select(col(held.table.attempts)).where(held.is_ours())).first()
    if row is None:
        return False
    if for_good or row.attempts >= attempts:
        return _write(session, held, state=JobState.FAILED, error=error, finished_at=now, lease_until=None)
    return _write(
        session, held, state=JobState.WAITING, error=error, due_at=now + wait_after(row.attempts), lease_until=None
    )


def wait_after(attempts: int) -> timedelta:
    """10 s, 40 s, 3 min, 11 min, 43 min, then every hour; up to a fifth more, so that not all come back at once."""
    seconds = 10.0 * 4 ** min(attempts - 1, 10) * random.uniform(1, 1.2)  # noqa: S311 - not a secret
    return min(timedelta(seconds=seconds), _LONGEST_WAIT)


def cancel(session: Session, row: QueuedJob | JobRun) -> bool:
    """Waiting work is cancelled at once, running work at its next chunk; false when it had ended already."""
    table = type(row)
    now = clock.machine_now()
    stopped = session.execute(
        update(table)
        .where(col(table.id) == row.id, col(table.state) == JobState.WAITING)
        .values(state=JobState.CANCELLED, finished_at=now)
    )
    asked = session.execute(
        update(table).where(col(table.id) == row.id, col(table.state) == JobState.RUNNING).values(cancel_asked=True)
    )
    return bool(stopped.rowcount or asked.rowcount)  # type: ignore[attr-defined]


def try_again(session: Session, row: QueuedJob | JobRun) -> bool:
    """Put a dead letter, or what was cancelled, back into the queue; it goes on at its mark."""
    table = type(row)
    ended = (JobState.FAILED, JobState.CANCELLED)
    changed = session.execute(
        update(table)
        .where(col(table.id) == row.id, col(table.state).in_(ended))
        .values(state=JobState.WAITING, due_at=clock.machine_now(), attempts=0, cancel_asked=False, finished_at=None)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]
