"""Work in the background: what changed in bulk, what falls due, and the night."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session, col

from accounts.models import Account
from crm import clock
from crm.contracts import Job, JobContext
from crm.jobs import enqueue
from health_scores import asof, history
from health_scores.board import board
from health_scores.handlers import AT_ONCE, SETTLE
from health_scores.models import HealthDirty
from health_scores.plays import note_bands, start_band_plays
from health_scores.recompute import SETTLE_ALL, backfill, drain, recompute_all, rescore_due, snapshot_day

QUIET = timedelta(seconds=0.6)  # without a new mark: whatever was bringing facts has ended
PATIENCE = timedelta(seconds=20)  # that marks wait at most for it to end; a change of the whole book waits longer
PATIENCE_WITH_IMPORT = timedelta(minutes=5)
AT_A_TIME = 500
WEEKS = 12
MISSED_DAYS = 7  # of nights without a worker; older ones are made good by the weeks


def settle(context: JobContext) -> str:
    """Score what was changed in bulk, once it is quiet; when a large part of the book changed, as by an import, all."""
    with context.reading() as session:
        marks = _marks(session)
    at_large = marks.n > AT_ONCE and marks.n * 4 > marks.accounts
    if _is_busy(marks, PATIENCE_WITH_IMPORT if at_large else PATIENCE):
        return _later(context, SETTLE)
    if at_large:
        return _settle_all(context)
    done = 0
    while True:
        with context.chunk(mark="dirty") as session:
            some = drain(session, AT_A_TIME)
        done += some
        if some < AT_A_TIME:
            return f"{done} accounts scored"


def settle_all(context: JobContext) -> str:
    """The book tells something for the first time (an escalation, a talk): what was unknown for everybody is known."""
    with context.reading() as session:
        marks = _marks(session)
    return _later(context, SETTLE_ALL) if _is_busy(marks, PATIENCE_WITH_IMPORT) else _settle_all(context)


def _settle_all(context: JobContext) -> str:
    """First how everybody stands, which people wait for; then the weeks before, and what today repeats of them."""
    recompute_all(context)
    days = backfill(context, WEEKS)
    return f"{recompute_all(context, find_priors=False)} accounts scored, {days} past weeks"


class _Marks(NamedTuple):
    n: int
    newest: datetime | None
    oldest: datetime | None
    accounts: int  # all there are


def _is_busy(marks: _Marks, patience: timedelta) -> bool:
    """Whether something is still bringing facts."""
    now = clock.machine_now()
    if marks.newest is None or marks.oldest is None:
        return False
    return now - marks.newest < QUIET and now - marks.oldest < patience


def _later(context: JobContext, name: str) -> str:
    with context.chunk(mark="waiting") as session:
        enqueue(session, name, key=name, due_at=clock.machine_now() + QUIET)
    return "waiting until it is quiet"


def _marks(session: Session) -> _Marks:
    accounts = select(func.count()).select_from(Account).where(col(Account.closed_at).is_(None)).scalar_subquery()
    marked_at = col(HealthDirty.marked_at)
    return _Marks(*session.execute(select(func.count(), func.max(marked_at), func.min(marked_at), accounts)).one())


def score_due(session: Session, now: datetime) -> str:
    """Targets and cadences that have passed since; and marks that nobody took care of."""
    due = rescore_due(session, AT_A_TIME)
    left = drain(session, AT_A_TIME)
    start_band_plays(session)  # also of what was scored in bulk since
    note_bands(session)
    return f"{due} due and {left} marked accounts scored"


def nightly(context: JobContext) -> str:
    """The snapshot of the day that has ended, of days missed before it, and then every account as of today."""
    with context.reading() as session:
        today = asof.book_now(session, board()).day
        missing = _missing_days(session, today)
    for day in missing:
        snapshot_day(context, day)
    weeks = backfill(context, WEEKS, again=False)
    scored = recompute_all(context)
    return f"{len(missing)} days and {weeks} weeks taken, {scored} accounts scored"


def _missing_days(session: Session, today: date) -> list[date]:
    """Days before ``today`` without a snapshot, oldest first: those since the last one, a week at most."""
    days = [today - timedelta(days=n) for n in range(MISSED_DAYS, 0, -1)]
    taken = history.days_taken(session, days[0], days[-1])
    since = max(taken, default=None)
    if since is None:
        return days[-1:]
    return [day for day in days if day > since or (day not in taken and day == days[-1])]


JOBS = (
    Job(name=SETTLE, run_long=settle, lease_s=300),
    Job(name=SETTLE_ALL, run_long=settle_all, lease_s=300),
    Job(name="health.due", run=score_due, cron="* * * * *"),
    Job(name="health.nightly", run_long=nightly, cron="1 0 * * *", period="%Y-%m-%d", lease_s=300),
)
