"""What the page of the list shows around its rows: tabs, filters, headings, columns to choose, pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.listing.query import OWN, ListQuery, Scope
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


@dataclass(frozen=True)
class Heading:
    column: AccountColumn
    href: str | None  # where a click leads; None: not sortable
    direction: str | None  # "asc" or "desc" where the list is sorted by it


@dataclass(frozen=True)
class ColumnChoice:
    title: str
    href: str
    shown: bool


@dataclass(frozen=True)
class ListView:
    path: str
    query: ListQuery
    tabs: tuple[Tab, ...]
    filters: tuple[FilterView, ...]
    headings: tuple[Heading, ...]
    choices: tuple[ColumnChoice, ...]
    rows: tuple[ListedRow, ...]
    totals: Totals
    kept: tuple[tuple[str, str], ...]  # hidden fields of the filter form
    clear_href: str | None
    previous_href: str | None
    next_href: str | None
    csv_query: str

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
    filters = [*_contributed(columns, query, context, totals), *_own(query, totals)]
    params = query.params(q="", after="", before="", **dict.fromkeys([one.key for one in filters], ""))
    return ListView(
        path=path,
        query=query,
        tabs=tuple(
            Tab(
                text(SCOPE_TITLES[scope]),
                query.address(path, scope="" if scope is query.default_scope else scope.value),
                scope is query.scope,
            )
            for scope in scopes
        ),
        filters=tuple(filters),
        headings=tuple(_heading(column, query, path) for column in shown),
        choices=tuple(_choice(column, columns, query, path) for column in columns if column.optional),
        rows=rows.rows,
        totals=totals,
        kept=tuple((name, value) for name, value in params.items() if isinstance(value, str)),
        clear_href=query.without_filters().address(path) if query.is_narrowed else None,
        previous_href=query.address(path, before=rows.previous) if rows.previous else None,
        next_href=query.address(path, after=rows.next) if rows.next else None,
        csv_query=query.address("").removeprefix("?"),
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
                )
            )
    return views


def _own(query: ListQuery, totals: Totals) -> list[FilterView]:
    return [
        FilterView(
            OWN + key,
            title,
            tuple((choice, choice) for choice in choices),
            query.first(OWN + key),
            not query.first(OWN + key),
        )
        for key, title, choices in totals.own
        if choices
    ]


def _heading(column: AccountColumn, query: ListQuery, path: str) -> Heading:
    if column.sort is None:
        return Heading(column, None, None)
    is_sorted = query.sort == column.key
    descending = not query.descending if is_sorted else column.sort_first == "desc"
    word = f"-{column.key}" if descending else column.key
    href = query.address(path, sort="" if word == query.default_sort else word)
    return Heading(column, href, ("desc" if query.descending else "asc") if is_sorted else None)


def _choice(column: AccountColumn, columns: Sequence[AccountColumn], query: ListQuery, path: str) -> ColumnChoice:
    shown = column.key in query.columns
    keys = [one.key for one in columns if one.optional and (one.key in query.columns) != (one.key == column.key)]
    return ColumnChoice(column.title, query.address(path, columns=",".join(keys)), shown)
