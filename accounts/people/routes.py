"""People at customers: everybody at an account and who knows whom, one person, who left, and who is one."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from accounts import service
from accounts.deps import AccountInScope
from accounts.finding import search_contacts
from accounts.forms import NothingSubmitted
from accounts.models import Contact
from accounts.panels.people import people_of
from accounts.people import merging
from accounts.people.duplicates import names_of_accounts, pairs_at, pairs_in_hands, pairs_with
from accounts.people.forms import AlsoAtSubmitted, DepartureSubmitted, MergeSubmitted
from accounts.people.leaving import correct_departure, leave, take_back_departure
from accounts.people.map import read_map
from accounts.people.queries import (
    account_named,
    contact_at,
    get_contact,
    get_merge,
    names_in_hands,
    people_who_left,
    read_contact_page,
    who_it_is,
)
from accounts.rights import ensure_may_change, hands_on
from accounts.routes._forms import attempt, form_again, show_form
from crm import clock
from crm.errors import Invalid
from crm.identity.deps import CurrentViewer, refuse_unless
from crm.text import N_, Text, text
from crm.viewer import Capability, Viewer
from crm.web.pages import page, see_other
from crm.web.session import DbSession, Now

router = APIRouter()

DEPARTURE, ALSO_AT = "accounts/people/_departure_form.html", "accounts/people/_also_at_form.html"
PAIRS, EVERYBODY, HITS = 50, 500, 20


@router.get("/accounts/{account_id:int}/contacts", name="accounts.contacts.index")
def list_contacts(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    people = people_of(session, viewer, account.id, now, limit=EVERYBODY)
    return page(
        request,
        "accounts/contacts.html",
        account=account,
        people=people,
        map=read_map(session, account, people, now),
        hands=hands_on(session, viewer, account),
        left=people_who_left(session, account),
        alike=pairs_at(session, viewer, account.id, limit=5).pairs,
    )


@router.get("/contacts/{contact_id:int}", name="contacts.show")
def show_contact(
    request: Request, contact_id: int, session: DbSession, viewer: CurrentViewer, now: Now, left: int | None = None
) -> Response:
    """``left``: the account they left a moment ago, so that it can be undone right here."""
    if (is_now := who_it_is(session, viewer, contact_id)) != contact_id:
        return see_other(request, "contacts.show", contact_id=is_now)
    contact = get_contact(session, viewer, contact_id)
    shown = read_contact_page(session, viewer, contact, now)
    just_left = next((one for one in shown.places if one.account.id == left and one.may_take_back), None)
    return page(
        request,
        "accounts/contact.html",
        contact=contact,
        shown=shown,
        just_left=just_left,
        alike=pairs_with(session, viewer, contact, limit=5).pairs,
    )


# --- at another account as well --------------------------------------------------------------------------------------


def _also_at_title(contact: Contact) -> Text:
    return text(N_("Another account of %(contact)s"), contact=contact.name)


@router.get("/contacts/{contact_id:int}/accounts/new", name="contacts.accounts.new")
def new_place(request: Request, contact_id: int, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    contact = get_contact(session, viewer, contact_id)
    refuse_unless(viewer, Capability.CHANGE_ACCOUNT)
    names = names_in_hands(session, viewer)
    return show_form(request, ALSO_AT, _also_at_title(contact), contact=contact, names=names)


@router.post("/contacts/{contact_id:int}/accounts", name="contacts.accounts.create")
def create_place(
    request: Request, contact_id: int, session: DbSession, viewer: CurrentViewer, now: Now, sent: AlsoAtSubmitted
) -> Response:
    """A person may work for several accounts; each has its own position, roles and days."""
    contact = get_contact(session, viewer, contact_id)
    refuse_unless(viewer, Capability.CHANGE_ACCOUNT)
    refused: Any = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: service.join_account(
                session,
                viewer,
                account_named(session, viewer, form.account),
                contact,
                position=form.position,
                roles=form.roles,
            ),
        )
    if refused is not None:
        names = names_in_hands(session, viewer)
        return form_again(request, ALSO_AT, _also_at_title(contact), refused, contact=contact, names=names)
    return see_other(request, "contacts.show", contact_id=contact.id)


# --- leaving ---------------------------------------------------------------------------------------------------------


@router.post("/accounts/{account_id:int}/contacts/{contact_id:int}/departure", name="accounts.contacts.leave")
def create_departure(
    request: Request,
    account: AccountInScope,
    contact_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    sent: NothingSubmitted,
) -> Response:
    """One click: today. Day and new employer may be said afterwards."""
    contact, _ = contact_at(session, account, contact_id)
    leave(session, viewer, account, contact, on=clock.today())
    return see_other(request, "contacts.show", query={"left": account.id}, contact_id=contact.id)


@router.post("/accounts/{account_id:int}/contacts/{contact_id:int}/departure/undo", name="accounts.departures.undo")
def undo_departure(
    request: Request,
    account: AccountInScope,
    contact_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    sent: NothingSubmitted,
) -> Response:
    contact, _ = contact_at(session, account, contact_id)
    take_back_departure(session, viewer, account, contact)
    return see_other(request, "contacts.show", contact_id=contact.id)


def _departure_title(contact: Contact) -> Text:
    return text(N_("%(contact)s left"), contact=contact.name)


@router.get("/accounts/{account_id:int}/contacts/{contact_id:int}/departure", name="accounts.departures.edit")
def edit_departure(
    request: Request, account: AccountInScope, contact_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change(session, viewer, account)
    contact, link = contact_at(session, account, contact_id)
    return show_form(request, DEPARTURE, _departure_title(contact), account=account, contact=contact, link=link)


@router.post(
    "/accounts/{account_id:int}/contacts/{contact_id:int}/departure/details", name="accounts.departures.update"
)
def update_departure(
    request: Request,
    account: AccountInScope,
    contact_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: DepartureSubmitted,
) -> Response:
    ensure_may_change(session, viewer, account)
    contact, link = contact_at(session, account, contact_id)
    refused: Any = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: correct_departure(session, viewer, account, contact, on=form.on, new_employer=form.new_employer),
        )
    if refused is not None:
        title = _departure_title(contact)
        return form_again(request, DEPARTURE, title, refused, account=account, contact=contact, link=link)
    return see_other(request, "contacts.show", contact_id=contact.id)


# --- one person or two -----------------------------------------------------------------------------------------------


@router.get("/contacts/duplicates", name="contacts.duplicates.index")
def list_duplicates(request: Request, session: DbSession, viewer: CurrentViewer, now: Now, after: str = "") -> Response:
    """At the accounts in the viewer's hands."""
    refuse_unless(viewer, Capability.CHANGE_ACCOUNT)
    found = pairs_in_hands(session, viewer, after=after, limit=PAIRS)
    return page(request, "accounts/people/duplicates.html", found=found, later=bool(after))


@router.get("/contacts/{contact_id:int}/merge", name="contacts.merges.choose")
def choose_other(
    request: Request, contact_id: int, session: DbSession, viewer: CurrentViewer, now: Now, q: str = ""
) -> Response:
    contact = get_contact(session, viewer, contact_id)
    refuse_unless(viewer, Capability.CHANGE_ACCOUNT)
    words = " ".join(q.split()) or contact.name
    hits = [hit for hit in search_contacts(session, viewer, words, HITS) if hit.id != contact.id]
    return page(request, "accounts/people/choose.html", contact=contact, q=words, hits=hits)


@router.get("/contacts/{contact_id:int}/merge/{other_id:int}", name="contacts.merges.new")
def new_merge(
    request: Request, contact_id: int, other_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    one, other = _two(session, viewer, contact_id, other_id)
    return page(
        request,
        "accounts/people/merge.html",
        one=one,
        other=other,
        accounts=names_of_accounts(session, viewer, {one.id, other.id}),
        pages={contact.id: read_contact_page(session, viewer, contact, now) for contact in (one, other)},
    )


@router.post("/contacts/{contact_id:int}/merge/{other_id:int}", name="contacts.merges.create")
def create_merge(
    request: Request,
    contact_id: int,
    other_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    sent: MergeSubmitted,
) -> Response:
    one, other = _two(session, viewer, contact_id, other_id)
    if sent.form is None or sent.form.kept not in (one.id, other.id):
        raise Invalid(N_("Please choose which of the two is kept."))
    kept, gone = (one, other) if sent.form.kept == one.id else (other, one)
    merging.merge_contacts(session, viewer, kept, gone)
    return see_other(request, "contacts.show", contact_id=kept.id)


@router.post("/contacts/{contact_id:int}/not-the-same/{other_id:int}", name="contacts.not_the_same.create")
def create_difference(
    request: Request,
    contact_id: int,
    other_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    sent: NothingSubmitted,
) -> Response:
    merging.say_not_the_same(session, viewer, *_two(session, viewer, contact_id, other_id))
    return see_other(request, "contacts.duplicates.index")


@router.post("/contacts/merges/{merge_id:int}/undo", name="contacts.merges.undo")
def undo_merge(
    request: Request, merge_id: int, session: DbSession, viewer: CurrentViewer, sent: NothingSubmitted
) -> Response:
    parted = merging.take_back_merge(session, viewer, get_merge(session, viewer, merge_id))
    return see_other(request, "contacts.show", contact_id=parted.id)


def _two(session: DbSession, viewer: Viewer, one_id: int, other_id: int) -> tuple[Contact, Contact]:
    one, other = get_contact(session, viewer, one_id), get_contact(session, viewer, other_id)
    merging.ensure_may_merge(session, viewer, one, other)
    return one, other
