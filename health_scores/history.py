"""Days that have been: their snapshots, and what today's row repeats of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy import and_, case, func, or_, select
from sqlmodel import Session, col

from accounts.models import Account
from crm.db import table_of
from health_scores.compute import Computed
from health_scores.models import Band, HealthDay, HealthSnapshot
from health_scores.scoring import BANDS, UNKNOWN
from health_scores.upsert import Upsert, table

WEEKS = 11  # before the present one
MONTH = 30
_NEAR_MONTH = 7  # days before, where there is no snapshot 30 days ago

_snapshot = HealthSnapshot
BAND: Any = func.coalesce(col(_snapshot.restated_band), col(_snapshot.band))
POINTS: Any = func.coalesce(col(_snapshot.restated_hundredths), col(_snapshot.score_hundredths))
SHOWN: Any = case((BAND == Band.UNKNOWN, None), else_=POINTS)


@dataclass(frozen=True)
class Past:
    """What a row of today's scores repeats of the snapshots."""

    month_ago: int | None = None
    trend: str = ""
    band: Band | None = None  # of the last week
    since: date | None = None  # the first of the weeks in a row, up to the last, in that band


def last_sundays(day: date, weeks: int = WEEKS) -> list[date]:
    """The ends of the last ``weeks`` weeks before ``day``, oldest first."""
    last = day - timedelta(days=(day.weekday() + 1) % 7 or 7)
    return [last - timedelta(weeks=n) for n in reversed(range(weeks))]


def days_taken(session: Session, first: date, last: date) -> dict[date, bool]:
    """Days with snapshots in ``[first, last]``; true: taken in hindsight."""
    rows = session.execute(
        select(col(HealthDay.day), col(HealthDay.hindsight)).where(col(HealthDay.day).between(first, last))
    )
    return {row.day: row.hindsight for row in rows}


def read_past(session: Session, day: date, account_ids: Sequence[int] | None = None) -> dict[int, Past]:
    """Of ``account_ids``, or of all accounts, as ``day`` sees it."""
    sundays = last_sundays(day)
    taken = sorted(days_taken(session, min(sundays[0] - timedelta(days=6), day - timedelta(days=MONTH + 7)), day))
    weekly = [_latest(taken, sunday - timedelta(days=6), sunday) for sunday in sundays]
    month_ago = day - timedelta(days=MONTH)
    monthly = _latest(taken, month_ago - timedelta(days=_NEAR_MONTH), month_ago)
    wanted = {one for one in (*weekly, monthly) if one is not None}
    if not wanted:
        return {}
    # From the accounts, so that the rows of each are found by its key.
    statement = (
        select(col(Account.id), col(_snapshot.day), SHOWN, BAND)
        .join(_snapshot, and_(col(_snapshot.account_id) == col(Account.id), col(_snapshot.day).in_(wanted)))
        .where(col(Account.closed_at).is_(None))
    )
    if account_ids is not None:
        statement = statement.where(col(Account.id).in_(account_ids))
    found: dict[int, dict[date, tuple[int | None, Band]]] = {}
    for account_id, on, shown, band in session.execute(statement):
        found.setdefault(account_id, {})[on] = (shown, Band(band))
    return {account_id: _past(days, weekly, monthly) for account_id, days in found.items()}


def _latest(taken: Sequence[date], first: date, last: date) -> date | None:
    return max((day for day in taken if first <= day <= last), default=None)


def _past(days: Mapping[date, tuple[int | None, Band]], weekly: Sequence[date | None], monthly: date | None) -> Past:
    found = [days.get(day) if day else None for day in weekly]
    points = [one[0] if one else None for one in found]
    trend = ",".join("" if one is None else str(one // 100) for one in points)
    band, since = None, None
    for day, one in zip(reversed(weekly), reversed(found), strict=True):
        if one is None or one[1] is not (band or one[1]):
            break
        band, since = one[1], day
    month_ago = days[monthly][0] if monthly and monthly in days else None
    return Past(month_ago, trend.strip(",") and trend, band, since)


def bands_before(session: Session, day: date, account_ids: Sequence[int] | None = None) -> dict[int, Band | None]:
    """The band of each account's last snapshot before ``day``."""
    before = table_of(_snapshot).alias("before")
    last = (
        select(before.c.day)
        .where(before.c.account_id == col(Account.id), before.c.day < day)
        .order_by(before.c.day.desc())
        .limit(1)
        .correlate(Account)
        .scalar_subquery()
    )
    statement = select(col(Account.id), BAND).join(
        _snapshot, and_(col(_snapshot.account_id) == col(Account.id), col(_snapshot.day) == last)
    )
    if account_ids is not None:
        statement = statement.where(col(Account.id).in_(account_ids))
    return {account_id: Band(band) for account_id, band in session.execute(statement)}


def snapshot_rows(computed: Computed, *, hindsight: bool) -> list[dict[str, Any]]:
    """Of accounts of which anything is known."""
    scored, as_of = computed.scored, computed.as_of
    known: list[bool] = np.any(scored.known, axis=0).tolist()
    shared = {
        "day": as_of.day,
        "t": as_of.t,
        "known_at": computed.known_at,
        "model_version": computed.model.version,
        "priors_on": computed.priors.day,
        "hindsight": hindsight,
    }
    rows = zip(
        computed.ids.tolist(),
        scored.score.tolist(),
        scored.band.tolist(),
        scored.coverage.tolist(),
        computed.before.tolist(),
        known,
        strict=True,
    )
    return [
        {
            **shared,
            "account_id": account_id,
            "score_hundredths": points,
            "band": BANDS[band],
            "coverage_hundredths": coverage,
            "band_before": None if before == UNKNOWN else BANDS[before],
        }
        for account_id, points, band, coverage, before, any_known in rows
        if any_known
    ]


def write_snapshots(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """One that was taken in its own time keeps what it said; what hindsight says differently stands beside it."""
    _SNAPSHOTS.execute(session, rows)


_KEPT = (
    "score_hundredths",
    "band",
    "coverage_hundredths",
    "model_version",
    "t",
    "known_at",
    "priors_on",
    "band_before",
    "hindsight",
)


def _write(insert: Any) -> Any:
    new, old = insert.excluded, table(HealthSnapshot).c
    replaces = or_(old.hindsight, ~new.hindsight)
    restates = and_(~replaces, or_(new.score_hundredths != old.score_hundredths, new.band != old.band))
    return insert.on_conflict_do_update(
        index_elements=["account_id", "day"],
        set_={
            **{name: case((replaces, new[name]), else_=old[name]) for name in _KEPT},
            "restated_hundredths": case((restates, new.score_hundredths)),
            "restated_band": case((restates, new.band)),
            "restated_at": case((restates, new.known_at)),
        },
    )


_SNAPSHOTS = Upsert(HealthSnapshot, _write)


def write_day(session: Session, computed: Computed, *, hindsight: bool, accounts: int) -> None:
    row = {
        "day": computed.as_of.day,
        "t": computed.as_of.t,
        "known_at": computed.known_at,
        "hindsight": hindsight,
        "accounts": accounts,
        "model_version": computed.model.version,
    }
    _DAY.execute(session, [row])


def _write_day(insert: Any) -> Any:
    new, old = insert.excluded, table(HealthDay).c
    names = ("t", "known_at", "hindsight", "accounts", "model_version")
    return insert.on_conflict_do_update(
        index_elements=["day"], set_={name: new[name] for name in names}, where=or_(old.hindsight, ~new.hindsight)
    )


_DAY = Upsert(HealthDay, _write_day)


def is_hindsight(day: date, today: date) -> bool:
    """The night after still counts as the day's own time."""
    return (today - day).days > 1
