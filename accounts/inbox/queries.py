"""Whose contacts are in a mail, and what waits for a person to sort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select as core_select
from sqlmodel import Session, col, select

from accounts.inbox.models import InboxMail, InboxState
from accounts.models import Account, Contact, Interaction
from accounts.participants import accounts_by_domain, matches
from crm.errors import NotFound
from crm.text import N_
from crm.viewer import Viewer

SHOWN = 50


def is_there(session: Session, user_id: int, message_key: str) -> bool:
    return (
        session.scalar(
            core_select(col(InboxMail.id)).where(
                col(InboxMail.user_id) == user_id, col(InboxMail.message_key) == message_key
            )
        )
        is not None
    )


def answers_the_other_side(session: Session, account: Account, reference_keys: Sequence[str], *, ours: bool) -> bool:
    """Whether a mail that is known here and that the other side wrote is among those it refers to."""
    if not reference_keys:
        return False
    found = session.scalar(
        core_select(col(InboxMail.id))
        .join(Interaction, col(Interaction.id) == col(InboxMail.interaction_id))
        .where(
            col(InboxMail.message_key).in_(reference_keys),
            col(InboxMail.is_ours).is_(not ours),
            col(InboxMail.automatic).is_(False),
            col(InboxMail.mass).is_(False),
            col(Interaction.account_id) == account.id,
            col(Interaction.closed_at).is_(None),
        )
        .limit(1)
    )
    return found is not None


def _waiting(viewer: Viewer) -> ColumnElement[bool]:
    return (col(InboxMail.user_id) == viewer.user_id) & (col(InboxMail.state) == InboxState.TO_SORT)


def waiting_mails(session: Session, viewer: Viewer) -> Sequence[InboxMail]:
    """The viewer's own, newest first."""
    return session.exec(
        select(InboxMail)
        .where(_waiting(viewer))
        .order_by(col(InboxMail.received_at).desc(), col(InboxMail.id).desc())
        .limit(SHOWN)
    ).all()


def waiting_count(session: Session, viewer: Viewer) -> int:
    return session.scalar(core_select(func.count()).select_from(InboxMail).where(_waiting(viewer))) or 0


def get_waiting(session: Session, viewer: Viewer, mail_id: int) -> InboxMail:
    found = session.exec(select(InboxMail).where(_waiting(viewer), col(InboxMail.id) == mail_id)).first()
    if found is None:
        raise NotFound(N_("This mail no longer waits to be sorted."))
    return found


@dataclass(frozen=True)
class Suggestion:
    account: Account
    contact: Contact | None  # who wrote it, or to whom it went, as far as known
    because: str  # the address or domain that says so


@dataclass(frozen=True)
class WaitingMail:
    mail: InboxMail
    suggestions: tuple[Suggestion, ...]


def with_suggestions(session: Session, viewer: Viewer, mails: Sequence[InboxMail]) -> list[WaitingMail]:
    """Whose each mail may be: by people in it first, then by their companies' domains; two statements for all."""
    people = matches(session, viewer, (email for mail in mails for email in addresses_of(mail)))
    domains = accounts_by_domain(
        session, viewer, (email.rpartition("@")[2] for mail in mails for email in addresses_of(mail))
    )
    shown = []
    for mail in mails:
        found: dict[int, Suggestion] = {}
        for email in addresses_of(mail):
            for match in people:
                if match.email == email:
                    found.setdefault(match.account.id, Suggestion(match.account, match.contact, email))
        for email in addresses_of(mail):
            domain = email.rpartition("@")[2]
            for account in domains.get(domain, []):
                found.setdefault(account.id, Suggestion(account, None, domain))
        shown.append(WaitingMail(mail, tuple(found.values())[:5]))
    return shown


def addresses_of(mail: InboxMail) -> list[str]:
    """The other side's addresses first: who wrote it, or to whom we wrote."""
    both = [*mail.others, mail.sender_email] if mail.is_ours else [mail.sender_email, *mail.others]
    return [email for email in both if email]
