"""Risks: the review that a meeting is run from, one risk, and its forms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlmodel import Session

from accounts.colleagues import colleague, colleagues
from accounts.days import split_day
from accounts.deps import AccountInScope
from accounts.forms import NothingSubmitted
from accounts.listing.page import SCOPE_TITLES
from accounts.listing.query import Scope
from accounts.models import Account
from accounts.money import major, minor_of
from accounts.pulse.queries import current_pulses
from accounts.rights import ensure_may_change, hands_on
from accounts.risks import review, service
from accounts.risks.forms import Cell, CellSubmitted, ClosingSubmitted, OutcomeSubmitted, RiskForm, RiskSubmitted
from accounts.risks.models import CLOSED, REASON_TITLES, STATUS_TITLES, Risk
from accounts.risks.queries import events_of, events_since, get_risk, people_named
from accounts.risks.review import RiskQuery, RiskRow
from accounts.risks.words import event_words, people_in
from accounts.routes._forms import attempt, form_again, show_form
from crm import clock
from crm.config import get_settings
from crm.csv_io import csv_lines
from crm.db import Database
from crm.errors import NotFound
from crm.i18n.write import Writer
from crm.identity.deps import CurrentViewer, refuse_unless
from crm.text import N_, Text, text
from crm.viewer import Capability, Viewer
from crm.web.forms import Submitted
from crm.web.htmx import target_id, wants_fragment
from crm.web.pages import go_to, page, path_for, see_other, writer_of
from crm.web.routes import closed_path
from crm.web.session import AppRegistry, DbSession, Now

router = APIRouter()

FORM, CLOSING = "accounts/forms/risk.html", "accounts/forms/risk_closing.html"
CELL, CELL_FORM = "accounts/risks/_cell.html", "accounts/risks/_cell_form.html"
FILE_CHUNK = 1_000

STANDS_TITLES = (
    ("", N_("open and accepted")),
    ("open", N_("open")),
    ("accepted", N_("accepted")),
    ("closed", N_("closed")),
    ("any", N_("any")),
)
DUE_TITLES = (
    ("", N_("any")),
    ("late", N_("late")),
    ("week", N_("within 7 days")),
    ("none", N_("nothing planned")),
)
CHANGE_TITLES = (
    ("", N_("any")),
    ("new", N_("new this week")),
    ("moved", N_("changed this week")),
    ("closed", N_("closed this week")),
    ("all", N_("anything")),
)
HELP_TITLES = (("", N_("any")), ("any", N_("needed")), ("mine", N_("needed from me")))


@dataclass(frozen=True)
class ReviewedRisk:
    """A line of the review: the risk, the account around it, and what changed since last week."""

    row: RiskRow
    band: str | None
    pulse: Any
    changes: list[Text]


@router.get("/risks", name="risks.index")
def review_risks(
    request: Request, session: DbSession, viewer: CurrentViewer, registry: AppRegistry, now: Now
) -> Response:
    query = review.read_query(request.query_params, viewer)
    found = review.read_page(session, viewer, query)
    path = path_for(request, "risks.index")
    sums = review.read_sums(session, viewer, query)
    headers = {"HX-Push-Url": query.address(path, after=query.after, before=query.before)}
    return page(
        request,
        "accounts/risks/review.html",
        "accounts/risks/_review.html",
        headers=headers if wants_fragment(request) else None,
        query=query,
        path=path,
        lines=_lines(session, viewer, registry, found.rows),
        sums=sums,
        currency=get_settings().currency,
        tabs=_tabs(query, path, viewer),
        previous=query.address(path, before=found.previous) if found.previous else None,
        next=query.address(path, after=found.next) if found.next else None,
        suffix=_suffix(query),
        reasons=REASON_TITLES,
        stands=STANDS_TITLES,
        dues=DUE_TITLES,
        changes=CHANGE_TITLES,
        helps=HELP_TITLES,
        people=colleagues(session),
        teams=review.teams(session),
        today=clock.today(),
    )


def _lines(session: Session, viewer: Viewer, registry: Any, rows: tuple[RiskRow, ...]) -> list[ReviewedRisk]:
    """Four statements more, however many lines."""
    ids = [row.account_id for row in rows]
    bands = registry.bands.now(session, ids) if registry.bands else {}
    pulses = current_pulses(session, ids)
    events = events_since(session, viewer, [row.risk.id for row in rows], review.since_last_week())
    names = people_named(session, people_in([one.event for found in events.values() for one in found]))
    return [
        ReviewedRisk(
            row,
            bands.get(row.account_id),
            pulses.get(row.account_id),
            [
                said
                for one in events.get(row.risk.id, ())
                for said in event_words(one.event, row.currency, names, with_money=row.reads_money)
            ],
        )
        for row in rows
    ]


def _tabs(query: RiskQuery, path: str, viewer: Viewer) -> list[tuple[Text, str, bool]]:
    return [
        (
            text(SCOPE_TITLES[scope]),
            query.address(path, scope="" if scope is query.default_scope else scope.value),
            scope is query.scope,
        )
        for scope in Scope
        if scope is not Scope.TEAM or viewer.team_id is not None
    ]


def _suffix(query: RiskQuery) -> str:
    """What a risk's own address carries, so that next and previous walk the same view."""
    return query.address("")


COLUMNS = (
    N_("Account"),
    N_("Reason"),
    N_("Status"),
    N_("In words"),
    N_("ARR at risk"),
    N_("Currency"),
    N_("Since"),
    N_("Owner"),
    N_("Next step"),
    N_("Next step due"),
    N_("Help needed"),
    N_("Help from"),
    N_("Account owner"),
    N_("Decides by"),
    N_("Closed on"),
    N_("Outcome"),
)


@router.get("/risks.csv", name="risks.csv")
def export_risks(request: Request, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    """Every row of the review as a file; the reader's filters and order hold."""
    refuse_unless(viewer, Capability.EXPORT)
    query = review.read_query(request.query_params, viewer)
    write = writer_of(request)
    database: Database = request.app.state.database
    return StreamingResponse(
        csv_lines([write.translations.gettext(title) for title in COLUMNS], _cells(database, viewer, query, write)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="risks-{clock.today().isoformat()}.csv"'},
    )


def _cells(database: Database, viewer: Viewer, query: RiskQuery, write: Writer) -> Iterator[list[object]]:
    """In a transaction of its own: the request's ends before the file is sent."""
    with database.reading() as session:
        for row in review.all_rows(session, viewer, query, FILE_CHUNK):
            risk = row.risk
            yield [
                row.account_name,
                write(text(REASON_TITLES[risk.reason])),
                write(text(STATUS_TITLES[risk.status])),
                risk.words,
                None if row.arr_minor is None else major(row.arr_minor, row.currency),
                row.currency if row.reads_money else None,
                risk.since_on,
                row.owner,
                risk.next_step,
                risk.next_on,
                risk.help_needed,
                row.help_from,
                row.account_owner,
                row.decides_on,
                risk.closed_on,
                risk.outcome,
            ]


# --- one risk --------------------------------------------------------------------------------------------------------


@router.get("/risks/{risk_id:int}", name="risks.show")
def show_risk(
    request: Request, risk_id: int, session: DbSession, viewer: CurrentViewer, registry: AppRegistry, now: Now
) -> Response:
    """With its neighbours in the view one came from, so that a meeting goes from one to the next."""
    account, risk = get_risk(session, viewer, risk_id)
    query = review.read_query(request.query_params, viewer)
    place = review.beside(session, viewer, query, risk.id)
    (line,) = _lines(session, viewer, registry, (place.row,))
    events = events_of(session, risk.id)
    names = people_named(session, people_in([one.event for one in events]))
    money = place.row.reads_money
    suffix = _suffix(query)
    return page(
        request,
        "accounts/risks/show.html",
        account=account,
        risk=risk,
        line=line,
        row=place.row,
        history=[(one, event_words(one.event, account.currency, names, with_money=money)) for one in events],
        previous_href=path_for(request, "risks.show", risk_id=place.previous_id) + suffix
        if place.previous_id
        else None,
        next_href=path_for(request, "risks.show", risk_id=place.next_id) + suffix if place.next_id else None,
        list_href=path_for(request, "risks.index") + suffix,
        here_href=path_for(request, "risks.show", risk_id=risk.id) + suffix,
        today=clock.today(),
    )


@router.get("/accounts/{account_id:int}/risks/new", name="risks.new")
def new_risk(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change(session, viewer, account)
    return show_form(request, FORM, _new_title(account), account=account, **_around(session, viewer, account, None))


@router.post("/accounts/{account_id:int}/risks", name="risks.create")
def create_risk(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: RiskSubmitted,
) -> Response:
    ensure_may_change(session, viewer, account)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session, sent, lambda: service.open_risk(session, viewer, account, **_given(session, account, form))
        )
    if refused is not None:
        around = _around(session, viewer, account, None)
        return form_again(request, FORM, _new_title(account), refused, account=account, **around)
    return see_other(request, "accounts.show", account_id=account.id)


@router.get("/risks/{risk_id:int}/edit", name="risks.edit")
def edit_risk(request: Request, risk_id: int, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    account, risk = get_risk(session, viewer, risk_id)
    service.ensure_may_work_on(session, viewer, account, risk)
    return show_form(request, FORM, _title(account), account=account, **_around(session, viewer, account, risk))


@router.post("/risks/{risk_id:int}", name="risks.update")
def update_risk(
    request: Request, risk_id: int, session: DbSession, viewer: CurrentViewer, now: Now, sent: RiskSubmitted
) -> Response:
    account, risk = get_risk(session, viewer, risk_id)
    service.ensure_may_work_on(session, viewer, account, risk)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        given = _given(session, account, form)
        if not hands_on(session, viewer, account).may_read_money:
            given.pop("arr_minor")
        refused = attempt(
            session,
            sent,
            lambda: service.change_risk(
                session, viewer, account, risk, version=form.version, status=form.status, **given
            ),
        )
    if refused is not None:
        around = _around(session, viewer, account, risk)
        return form_again(request, FORM, _title(account), refused, account=account, **around)
    return _back(request, risk)


def _given(session: Session, account: Account, form: RiskForm) -> dict[str, Any]:
    return {
        "reason": form.reason,
        "words": form.words,
        "arr_minor": None if form.amount is None else minor_of(form.amount, account.currency),
        "since_on": form.since_on,
        "owner": colleague(session, form.owner) if form.owner else None,
        "next_step": form.next_step,
        "next_on": form.next_on,
        "help_needed": form.help_needed,
        "help_from": colleague(session, form.help_from) if form.help_from else None,
    }


def _around(session: Session, viewer: Viewer, account: Account, risk: Risk | None) -> dict[str, Any]:
    """What the form needs besides what was typed."""
    return {
        "risk": risk,
        "hands": hands_on(session, viewer, account),
        "people": colleagues(session),
        "reasons": REASON_TITLES,
        "amount": _written(risk.arr_minor if risk else account.arr_minor, account.currency),
    }


def _written(minor: int | None, currency: str) -> str:
    return "" if minor is None else f"{major(minor, currency):g}" if minor < 10**8 else str(major(minor, currency))


def _new_title(account: Account) -> Text:
    return text(N_("New risk at %(account)s"), account=account.name)


def _title(account: Account) -> Text:
    return text(N_("Risk at %(account)s"), account=account.name)


# --- edited where it stands ------------------------------------------------------------------------------------------


@router.get("/risks/{risk_id:int}/cells/{field}", name="risks.cells.edit")
def edit_cell(
    request: Request,
    risk_id: int,
    field: str,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    cancel: bool = False,
) -> Response:
    account, risk = get_risk(session, viewer, risk_id)
    cell = _cell(field)
    if cancel and _in_cell(request):
        return _shown_cell(request, session, viewer, account, risk, cell)
    service.ensure_may_work_on(session, viewer, account, risk)
    return page(
        request,
        "accounts/form.html",
        CELL_FORM if _in_cell(request) else "accounts/_drawer.html",
        form=CELL_FORM,
        title=_title(account),
        **_cell_values(session, viewer, account, risk, cell),
        raw={},
        errors={},
    )


@router.post("/risks/{risk_id:int}/cells/{field}", name="risks.cells.update")
def update_cell(
    request: Request,
    risk_id: int,
    field: str,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: CellSubmitted,
) -> Response:
    account, risk = get_risk(session, viewer, risk_id)
    cell = _cell(field)
    service.ensure_may_work_on(session, viewer, account, risk)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        given: dict[str, Any]
        match cell:
            case Cell.STEP:
                step, day = split_day(form.step, clock.today())
                given = {"next_step": step, "next_on": (day or risk.next_on) if step else None}
            case Cell.AMOUNT:
                given = {"arr_minor": None if form.amount is None else minor_of(form.amount, account.currency)}
            case Cell.OWNER:
                given = {"owner": colleague(session, form.owner) if form.owner else None}
            case Cell.HELP:
                helper = colleague(session, form.help_from) if form.help_from and form.help else None
                given = {"help_needed": form.help, "help_from": helper}
        refused = attempt(session, sent, lambda: service.change_risk(session, viewer, account, risk, **given))
    if refused is not None:
        return page(
            request,
            "accounts/form.html",
            CELL_FORM,
            status=422,
            form=CELL_FORM,
            title=_title(account),
            **_cell_values(session, viewer, account, risk, cell),
            raw=refused.raw,
            errors=refused.errors,
        )
    if _in_cell(request):
        return _shown_cell(request, session, viewer, account, risk, cell)
    return _back(request, risk)


def _cell(field: str) -> Cell:
    if field not in list(Cell):
        raise NotFound(N_("There is no such part of this page."))
    return Cell(field)


def _in_cell(request: Request) -> bool:
    return wants_fragment(request) and (target_id(request) or "").startswith("risk-")


def _cell_values(session: Session, viewer: Viewer, account: Account, risk: Risk, cell: Cell) -> dict[str, Any]:
    place = review.beside(session, viewer, review.read_query({}, viewer), risk.id)
    return {
        "account": account,
        "row": place.row,
        "field": cell.value,
        "people": colleagues(session),
        "amount": _written(place.row.arr_minor, account.currency),
        "today": clock.today(),
    }


def _shown_cell(
    request: Request, session: Session, viewer: Viewer, account: Account, risk: Risk, cell: Cell
) -> Response:
    session.flush()
    return page(request, CELL, CELL, **_cell_values(session, viewer, account, risk, cell))


# --- what ends ------------------------------------------------------------------------------------------------------


@router.post("/risks/{risk_id:int}/step-done", name="risks.step.complete")
def complete_step(
    request: Request, risk_id: int, session: DbSession, viewer: CurrentViewer, now: Now, sent: OutcomeSubmitted
) -> Response:
    account, risk = get_risk(session, viewer, risk_id)
    service.finish_step(session, viewer, account, risk, outcome=_outcome(sent))
    return _back(request, risk)


@router.post("/risks/{risk_id:int}/help-given", name="risks.help.complete")
def complete_help(
    request: Request, risk_id: int, session: DbSession, viewer: CurrentViewer, now: Now, sent: OutcomeSubmitted
) -> Response:
    account, risk = get_risk(session, viewer, risk_id)
    service.give_help(session, viewer, account, risk, outcome=_outcome(sent))
    return _back(request, risk)


def _outcome(sent: Submitted[Any]) -> str:
    return sent.form.outcome if sent.form else str(sent.raw.get("outcome", ""))[:300]


@router.get("/risks/{risk_id:int}/closing", name="risks.closings.new")
def new_closing(request: Request, risk_id: int, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    account, risk = get_risk(session, viewer, risk_id)
    service.ensure_may_work_on(session, viewer, account, risk)
    return show_form(request, CLOSING, _closing_title(account), account=account, risk=risk, endings=_endings())


@router.post("/risks/{risk_id:int}/closing", name="risks.closings.create")
def create_closing(
    request: Request, risk_id: int, session: DbSession, viewer: CurrentViewer, now: Now, sent: ClosingSubmitted
) -> Response:
    account, risk = get_risk(session, viewer, risk_id)
    service.ensure_may_work_on(session, viewer, account, risk)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: service.close_risk(
                session, viewer, account, risk, status=form.status, outcome=form.outcome, on=form.on
            ),
        )
    if refused is not None:
        title = _closing_title(account)
        return form_again(request, CLOSING, title, refused, account=account, risk=risk, endings=_endings())
    return _back(request, risk)


def _closing_title(account: Account) -> Text:
    return text(N_("Close the risk at %(account)s"), account=account.name)


def _endings() -> list[tuple[str, str]]:
    hints = {"mitigated": N_("it is averted"), "happened": N_("what we feared came"), "mistaken": N_("there was none")}
    return [(status.value, hints[status.value]) for status in CLOSED]


@router.post("/risks/{risk_id:int}/reopening", name="risks.reopen")
def reopen_risk(
    request: Request, risk_id: int, session: DbSession, viewer: CurrentViewer, now: Now, sent: NothingSubmitted
) -> Response:
    account, risk = get_risk(session, viewer, risk_id)
    service.reopen_risk(session, viewer, account, risk)
    return _back(request, risk)


def _back(request: Request, risk: Risk) -> Response:
    """To the page on which the button stood, or to the risk."""
    back = closed_path(request.app, request.query_params.get("back"))
    return go_to(request, back) if back else see_other(request, "risks.show", risk_id=risk.id)
