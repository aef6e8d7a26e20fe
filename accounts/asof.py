"""As of when the book speaks, and how fresh its sources are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from accounts.models import DataSource
from crm.contracts import Book, BookTime, Freshness

OLD_AFTER = timedelta(days=7)
LATE_AFTER = timedelta(hours=26)  # a live source is asked every day, and a day's job may run a little late

_SOURCES = "accounts.sources"


class _Source(NamedTuple):
    title: str
    newest_event_at: datetime | None
    synced_at: datetime | None
    live: bool


def _sources(session: Session) -> Sequence[_Source]:
    """Read once a session: the book's time and the frame's freshness lines ask for the same rows."""
    found: Sequence[_Source] | None = session.info.get(_SOURCES)
    if found is None:
        rows = session.execute(
            select(
                col(DataSource.title),
                col(DataSource.newest_event_at),
                col(DataSource.synced_at),
                col(DataSource.live),
            ).order_by(col(DataSource.title), col(DataSource.id))
        )
        found = session.info[_SOURCES] = [_Source(*row) for row in rows]
    return found


def forget_sources(session: Session) -> None:
    session.info.pop(_SOURCES, None)


def later_is_known(session: Session, now: datetime) -> bool:
    """Whether the book holds something later than ``now``, so that the present columns of a row tell another time."""
    return any(source.newest_event_at and source.newest_event_at > now for source in _sources(session))


def book_time(session: Session, now: datetime) -> BookTime:
    """``now``, or the newest event where nothing came for over seven days before it.

    Where ``CRM_NOW`` pretends an earlier instant, what came after it does not count: the book reaches up to ``now``.
    """
    known = [at for source in _sources(session) for at in (source.newest_event_at, source.synced_at) if at]
    if not known:
        return BookTime(now, None)
    until = min(max(known), now)
    is_old = now - until > OLD_AFTER
    return BookTime(until if is_old else now, until, is_old)


def newest_event_at(session: Session) -> datetime | None:
    """Of all that any source has told, also what lies after a pretended now."""
    return max((source.newest_event_at for source in _sources(session) if source.newest_event_at), default=None)


def freshness(session: Session, now: datetime) -> Sequence[Freshness]:
    """A line for each live source that has brought or answered something by ``now``."""
    lines = []
    for source in _sources(session):
        came = [at for at in (source.newest_event_at, source.synced_at) if at and at <= now]
        if source.live and came:
            at = max(came)
            lines.append(Freshness(source.title, at, now - at > LATE_AFTER))
    return lines


BOOK = Book(book_time, freshness)
