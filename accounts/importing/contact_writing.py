"""Carrying out plans of contacts: new people in bulk, changes through the verbs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from accounts import service
from accounts.events import ContactsChanged, gathered, tell
from accounts.importing.contact_planning import ContactPlan
from accounts.importing.notes import write_notes
from accounts.importing.planning import Outcome
from accounts.importing.rows import Wrong
from accounts.models import Account, Consent, Contact, ContactAccount, ContactRole
from accounts.names import fold
from accounts.people.knowing import describe_contact, set_consent
from accounts.service.contacts import link_of
from crm.audit import record
from crm.clock import now, today
from crm.errors import Refusal
from crm.text import N_, Text, text
from crm.viewer import Viewer

REASON = "import"


def write_contacts(session: Session, viewer: Viewer, plans: Sequence[ContactPlan]) -> None:
    with gathered(session):
        _write_new(session, viewer, [plan for plan in plans if plan.outcome is Outcome.NEW])
        for plan in plans:
            if plan.outcome is Outcome.UPDATED:
                _change_or_reject(session, viewer, plan)
        write_notes(session, viewer, [plan for plan in plans if plan.outcome is not Outcome.REJECTED and plan.note])


def _ids(plan: ContactPlan) -> tuple[int, int]:
    if plan.known is None or plan.account is None:
        raise LookupError("A plan that was remembered knows its contact and account.")
    return plan.known.id, plan.account.id


def _write_new(session: Session, viewer: Viewer, plans: Sequence[ContactPlan]) -> None:
    """The rows that ``add_contact`` leaves."""
    day, known_at = today(), now()
    session.add_all(
        Contact(id=_ids(plan)[0], name_folded=fold(plan.values["name"]), **_with_consent(plan.values, day))
        for plan in plans
    )
    session.flush()
    for plan in plans:
        contact_id, account_id = _ids(plan)
        since = day if "sentiment" in plan.standing else None
        session.add(
            ContactAccount(
                contact_id=contact_id, account_id=account_id, position=plan.position or "",
                sentiment_on=since, **plan.standing,
            )
        )  # fmt: skip
        session.add_all(
            ContactRole(account_id=account_id, contact_id=contact_id, role=role, from_on=day, known_at=known_at)
            for role in plan.roles
        )
        record(
            session, viewer, account_id, "contact.added",
            contact=str(contact_id), name=plan.values["name"], roles=list(plan.roles),
        )  # fmt: skip
    tell(session, ContactsChanged, [_ids(plan)[1] for plan in plans])


def _with_consent(values: dict[str, Any], day: date) -> dict[str, Any]:
    """As ``set_consent`` leaves it."""
    if values.get("consent") is None:
        return values
    how = _how(values["consent"], values.get("consent_how", ""))
    return {**values, "consent_on": values.get("consent_on", day), "consent_how": how}


def _how(consent: Consent | None, said: str) -> str:
    """Where a file that says yes says no more, the file itself is what can be shown."""
    return said or (REASON if consent is Consent.GIVEN else "")


def _change_or_reject(session: Session, viewer: Viewer, plan: ContactPlan) -> None:
    try:
        with session.begin_nested():
            _change(session, viewer, plan)
    except Refusal as refusal:
        _reject(plan, refusal.sentence)
    except IntegrityError:
        _reject(plan, text(N_("Somebody else wrote the same at the same time; import this row again.")))


def _reject(plan: ContactPlan, reason: Text) -> None:
    plan.outcome = Outcome.REJECTED
    plan.wrong.append(Wrong(None, "", reason))


def _change(session: Session, viewer: Viewer, plan: ContactPlan) -> None:
    contact_id, account_id = _ids(plan)
    contact, account = session.get_one(Contact, contact_id), session.get_one(Account, account_id)
    values, day = plan.values, today()
    if plan.joins:
        service.join_account(session, viewer, account, contact, position=plan.position or "", roles=plan.roles)
    if "external_id" in values:
        contact.external_id = values["external_id"]
        record(session, viewer, account.id, "contact.changed", contact=str(contact.id), external_id=contact.external_id)
    personal = {key: values.get(key, getattr(contact, key)) for key in ("name", "email", "phone", "language")}
    moved = plan.position is not None and not plan.joins
    if moved or not values.keys().isdisjoint(personal):
        position = plan.position if moved else _position(session, contact, account)
        service.change_contact(session, viewer, account, contact, **personal, position=position or "")
    if not plan.joins:
        for role in plan.roles:
            service.give_role(session, viewer, account, contact, role, from_on=day)
    if plan.standing:
        link = link_of(session, account, contact)
        if link is not None:
            standing = {"influence": link.influence, "sentiment": link.sentiment, **plan.standing}
            describe_contact(session, viewer, account, contact, **standing)
    _change_consent(session, viewer, account, contact, values)
    tell(session, ContactsChanged, [account.id])
    session.flush()


def _change_consent(
    session: Session, viewer: Viewer, account: Account, contact: Contact, values: dict[str, Any]
) -> None:
    """Another answer is of another day; the same answer keeps what the file does not say otherwise."""
    if values.keys().isdisjoint(("consent", "consent_on", "consent_how")):
        return
    other = "consent" in values
    on = values.get("consent_on", None if other else contact.consent_on)
    how = values.get("consent_how", "" if other else contact.consent_how)
    consent = values.get("consent", contact.consent)
    set_consent(session, viewer, account, contact, consent, on=on, how=_how(consent, how))


def _position(session: Session, contact: Contact, account: Account) -> str:
    return session.exec(
        select(ContactAccount.position).where(
            col(ContactAccount.contact_id) == contact.id, col(ContactAccount.account_id) == account.id
        )
    ).one()
