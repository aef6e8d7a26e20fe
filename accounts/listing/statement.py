"""The list as SQL: one statement for a page of rows whatever it shows, one for the totals under it.

The rows come in two arms: accounts whose sort value is known, in its order, then those where it is unknown, by id. The
second arm runs only when the first does not fill the page. Each arm can follow an index, so that page 1,000 costs what
page 1 costs; what is only shown is joined afterwards, to the rows of the page alone.
"""

from __future__ import annotations

import json
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Text as SqlText,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlmodel import Session, col

from accounts.listing.query import Cursor, ListQuery, Scope, read_cursor, write_cursor
from accounts.models import Account, AccountTeamMember, Cover, Stage
from accounts.names import fold
from accounts.queries import is_visible
from crm import clock
from crm.contracts import AccountColumn, AnySelect, ColumnContext, ColumnFilter
from crm.db import Id, table_of
from crm.identity.models import User
from crm.viewer import Viewer

ACCOUNT: FromClause = table_of(Account)
OWNER: FromClause = table_of(User).alias("owner")
Source = Callable[[ColumnContext], AnySelect]


class rows_as_json(GenericFunction[str]):  # noqa: N801 - reads as SQL
    """All rows of a sub-select as one JSON text: small choices come along with another statement."""

    type = SqlText()
    inherit_cache = True


@compiles(rows_as_json, "sqlite")
def _json_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"json_group_array(json_array({', '.join(compiler.process(clause, **kw) for clause in element.clauses)}))"


@compiles(rows_as_json, "postgresql")
def _json_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    values = ", ".join(compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST(coalesce(json_agg(json_build_array({values})), '[]') AS TEXT)"


@dataclass(frozen=True)
class ListedAccount:
    id: int
    name: str
    tier: Any
    stage: Any
    currency: str
    owner_name: str | None


@dataclass(frozen=True)
class ListedRow:
    account: ListedAccount
    values: Mapping[str, Any]  # by column key: a row of the column's values, or None


@dataclass(frozen=True)
class ListPage:
    rows: tuple[ListedRow, ...]
    previous: str  # cursors; empty at the ends
    next: str


@dataclass(frozen=True)
class Totals:
    count: int
    by_column: Mapping[str, Mapping[str, Any]]
    choices: Mapping[str, tuple[tuple[str, str], ...]]  # of filters whose choices live in the database


class Joins:
    """The sources that a statement needs, each joined once; ``among``: of which accounts, where they are few."""

    def __init__(self, context: ColumnContext, among: AnySelect | None = None) -> None:
        self.context = context
        self._among = among
        self._made: dict[Source, FromClause] = {}

    def of(self, column: AccountColumn) -> FromClause:
        if column.source is None:
            return ACCOUNT
        if column.source not in self._made:
            chosen = column.source(self.context)
            if self._among is not None:
                chosen = chosen.where(chosen.selected_columns["account_id"].in_(self._among))
            self._made[column.source] = chosen.subquery()
        return self._made[column.source]

    def onto(self, start: FromClause, *, inner: FromClause | None = None) -> FromClause:
        joined = start
        for source in self._made.values():
            joined = joined.join(source, source.c.account_id == ACCOUNT.c.id, isouter=source is not inner)
        return joined


def read_page(
    session: Session,
    columns: Sequence[AccountColumn],
    shown: Sequence[AccountColumn],
    query: ListQuery,
    context: ColumnContext,
    size: int,
) -> ListPage:
    """One page as ``query`` says. ``columns``: what may be filtered and sorted by; ``shown``: what is read as well."""
    sort = next(column for column in columns if column.key == query.sort)
    backward = bool(query.before)
    written = query.before or query.after
    cursor = read_cursor(written, _python_type(_sort_value(sort, Joins(context)))) if written else None
    if cursor is None:
        backward = False
    statement = page_statement(columns, shown, query, context, cursor=cursor, backward=backward, size=size)
    found = list(session.execute(statement))

    more = len(found) > size
    found = found[:size]
    if backward:
        found.reverse()
    rows = tuple(_make_rows(found, shown))
    at_start, at_end = (not more, False) if backward else (cursor is None, not more)
    return ListPage(
        rows,
        previous="" if at_start or not found else write_cursor(Cursor(found[0].sort_value, found[0].account__id)),
        next="" if at_end or not found else write_cursor(Cursor(found[-1].sort_value, found[-1].account__id)),
    )


def page_statement(
    columns: Sequence[AccountColumn],
    shown: Sequence[AccountColumn],
    query: ListQuery,
    context: ColumnContext,
    *,
    cursor: Cursor | None,
    backward: bool,
    size: int,
) -> AnySelect:
    """``size`` + 1 rows after (or, ``backward``, before) ``cursor``: the last one says whether there are more."""
    page = _page_of_ids(columns, query, context, cursor=cursor, backward=backward, limit=size + 1)
    on_page = select(page.c.id)
    joined: FromClause = page.join(ACCOUNT, ACCOUNT.c.id == page.c.id)
    joined = joined.join(OWNER, OWNER.c.id == ACCOUNT.c.owner_id, isouter=True)
    read: list[ColumnElement[Any]] = [
        page.c.value.label("sort_value"),
        *(ACCOUNT.c[name].label(f"account__{name}") for name in ("id", "name", "tier", "stage", "currency")),
        OWNER.c.name.label("account__owner_name"),
    ]
    made: dict[Source, FromClause] = {}
    for place, column in enumerate(shown):
        if column.source is None:
            source = ACCOUNT
        elif column.source in made:
            source = made[column.source]
        else:
            chosen = column.source(context)
            source = made[column.source] = chosen.where(chosen.selected_columns["account_id"].in_(on_page)).subquery()
            joined = joined.join(source, source.c.account_id == page.c.id, isouter=True)
            read.append(source.c.account_id.label(f"c{place}__there"))
        read.extend(source.c[name].label(f"c{place}__{name}") for name in column.value)
    return select(*read).select_from(joined).order_by(*_order(page, query, backward)).limit(size + 1)


def _page_of_ids(
    columns: Sequence[AccountColumn],
    query: ListQuery,
    context: ColumnContext,
    *,
    cursor: Cursor | None,
    backward: bool,
    limit: int,
) -> CTE:
    """Part (0 known, 1 unknown), id and sort value of the page's accounts."""
    sort = next(column for column in columns if column.key == query.sort)
    down = query.descending != backward

    def known_arm() -> AnySelect:
        joins = Joins(context)
        value = _sort_value(sort, joins)
        source = joins.of(sort)
        row_id = ACCOUNT.c.id if source is ACCOUNT else source.c.account_id
        conditions = [*conditions_of(columns, query, context, joins), value.is_not(None)]
        if cursor is not None and cursor.value is not None:
            here = tuple_(value, row_id)
            there = tuple_(literal(cursor.value, value.type), literal(cursor.id, Id))
            conditions.append(here < there if down else here > there)
        return (
            select(literal(0).label("part"), ACCOUNT.c.id.label("id"), value.label("value"))
            .select_from(joins.onto(ACCOUNT, inner=source))
            .where(*conditions)
            .order_by(*((value.desc(), row_id.desc()) if down else (value, row_id)))
            .limit(limit)
        )

    def unknown_arm() -> AnySelect:
        joins = Joins(context)
        value = _sort_value(sort, joins)
        conditions = [*conditions_of(columns, query, context, joins), value.is_(None)]
        if cursor is not None and cursor.value is None:
            conditions.append(ACCOUNT.c.id < cursor.id if down else ACCOUNT.c.id > cursor.id)
        return (
            select(literal(1).label("part"), ACCOUNT.c.id.label("id"), value.label("value"))
            .select_from(joins.onto(ACCOUNT))
            .where(*conditions)
            .order_by(ACCOUNT.c.id.desc() if down else ACCOUNT.c.id)
            .limit(limit)
        )

    if sort.source is None and not ACCOUNT.c[str(sort.sort)].nullable:
        return known_arm().cte("page")
    at_unknown = cursor is not None and cursor.value is None
    if at_unknown and not backward:
        return unknown_arm().cte("page")
    if cursor is not None and not at_unknown and backward:
        return known_arm().cte("page")
    makes = (unknown_arm, known_arm) if backward else (known_arm, unknown_arm)
    first = makes[0]().cte("first_arm")
    # A LIMIT is known before the scan begins, on both databases; a condition would be asked for each row.
    room = literal(limit) - select(func.count()).select_from(first).scalar_subquery()
    second = makes[1]().limit(room).cte("second_arm")
    return union_all(*(select(arm.c.part, arm.c.id, arm.c.value) for arm in (first, second))).cte("page")


def _order(page: CTE, query: ListQuery, backward: bool) -> tuple[ColumnElement[Any], ...]:
    parts = page.c.part.desc() if backward else page.c.part
    if query.descending != backward:
        return (parts, page.c.value.desc(), page.c.id.desc())
    return (parts, page.c.value, page.c.id)


def _sort_value(sort: AccountColumn, joins: Joins) -> ColumnElement[Any]:
    found: ColumnElement[Any] = joins.of(sort).c[str(sort.sort)]
    return found


def _python_type(value: ColumnElement[Any]) -> type | None:
    try:
        return value.type.python_type
    except NotImplementedError:
        return None


# --- who is on the list ----------------------------------------------------------------------------------------------


def conditions_of(
    columns: Sequence[AccountColumn], query: ListQuery, context: ColumnContext, joins: Joins
) -> list[ColumnElement[bool]]:
    today = clock.today()  # whose an account is, is of today also in an old book
    conditions = [is_visible(context.viewer, today), *in_scope(query.scope, context.viewer)]
    if query.words:
        pattern = fold(query.words).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        conditions.append(
            or_(
                ACCOUNT.c.name_folded.like(f"%{pattern}%", escape="\\"),
                ACCOUNT.c.external_id == query.words,
                func.lower(ACCOUNT.c.domain) == query.words.lower(),
            )
        )
    said = set(query.filters)
    for column in columns:
        conditions.extend(
            one.where(joins.of(column), query.filters[one.key], context) for one in column.filters if one.key in said
        )
    if "stage" not in said:
        conditions.append(ACCOUNT.c.stage != Stage.CHURNED)
    return conditions


def in_scope(scope: Scope, viewer: Viewer) -> list[ColumnElement[bool]]:
    """Whose accounts a list shows, churned ones too."""
    today = clock.today()
    if scope is Scope.TEAM and viewer.team_id is not None:
        members = select(col(User.id)).where(col(User.team_id) == viewer.team_id)
        return [or_(ACCOUNT.c.team_id == viewer.team_id, ACCOUNT.c.owner_id.in_(members))]
    if scope is Scope.MINE:
        covered = select(col(Cover.account_id)).where(
            col(Cover.user_id) == viewer.user_id, col(Cover.from_on) <= today, col(Cover.to_on) >= today
        )
        of_team = select(col(AccountTeamMember.account_id)).where(
            col(AccountTeamMember.user_id) == viewer.user_id,
            col(AccountTeamMember.from_on) <= today,
            or_(col(AccountTeamMember.to_on).is_(None), col(AccountTeamMember.to_on) > today),
        )
        return [or_(ACCOUNT.c.owner_id == viewer.user_id, ACCOUNT.c.id.in_(covered), ACCOUNT.c.id.in_(of_team))]
    return []


def ids_statement(columns: Sequence[AccountColumn], query: ListQuery, context: ColumnContext) -> AnySelect:
    """The ids of every account on the list, whatever page."""
    joins = Joins(context)
    conditions = conditions_of(columns, query, context, joins)
    return select(ACCOUNT.c.id).select_from(joins.onto(ACCOUNT)).where(*conditions)


# --- totals and choices ----------------------------------------------------------------------------------------------


def read_totals(
    session: Session,
    columns: Sequence[AccountColumn],
    shown: Sequence[AccountColumn],
    query: ListQuery,
    context: ColumnContext,
) -> Totals:
    """What the last row says of the whole list, and the choices of filters that live in the database."""
    scoped = in_scope(query.scope, context.viewer)
    # Sums are of one's own accounts more often than not: nothing is worked out for all the others.
    among = select(ACCOUNT.c.id).where(is_visible(context.viewer), *scoped) if scoped else None
    joins = Joins(context, among)
    totals: dict[tuple[str, str], ColumnElement[Any]] = {}
    for column in shown:
        if column.total is not None:
            for name, aggregate in column.total(joins.of(column), context).items():
                totals[column.key, name] = aggregate
    conditions = conditions_of(columns, query, context, joins)
    choices = [one for column in columns for one in column.filters if one.choices_from is not None]
    statement = (
        select(
            func.count().label("accounts"),
            *(aggregate.label(f"total_{number}") for number, aggregate in enumerate(totals.values())),
            *(_choices(one, context).label(f"choices_{number}") for number, one in enumerate(choices)),
        )
        .select_from(joins.onto(ACCOUNT))
        .where(*conditions)
    )
    found = session.execute(statement).one()
    by_column: dict[str, dict[str, Any]] = {}
    for number, (key, name) in enumerate(totals):
        by_column.setdefault(key, {})[name] = getattr(found, f"total_{number}")
    return Totals(
        found.accounts,
        by_column,
        {one.key: _pairs(getattr(found, f"choices_{number}")) for number, one in enumerate(choices)},
    )


def _choices(one: ColumnFilter, context: ColumnContext) -> ColumnElement[str]:
    assert one.choices_from is not None  # noqa: S101 - the caller has chosen such
    rows = one.choices_from(context).subquery()
    value, title = rows.c[0], rows.c[1]
    return select(rows_as_json(value, title)).scalar_subquery()


def _pairs(written: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        sorted(((str(value), str(title)) for value, title in json.loads(written)), key=lambda one: fold(one[1]))
    )


# --- rows ------------------------------------------------------------------------------------------------------------


def _make_rows(found: Sequence[Any], shown: Sequence[AccountColumn]) -> Iterator[ListedRow]:
    there: dict[Source, str] = {}
    for place, column in enumerate(shown):
        if column.source is not None:
            there.setdefault(column.source, f"c{place}__there")
    makers = [
        (
            column.key,
            namedtuple("Value", column.value),
            [f"c{place}__{name}" for name in column.value],
            there[column.source] if column.source is not None else None,
        )
        for place, column in enumerate(shown)
    ]
    for row in found:
        cells = row._mapping
        account = ListedAccount(
            *(cells[f"account__{name}"] for name in ("id", "name", "tier", "stage", "currency", "owner_name"))
        )
        values = {
            key: make(*(cells[name] for name in names)) if has is None or cells[has] is not None else None
            for key, make, names, has in makers
        }
        yield ListedRow(account, values)
