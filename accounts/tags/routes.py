"""The tags of one account."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from accounts.deps import AccountInScope
from accounts.forms import TagsForm, TagsSubmitted
from accounts.models import Account
from accounts.rights import ensure_may_change
from accounts.routes._forms import Edited, attempt, begin_edit, form_again, offering_undo, show_form, to_account
from accounts.tags import service
from accounts.tags.queries import every_tag, tags_of
from accounts.tags.words import words_of
from crm import undo
from crm.identity.deps import CurrentViewer
from crm.text import N_, Text, text
from crm.web.session import DbSession, Now

router = APIRouter()

FORM = "accounts/tags/form.html"


def _title(account: Account) -> Text:
    return text(N_("Tags of %(account)s"), account=account.name)


@router.get("/accounts/{account_id:int}/tags", name="accounts.tags.edit")
def edit_tags(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change(session, viewer, account)
    has = tags_of(session, [account.id])[account.id]
    return show_form(
        request, FORM, _title(account), account=account, edited=_tags(account, has), has=has, known=every_tag(session)
    )


def _tags(account: Account, has: list[str]) -> Edited:
    return Edited(account, {"tags": (N_("Tags"), ", ".join(has))})


@router.post("/accounts/{account_id:int}/tags", name="accounts.tags.update")
def update_tags(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: TagsSubmitted,
) -> Response:
    ensure_may_change(session, viewer, account)
    begin_edit(session, account)
    before = tags_of(session, [account.id])[account.id]
    edited = _tags(account, before)
    sent = edited.settle(TagsForm, sent)
    refused = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(session, sent, lambda: service.set_tags(session, viewer, account, words_of(form.tags)))
    if refused is not None:
        return form_again(
            request,
            FORM,
            _title(account),
            refused,
            account=account,
            edited=edited,
            has=before,
            known=every_tag(session),
        )
    after = tags_of(session, [account.id])[account.id]
    if after == before:
        return to_account(request, account)
    said = text(N_("Tags of %(account)s: %(tags)s"), account=account.name, tags=", ".join(after) or "–")
    entry = undo.remember(session, viewer, "account.tags", account.id, before=before, after=after, said=said)
    return offering_undo(request, to_account(request, account), entry)
