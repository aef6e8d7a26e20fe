"""What Today reads: every source's items, what was put away, and the names around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, case, func, select as core_select
from sqlmodel import Session, col, select

from accounts.models import Account, Cover, DayMark
from accounts.portfolio import portfolio_ids
from crm import clock
from crm.contracts import DayContext, Registry, TodayItem, TodaySource
from crm.dashboard.day import Day, ItemKey, rank
from crm.db import table_of
from crm.identity.models import User
from crm.viewer import Viewer
from health_scores.models import HealthScore
from health_scores.points import whole


def items_of(registry: Registry, context: DayContext) -> list[TodayItem]:
    return [item for source in registry.today for item in source.items(context)]


def source_of(registry: Registry, kind: str) -> TodaySource | None:
    """The source that wants to know when an item of ``kind`` is done."""
    return next((source for source in registry.today if source.key == kind), None)


def marks_of(session: Session, viewer: Viewer) -> dict[ItemKey, DayMark]:
    marks = session.exec(select(DayMark).where(col(DayMark.user_id) == viewer.user_id))
    return {(mark.account_id, mark.kind, mark.item_key): mark for mark in marks}


def day_of(registry: Registry, context: DayContext) -> Day:
    return rank(items_of(registry, context), marks_of(context.session, context.viewer), context.today)


@dataclass(frozen=True)
class AccountLine:
    """What a row of the day says about its account besides the reason."""

    id: int
    name: str
    band: str | None
    arr_minor: int
    currency: str
    decides_on: date | None
    score: int | None  # whole points
    month_ago: int | None


def account_lines(session: Session, ids: Sequence[int]) -> dict[int, AccountLine]:
    rows = session.execute(
        core_select(
            col(Account.id),
            col(Account.name),
            col(HealthScore.band),
            col(Account.arr_minor),
            col(Account.currency),
            col(Account.decides_on),
            col(HealthScore.shown_hundredths),
            col(HealthScore.month_ago_hundredths),
        )
        .outerjoin(HealthScore, col(HealthScore.account_id) == col(Account.id))
        .where(col(Account.id).in_(ids))
    )
    return {
        id_: AccountLine(id_, name, band, arr_minor, currency, decides_on, _points(score), _points(month_ago))
        for id_, name, band, arr_minor, currency, decides_on, score, month_ago in rows
    }


def _points(hundredths: int | None) -> int | None:
    return None if hundredths is None else whole(hundredths)


def portfolio_by_band(session: Session, viewer: Viewer) -> Sequence[Row[str | None, str, int, int]]:
    """(band, currency, accounts, ARR minor) of the viewer's portfolio."""
    band = case((col(HealthScore.band).is_(None), "unknown"), else_=col(HealthScore.band)).label("band")
    return session.execute(
        core_select(band, col(Account.currency), func.count(), func.sum(col(Account.arr_minor)))
        .select_from(Account)
        .outerjoin(HealthScore, col(HealthScore.account_id) == col(Account.id))
        .where(col(Account.id).in_(portfolio_ids(viewer)))
        .group_by(band, col(Account.currency))
    ).all()


def decisions_between(session: Session, viewer: Viewer, first: date, after: date) -> Sequence[Row[str, int, int]]:
    """(currency, accounts, ARR minor) of the portfolio deciding in ``[first, after)``."""
    return session.execute(
        core_select(col(Account.currency), func.count(), func.sum(col(Account.arr_minor)))
        .where(
            col(Account.id).in_(portfolio_ids(viewer)),
            col(Account.decides_on) >= first,
            col(Account.decides_on) < after,
        )
        .group_by(col(Account.currency))
    ).all()


def absences(session: Session, viewer: Viewer) -> Sequence[Row[str, str, date, int]]:
    """(who is away, who covers, until, accounts) among the viewer's accounts and team."""
    today = clock.today()  # of people, not of an old book
    away, stands_in = table_of(User).alias("away"), table_of(User).alias("stands_in")
    return session.execute(
        core_select(away.c.name, stands_in.c.name, func.max(col(Cover.to_on)), func.count())
        .select_from(Cover)
        .join(Account, col(Account.id) == col(Cover.account_id))
        .join(away, away.c.id == col(Account.owner_id))
        .join(stands_in, stands_in.c.id == col(Cover.user_id))
        .where(
            col(Cover.from_on) <= today,
            col(Cover.to_on) >= today,
            (away.c.team_id == viewer.team_id) | (stands_in.c.id == viewer.user_id) | (away.c.id == viewer.user_id),
        )
        .group_by(away.c.name, stands_in.c.name)
        .order_by(func.max(col(Cover.to_on)))
    ).all()
