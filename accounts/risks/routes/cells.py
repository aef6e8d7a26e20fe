"""What is edited where it stands."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from accounts.colleagues import colleague, colleagues
from accounts.days import split_day
from accounts.models import Account
from accounts.money import minor_of
from accounts.risks import review, service
from accounts.risks.forms import Cell, CellSubmitted
from accounts.risks.models import Risk
from accounts.risks.queries import get_risk
from accounts.risks.routes._shown import amount_written, title_of, to_risk
from accounts.routes._forms import attempt
from crm import clock
from crm.errors import NotFound
from crm.identity.deps import CurrentViewer
from crm.text import N_
from crm.viewer import Viewer
from crm.web.forms import Submitted
from crm.web.htmx import target_id, wants_fragment
from crm.web.pages import page
from crm.web.session import DbSession, Now

router = APIRouter()

CELL, CELL_FORM = "accounts/risks/_cell.html", "accounts/risks/_cell_form.html"


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
        title=title_of(account),
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
            title=title_of(account),
            **_cell_values(session, viewer, account, risk, cell),
            raw=refused.raw,
            errors=refused.errors,
        )
    if _in_cell(request):
        return _shown_cell(request, session, viewer, account, risk, cell)
    return to_risk(request, risk)


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
        "amount": amount_written(place.row.arr_minor, account.currency),
        "today": clock.today(),
    }


def _shown_cell(
    request: Request, session: Session, viewer: Viewer, account: Account, risk: Risk, cell: Cell
) -> Response:
    session.flush()
    return page(request, CELL, CELL, **_cell_values(session, viewer, account, risk, cell))
