"""What we know of a person beside name and address: how they stand at an account, and whether they may be mailed."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session

from accounts.events import ContactsChanged, tell
from accounts.models import Account, Consent, Contact, Influence, Sentiment
from accounts.rights import ensure_may_change
from accounts.service._dated import ensure_not_ahead
from accounts.service.contacts import accounts_of, link_of
from crm.audit import record
from crm.clock import today
from crm.errors import Conflict, Invalid
from crm.text import N_
from crm.viewer import Viewer


def describe_contact(
    session: Session,
    actor: Viewer,
    account: Account,
    contact: Contact,
    *,
    influence: Influence | None,
    sentiment: Sentiment | None,
) -> None:
    """How much ``contact`` has to say at ``account``, and how they stand towards us; ``None``: not known."""
    ensure_may_change(session, actor, account)
    link = link_of(session, account, contact)
    if link is None:
        raise Conflict(N_("%(contact)s is not a contact of %(account)s."), contact=contact.name, account=account.name)
    before = {"influence": link.influence, "sentiment": link.sentiment}
    if before == {"influence": influence, "sentiment": sentiment}:
        return

    if sentiment is not link.sentiment:
        link.sentiment_on = today() if sentiment else None
    link.influence, link.sentiment = influence, sentiment
    changed = {key: [old, getattr(link, key)] for key, old in before.items() if old != getattr(link, key)}
    record(session, actor, account.id, "contact.described", contact=str(contact.id), name=contact.name, **changed)
    tell(session, ContactsChanged, [account.id])


def set_consent(
    session: Session,
    actor: Viewer,
    account: Account,
    contact: Contact,
    consent: Consent | None,
    *,
    on: date | None = None,
    how: str = "",
) -> None:
    """Whether ``contact`` may be mailed, said on a day and in a way that can be shown; ``None``: nobody asked."""
    ensure_may_change(session, actor, account)
    how = " ".join(how.split())
    if consent is None:
        on, how = None, ""
    else:
        on = on or today()
        ensure_not_ahead(on)
        if consent is Consent.GIVEN and not how:
            raise Invalid(N_("Please say how they agreed to be mailed, e.g. in the order form."))
    before = [contact.consent, contact.consent_on, contact.consent_how]
    if before == [consent, on, how]:
        return

    contact.consent, contact.consent_on, contact.consent_how = consent, on, how
    for account_id in accounts_of(session, contact):  # whoever reads the person anywhere finds why
        record(
            session,
            actor,
            account_id,
            "contact.consent_changed",
            contact=str(contact.id),
            name=contact.name,
            before=before,
            after=[consent, on, how],
        )
    tell(session, ContactsChanged, accounts_of(session, contact))
