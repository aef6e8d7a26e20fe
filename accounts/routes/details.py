"""A new account; its name and details, stage, own fields."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from accounts import service
from accounts.colleagues import colleague, colleagues
from accounts.deps import AccountInScope
from accounts.forms import DetailsSubmitted, NewAccountSubmitted, OwnValueSubmitted, StageSubmitted
from accounts.models import Account
from accounts.own import get_own_field, own_value
from accounts.rights import ensure_may_change
from accounts.routes._forms import attempt, form_again, show_form, to_account
from crm.config import get_settings
from crm.identity.deps import CurrentViewer, refuse_unless
from crm.text import N_, Text, text
from crm.viewer import Capability
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


@router.get("/accounts/{account_id:int}/details", name="accounts.details.edit")
def edit_details(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change(session, viewer, account)
    return show_form(request, "accounts/forms/details.html", _details_title(account), account=account)


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
        return form_again(request, "accounts/forms/details.html", _details_title(account), refused, account=account)
    return to_account(request, account)


def _stage_title(account: Account) -> Text:
    return text(N_("Stage of %(account)s"), account=account.name)


@router.get("/accounts/{account_id:int}/stage", name="accounts.stage.edit")
def edit_stage(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change(session, viewer, account)
    return show_form(request, "accounts/forms/stage.html", _stage_title(account), account=account)


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
    refused = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: service.change_stage(session, viewer, account, form.stage, on=form.on, reason=form.reason),
        )
    if refused is not None:
        return form_again(request, "accounts/forms/stage.html", _stage_title(account), refused, account=account)
    return to_account(request, account)


@router.get("/accounts/{account_id:int}/own/{field_id:int}", name="accounts.own.edit")
def edit_own_value(
    request: Request, account: AccountInScope, field_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change(session, viewer, account)
    own = get_own_field(session, field_id)
    return show_form(
        request,
        "accounts/forms/own.html",
        text("%(field)s", field=own.title),
        account=account,
        own=own,
        current=own_value(session, account, own),
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
    own = get_own_field(session, field_id)
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
            own=own,
            current="",
        )
    return to_account(request, account)
