"""Promises of an account: made, kept or broken."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from accounts.colleagues import colleague, colleagues
from accounts.deps import AccountInScope
from accounts.forms import NothingSubmitted
from accounts.models import Account
from accounts.panels.timeline import contacts_to_choose
from accounts.people.queries import contact_at
from accounts.promises import service
from accounts.promises.forms import PromiseForm, PromiseSubmitted, SettlingSubmitted
from accounts.promises.models import Promise
from accounts.promises.queries import get_promise
from accounts.rights import ensure_may_note
from accounts.routes._forms import attempt, form_again, show_form
from crm.identity.deps import CurrentViewer
from crm.text import N_, Text, text
from crm.viewer import Viewer
from crm.web.forms import Submitted
from crm.web.pages import see_other
from crm.web.session import DbSession, Now

router = APIRouter()

FORM, SETTLING = "accounts/forms/promise.html", "accounts/forms/promise_settling.html"


@router.get("/accounts/{account_id:int}/promises/new", name="promises.new")
def new_promise(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_note(viewer)
    return show_form(request, FORM, _new_title(account), account=account, **_around(session, viewer, account, None))


@router.post("/accounts/{account_id:int}/promises", name="promises.create")
def create_promise(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: PromiseSubmitted,
) -> Response:
    ensure_may_note(viewer)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session, sent, lambda: service.make_promise(session, viewer, account, **_given(session, account, form))
        )
    if refused is not None:
        around = _around(session, viewer, account, None)
        return form_again(request, FORM, _new_title(account), refused, account=account, **around)
    return _to_panel(request, account)


@router.get("/accounts/{account_id:int}/promises/{promise_id:int}/edit", name="promises.edit")
def edit_promise(
    request: Request, account: AccountInScope, promise_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    promise = get_promise(session, account, promise_id)
    service.ensure_may_settle(session, viewer, account, promise)
    return show_form(request, FORM, _title(account), account=account, **_around(session, viewer, account, promise))


@router.post("/accounts/{account_id:int}/promises/{promise_id:int}", name="promises.update")
def update_promise(
    request: Request,
    account: AccountInScope,
    promise_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: PromiseSubmitted,
) -> Response:
    promise = get_promise(session, account, promise_id)
    service.ensure_may_settle(session, viewer, account, promise)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        given = _given(session, account, form)
        refused = attempt(session, sent, lambda: service.change_promise(session, viewer, account, promise, **given))
    if refused is not None:
        around = _around(session, viewer, account, promise)
        return form_again(request, FORM, _title(account), refused, account=account, **around)
    return _to_panel(request, account)


@router.get("/accounts/{account_id:int}/promises/{promise_id:int}/settling", name="promises.settlings.new")
def new_settling(
    request: Request, account: AccountInScope, promise_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    promise = get_promise(session, account, promise_id)
    service.ensure_may_settle(session, viewer, account, promise)
    return show_form(request, SETTLING, text(N_("Was it kept?")), account=account, promise=promise)


@router.post("/accounts/{account_id:int}/promises/{promise_id:int}/settling", name="promises.settlings.create")
def create_settling(
    request: Request,
    account: AccountInScope,
    promise_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: SettlingSubmitted,
) -> Response:
    promise = get_promise(session, account, promise_id)
    service.ensure_may_settle(session, viewer, account, promise)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session, sent, lambda: service.settle_promise(session, viewer, account, promise, **form.model_dump())
        )
    if refused is not None:
        return form_again(request, SETTLING, text(N_("Was it kept?")), refused, account=account, promise=promise)
    return _to_panel(request, account)


@router.post("/accounts/{account_id:int}/promises/{promise_id:int}/reopening", name="promises.reopen")
def reopen_promise(
    request: Request,
    account: AccountInScope,
    promise_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: NothingSubmitted,
) -> Response:
    service.reopen_promise(session, viewer, account, get_promise(session, account, promise_id))
    return _to_panel(request, account)


def _given(session: Session, account: Account, form: PromiseForm) -> dict[str, Any]:
    return {
        "what": form.what,
        "due_on": form.due_on,
        "side": form.side,
        "promised_by": colleague(session, form.promised_by) if form.promised_by else None,
        "contact": contact_at(session, account, form.contact)[0] if form.contact else None,
        "promised_on": form.promised_on,
    }


def _around(session: Session, viewer: Viewer, account: Account, promise: Promise | None) -> dict[str, Any]:
    return {
        "promise": promise,
        "contacts": contacts_to_choose(session, account),
        "people": colleagues(session),
        "is_sales": viewer.role == "sales_representative",
    }


def _new_title(account: Account) -> Text:
    return text(N_("New promise to %(account)s"), account=account.name)


def _title(account: Account) -> Text:
    return text(N_("Promise to %(account)s"), account=account.name)


def _to_panel(request: Request, account: Account) -> Response:
    return see_other(request, "accounts.show", account_id=account.id)
