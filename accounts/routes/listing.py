"""The list of accounts, and the same list as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from accounts.asof import later_is_known
from accounts.listing.page import ListView, make_view
from accounts.listing.query import ListQuery, columns_for, read_query
from accounts.listing.statement import read_page, read_totals
from crm import clock
from crm.contracts import AccountColumn, ColumnContext
from crm.csv_io.writing import csv_lines
from crm.db import Database
from crm.identity.deps import CurrentViewer, refuse_unless
from crm.viewer import Capability
from crm.web.htmx import wants_fragment
from crm.web.pages import page, path_for, writer_of
from crm.web.session import AppRegistry, DbSession, Now

router = APIRouter()

PAGE_SIZE = 50
FILE_CHUNK = 1_000


@router.get("/accounts", name="accounts.list")
def list_accounts(
    request: Request, session: DbSession, viewer: CurrentViewer, registry: AppRegistry, now: Now
) -> Response:
    context = ColumnContext(viewer, now, clock.day_of(now), later_is_known(session, now))
    columns = columns_for(registry.account_columns, viewer)
    query = read_query(request.query_params.multi_items(), columns, viewer)
    shown = [column for column in columns if _is_shown(column, query)]
    rows = read_page(session, columns, shown, query, context, PAGE_SIZE)
    view: ListView = make_view(
        path=path_for(request, "accounts.list"),
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
    )


@router.get("/accounts.csv", name="accounts.list.csv")
def export_accounts(
    request: Request, session: DbSession, viewer: CurrentViewer, registry: AppRegistry, now: Now
) -> Response:
    """Every row of the list, with every column, as a file; the reader's filters and order hold."""
    refuse_unless(viewer, Capability.EXPORT)
    context = ColumnContext(viewer, now, clock.day_of(now), later_is_known(session, now))
    columns = columns_for(registry.account_columns, viewer)
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


def _is_shown(column: AccountColumn, query: ListQuery) -> bool:
    return not (column.hidden or column.file_only) and (not column.optional or column.key in query.columns)


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
