"""As of when scores are taken, and whether the present columns may be read for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from accounts.asof import newest_event_at
from crm import clock
from crm.config import get_settings
from crm.contracts import FeatureContext
from health_scores.board import Board


@dataclass(frozen=True)
class AsOf:
    """``live``: ``t`` is the book's now and nothing later is known. ``known_at=None``: as known now."""

    t: datetime
    live: bool = False
    known_at: datetime | None = None

    @property
    def zone(self) -> str:
        return get_settings().time_zone

    @property
    def day(self) -> date:
        return self.t.astimezone(ZoneInfo(self.zone)).date()

    def features(self, account_ids: Sequence[int] | None = None) -> FeatureContext:
        return FeatureContext(self.t, self.zone, self.known_at, account_ids, self.live)


def book_now(session: Session, board: Board) -> AsOf:
    """The book's own now: the clock's, or its newest event where nothing came for a while."""
    now = clock.now()
    t = board.book.time(session, now).now if board.book else now
    return at(session, t, live=True)


def at(session: Session, t: datetime, *, live: bool) -> AsOf:
    """``t`` that a caller takes for the book's now. Where ``CRM_NOW`` pretends an earlier day, later facts are known,
    and the present columns speak of them: then the past is read."""
    if not live:
        return AsOf(t)
    newest = newest_event_at(session)
    return AsOf(t, live=newest is None or newest <= t)


def end_of_day(day: date) -> AsOf:
    """What ``--as-of DAY`` means."""
    return AsOf(clock.end_of(day))


def known(as_of: AsOf, known_at: datetime | None) -> AsOf:
    return replace(as_of, known_at=known_at, live=as_of.live and known_at is None)
