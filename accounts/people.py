"""Reads of contacts: a person is readable where one of their accounts is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, select as core_select
from sqlmodel import Session, col

from accounts.models import Account, Contact, ContactAccount, ContactRole, Interaction
from accounts.queries import in_sight, in_words_for, is_visible
from accounts.rights import in_hands_of
from crm.errors import NotFound
from crm.text import N_
from crm.viewer import Viewer

TALKS_SHOWN = 30


@dataclass(frozen=True)
class ContactPage:
    accounts: Sequence[tuple[Account, ContactAccount]]
    changeable: frozenset[int]  # ids of those that the viewer may change
    roles: Sequence[Row[ContactRole, str]]  # with the account's name; those that ended too
    talks: Sequence[Row[Interaction, str]]


def get_contact(session: Session, viewer: Viewer, contact_id: int) -> Contact:
    at_visible = (
        core_select(col(ContactAccount.contact_id))
        .join(Account, col(Account.id) == col(ContactAccount.account_id))
        .where(is_visible(viewer))
    )
    found = session.scalars(
        core_select(Contact).where(
            col(Contact.id) == contact_id, col(Contact.closed_at).is_(None), col(Contact.id).in_(at_visible)
        )
    ).first()
    if found is None:
        raise NotFound(N_("There is no such contact."))
    return found


def contact_at(session: Session, account: Account, contact_id: int) -> tuple[Contact, ContactAccount]:
    """A person of ``account``, with what ties them to it."""
    found = session.execute(
        core_select(Contact, ContactAccount)
        .join(ContactAccount, col(ContactAccount.contact_id) == col(Contact.id))
        .where(
            col(Contact.id) == contact_id,
            col(Contact.closed_at).is_(None),
            col(ContactAccount.account_id) == account.id,
        )
    ).first()
    if found is None:
        raise NotFound(N_("There is no such contact here."))
    return found[0], found[1]


def read_contact_page(session: Session, viewer: Viewer, contact: Contact, now: datetime) -> ContactPage:
    found = session.execute(
        core_select(Account, ContactAccount, in_hands_of(viewer))
        .join(ContactAccount, col(ContactAccount.account_id) == col(Account.id))
        .where(col(ContactAccount.contact_id) == contact.id, is_visible(viewer))
        .order_by(col(ContactAccount.to_on).is_not(None), col(Account.name_folded), col(Account.id))
    ).all()
    roles = session.execute(
        core_select(ContactRole, col(Account.name))
        .join(Account, col(Account.id) == col(ContactRole.account_id))
        .where(col(ContactRole.contact_id) == contact.id, col(ContactRole.closed_at).is_(None), is_visible(viewer))
        .order_by(col(ContactRole.to_on).is_not(None), col(ContactRole.from_on).desc(), col(ContactRole.id))
    ).all()
    talks = session.execute(
        core_select(Interaction, col(Account.name))
        .join(Account, col(Account.id) == col(Interaction.account_id))
        .where(
            col(Interaction.contact_id) == contact.id,
            col(Interaction.closed_at).is_(None),
            col(Interaction.happened_at) <= now,
            in_sight(col(Interaction.account_id), viewer),
            in_words_for(viewer),
        )
        .order_by(col(Interaction.happened_at).desc(), col(Interaction.id).desc())
        .limit(TALKS_SHOWN)
    ).all()
    accounts = [(account, link) for account, link, _ in found]
    changeable = frozenset(account.id for account, _, in_hands in found if in_hands)
    return ContactPage(accounts, changeable, roles, talks)
