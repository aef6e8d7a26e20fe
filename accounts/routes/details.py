"""A new account; its name and details, stage, own fields."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from accounts import service
from accounts.colleagues import colleague, colleagues
from accounts.deps import AccountInScope
from accounts.forms import (
    DetailsForm,
    DetailsSubmitted,
    NewAccountSubmitted,
    OwnValueForm,
    OwnValueSubmitted,
    StageForm,
    StageSubmitted,
)
from accounts.models import Account, OwnField, OwnFieldKind
from accounts.models.account import STAGE_TITLES, TIER_TITLES
from accounts.own.queries import get_own_field, own_value
from accounts.own.taking_back import remember_value
from accounts.reversals import stage_said, tier_said
from accounts.rights import ensure_may_change, hands_on
from accounts.routes._forms import Edited, attempt, begin_edit, form_again, offering_undo, show_form, to_account
from crm import undo
from crm.config import get_settings
from crm.errors import Forbidden
from crm.identity.deps import CurrentViewer, refuse_unless
from crm.text import N_, Text, text
from crm.viewer import Capability, Viewer
from crm.web.session import DbSession, Now

router = APIRouter()

NEW = ("accounts/forms/account.html", text(N_("New account")))


@router.get("/accounts/new", name="accounts.new")
def new_account(request: Request, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    refuse_unless(viewer, Capability.IMPORT)
    return show_form(request, *NEW, colleagues=colleagues(session))


@router.post("/accounts", name="accounts.create")
def create_account(
    request: Request, session: DbSession, viewer: CurrentViewer, now: Now, sent: NewAccountSubmitted
) -> Response:
    refuse_unless(viewer, Capability.IMPORT)
    made: list[Account] = []
    refused = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: made.append(
                service.create_account(
                    session,
                    viewer,
                    name=form.name,
                    tier=form.tier,
                    stage=form.stage,
                    owner=colleague(session, form.owner) if form.owner else None,
                    domain=form.domain,
                    currency=get_settings().currency,
                )
            ),
        )
    if refused is not None:
        return form_again(request, *NEW, refused, colleagues=colleagues(session))
    return to_account(request, made[0])


def _details_title(account: Account) -> Text:
    return text(N_("Details of %(account)s"), account=account.name)


def _words(name: str, value: str) -> Text | str:
    """Tiers and stages by their names."""
    tiers = {tier.value: title for tier, title in TIER_TITLES.items()}
    stages = {stage.value: title for stage, title in STAGE_TITLES.items()}
    titles = {"tier": tiers, "stage": stages}.get(name, {})
    return text(titles[value]) if value in titles else value


def _details(account: Account) -> Edited:
    return Edited(
        account,
        {
            "name": (N_("Name of the company"), account.name),
            "tier": (N_("Tier"), account.tier.value),
            "domain": (N_("Web domain"), account.domain or ""),
            "country": (N_("Country"), account.country or ""),
            "language": (N_("Language"), account.language or ""),
            "industry": (N_("Industry"), account.industry or ""),
        },
        _words,
    )


@router.get("/accounts/{account_id:int}/details", name="accounts.details.edit")
def edit_details(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change(session, viewer, account)
    form, title = "accounts/forms/details.html", _details_title(account)
    return show_form(request, form, title, account=account, edited=_details(account))


@router.post("/accounts/{account_id:int}/details", name="accounts.details.update")
def update_details(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: DetailsSubmitted,
) -> Response:
    ensure_may_change(session, viewer, account)
    begin_edit(session, account)
    edited, tier = _details(account), tier_said(account)
    sent = edited.settle(DetailsForm, sent)
    refused = sent if sent.form is None else None
    if (form := sent.form) is not None:

        def change() -> None:
            service.change_details(
                session,
                viewer,
                account,
                name=form.name,
                domain=form.domain,
                country=form.country.upper() if form.country else None,
                language=form.language,
                industry=form.industry,
                version=form.version,
            )
            service.set_tier(session, viewer, account, form.tier)

        refused = attempt(session, sent, change)
    if refused is not None:
        page, title = "accounts/forms/details.html", _details_title(account)
        return form_again(request, page, title, refused, account=account, edited=edited)
    answer = to_account(request, account)
    if tier == tier_said(account):
        return answer
    said = text(N_("%(account)s: tier changed."), account=account.name)
    entry = undo.remember(session, viewer, "account.tier", account.id, before=tier, after=tier_said(account), said=said)
    return offering_undo(request, answer, entry)


def _stage_title(account: Account) -> Text:
    return text(N_("Stage of %(account)s"), account=account.name)


def _stage(account: Account) -> Edited:
    return Edited(account, {"stage": (N_("Stage"), account.stage.value)}, _words)


@router.get("/accounts/{account_id:int}/stage", name="accounts.stage.edit")
def edit_stage(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change(session, viewer, account)
    form, title = "accounts/forms/stage.html", _stage_title(account)
    return show_form(request, form, title, account=account, edited=_stage(account))


@router.post("/accounts/{account_id:int}/stage", name="accounts.stage.update")
def update_stage(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: StageSubmitted,
) -> Response:
    ensure_may_change(session, viewer, account)
    begin_edit(session, account)
    edited, before = _stage(account), stage_said(account)
    sent = edited.settle(StageForm, sent)
    refused = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: service.change_stage(session, viewer, account, form.stage, on=form.on, reason=form.reason),
        )
    if refused is not None:
        page, title = "accounts/forms/stage.html", _stage_title(account)
        return form_again(request, page, title, refused, account=account, edited=edited)
    said = text(N_("%(account)s: stage changed."), account=account.name)
    entry = undo.remember(
        session, viewer, "account.stage", account.id, before=before, after=stage_said(account), said=said
    )
    return offering_undo(request, to_account(request, account), entry)


def _field_in_reach(session: Session, viewer: Viewer, account: Account, field_id: int) -> OwnField:
    """Amounts of own fields are for those who read the account's amounts."""
    own = get_own_field(session, field_id)
    if own.kind is OwnFieldKind.MONEY and not hands_on(session, viewer, account).may_read_money:
        raise Forbidden(N_("Amounts are not for your role; ask the account's owner or a manager."))
    return own


def _own(account: Account, own: OwnField, current: str) -> Edited:
    return Edited(account, {"value": (own.title, current)})


@router.get("/accounts/{account_id:int}/own/{field_id:int}", name="accounts.own.edit")
def edit_own_value(
    request: Request, account: AccountInScope, field_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change(session, viewer, account)
    own = _field_in_reach(session, viewer, account, field_id)
    current = own_value(session, account, own)
    return show_form(
        request,
        "accounts/forms/own.html",
        text("%(field)s", field=own.title),
        account=account,
        edited=_own(account, own, current),
        own=own,
        current=current,
    )


@router.post("/accounts/{account_id:int}/own/{field_id:int}", name="accounts.own.update")
def update_own_value(
    request: Request,
    account: AccountInScope,
    field_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: OwnValueSubmitted,
) -> Response:
    ensure_may_change(session, viewer, account)
    own = _field_in_reach(session, viewer, account, field_id)
    begin_edit(session, account)
    before = own_value(session, account, own)
    edited = _own(account, own, before)
    sent = edited.settle(OwnValueForm, sent)
    refused = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(session, sent, lambda: service.set_own_value(session, viewer, account, own, form.value))
    if refused is not None:
        return form_again(
            request,
            "accounts/forms/own.html",
            text("%(field)s", field=own.title),
            refused,
            account=account,
            edited=edited,
            own=own,
            current="",
        )
    session.flush()
    if (after := own_value(session, account, own)) == before:
        return to_account(request, account)
    entry = remember_value(session, viewer, account, own, before, after)
    return offering_undo(request, to_account(request, account), entry)
