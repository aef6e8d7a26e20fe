"""What health says to plays, which do not know it: who entered a band, and how those stood on whom a play ran."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlmodel import Session, col, select as select_rows

from accounts.models import Account, Stage
from accounts.plays.models import Play, PlayRun, Trigger
from accounts.plays.queries import LATER, plays_on
from accounts.plays.triggers import Due, since, start_due, without_runs
from crm import clock
from health_scores.models import Band, HealthScore, HealthSnapshot

AROUND = timedelta(days=14)  # a snapshot at most so much older speaks for a day
LOOKED_FOR = timedelta(days=30)  # after its day a run that has no band is given up
AT_A_TIME = 500


def start_band_plays(session: Session, account_ids: Collection[int] | None = None) -> int:
    """Start the plays of those who have entered a band since they were switched on; answers how many."""
    started = 0
    for play in plays_on(session, Trigger.BAND):
        started += len(start_due(session, play, due_of_band(session, play, clock.today(), account_ids)).runs)
    return started


def due_of_band(session: Session, play: Play, today: date, account_ids: Collection[int] | None = None) -> list[Due]:
    statement = (
        select(col(HealthScore.account_id), col(HealthScore.banded_at))
        .join(Account, col(Account.id) == col(HealthScore.account_id))
        .where(
            col(HealthScore.band) == Band(play.trigger_value),
            col(HealthScore.banded_at) >= clock.start_of(since(play, today)),
            col(Account.stage) != Stage.CHURNED,
            col(Account.closed_at).is_(None),
        )
        .order_by(col(HealthScore.account_id))
    )
    if account_ids is not None:
        statement = statement.where(col(HealthScore.account_id).in_(account_ids))
    due = [
        Due(account_id, f"band:{play.trigger_value}:{clock.day_of(banded_at).isoformat()}")
        for account_id, banded_at in session.execute(statement)
    ]
    return without_runs(session, play, due)


def note_bands(session: Session, *, looked_for: timedelta = LOOKED_FOR) -> int:
    """Write into runs how the account stood when they began, and 90 days later; answers how many were written."""
    today = clock.today()
    started_on = col(PlayRun.started_on)
    runs = session.exec(
        select_rows(PlayRun)
        .where(
            or_(
                col(PlayRun.band_at_start).is_(None) & started_on.between(today - looked_for, today),
                col(PlayRun.band_later).is_(None) & started_on.between(today - LATER - looked_for, today - LATER),
            )
        )
        .order_by(started_on, col(PlayRun.id))
        .limit(AT_A_TIME)
    ).all()
    if not runs:
        return 0
    bands = _Bands(session, runs, today)
    written = 0
    for run in runs:
        if run.band_at_start is None and (band := bands.on(run.account_id, run.started_on)) is not None:
            run.band_at_start, written = band, written + 1
        later = run.started_on + LATER
        if run.band_later is None and later <= today and (band := bands.on(run.account_id, later)) is not None:
            run.band_later, written = band, written + 1
    return written


class _Bands:
    """Of some accounts, by day: the snapshots around their runs and how they stand now."""

    def __init__(self, session: Session, runs: Collection[PlayRun], today: date) -> None:
        self._today = today
        ids = {run.account_id for run in runs}
        first, last = min(run.started_on for run in runs) - AROUND, max(run.started_on for run in runs) + LATER
        self._now: dict[int, str] = {
            account_id: band.value
            for account_id, band in session.execute(
                select(col(HealthScore.account_id), col(HealthScore.band)).where(col(HealthScore.account_id).in_(ids))
            )
        }
        self._days: dict[int, list[tuple[date, str]]] = {}
        for account_id, day, band in session.execute(
            select(col(HealthSnapshot.account_id), col(HealthSnapshot.day), col(HealthSnapshot.band))
            .where(col(HealthSnapshot.account_id).in_(ids), col(HealthSnapshot.day).between(first, last))
            .order_by(col(HealthSnapshot.day))
        ):
            self._days.setdefault(account_id, []).append((day, band.value))

    def on(self, account_id: int, day: date) -> str | None:
        if day == self._today and account_id in self._now:
            return self._now[account_id]
        known = [band for at, band in self._days.get(account_id, ()) if day - AROUND <= at <= day]
        return known[-1] if known else None
