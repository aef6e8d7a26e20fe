"""Somebody leaves an account: one click ends what they were for us there, and one click takes it back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from accounts.events import ChampionBack, ChampionLeft, ContactsChanged, Departed, tell
from accounts.models import Account, Contact, ContactRole, ContactRoleKind, Task
from accounts.people.models import Departure
from accounts.rights import ensure_may_change
from accounts.service._dated import ensure_not_ahead
from accounts.service.contacts import link_of, put_instead
from accounts.service.tasks import create_task
from crm.audit import record
from crm.clock import now, today
from crm.errors import Conflict
from crm.events import emit
from crm.i18n.write import Writer
from crm.identity.models import User
from crm.text import N_, text
from crm.viewer import Viewer

NEW_CHAMPION_WITHIN = timedelta(days=7)


class _Ended(NamedTuple):
    role: ContactRoleKind
    from_on: date

    def end(self, on: date) -> date:
        return max(on, self.from_on)


def leave(
    session: Session, actor: Viewer, account: Account, contact: Contact, *, on: date, new_employer: str = ""
) -> Departure:
    """``contact`` no longer works there; the roles they had end on the same day. What they said stays.

    Where a champion leaves, the owner gets the task to find a new one, and whoever reacts to it is told; a play that
    starts then takes the task's place.
    """
    ensure_may_change(session, actor, account)
    ensure_not_ahead(on)
    link = link_of(session, account, contact)
    if link is None or link.to_on is not None:
        raise Conflict(N_("%(contact)s is not a contact of %(account)s."), contact=contact.name, account=account.name)

    link.to_on, link.new_employer = on, new_employer.strip()
    roles = session.exec(
        _believed(account, contact).where(col(ContactRole.to_on).is_(None)).order_by(col(ContactRole.id))
    ).all()
    departure = Departure(
        account_id=account.id,
        contact_id=contact.id,
        champion=any(role.role is ContactRoleKind.CHAMPION for role in roles),
        roles=[[role.role.value, role.from_on.isoformat()] for role in roles],
        made_by=None if actor.is_system else actor.user_id,
        made_at=now(),
    )
    for role in roles:
        put_instead(session, role, to_on=max(on, role.from_on))
    if departure.champion:
        departure.task_id = _ask_for_another(session, actor, account, contact)
    session.add(departure)
    record(session, actor, account.id, "contact.left", contact=str(contact.id), name=contact.name, on=on)
    tell(session, ContactsChanged, [account.id])
    if departure.champion:
        session.flush()
        emit(session, ChampionLeft((Departed(account.id, contact.id, on),)))
    return departure


def correct_departure(
    session: Session, actor: Viewer, account: Account, contact: Contact, *, on: date, new_employer: str
) -> None:
    """They left on another day, or we know now where they went."""
    ensure_may_change(session, actor, account)
    ensure_not_ahead(on)
    link = link_of(session, account, contact)
    if link is None or link.to_on is None:
        raise _not_left(contact, account)
    departure = last_departure(session, account, contact)

    before, link.to_on, link.new_employer = link.to_on, on, new_employer.strip()
    if departure is not None and before != on:
        for ended in _ended(departure):
            for role in _ended_rows(session, account, contact, ended, before):
                put_instead(session, role, to_on=ended.end(on))
    record(
        session,
        actor,
        account.id,
        "contact.departure_corrected",
        contact=str(contact.id),
        name=contact.name,
        before=before,
        on=on,
        new_employer=link.new_employer,
    )
    tell(session, ContactsChanged, [account.id])


def take_back_departure(session: Session, actor: Viewer, account: Account, contact: Contact) -> None:
    """They are still there: their roles go on as if nothing had happened, and the task goes if nobody has done it."""
    ensure_may_change(session, actor, account)
    link = link_of(session, account, contact)
    departure = last_departure(session, account, contact)
    if link is None or link.to_on is None or departure is None:
        raise _not_left(contact, account)

    left_on, link.to_on, link.new_employer = link.to_on, None, ""
    for ended in _ended(departure):
        for role in _ended_rows(session, account, contact, ended, left_on):
            put_instead(session, role, to_on=None)
    departure.undone_at = now()
    forget_task(session, actor, account, departure)
    record(session, actor, account.id, "contact.departure_undone", contact=str(contact.id), name=contact.name)
    tell(session, ContactsChanged, [account.id])
    if departure.champion:
        session.flush()
        emit(session, ChampionBack((Departed(account.id, contact.id, left_on),)))


def last_departure(session: Session, account: Account, contact: Contact) -> Departure | None:
    """The one that still stands."""
    return session.exec(
        select(Departure)
        .where(
            col(Departure.account_id) == account.id,
            col(Departure.contact_id) == contact.id,
            col(Departure.undone_at).is_(None),
        )
        .order_by(col(Departure.made_at).desc(), col(Departure.id).desc())
        .limit(1)
    ).first()


def _ask_for_another(session: Session, actor: Viewer, account: Account, contact: Contact) -> int | None:
    """A task for the owner, in their language; for whoever says it where nobody owns the account."""
    owner = session.get(User, account.owner_id) if account.owner_id else None
    if owner is not None and owner.disabled_at is not None:
        owner = None
    if owner is None and actor.is_system:
        return None
    language, zone = (owner.language, owner.time_zone) if owner else (actor.language, actor.time_zone)
    write = Writer(language, ZoneInfo(zone), now())
    title = write(text(N_("Find a new champion: %(contact)s has left"), contact=contact.name))
    task = create_task(session, actor, account, title=title, due_on=today() + NEW_CHAMPION_WITHIN, assignee=owner)
    return task.id


def forget_task(session: Session, actor: Viewer, account: Account, departure: Departure) -> None:
    """The task to find a new champion is not needed, unless somebody has done it."""
    task = session.get(Task, departure.task_id) if departure.task_id else None
    departure.task_id = None
    session.flush()
    if task is not None and task.done_at is None:
        record(session, actor, account.id, "task.removed", task=str(task.id), title=task.title)
        session.delete(task)


def _believed(account: Account, contact: Contact) -> SelectOfScalar[ContactRole]:
    return select(ContactRole).where(
        col(ContactRole.account_id) == account.id,
        col(ContactRole.contact_id) == contact.id,
        col(ContactRole.closed_at).is_(None),
    )


def _ended(departure: Departure) -> list[_Ended]:
    return [_Ended(ContactRoleKind(role), date.fromisoformat(from_on)) for role, from_on in departure.roles]


def _ended_rows(
    session: Session, account: Account, contact: Contact, ended: _Ended, left_on: date
) -> list[ContactRole]:
    """What is believed of a role that ended with the departure; nothing where somebody has corrected it since."""
    found = _believed(account, contact).where(
        col(ContactRole.role) == ended.role,
        col(ContactRole.from_on) == ended.from_on,
        col(ContactRole.to_on) == ended.end(left_on),
    )
    return list(session.exec(found).all())


def _not_left(contact: Contact, account: Account) -> Conflict:
    return Conflict(N_("%(contact)s has not left %(account)s."), contact=contact.name, account=account.name)


__all__ = ["Departure", "correct_departure", "forget_task", "last_departure", "leave", "take_back_departure"]
