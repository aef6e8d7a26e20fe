"""People at customer companies and what they are for us there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from accounts.events import ContactsChanged, tell
from accounts.models import Account, Contact, ContactAccount, ContactRole, ContactRoleKind
from accounts.names import fold
from accounts.rights import ensure_may_change
from crm.audit import record
from crm.clock import now, today
from crm.errors import Conflict, Invalid
from crm.text import N_
from crm.viewer import Viewer


class AlreadyThere(Conflict):
    def __init__(self, contact: Contact, account: Account) -> None:
        super().__init__(
            N_("%(contact)s is already a contact of %(account)s."), contact=contact.name, account=account.name
        )


def add_contact(
    session: Session,
    actor: Viewer,
    account: Account,
    *,
    name: str,
    email: str | None = None,
    phone: str | None = None,
    language: str | None = None,
    position: str = "",
    roles: Sequence[ContactRoleKind] = (),
    from_on: date | None = None,
    external_id: str | None = None,
) -> Contact:
    """A person at ``account``. Someone known elsewhere by the same e-mail (or external id) is the same person."""
    ensure_may_change(session, actor, account)
    name = " ".join(name.split())
    if not name:
        raise Invalid(N_("A contact needs a name."))
    email = email.strip() if email else None
    contact = _known(session, email, external_id)
    link = link_of(session, account, contact) if contact else None
    if contact is not None and link is not None and link.to_on is None:
        raise AlreadyThere(contact, account)

    if contact is None:
        contact = Contact(
            name=name,
            name_folded=fold(name),
            email=email,
            phone=phone or None,
            language=language or None,
            external_id=external_id,
        )
        session.add(contact)
        session.flush()
    join_account(session, actor, account, contact, position=position, roles=roles, from_on=from_on)
    return contact


def join_account(
    session: Session,
    actor: Viewer,
    account: Account,
    contact: Contact,
    *,
    position: str = "",
    roles: Sequence[ContactRoleKind] = (),
    from_on: date | None = None,
) -> None:
    """``contact`` works at ``account``, as well as wherever else, or again."""
    ensure_may_change(session, actor, account)
    link = link_of(session, account, contact)
    if link is not None and link.to_on is None:
        raise AlreadyThere(contact, account)

    if link is None:
        session.add(
            ContactAccount(contact_id=contact.id, account_id=account.id, position=position.strip(), from_on=from_on)
        )
    else:  # was there before and is back
        link.to_on, link.new_employer, link.position = None, "", position.strip() or link.position
    for role in dict.fromkeys(roles):
        _add_role(session, account, contact, role, from_on or today())
    record(session, actor, account.id, "contact.added", contact=str(contact.id), name=contact.name, roles=list(roles))
    tell(session, ContactsChanged, [account.id])


def change_contact(
    session: Session,
    actor: Viewer,
    account: Account,
    contact: Contact,
    *,
    name: str,
    email: str | None,
    phone: str | None,
    language: str | None,
    position: str,
) -> None:
    ensure_may_change(session, actor, account)
    link = link_of(session, account, contact)
    if link is None:
        raise Conflict(N_("%(contact)s is not a contact of %(account)s."), contact=contact.name, account=account.name)
    name = " ".join(name.split())
    if not name:
        raise Invalid(N_("A contact needs a name."))
    email = email.strip() if email else None
    if email and (other := _known(session, email, None)) is not None and other.id != contact.id:
        raise Conflict(N_("The address %(email)s already belongs to %(contact)s."), email=email, contact=other.name)

    contact.name, contact.name_folded = name, fold(name)
    contact.email, contact.phone, contact.language = email, phone or None, language or None
    link.position = position.strip()
    record(session, actor, account.id, "contact.changed", contact=str(contact.id), name=name)
    tell(session, ContactsChanged, accounts_of(session, contact))


def give_role(
    session: Session, actor: Viewer, account: Account, contact: Contact, role: ContactRoleKind, *, from_on: date
) -> ContactRole:
    ensure_may_change(session, actor, account)
    link = link_of(session, account, contact)
    if link is None or link.to_on is not None:
        raise Conflict(N_("%(contact)s is not a contact of %(account)s."), contact=contact.name, account=account.name)
    same = select(ContactRole).where(
        col(ContactRole.account_id) == account.id,
        col(ContactRole.contact_id) == contact.id,
        col(ContactRole.role) == role,
        col(ContactRole.to_on).is_(None),
        col(ContactRole.closed_at).is_(None),
    )
    if session.exec(same).first() is not None:
        raise Conflict(N_("%(contact)s already has that role."), contact=contact.name)

    given = _add_role(session, account, contact, role, from_on)
    record(session, actor, account.id, "contact.role_given", contact=str(contact.id), role=role, from_on=from_on)
    tell(session, ContactsChanged, [account.id])
    return given


def end_role(session: Session, actor: Viewer, account: Account, role: ContactRole, *, on: date) -> None:
    """``on``: the first day without the role."""
    ensure_may_change(session, actor, account)
    if role.account_id != account.id or role.closed_at is not None or role.to_on is not None:
        raise Conflict(N_("That role has already ended."))
    if on < role.from_on:
        raise Invalid(N_("A role cannot end before it began, on %(day)s."), day=role.from_on)

    put_instead(session, role, to_on=on)
    record(session, actor, account.id, "contact.role_ended", contact=str(role.contact_id), role=role.role, on=on)
    tell(session, ContactsChanged, [account.id])


def accounts_of(session: Session, contact: Contact) -> Sequence[int]:
    """Where ``contact`` works or worked."""
    links = select(ContactAccount.account_id).where(col(ContactAccount.contact_id) == contact.id)
    return session.exec(links).all()


def put_instead(session: Session, role: ContactRole, *, to_on: date | None) -> None:
    """What was believed is closed, what is believed from now on is added: both stay readable."""
    role.closed_at = now()
    session.add(
        ContactRole(
            account_id=role.account_id,
            contact_id=role.contact_id,
            role=role.role,
            from_on=role.from_on,
            to_on=to_on,
            known_at=role.closed_at,
        )
    )


def _add_role(
    session: Session, account: Account, contact: Contact, role: ContactRoleKind, from_on: date
) -> ContactRole:
    given = ContactRole(account_id=account.id, contact_id=contact.id, role=role, from_on=from_on)
    session.add(given)
    return given


def _known(session: Session, email: str | None, external_id: str | None) -> Contact | None:
    """Whom we know by either; by what somebody who was merged away was known, we know whom they are."""
    if external_id:
        by_id = select(Contact).where(col(Contact.external_id) == external_id)
        if (found := _who_it_is(session, session.exec(by_id).first())) is not None:
            return found
    if email:
        by_mail = (
            select(Contact)
            .where(
                func.lower(col(Contact.email)) == email.lower(),
                or_(col(Contact.closed_at).is_(None), col(Contact.merged_into_id).is_not(None)),
            )
            .order_by(col(Contact.merged_into_id).is_not(None), col(Contact.created_at), col(Contact.id))
        )
        return _who_it_is(session, session.exec(by_mail.limit(1)).first())
    return None


def _who_it_is(session: Session, contact: Contact | None) -> Contact | None:
    if contact is None or contact.closed_at is None:
        return contact
    return session.get(Contact, contact.merged_into_id) if contact.merged_into_id else None


def link_of(session: Session, account: Account, contact: Contact) -> ContactAccount | None:
    return session.exec(
        select(ContactAccount).where(
            col(ContactAccount.account_id) == account.id, col(ContactAccount.contact_id) == contact.id
        )
    ).first()
