"""Mail in: taken in once, put on the timelines of those it was spoken with, or kept for its person to sort."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete
from sqlmodel import Session, col

from accounts import service as accounts
from accounts.inbox.models import InboxMail, InboxState, Why
from accounts.inbox.queries import answers_the_other_side, is_there
from accounts.inbox.reading import ReadMail, envelope_of, read_mail
from accounts.models import Account, Channel, Contact, Direction, Interaction
from accounts.participants import (
    FREE_DOMAINS,
    Match,
    SeveralAccounts,
    accounts_by_domain,
    colleagues_among,
    matches,
    settle,
)
from accounts.rights import ensure_may_note, hands_on
from crm.audit import record
from crm.clock import machine_now, now
from crm.config import get_settings
from crm.errors import Conflict
from crm.identity.keys import Purpose, owner_of
from crm.identity.models import User
from crm.identity.service import as_viewer
from crm.text import N_
from crm.viewer import Capability, Viewer

SOURCE = "mail"
KEPT_UNSORTED = timedelta(days=30)


# --- the address ---------------------------------------------------------------------------------------------------


def address_with(token: str) -> str:
    """crm+token@company.example"""
    local, _, domain = get_settings().mailbox_address.rpartition("@")
    return f"{local}+{token}@{domain}"


def token_in(address: str) -> str | None:
    """The token of one of our addresses, whatever server wrote it down."""
    local, _, domain = get_settings().mailbox_address.lower().rpartition("@")
    begins = f"{local}+"
    name, _, at = address.lower().rpartition("@")
    return name.removeprefix(begins) if at == domain and name.startswith(begins) else None


def has_mailbox() -> bool:
    settings = get_settings()
    return settings.mailbox_url is not None and "@" in settings.mailbox_address


# --- in --------------------------------------------------------------------------------------------------------------


def receive(session: Session, raw: bytes) -> InboxState | None:
    """Take one mail of the mailbox in; ``None``: it is nobody's. The same mail changes nothing a second time."""
    user = _whose(session, raw)
    if user is None:
        return None
    viewer = as_viewer(user)
    if not viewer.may(Capability.NOTE):
        return None
    mail = read_mail(raw, zone=ZoneInfo(user.time_zone), by=user.email)
    return take_in(session, viewer, mail, own_domain=user.email.rpartition("@")[2].lower())


def _whose(session: Session, raw: bytes) -> User | None:
    for address in envelope_of(raw):
        token = token_in(address)
        user = owner_of(session, Purpose.MAIL, token) if token else None
        if user is not None:
            return user
    return None


def take_in(session: Session, viewer: Viewer, mail: ReadMail, *, own_domain: str) -> InboxState:
    key = key_of(mail.message_id)
    if is_there(session, viewer.user_id, key):
        return InboxState.FILED
    people = [one for one in (mail.sender, *mail.recipients) if one is not None and token_in(one.email) is None]
    colleagues = colleagues_among(session, [one.email for one in people])
    domain = "" if own_domain in FREE_DOMAINS else own_domain

    def is_colleague(email: str) -> bool:
        return email in colleagues or (bool(domain) and email.rpartition("@")[2] == domain)

    kept = InboxMail(
        user_id=viewer.user_id,
        message_key=key,
        reference_keys=[key_of(one) for one in mail.references],
        state=InboxState.IGNORED,
        is_ours=mail.sender is not None and is_colleague(mail.sender.email),
        sender_name=mail.sender.name if mail.sender else "",
        sender_email=mail.sender.email if mail.sender else "",
        others=[one.email for one in mail.recipients if token_in(one.email) is None and not is_colleague(one.email)],
        automatic=mail.automatic,
        mass=mail.mass,
        subject=mail.subject,
        body=mail.text,
        happened_at=min(mail.sent_at or now(), now()),
    )
    session.add(kept)
    session.flush()
    if mail.ignored:
        kept.body = ""
        return kept.state
    if mail.sender is None:
        return _to_sort(kept, Why.UNREADABLE)
    found = matches(session, viewer, kept.others if kept.is_ours else [kept.sender_email])
    settled = _settled(session, viewer, kept, found)
    if settled is None:
        if kept.automatic or kept.mass:
            kept.body = ""  # a newsletter or an absence of strangers: nobody sorts those
            return kept.state
        return _to_sort(kept, Why.SEVERAL if found else Why.NOBODY)
    for one in settled:
        _put_on_timeline(session, viewer, kept, one.account, one.contact)
    kept.body = ""
    return kept.state


def _settled(session: Session, viewer: Viewer, kept: InboxMail, found: Sequence[Match]) -> list[Match] | None:
    """One match an account; ``None``: a person must say."""
    emails = (kept.sender_email, *kept.others)
    by_domain = accounts_by_domain(session, viewer, (email.rpartition("@")[2] for email in emails))
    try:
        chosen = settle(found, {account.id for accounts in by_domain.values() for account in accounts})
    except SeveralAccounts:
        return None
    order = {email: place for place, email in enumerate(emails)}
    return sorted(chosen.values(), key=lambda one: order.get(one.email, len(order))) or None


def _to_sort(kept: InboxMail, why: Why) -> InboxState:
    kept.state, kept.why = InboxState.TO_SORT, why
    return kept.state


def _put_on_timeline(
    session: Session, viewer: Viewer, kept: InboxMail, account: Account, contact: Contact | None
) -> Interaction:
    interaction = accounts.log_interaction(
        session,
        viewer,
        account,
        channel=Channel.EMAIL,
        direction=Direction.OUT if kept.is_ours else Direction.IN,
        subject=kept.subject or (kept.body or kept.sender_email)[:80],
        body=kept.body,
        contact=contact,
        happened_at=min(kept.happened_at, now()),
        automatic=kept.automatic,
        mass=kept.mass,
        private=True,
        answers=answers_the_other_side(session, account, kept.reference_keys, ours=kept.is_ours),
        source=(SOURCE, f"{kept.id}:{account.id}"),
    )
    kept.state, kept.why, kept.interaction_id = InboxState.FILED, None, interaction.id
    return interaction


# --- sorting ---------------------------------------------------------------------------------------------------------


def sort_mail(
    session: Session,
    viewer: Viewer,
    kept: InboxMail,
    account: Account,
    *,
    contact: Contact | None = None,
    add_contact: bool = False,
) -> Interaction:
    """``kept`` belongs to ``account``; with ``add_contact`` who is in it becomes a contact there, so that the next mail
    is filed by itself."""
    ensure_may_note(viewer)
    if kept.state is not InboxState.TO_SORT:
        raise Conflict(N_("This mail no longer waits to be sorted."))
    other = next((email for email in kept.others), "") if kept.is_ours else kept.sender_email
    if contact is None and add_contact and other and hands_on(session, viewer, account).may_change:
        known = next((one.contact for one in matches(session, viewer, [other]) if one.account.id == account.id), None)
        name = "" if kept.is_ours else kept.sender_name
        contact = known or accounts.add_contact(session, viewer, account, name=name or _name_of(other), email=other)
    interaction = _put_on_timeline(session, viewer, kept, account, contact)
    kept.body = ""
    return interaction


def _name_of(email: str) -> str:
    """ingrid.moe@… is Ingrid Moe until somebody knows better."""
    words = email.partition("@")[0].replace(".", " ").replace("_", " ").replace("-", " ").split()
    return " ".join(word.capitalize() for word in words) or email


def dismiss_mail(session: Session, viewer: Viewer, kept: InboxMail) -> None:
    """It is about no account: its words are forgotten."""
    kept.state, kept.why, kept.body = InboxState.IGNORED, None, ""
    record(session, viewer, None, "inbox.dismissed", mail=str(kept.id))


def forget_unsorted(session: Session) -> int:
    gone = session.execute(
        delete(InboxMail).where(
            col(InboxMail.state) == InboxState.TO_SORT, col(InboxMail.received_at) < machine_now() - KEPT_UNSORTED
        )
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]


def key_of(message_id: str) -> str:
    return hashlib.sha256(message_id.encode(errors="replace")).hexdigest()
