"""Finding an account or a contact by what somebody types."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, false, func, or_, select as core_select
from sqlmodel import Session, col

from accounts.models import Account, Contact, ContactAccount
from accounts.names import fold
from accounts.queries import is_visible, visible_accounts
from crm.contracts import SearchHit, SearchSource
from crm.errors import Conflict, NotFound
from crm.identity.models import User
from crm.search import has_words, words_of
from crm.text import N_
from crm.viewer import Viewer


def account_named(session: Session, viewer: Viewer, typed: str) -> Account:
    """The account that a command's argument means: its id, its external id, or its whole name."""
    typed = typed.strip()
    means: list[ColumnElement[bool]] = [
        col(Account.external_id) == typed,
        col(Account.name_folded) == fold(typed),
    ]
    if typed.isascii() and typed.isdigit() and int(typed) < 2**63:
        means.insert(0, col(Account.id) == int(typed))
    for one in means:
        found = session.exec(visible_accounts(viewer).where(one).order_by(col(Account.id)).limit(2)).all()
        if len(found) > 1:
            raise Conflict(N_("More than one account is named %(name)s; give its id instead."), name=typed)
        if found:
            return found[0]
    raise NotFound(N_("There is no account %(name)s."), name=typed)


def search_accounts(session: Session, viewer: Viewer, typed: str, limit: int) -> Sequence[SearchHit]:
    """Accounts whose name has words that begin so, those whose name itself begins so first; by domain and id too."""
    words = words_of(typed)
    if not words:
        return []
    whole = " ".join(words)
    begins = col(Account.name_folded).startswith(whole, autoescape=True)
    rows = session.execute(
        core_select(col(Account.id), col(Account.name), col(Account.domain), col(User.name))
        .outerjoin(User, col(User.id) == col(Account.owner_id))
        .where(
            is_visible(viewer),
            or_(
                has_words(col(Account.name_folded), words),
                func.lower(col(Account.domain)) == typed.strip().lower(),
                col(Account.external_id) == typed.strip(),
            ),
        )
        .order_by(begins.desc(), col(Account.name_folded), col(Account.id))
        .limit(limit)
    )
    return [
        SearchHit("account", row_id, name, " · ".join(one for one in (owner, domain) if one), f"/accounts/{row_id}")
        for row_id, name, domain, owner in rows
    ]


def search_contacts(session: Session, viewer: Viewer, typed: str, limit: int) -> Sequence[SearchHit]:
    """Contacts at accounts that the viewer may read, by words of their name or the beginning of their e-mail."""
    words = words_of(typed)
    if not words:
        return []
    at_mail = func.lower(col(Contact.email)).startswith(typed.strip().lower(), autoescape=True)
    rows = session.execute(
        core_select(
            col(Contact.id), col(Contact.name), func.min(col(ContactAccount.position)), func.min(col(Account.name))
        )
        .join(ContactAccount, col(ContactAccount.contact_id) == col(Contact.id))
        .join(Account, col(Account.id) == col(ContactAccount.account_id))
        .where(
            is_visible(viewer),
            col(Contact.closed_at).is_(None),
            or_(has_words(col(Contact.name_folded), words), at_mail if len(typed.strip()) > 2 else false()),
        )
        .group_by(col(Contact.id), col(Contact.name), col(Contact.name_folded))
        .order_by(col(Contact.name_folded), col(Contact.id))
        .limit(limit)
    )
    return [
        SearchHit("contact", row_id, name, ", ".join(one for one in (position, account) if one), f"/contacts/{row_id}")
        for row_id, name, position, account in rows
    ]


SEARCH_SOURCES = (
    SearchSource("accounts", N_("Accounts"), min_letters=1, search=search_accounts, order=10),
    SearchSource("contacts", N_("People"), min_letters=2, search=search_contacts, order=20),
)
