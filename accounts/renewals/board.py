"""The board: decisions by the month in which they are expected, a column a month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, cast, extract, func, select
from sqlmodel import Session, col

from accounts.listing.statement import in_scope
from accounts.models import Account, Contract, Stage
from accounts.renewals.models import RenewalForecast
from accounts.renewals.queries import RenewalRow, Sum, expected_amount, renewals, row_columns, up_for_renewal
from accounts.renewals.query import RenewalQuery
from crm.config import get_settings
from crm.viewer import Viewer

MONTHS = 6
CARDS = 30  # a column


@dataclass(frozen=True)
class Column:
    """``month``: its first day; ``None``: months that are over."""

    month: date | None
    cards: tuple[RenewalRow, ...]
    sum: Sum

    @property
    def more(self) -> int:
        return self.sum.count - len(self.cards)


def months_from(today: date, count: int = MONTHS) -> list[date]:
    first = today.year * 12 + today.month - 1
    return [date(one // 12, one % 12 + 1, 1) for one in range(first, first + count)]


def read_board(session: Session, viewer: Viewer, query: RenewalQuery, today: date) -> list[Column]:
    """Open decisions up to the last of the months, in two statements."""
    months = months_from(today)
    day = func.coalesce(col(RenewalForecast.expected_on), col(Contract.decides_on))
    month = _month_of(day)
    first, after = _index(months[0]), _index(months[-1]) + 1
    bucket: ColumnElement[int] = case((month < first, first - 1), else_=month)
    conditions = [
        *in_scope(query.scope, viewer),
        col(Contract.closed_at).is_(None),
        col(Account.stage) != Stage.CHURNED,
        month < after,
    ]
    at_home = col(Account.currency) == get_settings().currency
    sums = {
        int(row[0]): Sum(*(int(one) for one in row[1:]))
        for row in session.execute(
            renewals(
                viewer,
                bucket,
                func.count(),
                func.coalesce(func.sum(case((at_home, up_for_renewal()))), 0),
                func.coalesce(func.sum(case((at_home, expected_amount()))), 0),
                func.count(case((~at_home, 1))),
            )
            .where(*conditions)
            .group_by(bucket)
        )
    }
    place = func.row_number().over(partition_by=bucket, order_by=(day, col(Contract.id)))
    names = [f"c{number}" for number in range(len(RenewalRow._fields))]
    numbered = (
        renewals(
            viewer,
            *(one.label(name) for name, one in zip(names, row_columns(viewer, bucket), strict=True)),
            place.label("place"),
        )
        .where(*conditions)
        .subquery()
    )
    rows = session.execute(
        select(*(numbered.c[name] for name in names))
        .where(numbered.c.place <= CARDS)
        .order_by(numbered.c[names[-1]], numbered.c.place)
    )
    cards: dict[int, list[RenewalRow]] = {}
    for row in rows:
        cards.setdefault(int(row[-1]), []).append(RenewalRow(*row))
    columns = [Column(None, tuple(cards.get(first - 1, ())), sums.get(first - 1, Sum()))]
    columns += [Column(one, tuple(cards.get(_index(one), ())), sums.get(_index(one), Sum())) for one in months]
    return [one for one in columns if one.month is not None or one.cards]


def choices(today: date) -> Sequence[date]:
    """Months to which a card can be moved."""
    return months_from(today, MONTHS + 6)


def _index(day: date) -> int:
    return day.year * 12 + day.month - 1


def _month_of(day: Any) -> ColumnElement[int]:
    found: ColumnElement[int] = cast(extract("year", day), Integer) * 12 + cast(extract("month", day), Integer) - 1
    return found
