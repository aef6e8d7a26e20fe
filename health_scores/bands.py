"""Bands of many accounts, now and on past days, for pages of lower slices."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select, tuple_
from sqlmodel import Session, col

from crm.contracts import Bands
from health_scores import history
from health_scores.models import HealthDay, HealthScore, HealthSnapshot

NEAR_DAYS = 14  # a day without snapshots is told by the last day before it that has some


def bands_now(session: Session, account_ids: Sequence[int]) -> Mapping[int, str]:
    rows = session.execute(
        select(col(HealthScore.account_id), col(HealthScore.band)).where(col(HealthScore.account_id).in_(account_ids))
    )
    return {account_id: band.value for account_id, band in rows}


def bands_on(session: Session, asked: Sequence[tuple[int, date]]) -> Mapping[tuple[int, date], str]:
    """Two statements: which days were scored, and the snapshots of those that were asked for."""
    taken = sorted(session.scalars(select(col(HealthDay.day))))
    nearest: dict[tuple[int, date], tuple[int, date]] = {}
    for account_id, day in asked:
        place = bisect_right(taken, day)
        if place and (day - taken[place - 1]).days <= NEAR_DAYS:
            nearest[account_id, day] = (account_id, taken[place - 1])
    snapshot = HealthSnapshot
    here = tuple_(col(snapshot.account_id), col(snapshot.day))
    rows = session.execute(
        select(col(snapshot.account_id), col(snapshot.day), history.BAND).where(here.in_(set(nearest.values())))
    )
    found = {(account_id, day): str(getattr(band, "value", band)) for account_id, day, band in rows}
    return {one: found[there] for one, there in nearest.items() if there in found}


BANDS = Bands(bands_now, bands_on)
