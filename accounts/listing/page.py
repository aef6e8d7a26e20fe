"""What the page of the list shows around its rows: tabs, filters, headings, columns to choose, pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.listing.query import FIRST, ListQuery, Scope, is_offered
from accounts.listing.statement import ListedRow, ListPage, Totals
from crm.contracts import AccountColumn, ColumnContext
from crm.text import N_, Text, text

SCOPE_TITLES = {Scope.MINE: N_("Mine"), Scope.TEAM: N_("My team"), Scope.ALL: N_("All")}


@dataclass(frozen=True)
class Tab:
    title: Text
    href: str
    current: bool


@dataclass(frozen=True)
class FilterView:
    key: str
    title: Text | str
    choices: tuple[tuple[str, Text | str], ...]
    chosen: str
    more: bool  # behind "more filters"
    typed: str = ""  # what one types there; empty: one chooses


@dataclass(frozen=True)
class Heading:
    column: AccountColumn
    href: str | None  # where a click leads; None: not sortable
    direction: str | None  # "asc" or "desc" where the list is sorted by it


@dataclass(frozen=True)
class ListView:
    path: str
    query: ListQuery
    tabs: tuple[Tab, ...]
    filters: tuple[FilterView, ...]
    headings: tuple[Heading, ...]
    rows: tuple[ListedRow, ...]
    totals: Totals
    kept: tuple[tuple[str, str], ...]  # hidden fields of the filter form
    clear_href: str | None
    previous_href: str | None
    next_href: str | None
    csv_query: str
    columns_href: str

    @property
    def columns(self) -> tuple[AccountColumn, ...]:
        return tuple(heading.column for heading in self.headings)

    @property
    def has_totals(self) -> bool:
        return bool(self.rows)


def make_view(
    *,
    path: str,
    columns: Sequence[AccountColumn],
    shown: Sequence[AccountColumn],
    query: ListQuery,
    context: ColumnContext,
    rows: ListPage,
    totals: Totals,
) -> ListView:
    scopes = [scope for scope in Scope if scope is not Scope.TEAM or context.viewer.team_id is not None]
    filters = _contributed(columns, query, context, totals)
    params = query.params(q="", after="", before="", **dict.fromkeys([one.key for one in filters], ""))
    return ListView(
        path=path,
        query=query,
        tabs=tuple(
            Tab(
                text(SCOPE_TITLES[scope]),
                query.address(path, scope=scope.value),
                scope is query.scope,
            )
            for scope in scopes
        ),
        filters=tuple(filters),
        headings=tuple(_heading(column, query, path) for column in shown),
        rows=rows.rows,
        totals=totals,
        kept=tuple((name, value) for name, value in params.items() if isinstance(value, str)),
        clear_href=query.without_filters().address(path) if query.is_narrowed else None,
        previous_href=query.address(path, before=rows.previous) if rows.previous else None,
        next_href=query.address(path, after=rows.next) if rows.next else None,
        csv_query=query.address("").removeprefix("?"),
        columns_href=query.address(f"{path}/columns"),
    )


def _contributed(
    columns: Sequence[AccountColumn], query: ListQuery, context: ColumnContext, totals: Totals
) -> list[FilterView]:
    views = []
    for column in columns:
        for one in column.filters:
            if one.key == "owner" and query.scope is Scope.MINE and not query.first("owner"):
                continue  # they are mine
            fixed: list[tuple[str, Text | str]] = list(one.choices(context))
            views.append(
                FilterView(
                    one.key,
                    text(one.title),
                    (*fixed, *totals.choices.get(one.key, ())),
                    query.first(one.key),
                    one.more and not query.first(one.key),
                    one.typed,
                )
            )
    return views


def _heading(column: AccountColumn, query: ListQuery, path: str) -> Heading:
    if column.sort is None:
        return Heading(column, None, None)
    is_sorted = query.sort == column.key
    descending = not query.descending if is_sorted else column.sort_first == "desc"
    word = f"-{column.key}" if descending else column.key
    href = query.address(path, sort="" if word == query.default_sort else word)
    return Heading(column, href, ("desc" if query.descending else "asc") if is_sorted else None)


@dataclass(frozen=True)
class PickedColumn:
    column: AccountColumn
    shown: bool


def picked_columns(columns: Sequence[AccountColumn], order: Sequence[str], shown: Sequence[str]) -> list[PickedColumn]:
    """Every column one may choose: first as ``order`` says, then the rest as they come."""
    offered = {column.key: column for column in columns if is_offered(column)}
    keys = [*(key for key in dict.fromkeys(order) if key in offered), *(key for key in offered if key not in order)]
    return [PickedColumn(offered[key], key in shown) for key in keys]


def moved(keys: Sequence[str], key: str, by: int) -> list[str]:
    """``keys`` with ``key`` one place up (-1) or down (1)."""
    order = list(keys)
    if key in order and 0 <= (to := order.index(key) + by) < len(order):
        order.remove(key)
        order.insert(to, key)
    return order


__all__ = ["FIRST", "ListView", "PickedColumn", "make_view", "moved", "picked_columns"]
