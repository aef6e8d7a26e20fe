"""The board: decisions by the month in which they are expected, a column a month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlmodel import Session, col

from accounts.listing.statement import in_scope
from accounts.models import Account, Contract, Stage
from accounts.renewals.models import RenewalForecast
from accounts.renewals.queries import RenewalRow, Sum, Valued, renewals, row_columns
from accounts.renewals.query import RenewalQuery
from crm.db import table_of
from crm.viewer import Viewer

MONTHS = 6
CARDS = 30  # a column
_SUMS = ("count", "arr", "expected", "elsewhere")


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
    """Open decisions up to the last of the months, in one statement."""
    months = months_from(today)
    day = func.coalesce(col(RenewalForecast.expected_on), col(Contract.decides_on))
    first, after = _index(months[0]), months_from(today, MONTHS + 1)[-1]
    bucket: ColumnElement[int] = case(
        (day < months[0], first - 1), *((day < one, _index(one) - 1) for one in months[1:]), else_=_index(months[-1])
    )

    def narrow(chosen: Select[Any]) -> Select[Any]:
        return chosen.where(
            *in_scope(query.scope, viewer),
            col(Contract.closed_at).is_(None),
            col(Account.stage) != Stage.CHURNED,
            day < after,
        )

    valued = Valued(viewer, narrow, id=table_of(Contract).c.id, day=day, bucket=bucket)
    v = valued.rows.c
    sums = select(v.bucket, *(one.label(name) for name, one in zip(_SUMS, valued.sums(), strict=True)))
    of_month = sums.select_from(valued.rows).group_by(v.bucket).cte("of_month")
    place = func.row_number().over(partition_by=v.bucket, order_by=(v.day, v.id))
    numbered = select(v.id, v.bucket, place.label("place")).select_from(valued.rows).subquery()
    # Only what fits is read whole.
    fitting = select(numbered).where(numbered.c.place <= CARDS).cte("fitting").prefix_with("MATERIALIZED")
    rows = session.execute(
        renewals(viewer, *row_columns(viewer, fitting.c.bucket), *(of_month.c[name] for name in _SUMS))
        .join(fitting, fitting.c.id == col(Contract.id))
        .join(of_month, of_month.c.bucket == fitting.c.bucket)
        .order_by(fitting.c.bucket, fitting.c.place)
    )
    cards: dict[int, list[RenewalRow]] = {}
    found: dict[int, Sum] = {}
    for row in rows:
        card = RenewalRow(*row[: -len(_SUMS)])
        cards.setdefault(int(card.sort_value), []).append(card)
        found[int(card.sort_value)] = Sum(*(int(one) for one in row[-len(_SUMS) :]))
    columns = [Column(None, tuple(cards.get(first - 1, ())), found.get(first - 1, Sum()))]
    columns += [Column(one, tuple(cards.get(_index(one), ())), found.get(_index(one), Sum())) for one in months]
    return [one for one in columns if one.month is not None or one.cards]


def choices(today: date) -> Sequence[date]:
    """Months to which a card can be moved."""
    return months_from(today, MONTHS + 6)


def _index(day: date) -> int:
    return day.year * 12 + day.month - 1
