"""Reads of renewals: contracts and what is expected of them. Amounts are in them, so only accounts of which the viewer
may read money stand here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal, or_, select, tuple_, union_all
from sqlmodel import Session, col

from accounts.listing.query import Cursor, read_cursor, write_cursor
from accounts.listing.statement import in_scope
from accounts.models import Account, Contract, Stage, Tier
from accounts.money import major
from accounts.queries import is_visible
from accounts.renewals.models import Forecast, RenewalForecast
from accounts.renewals.query import NONE, Quarter, RenewalQuery
from accounts.renewals.worth import contract_arr
from accounts.rights import in_hands_of, reads_money_of
from crm.config import get_settings
from crm.contracts import AccountColumn, ColumnContext, ColumnFilter
from crm.db import Id
from crm.errors import NotFound
from crm.identity.models import User
from crm.text import N_
from crm.viewer import Capability, Viewer

PASSED_SHOWN = timedelta(days=30)  # after its end, an open contract is still asked about among those that come
_F = RenewalForecast
_RANK = {Forecast.LOST: 0, Forecast.AT_RISK: 1, Forecast.LIKELY: 3, Forecast.COMMIT: 4, Forecast.RENEWED: 5}
_UNSAID = 2  # a decision nobody has judged is no better than one at risk


class RenewalRow(NamedTuple):
    contract_id: int
    account_id: int
    account_name: str
    tier: Tier
    stage: Stage
    currency: str
    owner_name: str | None
    title: str
    decides_on: date
    ends_on: date
    auto_renews: bool
    is_open: bool
    may_change: bool
    forecast: Forecast | None
    amount_minor: int | None
    expected_on: date | None
    note: str
    arr_minor: int
    expected_minor: int
    sort_value: Any

    @property
    def uplift_minor(self) -> int:
        return self.expected_minor - self.arr_minor

    @property
    def uplift_share(self) -> float | None:
        return self.uplift_minor / self.arr_minor if self.arr_minor else None

    @property
    def expected_day(self) -> date:
        return self.expected_on or self.decides_on

    def typed(self, cell: str) -> str:
        """A cell's value as somebody would have typed it."""
        if cell == "month":
            return f"{self.expected_day:%Y-%m}"
        if cell == "forecast":
            return self.forecast.value if self.forecast else ""
        if self.amount_minor is None:
            return ""
        return str(major(self.amount_minor if cell == "amount" else self.uplift_minor, self.currency))


def _is_open() -> ColumnElement[bool]:
    return col(Contract.closed_at).is_(None)


def _is_settled() -> ColumnElement[bool]:
    return and_(~_is_open(), col(_F.forecast).in_([Forecast.RENEWED, Forecast.LOST]))


def up_for_renewal() -> ColumnElement[int]:
    """Up for renewal: now, or when it was decided."""
    return case((_is_open(), contract_arr()), else_=col(_F.arr_minor))


def expected_amount() -> ColumnElement[int]:
    unsaid = case((_is_open(), contract_arr()), else_=col(_F.arr_minor))
    lost = case((col(_F.forecast) == Forecast.LOST, 0), else_=unsaid)
    return func.coalesce(col(_F.amount_minor), lost)


def contracts(viewer: Viewer, *columns: Any) -> Select[Any]:
    """Contracts with account and what is expected now; of accounts whose money ``viewer`` may read."""
    money = reads_money_of(col(Account.id), viewer)
    return (
        select(*columns)
        .select_from(Contract)
        .join(Account, col(Account.id) == col(Contract.account_id))
        .join(_F, and_(col(_F.contract_id) == col(Contract.id), col(_F.closed_at).is_(None)), isouter=True)
        .where(is_visible(viewer), false() if money is None else money)
    )


def renewals(viewer: Viewer, *columns: Any) -> Select[Any]:
    """Those with their owner, as lists show them."""
    return contracts(viewer, *columns).join(User, col(User.id) == col(Account.owner_id), isouter=True)


class Valued:
    """What ``chosen`` contracts are worth, for sums: each is valued once, however often the sums name it."""

    def __init__(
        self, viewer: Viewer, narrow: Callable[[Select[Any]], Select[Any]], **more: ColumnElement[Any]
    ) -> None:
        chosen = contracts(
            viewer,
            (col(Account.currency) == get_settings().currency).label("at_home"),
            up_for_renewal().label("up"),
            col(_F.forecast).label("forecast"),
            col(_F.amount_minor).label("amount"),
            *(column.label(name) for name, column in more.items()),
        )
        # Not folded into the sums around it, where a planner would value each contract for each sum.
        self.rows = narrow(chosen).cte("valued").prefix_with("MATERIALIZED")
        c = self.rows.c
        self.up = c.up
        self.expected = func.coalesce(c.amount, case((c.forecast == Forecast.LOST, 0), else_=c.up))

    def sums(self) -> tuple[ColumnElement[Any], ...]:
        """The columns of a ``Sum``."""
        at_home = self.rows.c.at_home
        return (
            func.count(),
            func.coalesce(func.sum(case((at_home, self.up))), 0),
            func.coalesce(func.sum(case((at_home, self.expected))), 0),
            func.count(case((~at_home, 1))),
        )


def row_columns(viewer: Viewer, sort: ColumnElement[Any]) -> tuple[Any, ...]:
    hands = in_hands_of(viewer) if viewer.may(Capability.CHANGE_MONEY) else false()
    return (
        col(Contract.id),
        col(Account.id),
        col(Account.name),
        col(Account.tier),
        col(Account.stage),
        col(Account.currency),
        col(User.name),
        col(Contract.title),
        col(Contract.decides_on),
        col(Contract.ends_on),
        col(Contract.auto_renews),
        _is_open(),
        and_(_is_open(), hands),
        col(_F.forecast),
        col(_F.amount_minor),
        col(_F.expected_on),
        func.coalesce(col(_F.note), ""),
        up_for_renewal(),
        expected_amount(),
        sort,
    )


# --- the list --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RenewalPage:
    rows: tuple[RenewalRow, ...]
    previous: str
    next: str


@dataclass(frozen=True)
class Sum:
    """Amounts in home currency; contracts in others are counted, never converted."""

    count: int = 0
    arr_minor: int = 0
    expected_minor: int = 0
    elsewhere: int = 0


def read_page(
    session: Session,
    viewer: Viewer,
    query: RenewalQuery,
    today: date,
    size: int,
    narrowing: Sequence[tuple[AccountColumn, ColumnFilter]] = (),
    context: ColumnContext | None = None,
) -> RenewalPage:
    """``narrowing``: filters of other slices' columns, which ``query`` sets."""
    sort, kind = _sort(query.sort)
    written = query.before or query.after
    cursor = read_cursor(written, kind) if written else None
    if cursor is not None and cursor.value is None:
        cursor = None
    backward = bool(query.before) and cursor is not None
    down = query.descending != backward
    statement = _narrowed(renewals(viewer, *row_columns(viewer, sort)), viewer, query, today, narrowing, context)
    if cursor is not None:
        here, there = tuple_(sort, col(Contract.id)), tuple_(literal(cursor.value, sort.type), literal(cursor.id, Id))
        statement = statement.where(here < there if down else here > there)
    order = (sort.desc(), col(Contract.id).desc()) if down else (sort, col(Contract.id))
    found = [RenewalRow(*row) for row in session.execute(statement.order_by(*order).limit(size + 1))]

    more = len(found) > size
    found = found[:size]
    if backward:
        found.reverse()
    at_start, at_end = (not more, False) if backward else (cursor is None, not more)
    return RenewalPage(
        tuple(found),
        previous="" if at_start or not found else write_cursor(Cursor(found[0].sort_value, found[0].contract_id)),
        next="" if at_end or not found else write_cursor(Cursor(found[-1].sort_value, found[-1].contract_id)),
    )


def read_total(
    session: Session,
    viewer: Viewer,
    query: RenewalQuery,
    today: date,
    narrowing: Sequence[tuple[AccountColumn, ColumnFilter]] = (),
    context: ColumnContext | None = None,
) -> Sum:
    valued = Valued(viewer, lambda chosen: _narrowed(chosen, viewer, query, today, narrowing, context))
    found = session.execute(select(*valued.sums()).select_from(valued.rows)).one()
    return Sum(*(int(one) for one in found))


def owners_of(session: Session, viewer: Viewer) -> Sequence[tuple[str, str]]:
    """Whose accounts the list can be narrowed to."""
    owns = select(col(Account.id)).where(is_visible(viewer), col(Account.owner_id) == col(User.id)).exists()
    found = session.execute(select(col(User.id), col(User.name)).where(owns).order_by(col(User.name), col(User.id)))
    return [(str(user_id), name) for user_id, name in found]


def _sort(key: str) -> tuple[ColumnElement[Any], type]:
    found: dict[str, tuple[Any, type]] = {
        "decides": (col(Contract.decides_on), date),
        "ends": (col(Contract.ends_on), date),
        "account": (col(Account.name_folded), str),
        "arr": (up_for_renewal(), int),
        "expected": (expected_amount(), int),
        "forecast": (case(_RANK, value=col(_F.forecast), else_=_UNSAID), int),
    }
    return found[key]


def _narrowed(
    statement: Select[Any],
    viewer: Viewer,
    query: RenewalQuery,
    today: date,
    narrowing: Sequence[tuple[AccountColumn, ColumnFilter]],
    context: ColumnContext | None,
) -> Select[Any]:
    statement = statement.where(*in_scope(query.scope, viewer), *_when(query, today))
    if query.forecast == NONE:
        statement = statement.where(col(_F.forecast).is_(None))
    elif query.forecast:
        statement = statement.where(col(_F.forecast) == Forecast(query.forecast))
    if query.owner:
        statement = statement.where(col(Account.owner_id) == int(query.owner))
    for column, one in narrowing:
        if context is None or column.source is None:
            continue
        source = column.source(context).subquery()
        statement = statement.join(source, source.c.account_id == col(Account.id), isouter=True)
        statement = statement.where(one.where(source, [query.filters[one.key]], context))
    return statement


def _when(query: RenewalQuery, today: date) -> list[ColumnElement[bool]]:
    decides, going = col(Contract.decides_on), col(Account.stage) != Stage.CHURNED
    if (quarter := query.quarter) is not None:  # what was decided in it belongs to it
        return [decides >= quarter.first, decides < quarter.after, or_(and_(_is_open(), going), _is_settled())]
    if query.when == "past":
        return [_is_open(), going, decides < today]
    if query.when == "all":
        return [_is_open(), going]
    # A day that has passed is asked about until shortly after the contract's end: somebody must say what was decided.
    until = today + timedelta(days=int(query.when))
    return [_is_open(), going, decides <= until, col(Contract.ends_on) >= today - PASSED_SHOWN]


# --- by quarter ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class QuarterSum:
    """The decisions of a quarter, open and taken; ``by`` has what each forecast is expected to bring, in home currency
    (of what is lost: what it was worth)."""

    quarter: Quarter | None  # none: open ones of quarters that are over
    count: int
    elsewhere: int
    arr_minor: int
    forecast_arr_minor: int  # of which somebody has said something
    by: dict[Forecast | None, Sum]

    @property
    def coverage(self) -> float | None:
        """Share of the ARR up for renewal that has a forecast."""
        return self.forecast_arr_minor / self.arr_minor if self.arr_minor else None

    @property
    def secure_minor(self) -> int:
        """Renewed, commit and likely."""
        return sum(one.expected_minor for forecast, one in self.by.items() if forecast and forecast.counts)

    @property
    def secure_share(self) -> float | None:
        return self.secure_minor / self.arr_minor if self.arr_minor else None

    def named(self, key: str) -> Sum:
        """``key``: a forecast's, or "none"."""
        return self.by.get(None if key == NONE else Forecast(key), Sum())


def read_quarters(
    session: Session, viewer: Viewer, query: RenewalQuery, first: Quarter, count: int
) -> list[QuarterSum]:
    """Quarters from ``first`` on, and before them what is still open of earlier ones; one statement."""
    decides = col(Contract.decides_on)
    quarters = [first.plus(place) for place in range(count)]
    # Days are compared, not taken apart: there are few quarters and many contracts.
    index = case(
        (decides < first.first, first.index - 1),
        *((decides < one.after, one.index) for one in quarters),
    )
    is_going = and_(_is_open(), col(Account.stage) != Stage.CHURNED)

    def narrow(chosen: Select[Any]) -> Select[Any]:
        chosen = chosen.where(*in_scope(query.scope, viewer))
        if query.owner:
            chosen = chosen.where(col(Account.owner_id) == int(query.owner))
        # Two arms, each on an index of its own: nearly all that is open, account by account, and the few contracts that
        # were decided in these quarters.
        arms = (
            chosen.where(is_going, index.is_not(None)),
            chosen.where(_is_settled(), decides >= first.first, decides < quarters[-1].after),
        )
        return select(*union_all(*arms).subquery().c)

    valued = Valued(viewer, narrow, quarter=index)
    c = valued.rows.c
    statement = (
        select(
            c.quarter,
            c.forecast,
            c.at_home,
            func.count().label("count"),
            func.sum(valued.up).label("arr"),
            func.sum(valued.expected).label("expected"),
        )
        .select_from(valued.rows)
        .group_by(c.quarter, c.forecast, c.at_home)
    )
    rows: dict[int, list[Any]] = {}
    for row in session.execute(statement):
        rows.setdefault(int(row.quarter), []).append(row)
    wanted = [first.index - 1, *(first.plus(one).index for one in range(count))]
    return [
        _quarter_sum(Quarter.at(one) if one >= first.index else None, rows.get(one, []))
        for one in wanted
        if one >= first.index or one in rows
    ]


def _quarter_sum(quarter: Quarter | None, rows: Sequence[Any]) -> QuarterSum:
    by: dict[Forecast | None, Sum] = {}
    for row in rows:
        before = by.get(row.forecast, Sum())
        amounts = (int(row.arr), int(row.expected)) if row.at_home else (0, 0)
        by[row.forecast] = Sum(
            before.count + row.count,
            before.arr_minor + amounts[0],
            before.expected_minor + amounts[1],
            before.elsewhere + (0 if row.at_home else row.count),
        )
    return QuarterSum(
        quarter=quarter,
        count=sum(one.count for one in by.values()),
        elsewhere=sum(one.elsewhere for one in by.values()),
        arr_minor=sum(one.arr_minor for one in by.values()),
        forecast_arr_minor=sum(one.arr_minor for forecast, one in by.items() if forecast is not None),
        by=by,
    )


# --- one -------------------------------------------------------------------------------------------------------------


def get_renewal(session: Session, viewer: Viewer, contract_id: int) -> RenewalRow:
    """One contract with what is expected of it, decided or not."""
    found = session.execute(
        renewals(viewer, *row_columns(viewer, literal(0))).where(col(Contract.id) == contract_id)
    ).first()
    if found is None:
        raise NotFound(N_("There is no such contract here."))
    return RenewalRow(*found)


def history_of(session: Session, contract_id: int, limit: int = 100) -> Sequence[tuple[RenewalForecast, str | None]]:
    """What was expected, newest first, with who said it."""
    rows = session.execute(
        select(_F, col(User.name))
        .join(User, col(User.id) == col(_F.by_id), isouter=True)
        .where(col(_F.contract_id) == contract_id)
        .order_by(col(_F.known_at).desc(), col(_F.id).desc())
        .limit(limit)
    )
    return [(row, name) for row, name in rows]
