"""Reads of contacts: a person is readable where one of their accounts is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, select as core_select
from sqlmodel import Session, col

from accounts.models import Account, Contact, ContactAccount, ContactRole, ContactRoleKind, Interaction
from accounts.names import fold
from accounts.people.models import ContactMerge, Departure
from accounts.queries import in_sight, in_words_for, is_visible
from accounts.rights import in_hands_of
from crm.errors import Conflict, NotFound
from crm.identity.models import User
from crm.text import N_
from crm.viewer import Viewer

TALKS_SHOWN = 30


@dataclass(frozen=True)
class Place:
    """An account that they work or worked at."""

    account: Account
    link: ContactAccount
    may_change: bool
    may_take_back: bool  # they left in a way that one click takes back
    roles: Sequence[ContactRole]  # those that ended too

    @property
    def is_champion(self) -> bool:
        return any(role.role is ContactRoleKind.CHAMPION and role.to_on is None for role in self.roles)


@dataclass(frozen=True)
class Merged:
    """Somebody who turned out to be this person."""

    merge: ContactMerge
    name: str
    email: str | None
    by: str | None


@dataclass(frozen=True)
class ContactPage:
    places: Sequence[Place]
    talks: Sequence[Row[Interaction, str]]
    merged: Sequence[Merged]  # the latest first: it alone can be taken back

    @property
    def may_change(self) -> bool:
        return any(place.may_change for place in self.places)


def get_contact(session: Session, viewer: Viewer, contact_id: int) -> Contact:
    found = _readable(session, viewer, contact_id)
    if found is None or found.closed_at is not None:
        raise NotFound(N_("There is no such contact."))
    return found


def who_it_is(session: Session, viewer: Viewer, contact_id: int) -> int:
    """The person that a contact is: somebody else where they were merged away. Old links still lead there."""
    found = _readable(session, viewer, contact_id)
    return found.merged_into_id if found is not None and found.merged_into_id else contact_id


def _readable(session: Session, viewer: Viewer, contact_id: int) -> Contact | None:
    at_visible = (
        core_select(col(ContactAccount.contact_id))
        .join(Account, col(Account.id) == col(ContactAccount.account_id))
        .where(is_visible(viewer))
    )
    return session.scalars(
        core_select(Contact).where(col(Contact.id) == contact_id, col(Contact.id).in_(at_visible))
    ).first()


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


def people_who_left(session: Session, account: Account, limit: int = 50) -> Sequence[Row[Contact, ContactAccount]]:
    """The latest first."""
    return session.execute(
        core_select(Contact, ContactAccount)
        .join(ContactAccount, col(ContactAccount.contact_id) == col(Contact.id))
        .where(
            col(ContactAccount.account_id) == account.id,
            col(ContactAccount.to_on).is_not(None),
            col(Contact.closed_at).is_(None),
        )
        .order_by(col(ContactAccount.to_on).desc(), col(Contact.id).desc())
        .limit(limit)
    ).all()


def get_merge(session: Session, viewer: Viewer, merge_id: int) -> ContactMerge:
    found = session.get(ContactMerge, merge_id)
    if found is None or _readable(session, viewer, found.kept_id) is None:
        raise NotFound(N_("There is no such merge."))
    return found


def account_named(session: Session, viewer: Viewer, name: str) -> Account:
    """The one account of that name that the viewer reads; what was typed is a name, not a search."""
    found = session.scalars(
        core_select(Account).where(is_visible(viewer), col(Account.name_folded) == fold(name)).limit(2)
    ).all()
    if not found:
        raise Conflict(N_("There is no account named “%(name)s” here."), name=name)
    if len(found) > 1:
        raise Conflict(N_("Several accounts are named “%(name)s”; give them names that differ first."), name=name)
    return found[0]


def names_in_hands(session: Session, viewer: Viewer, limit: int = 200) -> Sequence[str]:
    """Names of the accounts that the viewer may change, to choose from."""
    return session.scalars(
        core_select(col(Account.name))
        .where(is_visible(viewer), in_hands_of(viewer))
        .order_by(col(Account.name_folded), col(Account.id))
        .limit(limit)
    ).all()


def read_contact_page(session: Session, viewer: Viewer, contact: Contact, now: datetime) -> ContactPage:
    departed = (
        core_select(col(Departure.id))
        .where(
            col(Departure.contact_id) == contact.id,
            col(Departure.account_id) == col(Account.id),
            col(Departure.undone_at).is_(None),
        )
        .correlate(Account)
        .exists()
    )
    found = session.execute(
        core_select(Account, ContactAccount, in_hands_of(viewer), departed)
        .join(ContactAccount, col(ContactAccount.account_id) == col(Account.id))
        .where(col(ContactAccount.contact_id) == contact.id, is_visible(viewer))
        .order_by(col(ContactAccount.to_on).is_not(None), col(Account.name_folded), col(Account.id))
    ).all()
    roles = session.scalars(
        core_select(ContactRole)
        .where(
            col(ContactRole.contact_id) == contact.id,
            col(ContactRole.closed_at).is_(None),
            in_sight(col(ContactRole.account_id), viewer),
        )
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
    merged = session.execute(
        core_select(ContactMerge, col(Contact.name), col(Contact.email), col(User.name))
        .join(Contact, col(Contact.id) == col(ContactMerge.gone_id))
        .outerjoin(User, col(User.id) == col(ContactMerge.merged_by))
        .where(col(ContactMerge.kept_id) == contact.id, col(ContactMerge.undone_at).is_(None))
        .order_by(col(ContactMerge.merged_at).desc(), col(ContactMerge.id).desc())
    ).all()
    places = [
        Place(
            account,
            link,
            bool(in_hands),
            bool(in_hands and was_left and link.to_on),
            [role for role in roles if role.account_id == account.id],
        )
        for account, link, in_hands, was_left in found
    ]
    return ContactPage(places, talks, [Merged(*row) for row in merged])
