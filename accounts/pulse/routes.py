"""The pulse of an account: set, taken back, looked back upon."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from accounts.deps import AccountInScope
from accounts.forms import NothingSubmitted
from accounts.listing.page import SCOPE_TITLES
from accounts.listing.query import Scope
from accounts.models import Account
from accounts.pulse import outcomes, service
from accounts.pulse.forms import PulseSubmitted
from accounts.pulse.models import JUDGED_AFTER_DAYS
from accounts.pulse.queries import current_pulse, get_pulse, pulses_of
from accounts.rights import ensure_may_change, hands_on
from accounts.routes._forms import attempt, telling
from accounts.routes.show import panel_answer
from crm import clock
from crm.identity.deps import CurrentViewer
from crm.text import N_, Text, text
from crm.viewer import Viewer
from crm.web.forms import Submitted
from crm.web.htmx import target_id, wants_fragment
from crm.web.pages import page, path_for, see_other
from crm.web.session import AppRegistry, DbSession, Now

router = APIRouter()

FORM, CELL_FORM, CELL = "accounts/forms/pulse.html", "accounts/cells/_pulse_form.html", "accounts/cells/_pulse.html"
HISTORY_SHOWN = 100
BECAME_TITLES = {
    outcomes.OVER: N_("90 days are over"),
    outcomes.CHURNED: N_("left"),
    outcomes.RENEWED: N_("renewed"),
    outcomes.SHRANK: N_("shrank"),
    outcomes.GREW: N_("grew"),
}


@router.get("/pulse", name="accounts.pulse.index")
def show_outcomes(
    request: Request, session: DbSession, viewer: CurrentViewer, registry: AppRegistry, now: Now
) -> Response:
    """What became of past pulses, by colour, and each of them."""
    query = outcomes.read_query(request.query_params, viewer)
    path = path_for(request, "accounts.pulse.index")
    found = outcomes.read_page(session, viewer, query, registry.bands)
    return page(
        request,
        "accounts/pulse/outcomes.html",
        query=query,
        path=path,
        tabs=_tabs(query, path, viewer),
        totals=outcomes.read_totals(session, viewer, query),
        rows=found.rows,
        next_href=query.address(path, after=found.next) if found.next else None,
        became_titles=BECAME_TITLES,
        today=clock.today(),
        days=JUDGED_AFTER_DAYS,
    )


def _tabs(query: outcomes.OutcomeQuery, path: str, viewer: Viewer) -> list[tuple[Text, str, bool]]:
    return [
        (
            text(SCOPE_TITLES[scope]),
            query.address(path, scope="" if scope is query.default_scope else scope.value),
            scope is query.scope,
        )
        for scope in Scope
        if scope is not Scope.TEAM or viewer.team_id is not None
    ]


@router.get("/accounts/{account_id:int}/pulse", name="accounts.pulse.show")
def show_pulse(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    registry: AppRegistry,
    now: Now,
) -> Response:
    """Every pulse of one account, and what became of each change of colour."""
    query = outcomes.OutcomeQuery(scope=Scope.ALL, account_id=account.id)
    became = {one.pulse_id: one for one in outcomes.read_page(session, viewer, query, registry.bands, 100).rows}
    return page(
        request,
        "accounts/pulse/show.html",
        account=account,
        hands=hands_on(session, viewer, account),
        pulses=pulses_of(session, account.id, limit=HISTORY_SHOWN),
        became=became,
        today=clock.today(),
        days=JUDGED_AFTER_DAYS,
        raw={},
        errors={},
    )


@router.get("/accounts/{account_id:int}/pulse/new", name="accounts.pulse.new")
def new_pulse(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    cancel: bool = False,
) -> Response:
    shown = current_pulse(session, account.id)
    if cancel and _in_cell(request):
        return _cell(request, account, shown)
    ensure_may_change(session, viewer, account)
    return page(
        request,
        "accounts/form.html",
        CELL_FORM if _in_cell(request) else "accounts/_drawer.html",
        form=FORM,
        title=_title(account),
        account=account,
        shown=shown,
        raw={},
        errors={},
    )


@router.post("/accounts/{account_id:int}/pulse", name="accounts.pulse.create")
def create_pulse(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: PulseSubmitted,
) -> Response:
    ensure_may_change(session, viewer, account)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: service.set_pulse(session, viewer, account, colour=form.colour, sentence=form.sentence),
        )
    if refused is not None:
        return _again(request, session, viewer, account, now, refused)
    if _in_cell(request):
        return _cell(request, account, current_pulse(session, account.id))
    return _after(request, session, viewer, account, now, text(N_("The pulse is set.")))


@router.post("/accounts/{account_id:int}/pulse/{pulse_id:int}/removal", name="accounts.pulse.remove")
def remove_pulse(
    request: Request,
    account: AccountInScope,
    pulse_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: NothingSubmitted,
) -> Response:
    service.take_back_pulse(session, viewer, account, get_pulse(session, account, pulse_id))
    return see_other(request, "accounts.pulse.show", account_id=account.id)


def _title(account: Account) -> Text:
    return text(N_("Pulse of %(account)s"), account=account.name)


def _in_cell(request: Request) -> bool:
    return wants_fragment(request) and (target_id(request) or "").startswith("pulse-")


def _in_panel(request: Request) -> bool:
    return wants_fragment(request) and target_id(request) == "panel-pulse"


def _cell(request: Request, account: Account, shown: Any) -> Response:
    pulse = shown.pulse if shown else None
    today = clock.today()
    stale, days = (pulse.is_stale(today), pulse.age_days(today)) if pulse else (False, 0)
    return page(request, CELL, CELL, account=account, value=pulse, stale=stale, days=days)


def _again(
    request: Request, session: Session, viewer: Viewer, account: Account, now: datetime, refused: Submitted[Any]
) -> Response:
    if _in_panel(request):
        return panel_answer(
            request, session, viewer, account, "pulse", now, status=422, raw=refused.raw, errors=refused.errors
        )
    return page(
        request,
        "accounts/form.html",
        CELL_FORM if _in_cell(request) else FORM,
        status=422,
        form=FORM,
        title=_title(account),
        account=account,
        shown=current_pulse(session, account.id),
        raw=refused.raw,
        errors=refused.errors,
    )


def _after(request: Request, session: Session, viewer: Viewer, account: Account, now: datetime, said: Text) -> Response:
    if _in_panel(request):
        answer = panel_answer(request, session, viewer, account, "pulse", now)
        return telling(request, answer, "health-changed", toast=said)
    return see_other(request, "accounts.show", account_id=account.id)
