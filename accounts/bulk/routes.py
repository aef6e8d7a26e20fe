"""Many accounts at once: choose, look, do, take back."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from accounts.bulk import service
from accounts.bulk.forms import ChoiceSubmitted, Sent
from accounts.bulk.models import BulkRun, BulkState, ItemState
from accounts.bulk.queries import counts_of, get_run, lines_of, look_at
from accounts.forms import NothingSubmitted
from accounts.listing.around import listed_columns
from accounts.listing.query import read_query
from accounts.listing.statement import ids_statement
from crm import clock
from crm.contracts import BulkAction, ColumnContext, Registry
from crm.errors import Invalid
from crm.identity.deps import CurrentViewer, refuse_unless
from crm.text import N_, Text, text
from crm.viewer import Capability, Viewer
from crm.web.htmx import wants_fragment
from crm.web.pages import go_to, page, path_for, see_other
from crm.web.session import AppRegistry, DbSession, Now

router = APIRouter(prefix="/accounts/bulk")


@router.post("", name="accounts.bulk.create")
def create_bulk(
    request: Request, session: DbSession, viewer: CurrentViewer, registry: AppRegistry, now: Now, sent: ChoiceSubmitted
) -> Response:
    """Nothing is changed yet: what was chosen is kept, to be looked at."""
    refuse_unless(viewer, Capability.CHANGE_ACCOUNT)
    form = sent.form
    if form is None:
        raise Invalid(N_("This choice of accounts could not be understood; please choose again."))
    action = service.action_of(registry, viewer, form.action)
    ids = form.ticked
    if form.every:
        context = ColumnContext(viewer, now, clock.day_of(now))
        columns = listed_columns(session, registry, viewer)
        query = read_query(parse_qsl(form.query), columns, viewer)
        ids = set(session.scalars(ids_statement(columns, query, context).limit(service.MOST + 1)))
    run = service.choose(session, viewer, action, ids, back=form.query)
    return see_other(request, "accounts.bulk.show", run_id=run.id)


@router.get("/{run_id:int}", name="accounts.bulk.show")
def show_bulk(
    request: Request, run_id: int, session: DbSession, viewer: CurrentViewer, registry: AppRegistry, now: Now
) -> Response:
    run = get_run(session, viewer, run_id)
    if run.state is BulkState.CHOSEN:
        return _preview(request, session, viewer, registry, run)
    busy = run.state in (BulkState.RUNNING, BulkState.UNDOING)
    if wants_fragment(request) and not busy:
        return go_to(request, path_for(request, "accounts.bulk.show", run_id=run.id))  # it has ended: the whole page
    action = next(one for one in registry.bulk_actions if one.key == run.action)
    return page(
        request,
        "accounts/bulk/result.html",
        "accounts/bulk/_progress.html",
        run=run,
        action=action,
        said=action.say(session, run.values),
        busy=busy,
        counts=counts_of(session, run),
        refused=[] if busy else lines_of(session, viewer, run, ItemState.REFUSED),
        kept=[] if busy else lines_of(session, viewer, run, ItemState.KEPT),
        partly=[] if busy else lines_of(session, viewer, run, ItemState.UNDONE),
        can_undo=service.can_undo(registry, run),
        back_href=_back(request, run),
    )


@router.post("/{run_id:int}", name="accounts.bulk.start")
def start_bulk(
    request: Request,
    run_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    registry: AppRegistry,
    now: Now,
    sent: Sent,
) -> Response:
    run = get_run(session, viewer, run_id)
    action = service.action_of(registry, viewer, run.action)
    try:
        values = action.read(session, viewer, sent)
    except Invalid as wrong:
        raw = {name: said[-1] for name, said in sent.items()}
        return _preview(request, session, viewer, registry, run, raw=raw, problem=wrong.sentence)
    service.start(session, registry, viewer, run, values)
    return see_other(request, "accounts.bulk.show", run_id=run.id)


@router.post("/{run_id:int}/undo", name="accounts.bulk.undo")
def undo_bulk(
    request: Request,
    run_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    registry: AppRegistry,
    sent: NothingSubmitted,
) -> Response:
    run = get_run(session, viewer, run_id)
    service.undo_all(session, registry, viewer, run)
    return see_other(request, "accounts.bulk.show", run_id=run.id)


def _back(request: Request, run: BulkRun) -> str:
    path = path_for(request, "accounts.list")
    return f"{path}?{run.back}" if run.back else path


def _preview(
    request: Request,
    session: Session,
    viewer: Viewer,
    registry: Registry,
    run: BulkRun,
    *,
    raw: dict[str, Any] | None = None,
    problem: Text | None = None,
) -> Response:
    action: BulkAction = service.action_of(registry, viewer, run.action)
    return page(
        request,
        "accounts/bulk/preview.html",
        status=422 if problem else 200,
        run=run,
        action=action,
        chosen=look_at(session, viewer, run, action),
        at_once=service.AT_ONCE,
        back_href=_back(request, run),
        raw=raw or {},
        errors={"form": problem} if problem else {},
        title=text(action.title),
        **action.choices(session, viewer),
    )
