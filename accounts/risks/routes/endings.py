"""What ends: a step, a help, the risk itself; and what takes that back."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from accounts.forms import NothingSubmitted
from accounts.models import Account
from accounts.risks import service
from accounts.risks.forms import ClosingSubmitted, OutcomeSubmitted
from accounts.risks.models import CLOSED
from accounts.risks.queries import get_risk
from accounts.risks.routes._shown import to_risk
from accounts.routes._forms import attempt, form_again, show_form
from crm.identity.deps import CurrentViewer
from crm.text import N_, Text, text
from crm.web.forms import Submitted
from crm.web.session import DbSession, Now

router = APIRouter()

CLOSING = "accounts/forms/risk_closing.html"


@router.post("/risks/{risk_id:int}/step-done", name="risks.step.complete")
def complete_step(
    request: Request, risk_id: int, session: DbSession, viewer: CurrentViewer, now: Now, sent: OutcomeSubmitted
) -> Response:
    account, risk = get_risk(session, viewer, risk_id)
    service.finish_step(session, viewer, account, risk, outcome=_outcome(sent))
    return to_risk(request, risk)


@router.post("/risks/{risk_id:int}/help-given", name="risks.help.complete")
def complete_help(
    request: Request, risk_id: int, session: DbSession, viewer: CurrentViewer, now: Now, sent: OutcomeSubmitted
) -> Response:
    account, risk = get_risk(session, viewer, risk_id)
    service.give_help(session, viewer, account, risk, outcome=_outcome(sent))
    return to_risk(request, risk)


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
    return to_risk(request, risk)


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
    return to_risk(request, risk)
