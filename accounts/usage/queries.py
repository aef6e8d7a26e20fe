"""Reads of usage: of one account, for pages and reports. Whether the account may be read has been settled before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from accounts.usage import normal
from accounts.usage.models import UsageCorrection, UsageDay, UsageMetric, as_value, day_number, day_of_number
from crm.errors import NotFound
from crm.text import N_

DAYS_A_PAGE = 60


@dataclass(frozen=True)
class MetricLine:
    """One metric of an account. Means are a day; ``share``: of its own normal."""

    id: int
    title: str
    counts_seats: bool
    weeks: tuple[float | None, ...]  # 13 means, oldest first
    recent: float
    normal: float | None
    share: float | None
    most: float  # on one day of the last four weeks
    told_until: date

    @property
    def change(self) -> float | None:
        """Of its own normal: −0.45 is 45 % below."""
        return None if self.share is None else self.share - 1

    @property
    def heights(self) -> list[float | None]:
        """Weeks from 0 to 100 of the greatest, as a sparkline takes them."""
        top = max((week for week in self.weeks if week is not None), default=0) or 1
        return [None if week is None else 100 * week / top for week in self.weeks]


@dataclass(frozen=True)
class UsageOf:
    """``told_until``: the last day of any metric. A week and more ago, pages say so."""

    metrics: tuple[MetricLine, ...]
    told_until: date
    seats_active: float | None

    def days_silent(self, today: date) -> int:
        return (today - self.told_until).days


def usage_of(session: Session, account_id: int, today: date) -> UsageOf | None:
    """One statement; ``None`` where nothing was told in the last 16 weeks."""
    last = day_number(today)
    rows = session.execute(
        select(
            col(UsageDay.metric_id), col(UsageMetric.title), col(UsageMetric.key), col(UsageDay.day),
            col(UsageDay.value_milli),
        )
        .join(UsageMetric, col(UsageMetric.id) == col(UsageDay.metric_id))
        .where(
            col(UsageDay.account_id) == account_id,
            col(UsageDay.day).between(last - normal.WINDOW + 1, last),
        )
        .order_by(col(UsageDay.metric_id), col(UsageDay.day))
    )  # fmt: skip
    days: dict[int, dict[int, int]] = {}
    metrics: dict[int, UsageMetric] = {}
    for metric_id, title, key, day, milli in rows:
        days.setdefault(metric_id, {})[day] = milli
        if metric_id not in metrics:
            metrics[metric_id] = UsageMetric(id=metric_id, title=title, key=key)
    if not days:
        return None
    until = max(max(told) for told in days.values())
    lines = [_line(metrics[metric_id], told, last, until) for metric_id, told in days.items()]
    lines.sort(key=lambda line: (not line.counts_seats, line.title.casefold(), line.id))
    seats = [line.most for line in lines if line.counts_seats]
    return UsageOf(tuple(lines), day_of_number(until), max(seats, default=None))


def _line(metric: UsageMetric, days: dict[int, int], today: int, until: int) -> MetricLine:
    found = normal.trend(days, today)
    return MetricLine(
        id=metric.id,
        title=metric.title,
        counts_seats=metric.counts_seats,
        weeks=tuple(None if week is None else week / 1000 for week in normal.weeks(days, until)),
        recent=found.recent / 1000,
        normal=None if found.normal is None else found.normal / 1000,
        share=found.share,
        most=as_value(max((value for day, value in days.items() if day > until - normal.RECENT), default=0)),
        told_until=day_of_number(max(days)),
    )


def get_metric(session: Session, metric_id: int) -> UsageMetric:
    found = session.get(UsageMetric, metric_id)
    if found is None:
        raise NotFound(N_("There is no such metric."))
    return found


@dataclass(frozen=True)
class DayLine:
    day: date
    value: int | float
    known_at: Any
    before: tuple[int | float, ...]  # what was believed of it earlier, the latest first


def days_of(session: Session, account_id: int, metric_id: int, today: date, before: int | None) -> list[DayLine]:
    """The days behind a figure, newest first, one more than a page; with what was corrected. Two statements."""
    last = day_number(today)
    statement = select(UsageDay).where(
        col(UsageDay.account_id) == account_id, col(UsageDay.metric_id) == metric_id, col(UsageDay.day) <= last
    )
    if before is not None:
        statement = statement.where(col(UsageDay.day) < before)
    days = session.execute(statement.order_by(col(UsageDay.day).desc()).limit(DAYS_A_PAGE + 1)).scalars().all()
    corrected: dict[int, list[int | float]] = {}
    past = UsageCorrection
    for day, milli in session.execute(
        select(col(past.day), col(past.value_milli))
        .where(
            col(past.account_id) == account_id,
            col(past.metric_id) == metric_id,
            col(past.day).between(days[-1].day if days else last, last),
        )
        .order_by(col(past.closed_at).desc(), col(past.id).desc())
    ):
        corrected.setdefault(day, []).append(as_value(milli))
    return [
        DayLine(day_of_number(one.day), as_value(one.value_milli), one.known_at, tuple(corrected.get(one.day, ())))
        for one in days
    ]
