"""One risk with its history, and its form."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from accounts.colleagues import colleague, colleagues
from accounts.deps import AccountInScope
from accounts.models import Account
from accounts.money import minor_of
from accounts.rights import ensure_may_change, hands_on
from accounts.risks import review, service
from accounts.risks.forms import RiskForm, RiskSubmitted
from accounts.risks.models import REASON_TITLES, Risk
from accounts.risks.queries import events_of, get_risk, people_named
from accounts.risks.routes._shown import amount_written, reviewed, suffix_of, title_of, to_risk
from accounts.risks.words import event_words, people_in
from accounts.routes._forms import attempt, form_again, show_form
from crm import clock
from crm.identity.deps import CurrentViewer
from crm.text import N_, Text, text
from crm.viewer import Viewer
from crm.web.forms import Submitted
from crm.web.pages import page, path_for, see_other
from crm.web.session import AppRegistry, DbSession, Now

router = APIRouter()

FORM = "accounts/forms/risk.html"


@router.get("/risks/{risk_id:int}", name="risks.show")
def show_risk(
    request: Request, risk_id: int, session: DbSession, viewer: CurrentViewer, registry: AppRegistry, now: Now
) -> Response:
    """With its neighbours in the view one came from, so that a meeting goes from one to the next."""
    account, risk = get_risk(session, viewer, risk_id)
    query = review.read_query(request.query_params, viewer)
    place = review.beside(session, viewer, query, risk.id)
    (line,) = reviewed(session, viewer, registry, (place.row,))
    events = events_of(session, risk.id)
    names = people_named(session, people_in([one.event for one in events]))
    money = place.row.reads_money
    suffix = suffix_of(query)
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
    return show_form(request, FORM, title_of(account), account=account, **_around(session, viewer, account, risk))


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
        return form_again(request, FORM, title_of(account), refused, account=account, **around)
    return to_risk(request, risk)


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
        "amount": amount_written(risk.arr_minor if risk else account.arr_minor, account.currency),
    }


def _new_title(account: Account) -> Text:
    return text(N_("New risk at %(account)s"), account=account.name)
