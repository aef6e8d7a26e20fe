"""How long the record of work is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from crm.jobs.models import JobRun, JobState, QueuedJob

RUNS_KEPT = timedelta(days=30)  # a job of every minute leaves 1,440 a day
JOBS_KEPT = timedelta(days=365)


def forget_finished(session: Session, now: datetime) -> int:
    """Delete the record of what ended well long ago; dead letters stay until a person has seen to them."""
    forgotten = 0
    for table, kept in ((JobRun, RUNS_KEPT), (QueuedJob, JOBS_KEPT)):
        gone = session.execute(
            delete(table).where(col(table.state) == JobState.DONE, col(table.finished_at) < now - kept)
        )
        forgotten += gone.rowcount  # type: ignore[attr-defined]
    return forgotten
