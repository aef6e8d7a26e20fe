"""The list of accounts, its columns, and the same list as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from accounts.asof import later_is_known
from accounts.listing.around import LIST, listed_columns, read_around
from accounts.listing.page import ListView, make_view, moved, picked_columns
from accounts.listing.query import ListQuery, read_query, shown_columns
from accounts.listing.statement import read_page, read_totals
from accounts.views.menu import address_of, make_menu
from accounts.views.queries import first_view
from crm import clock
from crm.contracts import AccountColumn, ColumnContext
from crm.csv_io.writing import csv_lines
from crm.db import Database
from crm.identity.deps import CurrentViewer, refuse_unless
from crm.viewer import Capability
from crm.web.htmx import wants_fragment
from crm.web.pages import go_to, page, path_for, writer_of
from crm.web.session import AppRegistry, DbSession, Now

router = APIRouter()

PAGE_SIZE = 50
FILE_CHUNK = 1_000


@router.get("/accounts", name="accounts.list")
def list_accounts(
    request: Request, session: DbSession, viewer: CurrentViewer, registry: AppRegistry, now: Now
) -> Response:
    """Without a query the view one has chosen to begin with; with a view alone, what that view keeps."""
    path = path_for(request, "accounts.list")
    sent = request.query_params.multi_items()
    if not sent and (first := first_view(session, viewer, LIST)) is not None:
        return RedirectResponse(address_of(path, first.query, first.id), status_code=303)
    columns, views = read_around(session, registry, viewer)
    query = read_query(sent, columns, viewer)
    if [name for name, _value in sent] == ["view"]:
        kept = next((line for line in views if str(line.id) == query.view), None)
        if kept is not None and kept.query:
            return RedirectResponse(address_of(path, kept.query, kept.id), status_code=303)
    context = ColumnContext(viewer, now, clock.day_of(now), later_is_known(session, now))
    shown = shown_columns(columns, query)
    rows = read_page(session, columns, shown, query, context, PAGE_SIZE)
    view: ListView = make_view(
        path=path,
        columns=columns,
        shown=shown,
        query=query,
        context=context,
        rows=rows,
        totals=read_totals(session, columns, shown, query, context),
    )
    headers = {"HX-Push-Url": query.address(view.path, after=query.after, before=query.before)}
    return page(
        request,
        "accounts/list/page.html",
        "accounts/list/_list.html",
        headers=headers if wants_fragment(request) else None,
        view=view,
        views=make_menu(LIST, views, path=path, view=query.view, query=query.canonical),
        bulk_actions=[action for action in registry.bulk_actions if action.offered(viewer)],
    )


@router.get("/accounts/columns", name="accounts.list.columns")
def choose_columns(
    request: Request,
    session: DbSession,
    viewer: CurrentViewer,
    registry: AppRegistry,
    now: Now,
    up: str = "",
    down: str = "",
    done: bool = False,
) -> Response:
    """A form that makes an address: its boxes and arrows come back here, its end is the list with these columns."""
    columns = listed_columns(session, registry, viewer)
    sent = request.query_params.multi_items()
    query = read_query([pair for pair in sent if pair[0] not in ("order", "up", "down", "done")], columns, viewer)
    path = path_for(request, "accounts.list")
    order = request.query_params.getlist("order")
    ticked = request.query_params.getlist("columns") if order else list(query.columns)
    if done:
        asked = ",".join(key for key in order if key in ticked)
        return go_to(request, read_query([*_without_columns(sent), ("columns", asked)], columns, viewer).address(path))
    order = [one.column.key for one in picked_columns(columns, order or query.columns, ticked)]
    order = moved(moved(order, up, -1), down, 1)
    params = query.params(columns="", after="", before="")
    return page(
        request,
        "accounts/list/columns.html",
        "accounts/list/_columns.html" if request.query_params.get("order") else "accounts/list/_columns_drawer.html",
        picked=picked_columns(columns, order, ticked),
        kept=[(name, one) for name, value in params.items() for one in (value if isinstance(value, list) else [value])],
        standard_href=replace(query, columns=query.default_columns).address(path),
        back_href=query.address(path),
    )


def _without_columns(sent: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [pair for pair in sent if pair[0] not in ("columns", "order", "up", "down", "done")]


@router.get("/accounts.csv", name="accounts.list.csv")
def export_accounts(
    request: Request, session: DbSession, viewer: CurrentViewer, registry: AppRegistry, now: Now
) -> Response:
    """Every row of the list, with every column, as a file; the reader's filters and order hold."""
    refuse_unless(viewer, Capability.EXPORT)
    context = ColumnContext(viewer, now, clock.day_of(now), later_is_known(session, now))
    columns = listed_columns(session, registry, viewer)
    query = replace(read_query(request.query_params.multi_items(), columns, viewer), after="", before="")
    shown = [column for column in columns if not column.hidden]
    translate = writer_of(request).translations.gettext
    header = [translate(column.title) for column in shown]
    database: Database = request.app.state.database
    lines = csv_lines(header, _all_rows(database, columns, shown, query, context))
    name = f"accounts-{context.today.isoformat()}.csv"
    return StreamingResponse(
        lines,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _all_rows(
    database: Database,
    columns: Sequence[AccountColumn],
    shown: Sequence[AccountColumn],
    query: ListQuery,
    context: ColumnContext,
) -> Iterator[list[object]]:
    """Page after page in a transaction of its own: the request's ends before the file is sent."""
    with database.reading() as session:
        while True:
            found = read_page(session, columns, shown, query, context, FILE_CHUNK)
            for row in found.rows:
                yield [column.csv(row.values[column.key]) for column in shown]
            if not found.next:
                return
            query = replace(query, after=found.next)
