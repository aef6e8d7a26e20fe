"""In whose hands an account is: owner, cover, account team."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from accounts import service
from accounts.colleagues import colleague, colleagues
from accounts.deps import AccountInScope
from accounts.forms import (
    CoverChangeSubmitted,
    CoverSubmitted,
    MemberChangeSubmitted,
    MemberSubmitted,
    NothingSubmitted,
    OwnerForm,
    OwnerSubmitted,
)
from accounts.models import Account, AccountTeamMember, Cover
from accounts.reversals import owner_said
from accounts.rights import ensure_may_arrange, ensure_may_assign
from accounts.routes._forms import Edited, attempt, begin_edit, form_again, offering_undo, show_form, to_account
from crm import clock, undo
from crm.errors import NotFound
from crm.identity.deps import CurrentViewer
from crm.identity.models import User
from crm.text import N_, Text, text
from crm.web.session import DbSession, Now

router = APIRouter()

OWNER, COVER, MEMBER = "accounts/forms/owner.html", "accounts/forms/cover.html", "accounts/forms/member.html"
COVER_CHANGE, MEMBER_CHANGE = "accounts/forms/cover_change.html", "accounts/forms/member_change.html"


def _owner_title(account: Account) -> Text:
    return text(N_("Who owns %(account)s"), account=account.name)


def _owner(session: Session, account: Account) -> Edited:
    def name_of(_field: str, value: str) -> Text | str:
        return colleague(session, int(value)).name if value.isdecimal() else text(N_("nobody (pool)"))

    return Edited(account, {"owner": (N_("Owner"), str(account.owner_id or ""))}, name_of)


@router.get("/accounts/{account_id:int}/owner", name="accounts.owner.edit")
def edit_owner(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_assign(session, viewer, account)
    return show_form(
        request,
        OWNER,
        _owner_title(account),
        account=account,
        edited=_owner(session, account),
        colleagues=colleagues(session),
    )


@router.post("/accounts/{account_id:int}/owner", name="accounts.owner.update")
def update_owner(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: OwnerSubmitted,
) -> Response:
    ensure_may_assign(session, viewer, account)
    begin_edit(session, account)
    edited, before = _owner(session, account), owner_said(account)
    sent = edited.settle(OwnerForm, sent)
    refused: Any = sent if sent.form is None else None
    if (form := sent.form) is not None:
        owner = colleague(session, form.owner) if form.owner else None
        refused = attempt(
            session,
            sent,
            lambda: service.assign_owner(session, viewer, account, owner, on=form.on, reason=form.reason),
        )
    if refused is not None:
        return form_again(
            request,
            OWNER,
            _owner_title(account),
            refused,
            account=account,
            edited=edited,
            colleagues=colleagues(session),
        )
    said = text(N_("%(account)s has another owner."), account=account.name)
    entry = undo.remember(
        session, viewer, "account.owner", account.id, before=before, after=owner_said(account), said=said
    )
    return offering_undo(request, to_account(request, account), entry)


def _cover_title(account: Account) -> Text:
    return text(N_("Cover for %(account)s"), account=account.name)


@router.get("/accounts/{account_id:int}/covers/new", name="accounts.covers.new")
def new_cover(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_arrange(session, viewer, account)
    return show_form(request, COVER, _cover_title(account), account=account, colleagues=colleagues(session))


@router.post("/accounts/{account_id:int}/covers", name="accounts.covers.create")
def create_cover(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: CoverSubmitted,
) -> Response:
    ensure_may_arrange(session, viewer, account)
    refused: Any = sent if sent.form is None else None
    if (form := sent.form) is not None:
        user = colleague(session, form.user)
        refused = attempt(
            session,
            sent,
            lambda: service.add_cover(
                session, viewer, account, user, from_on=form.from_on, to_on=form.to_on, reason=form.reason
            ),
        )
    if refused is not None:
        return form_again(
            request, COVER, _cover_title(account), refused, account=account, colleagues=colleagues(session)
        )
    return to_account(request, account)


@router.get("/accounts/{account_id:int}/covers/{cover_id:int}", name="accounts.covers.edit")
def edit_cover(
    request: Request, account: AccountInScope, cover_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_arrange(session, viewer, account)
    cover = _cover(session, account, cover_id)
    who = session.get_one(User, cover.user_id).name
    return show_form(request, COVER_CHANGE, _cover_title(account), account=account, cover=cover, who=who)


@router.post("/accounts/{account_id:int}/covers/{cover_id:int}", name="accounts.covers.update")
def update_cover(
    request: Request,
    account: AccountInScope,
    cover_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: CoverChangeSubmitted,
) -> Response:
    ensure_may_arrange(session, viewer, account)
    cover = _cover(session, account, cover_id)
    refused: Any = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: service.change_cover(
                session, viewer, account, cover, from_on=form.from_on, to_on=form.to_on, reason=form.reason
            ),
        )
    if refused is not None:
        who = session.get_one(User, cover.user_id).name
        title = _cover_title(account)
        return form_again(request, COVER_CHANGE, title, refused, account=account, cover=cover, who=who)
    return to_account(request, account)


def _cover(session: Session, account: Account, cover_id: int) -> Cover:
    cover = session.get(Cover, cover_id)
    if cover is None or cover.account_id != account.id:
        raise NotFound(N_("There is no such cover."))
    return cover


@router.post("/accounts/{account_id:int}/covers/{cover_id:int}/end", name="accounts.covers.end")
def end_cover(
    request: Request,
    account: AccountInScope,
    cover_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    sent: NothingSubmitted,
) -> Response:
    """Today is the last day of it."""
    cover = _cover(session, account, cover_id)
    service.end_cover(session, viewer, account, cover, last_day=clock.today())
    return to_account(request, account)


def _member_title(account: Account) -> Text:
    return text(N_("Account team of %(account)s"), account=account.name)


@router.get("/accounts/{account_id:int}/team/new", name="accounts.members.new")
def new_member(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_arrange(session, viewer, account)
    return show_form(request, MEMBER, _member_title(account), account=account, colleagues=colleagues(session))


@router.post("/accounts/{account_id:int}/team", name="accounts.members.create")
def create_member(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: MemberSubmitted,
) -> Response:
    ensure_may_arrange(session, viewer, account)
    refused: Any = sent if sent.form is None else None
    if (form := sent.form) is not None:
        user = colleague(session, form.user)
        refused = attempt(
            session,
            sent,
            lambda: service.add_team_member(session, viewer, account, user, form.role, from_on=form.from_on),
        )
    if refused is not None:
        return form_again(
            request, MEMBER, _member_title(account), refused, account=account, colleagues=colleagues(session)
        )
    return to_account(request, account)


@router.get("/accounts/{account_id:int}/team/{member_id:int}", name="accounts.members.edit")
def edit_member(
    request: Request, account: AccountInScope, member_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_arrange(session, viewer, account)
    member = _member(session, account, member_id)
    who = session.get_one(User, member.user_id).name
    return show_form(request, MEMBER_CHANGE, _member_title(account), account=account, member=member, who=who)


@router.post("/accounts/{account_id:int}/team/{member_id:int}", name="accounts.members.update")
def update_member(
    request: Request,
    account: AccountInScope,
    member_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: MemberChangeSubmitted,
) -> Response:
    ensure_may_arrange(session, viewer, account)
    member = _member(session, account, member_id)
    refused: Any = sent if sent.form is None else None
    if (form := sent.form) is not None:
        to_on = form.last_on + timedelta(days=1) if form.last_on else None
        refused = attempt(
            session,
            sent,
            lambda: service.change_team_member(
                session, viewer, account, member, role=form.role, from_on=form.from_on, to_on=to_on
            ),
        )
    if refused is not None:
        who = session.get_one(User, member.user_id).name
        title = _member_title(account)
        return form_again(request, MEMBER_CHANGE, title, refused, account=account, member=member, who=who)
    return to_account(request, account)


def _member(session: Session, account: Account, member_id: int) -> AccountTeamMember:
    member = session.get(AccountTeamMember, member_id)
    if member is None or member.account_id != account.id:
        raise NotFound(N_("There is no such member of the account team."))
    return member


@router.post("/accounts/{account_id:int}/team/{member_id:int}/end", name="accounts.members.end")
def end_member(
    request: Request,
    account: AccountInScope,
    member_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    sent: NothingSubmitted,
) -> Response:
    """From today on they are no longer on it."""
    member = _member(session, account, member_id)
    service.end_team_member(session, viewer, account, member, on=clock.today())
    return to_account(request, account)
