"""Which company an account belongs to, said and taken back on the account's page."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field
from sqlmodel import col

from accounts.deps import AccountInScope
from accounts.family.service import set_parent
from accounts.forms import NothingSubmitted, sent_as
from accounts.models import Account
from accounts.people.queries import account_named, names_in_hands
from accounts.queries import visible_accounts
from accounts.rights import ensure_may_change
from accounts.routes._forms import attempt, form_again, show_form, to_account
from crm.identity.deps import CurrentViewer
from crm.text import N_, Text, text
from crm.web.forms import Form, Submitted
from crm.web.session import DbSession, Now

router = APIRouter()

PARENT = "accounts/family/_parent_form.html"


class ParentForm(Form):
    parent: Annotated[str, Field(min_length=1, max_length=200)]


ParentSubmitted = Annotated[Submitted[ParentForm], sent_as(ParentForm)]


def _title(account: Account) -> Text:
    return text(N_("Parent company of %(account)s"), account=account.name)


def _choices(session: DbSession, viewer: CurrentViewer, account: Account) -> dict[str, Any]:
    parent = None
    if account.parent_id is not None:
        parent = session.exec(visible_accounts(viewer).where(col(Account.id) == account.parent_id)).first()
    return {"names": [name for name in names_in_hands(session, viewer) if name != account.name], "parent": parent}


@router.get("/accounts/{account_id:int}/parent", name="accounts.parent.edit")
def edit_parent(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change(session, viewer, account)
    return show_form(request, PARENT, _title(account), account=account, **_choices(session, viewer, account))


@router.post("/accounts/{account_id:int}/parent", name="accounts.parent.update")
def update_parent(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: ParentSubmitted,
) -> Response:
    ensure_may_change(session, viewer, account)
    refused: Any = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: set_parent(session, viewer, account, account_named(session, viewer, form.parent)),
        )
    if refused is not None:
        choices = _choices(session, viewer, account)
        return form_again(request, PARENT, _title(account), refused, account=account, **choices)
    return to_account(request, account)


@router.post("/accounts/{account_id:int}/parent/removal", name="accounts.parent.remove")
def remove_parent(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    sent: NothingSubmitted,
) -> Response:
    set_parent(session, viewer, account, None)
    return to_account(request, account)
