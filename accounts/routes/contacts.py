"""People at customers: added to an account, changed, given roles; each on a page of their own."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from accounts import service
from accounts.deps import AccountInScope
from accounts.forms import ContactChangeSubmitted, ContactSubmitted, NothingSubmitted, RoleSubmitted
from accounts.models import Account, Contact, ContactRole
from accounts.panels.people import people_of
from accounts.people import contact_at, get_contact, read_contact_page
from accounts.rights import ensure_may_change, hands_on
from accounts.routes._forms import attempt, form_again, show_form, to_account
from crm import clock
from crm.errors import NotFound
from crm.identity.deps import CurrentViewer
from crm.text import N_, Text, text
from crm.web.pages import page
from crm.web.session import DbSession, Now

router = APIRouter()

NEW, CHANGE, ROLE = "accounts/forms/contact.html", "accounts/forms/contact_change.html", "accounts/forms/role.html"


def _new_title(account: Account) -> Text:
    return text(N_("New contact at %(account)s"), account=account.name)


@router.get("/accounts/{account_id:int}/contacts", name="accounts.contacts.index")
def list_contacts(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    return page(
        request,
        "accounts/contacts.html",
        account=account,
        people=people_of(session, viewer, account.id, now, limit=500),
        hands=hands_on(session, viewer, account),
    )


@router.get("/accounts/{account_id:int}/contacts/new", name="accounts.contacts.new")
def new_contact(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change(session, viewer, account)
    return show_form(request, NEW, _new_title(account), account=account)


@router.post("/accounts/{account_id:int}/contacts", name="accounts.contacts.create")
def create_contact(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: ContactSubmitted,
) -> Response:
    ensure_may_change(session, viewer, account)
    refused: Any = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: service.add_contact(
                session,
                viewer,
                account,
                name=form.name,
                email=form.email,
                phone=form.phone,
                language=form.language,
                position=form.position,
                roles=form.roles,
            ),
        )
    if refused is not None:
        return form_again(request, NEW, _new_title(account), refused, account=account)
    return to_account(request, account)


@router.get("/accounts/{account_id:int}/contacts/{contact_id:int}", name="accounts.contacts.edit")
def edit_contact(
    request: Request, account: AccountInScope, contact_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change(session, viewer, account)
    contact, link = contact_at(session, account, contact_id)
    return show_form(request, CHANGE, text("%(name)s", name=contact.name), account=account, contact=contact, link=link)


@router.post("/accounts/{account_id:int}/contacts/{contact_id:int}", name="accounts.contacts.update")
def update_contact(
    request: Request,
    account: AccountInScope,
    contact_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: ContactChangeSubmitted,
) -> Response:
    ensure_may_change(session, viewer, account)
    contact, link = contact_at(session, account, contact_id)
    refused: Any = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: service.change_contact(
                session,
                viewer,
                account,
                contact,
                name=form.name,
                email=form.email,
                phone=form.phone,
                language=form.language,
                position=form.position,
            ),
        )
    if refused is not None:
        title = text("%(name)s", name=contact.name)
        return form_again(request, CHANGE, title, refused, account=account, contact=contact, link=link)
    return to_account(request, account)


@router.post("/accounts/{account_id:int}/contacts/{contact_id:int}/departure", name="accounts.contacts.leave")
def leave(
    request: Request,
    account: AccountInScope,
    contact_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    sent: NothingSubmitted,
) -> Response:
    contact, _ = contact_at(session, account, contact_id)
    service.contact_left(session, viewer, account, contact, on=clock.today())
    return to_account(request, account)


def _role_title(contact: Contact) -> Text:
    return text(N_("Role of %(contact)s"), contact=contact.name)


@router.get("/accounts/{account_id:int}/contacts/{contact_id:int}/roles/new", name="accounts.roles.new")
def new_role(
    request: Request, account: AccountInScope, contact_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change(session, viewer, account)
    contact, _ = contact_at(session, account, contact_id)
    return show_form(request, ROLE, _role_title(contact), account=account, contact=contact)


@router.post("/accounts/{account_id:int}/contacts/{contact_id:int}/roles", name="accounts.roles.create")
def create_role(
    request: Request,
    account: AccountInScope,
    contact_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: RoleSubmitted,
) -> Response:
    ensure_may_change(session, viewer, account)
    contact, _ = contact_at(session, account, contact_id)
    refused: Any = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: service.give_role(session, viewer, account, contact, form.role, from_on=form.from_on),
        )
    if refused is not None:
        return form_again(request, ROLE, _role_title(contact), refused, account=account, contact=contact)
    return to_account(request, account)


@router.post("/accounts/{account_id:int}/roles/{role_id:int}/end", name="accounts.roles.end")
def end_role(
    request: Request,
    account: AccountInScope,
    role_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    sent: NothingSubmitted,
) -> Response:
    """From today on they no longer have it."""
    role = session.get(ContactRole, role_id)
    if role is None or role.account_id != account.id:
        raise NotFound(N_("There is no such role."))
    service.end_role(session, viewer, account, role, on=max(clock.today(), role.from_on))
    return to_account(request, account)


@router.get("/contacts/{contact_id:int}", name="contacts.show")
def show_contact(request: Request, contact_id: int, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    contact = get_contact(session, viewer, contact_id)
    return page(
        request, "accounts/contact.html", contact=contact, shown=read_contact_page(session, viewer, contact, now)
    )
