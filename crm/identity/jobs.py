"""What identity does by itself: forgetting sessions that have ended and tries that no longer count."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_
from sqlmodel import Session, col

from crm.clock import machine_now
from crm.contracts import Job
from crm.identity.models import RateCounter, UserSession
from crm.identity.queries import IDLE


def tidy(session: Session, _now: datetime) -> str:
    now = machine_now()  # sessions end by the machine's clock, whatever day the book pretends
    ended = session.execute(
        delete(UserSession).where(or_(col(UserSession.until) <= now, col(UserSession.seen_at) <= now - IDLE))
    ).rowcount  # type: ignore[attr-defined]  # a DELETE's result counts
    session.execute(delete(RateCounter).where(col(RateCounter.window_at) < now - timedelta(days=1)))
    return f"{ended} ended sessions forgotten"


TIDY = Job(name="identity.tidy", run=tidy, cron="17 * * * *", period="%Y-%m-%dT%H")
