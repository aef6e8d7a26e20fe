"""Mail to sort, and the address by which mail comes in: each person's own, seen by nobody else."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from accounts.finding import search_accounts
from accounts.forms import NothingSubmitted
from accounts.inbox import service
from accounts.inbox.forms import FilingSubmitted
from accounts.inbox.queries import get_waiting, waiting_mails, with_suggestions
from accounts.notes import recent_accounts
from accounts.people.queries import contact_at
from accounts.queries import get_account
from accounts.rights import ensure_may_note
from crm.errors import Invalid
from crm.identity.deps import CurrentViewer
from crm.identity.keys import Purpose, make_key, revoke_key
from crm.text import N_
from crm.web.pages import page, see_other
from crm.web.session import DbSession, Now

router = APIRouter()


@router.get("/mail", name="accounts.inbox.index")
def list_waiting(request: Request, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    ensure_may_note(viewer)
    waiting = with_suggestions(session, viewer, waiting_mails(session, viewer))
    return page(request, "accounts/inbox/index.html", waiting=waiting, has_mailbox=service.has_mailbox())


@router.get("/mail/{mail_id:int}", name="accounts.inbox.show")
def show_waiting(
    request: Request, mail_id: int, session: DbSession, viewer: CurrentViewer, now: Now, q: str = ""
) -> Response:
    """The whole mail, and any account to put it on."""
    ensure_may_note(viewer)
    mail = get_waiting(session, viewer, mail_id)
    hits = search_accounts(session, viewer, q, 20) if q.strip() else recent_accounts(session, viewer)
    waiting = with_suggestions(session, viewer, [mail])[0]
    return page(request, "accounts/inbox/show.html", one=waiting, q=q, hits=hits)


@router.post("/mail/{mail_id:int}/filing", name="accounts.inbox.file")
def file_mail(
    request: Request, mail_id: int, session: DbSession, viewer: CurrentViewer, sent: FilingSubmitted
) -> Response:
    ensure_may_note(viewer)
    if (form := sent.form) is None:
        raise Invalid(N_("Choose the account that this mail belongs to."))
    mail = get_waiting(session, viewer, mail_id)
    account = get_account(session, viewer, form.account)
    contact = contact_at(session, account, form.contact)[0] if form.contact else None
    service.sort_mail(session, viewer, mail, account, contact=contact, add_contact=form.add_contact)
    return see_other(request, "accounts.inbox.index")


@router.post("/mail/{mail_id:int}/dismissal", name="accounts.inbox.dismiss")
def dismiss_mail(
    request: Request, mail_id: int, session: DbSession, viewer: CurrentViewer, sent: NothingSubmitted
) -> Response:
    ensure_may_note(viewer)
    service.dismiss_mail(session, viewer, get_waiting(session, viewer, mail_id))
    return see_other(request, "accounts.inbox.index")


@router.post("/me/mail-address", name="accounts.inbox.address.create")
def make_address(request: Request, session: DbSession, viewer: CurrentViewer, sent: NothingSubmitted) -> Response:
    """A new address; what is sent to the one before is nobody's."""
    ensure_may_note(viewer)
    make_key(session, viewer, viewer.user_id, Purpose.MAIL)
    return see_other(request, "identity.me.show")


@router.post("/me/mail-address/removal", name="accounts.inbox.address.remove")
def remove_address(request: Request, session: DbSession, viewer: CurrentViewer, sent: NothingSubmitted) -> Response:
    ensure_may_note(viewer)
    revoke_key(session, viewer, viewer.user_id, Purpose.MAIL)
    return see_other(request, "identity.me.show")
