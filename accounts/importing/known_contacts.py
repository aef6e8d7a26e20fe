"""Who is already here of the people that a chunk of rows speaks of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from accounts.importing.known import put, values_of
from accounts.importing.rows import Row
from accounts.models import Consent, Contact, ContactAccount, ContactRole, ContactRoleKind, Influence, Sentiment
from accounts.names import fold


@dataclass
class Place:
    """That a contact is at an account, and as what."""

    position: str = ""
    left: bool = False
    influence: Influence | None = None
    sentiment: Sentiment | None = None
    roles: set[ContactRoleKind] = field(default_factory=set)


@dataclass(eq=False)
class KnownContact:
    id: int
    name: str
    email: str | None = None
    phone: str | None = None
    language: str | None = None
    external_id: str | None = None
    consent: Consent | None = None
    consent_on: date | None = None
    consent_how: str = ""
    closed: bool = False
    also: list[tuple[str | None, str | None]] = field(default_factory=list)  # id and e-mail of rows merged into them
    places: dict[int, Place] = field(default_factory=dict)  # by account


class Contacts:
    """Contacts by identifier, by e-mail, and by folded name at an account."""

    def __init__(self) -> None:
        self.by_external: dict[str, KnownContact] = {}
        self.by_email: dict[str, list[KnownContact]] = defaultdict(list)
        self.by_name: dict[tuple[int, str], list[KnownContact]] = defaultdict(list)
        self.by_id: dict[int, KnownContact] = {}

    def add(self, contact: KnownContact) -> None:
        if contact.id not in self.by_id:
            self.index(contact)

    def index(self, contact: KnownContact) -> None:
        """Find them by their keys, also by those they have just been given."""
        self.by_id[contact.id] = contact
        if contact.external_id:
            self.by_external.setdefault(contact.external_id, contact)
        if contact.closed:
            return
        if contact.email:
            put(self.by_email[contact.email.lower()], contact)
        for external_id, email in contact.also:
            if external_id:
                self.by_external.setdefault(external_id, contact)
            if email:
                put(self.by_email[email.lower()], contact)
        for account_id in contact.places:
            put(self.by_name[account_id, fold(contact.name)], contact)


def load_contacts(session: Session, rows: Sequence[Row], account_ids: Collection[int]) -> list[KnownContact]:
    """Everyone whom a row names by identifier or e-mail, and everyone of those names at these accounts. Whoever was
    merged away is the person they were merged into."""
    names = values_of(rows, "name", fold)
    at_accounts = select(col(ContactAccount.contact_id)).where(col(ContactAccount.account_id).in_(account_ids))
    found = (
        session.execute(
            select(Contact).where(
                or_(
                    col(Contact.external_id).in_(values_of(rows, "external_id")),
                    func.lower(col(Contact.email)).in_(values_of(rows, "email", lambda mail: str(mail).lower())),
                    col(Contact.name_folded).in_(names) & col(Contact.id).in_(at_accounts),
                )
            )
        )
        .scalars()
        .all()
    )
    merged = [contact for contact in found if contact.merged_into_id]
    into = session.scalars(
        select(Contact).where(col(Contact.id).in_({contact.merged_into_id for contact in merged}))
    ).all()
    known = {
        contact.id: KnownContact(
            contact.id,
            contact.name,
            contact.email,
            contact.phone,
            contact.language,
            contact.external_id,
            contact.consent,
            contact.consent_on,
            contact.consent_how,
            closed=contact.closed_at is not None,
        )
        for contact in (*found, *into)
        if not contact.merged_into_id
    }
    for contact in merged:
        known[contact.merged_into_id].also.append((contact.external_id, contact.email))
    for link in session.scalars(select(ContactAccount).where(col(ContactAccount.contact_id).in_(known))):
        known[link.contact_id].places[link.account_id] = Place(
            link.position, left=link.to_on is not None, influence=link.influence, sentiment=link.sentiment
        )
    for contact_id, account_id, role in session.execute(
        select(col(ContactRole.contact_id), col(ContactRole.account_id), col(ContactRole.role)).where(
            col(ContactRole.contact_id).in_(known),
            col(ContactRole.to_on).is_(None),
            col(ContactRole.closed_at).is_(None),
        )
    ):
        known[contact_id].places.setdefault(account_id, Place()).roles.add(role)
    return list(known.values())
