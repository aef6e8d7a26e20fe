"""Who they are: contacts with their roles and the last talk with each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, or_, select as core_select
from sqlmodel import Session, col

from accounts.models import Contact, ContactAccount, ContactRole, ContactRoleKind, Interaction
from accounts.models.contact import KEY_ROLES
from accounts.queries import in_words_for
from crm import clock
from crm.contracts import Panel, PanelContext
from crm.text import N_
from crm.viewer import Viewer

SHOWN = 5  # the others can be opened
MOST_SHOWN = 12


@dataclass
class Person:
    contact: Contact
    link: ContactAccount
    talked_at: datetime | None
    roles: list[ContactRole] = field(default_factory=list)

    @property
    def position(self) -> str:
        return self.link.position

    @property
    def is_champion(self) -> bool:
        return any(role.role is ContactRoleKind.CHAMPION for role in self.roles)

    @property
    def is_key(self) -> bool:
        return any(role.role in KEY_ROLES for role in self.roles)

    @property
    def order(self) -> tuple[int, str, int]:
        best = min((list(ContactRoleKind).index(role.role) for role in self.roles), default=len(ContactRoleKind))
        return (best, self.contact.name_folded or self.contact.name.casefold(), self.contact.id)


def people_of(session: Session, viewer: Viewer, account_id: int, now: datetime, *, limit: int) -> list[Person]:
    """Those who are there, people with a role first; two statements."""
    today = clock.day_of(now)
    talked = (
        core_select(func.max(col(Interaction.happened_at)))
        .where(
            col(Interaction.account_id) == account_id,
            col(Interaction.contact_id) == col(Contact.id),
            col(Interaction.two_way).is_(True),
            col(Interaction.closed_at).is_(None),
            col(Interaction.happened_at) <= now,
            in_words_for(viewer),  # with whom somebody spoke is theirs until they share it
        )
        .correlate(Contact)
        .scalar_subquery()
    )
    current = (
        (col(ContactRole.account_id) == account_id)
        & col(ContactRole.closed_at).is_(None)
        & (col(ContactRole.from_on) <= today)
        & or_(col(ContactRole.to_on).is_(None), col(ContactRole.to_on) > today)
    )
    has_role = col(Contact.id).in_(core_select(col(ContactRole.contact_id)).where(current))
    rows = session.execute(
        core_select(Contact, ContactAccount, talked)
        .join(ContactAccount, col(ContactAccount.contact_id) == col(Contact.id))
        .where(
            col(ContactAccount.account_id) == account_id,
            col(ContactAccount.to_on).is_(None),
            col(Contact.closed_at).is_(None),
        )
        .order_by(has_role.desc(), col(Contact.name_folded), col(Contact.id))
        .limit(limit)
    )
    people = {contact.id: Person(contact, link, at) for contact, link, at in rows}
    roles = session.execute(
        core_select(ContactRole)
        .where(current, col(ContactRole.contact_id).in_(people))
        .order_by(col(ContactRole.from_on))
    ).scalars()
    for role in roles:
        people[role.contact_id].roles.append(role)
    return sorted(people.values(), key=lambda person: person.order)


def load(context: PanelContext) -> dict[str, object]:
    people = people_of(context.session, context.viewer, context.account_id, context.now, limit=MOST_SHOWN + 1)
    return {"people": people[:MOST_SHOWN], "more": len(people) > MOST_SHOWN, "shown": SHOWN}


PEOPLE = Panel(
    key="people",
    title=N_("People"),
    template="accounts/panels/people.html",
    load=load,
    order=10,
    place="side",
    refresh_on="contacts-changed,interactions-changed",
)
