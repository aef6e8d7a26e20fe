"""Pages of renewals: the list, its file, one renewal and its cells; the board and the changes are beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlmodel import Session

from accounts.asof import later_is_known
from accounts.money import major, minor_of
from accounts.renewals import page as view, service
from accounts.renewals.changes import last_days, read_transitions
from accounts.renewals.deps import Renewal, RenewalInScope
from accounts.renewals.forms import (
    Cell,
    CellSubmitted,
    RenewalSubmitted,
    Unreadable,
    day_in,
    read_amount,
    read_forecast,
    read_month,
    read_uplift,
)
from accounts.renewals.models import BY_HAND, FORECAST_TITLES
from accounts.renewals.queries import get_renewal, history_of, owners_of, read_page, read_quarters, read_total
from accounts.renewals.query import Quarter, RenewalQuery, read_query
from accounts.rights import ensure_may_change_money, hands_on
from accounts.routes._forms import attempt, telling
from crm import clock
from crm.contracts import ColumnContext, Registry
from crm.csv_io.writing import csv_lines
from crm.db import Database
from crm.identity.deps import CurrentViewer, refuse_unless
from crm.text import N_, Text, text
from crm.viewer import Capability, Viewer
from crm.web.forms import Submitted
from crm.web.htmx import target_id, wants_fragment
from crm.web.pages import go_to, page, path_for, see_other, writer_of
from crm.web.routes import closed_path
from crm.web.session import AppRegistry, DbSession, Now

router = APIRouter()

PAGE_SIZE = 50
FILE_CHUNK = 1_000
CELL_TITLES = {
    Cell.FORECAST: N_("Forecast for %(account)s"),
    Cell.AMOUNT: N_("Expected amount for %(account)s"),
    Cell.UPLIFT: N_("Uplift for %(account)s"),
    Cell.MONTH: N_("When does %(account)s decide?"),
}


@router.get("/renewals", name="renewals.list")
def list_renewals(
    request: Request, session: DbSession, viewer: CurrentViewer, registry: AppRegistry, now: Now
) -> Response:
    refuse_unless(viewer, Capability.READ_MONEY)
    context = ColumnContext(viewer, now, clock.day_of(now), later_is_known(session, now))
    others, query, narrowing = _read(request, viewer, registry)
    found = read_page(session, viewer, query, context.today, PAGE_SIZE, narrowing, context)
    shown = [*others, *(one for one in registry.account_columns if one.key == view.NEXT_STEP)]
    values = view.read_values(session, shown, context, [row.account_id for row in found.rows])
    change, said = view.week_in_words(read_transitions(session, viewer, query.scope, last_days()))
    owners = owners_of(session, viewer)
    path = path_for(request, "renewals.list")
    address = query.address(path, after=query.after, before=query.before)
    swapped = wants_fragment(request) and target_id(request) == "renewals"
    return page(
        request,
        "renewals/list.html",
        "renewals/_list.html",
        headers={"HX-Push-Url": address} if swapped else None,
        query=query,
        path=path,
        address=address,
        today=context.today,
        tabs=view.tabs(query, viewer, path),
        selects=view.selects(query, context.today, owners, view.filters_of(others), context),
        headings=view.headings(query, path),
        rows=[(row, view.account_of(row)) for row in found.rows],
        others=others,
        next_column=next((one for one in shown if one.key == view.NEXT_STEP), None),
        values=values,
        total=read_total(session, viewer, query, context.today, narrowing, context),
        quarters=read_quarters(session, viewer, query, Quarter.of(context.today), view.QUARTERS_SHOWN),
        quarter_title=view.quarter_title,
        home=view.home_money,
        change_minor=change,
        change_said=said,
        previous_href=query.address(path, before=found.previous) if found.previous else None,
        next_href=query.address(path, after=found.next) if found.next else None,
    )


@router.get("/renewals.csv", name="renewals.list.csv")
def export_renewals(
    request: Request, session: DbSession, viewer: CurrentViewer, registry: AppRegistry, now: Now
) -> Response:
    """Every row of the list as a file; the reader's filters and order hold."""
    refuse_unless(viewer, Capability.READ_MONEY)
    refuse_unless(viewer, Capability.EXPORT)
    context = ColumnContext(viewer, now, clock.day_of(now), later_is_known(session, now))
    _, query, narrowing = _read(request, viewer, registry)
    query = replace(query, after="", before="")
    shown = [
        one
        for one in registry.account_columns
        if one.key in (*view.SHOWN_OF_OTHERS, "band", view.NEXT_STEP, "next_due")
        and (one.needs is None or viewer.may(one.needs))
    ]
    translate = writer_of(request).translations.gettext
    own = (
        *(N_("Account"), N_("Contract"), N_("Decides by"), N_("Ends"), N_("ARR"), N_("Currency"), N_("Forecast")),
        *(N_("Expected"), N_("Uplift"), N_("Expected on"), N_("Note"), N_("Owner")),
    )
    header = [translate(title) for title in (*own, *(column.title for column in shown))]
    database: Database = request.app.state.database

    def lines() -> Iterator[list[object]]:
        chosen = query
        with database.reading() as reading:
            while True:
                found = read_page(reading, viewer, chosen, context.today, FILE_CHUNK, narrowing, context)
                values = view.read_values(reading, shown, context, [row.account_id for row in found.rows])
                for row in found.rows:
                    yield [
                        *_own_cells(row),
                        *(column.csv(values[column.key].get(row.account_id)) for column in shown),
                    ]
                if not found.next:
                    return
                chosen = replace(chosen, after=found.next)

    name = f"renewals-{context.today.isoformat()}.csv"
    return StreamingResponse(
        csv_lines(header, lines()),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _own_cells(row: Any) -> list[object]:
    return [
        row.account_name,
        row.title,
        row.decides_on,
        row.ends_on,
        major(row.arr_minor, row.currency),
        row.currency,
        row.forecast.value if row.forecast else None,
        major(row.expected_minor, row.currency),
        major(row.uplift_minor, row.currency),
        row.expected_on,
        row.note,
        row.owner_name,
    ]


def _read(request: Request, viewer: Viewer, registry: Registry) -> tuple[Sequence[Any], RenewalQuery, list[Any]]:
    others = view.columns_of_others(registry.account_columns, viewer)
    contributed = view.filters_of(others)
    query = read_query(request.query_params, viewer, [one.key for _, one in contributed])
    return others, query, [pair for pair in contributed if pair[1].key in query.filters]


# --- one renewal -----------------------------------------------------------------------------------------------------


@router.get("/renewals/{contract_id:int}", name="renewals.show")
def show_renewal(
    request: Request, renewal: RenewalInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    return _renewal(request, session, viewer, renewal)


@router.post("/renewals/{contract_id:int}", name="renewals.update")
def update_renewal(
    request: Request,
    renewal: RenewalInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: RenewalSubmitted,
) -> Response:
    ensure_may_change_money(session, viewer, renewal.account)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        amount = None if form.amount is None else minor_of(form.amount, renewal.account.currency)
        refused = attempt(
            session,
            sent,
            lambda: service.expect(
                session,
                viewer,
                renewal.account,
                renewal.contract,
                forecast=form.forecast,
                amount_minor=amount,
                expected_on=form.expected_on,
                note=form.note,
            ),
        )
    if refused is not None:
        return _renewal(request, session, viewer, renewal, refused)
    back = closed_path(request.app, request.query_params.get("back"))
    return go_to(request, back) if back else see_other(request, "renewals.show", contract_id=renewal.contract.id)


def _renewal(
    request: Request, session: Session, viewer: Viewer, renewal: Renewal, refused: Submitted[Any] | None = None
) -> Response:
    return page(
        request,
        "renewals/show.html",
        "renewals/_drawer.html" if refused is None else "renewals/_form.html",
        status=422 if refused else 200,
        renewal=renewal.row,
        account=renewal.account,
        hands=hands_on(session, viewer, renewal.account),
        history=history_of(session, renewal.contract.id),
        forecasts=BY_HAND,
        title=text(N_("Renewal of %(account)s"), account=renewal.account.name),
        raw=refused.raw if refused else {},
        errors=refused.errors if refused else {},
    )


# --- its cells -------------------------------------------------------------------------------------------------------


@router.get("/renewals/{contract_id:int}/{cell}", name="renewals.cells.edit")
def edit_cell(
    request: Request,
    renewal: RenewalInScope,
    cell: Cell,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    cancel: bool = False,
) -> Response:
    ensure_may_change_money(session, viewer, renewal.account)
    if cancel and wants_fragment(request):
        return page(request, "renewals/_cell.html", cell=cell.value, row=renewal.row, oob=False)
    return _cell_form(request, renewal, cell)


@router.post("/renewals/{contract_id:int}/{cell}", name="renewals.cells.update")
def update_cell(
    request: Request,
    renewal: RenewalInScope,
    cell: Cell,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: CellSubmitted,
) -> Response:
    ensure_may_change_money(session, viewer, renewal.account)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        try:
            changes = _changes(renewal, cell, form.value)
        except Unreadable as wrong:
            refused = sent.refused("value", wrong.sentence)
        else:
            refused = attempt(
                session,
                sent,
                lambda: service.expect(session, viewer, renewal.account, renewal.contract, **changes),
            )
    if refused is not None:
        return _cell_form(request, renewal, cell, refused)
    if _in_cell(request):
        row = get_renewal(session, viewer, renewal.contract.id)
        answer = page(request, "renewals/_cells.html", "renewals/_cells.html", cell=cell.value, row=row)
        return telling(request, answer, "renewals-changed")
    back = closed_path(request.app, request.query_params.get("back"))
    return go_to(request, back) if back else see_other(request, "renewals.show", contract_id=renewal.contract.id)


def _changes(renewal: Renewal, cell: Cell, written: str) -> dict[str, Any]:
    currency = renewal.account.currency
    match cell:
        case Cell.FORECAST:
            return {"forecast": read_forecast(written)}
        case Cell.AMOUNT:
            return {"amount_minor": read_amount(written, currency)}
        case Cell.UPLIFT:
            return {"amount_minor": read_uplift(written, renewal.row.arr_minor, currency)}
        case Cell.MONTH:
            return {"expected_on": day_in(*read_month(written), renewal.row.decides_on)}


def _in_cell(request: Request) -> bool:
    target = target_id(request) or ""
    return wants_fragment(request) and target.partition("-")[0] in list(Cell)


def _cell_form(request: Request, renewal: Renewal, cell: Cell, refused: Submitted[Any] | None = None) -> Response:
    title: Text = text(CELL_TITLES[cell], account=renewal.account.name)
    fragment = "renewals/_cell_form.html" if _in_cell(request) else "renewals/_field.html"
    return page(
        request,
        "accounts/form.html",
        fragment if refused or _in_cell(request) else "accounts/_drawer.html",
        status=422 if refused else 200,
        form="renewals/_field.html",
        title=title,
        account=renewal.account,
        row=renewal.row,
        cell=cell.value,
        titles=FORECAST_TITLES,
        forecasts=BY_HAND,
        raw=refused.raw if refused else {},
        errors=refused.errors if refused else {},
    )
