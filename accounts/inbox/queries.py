"""Whose contacts are in a mail, and what waits for a person to sort."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select as core_select
from sqlmodel import Session, col, select

from accounts.inbox.models import InboxMail, InboxState
from accounts.models import Account, AccountAlias, Contact, ContactAccount, Interaction
from accounts.queries import is_visible
from crm.errors import NotFound
from crm.identity.models import User
from crm.text import N_
from crm.viewer import Viewer

SHOWN = 50

# Where anybody may have an address: such a domain says nothing about a company.
FREE_DOMAINS = frozenset(
    """gmail.com googlemail.com outlook.com hotmail.com hotmail.fr live.com live.fr msn.com yahoo.com yahoo.fr ymail.com
    icloud.com me.com mac.com aol.com gmx.de gmx.net gmx.com web.de t-online.de orange.fr wanadoo.fr free.fr sfr.fr
    laposte.net bbox.fr neuf.fr proton.me protonmail.com hey.com fastmail.com zoho.com mail.com yandex.ru qq.com 163.com
    bluewin.ch telenet.be skynet.be libero.it""".split()
)


@dataclass(frozen=True)
class Match:
    """A person in a mail who works at an account that the viewer reads."""

    email: str
    contact: Contact
    account: Account


def matches(session: Session, viewer: Viewer, emails: Iterable[str]) -> Sequence[Match]:
    wanted = list(dict.fromkeys(emails))
    if not wanted:
        return []
    rows = session.execute(
        core_select(func.lower(col(Contact.email)), Contact, Account)
        .join(ContactAccount, col(ContactAccount.contact_id) == col(Contact.id))
        .join(Account, col(Account.id) == col(ContactAccount.account_id))
        .where(
            func.lower(col(Contact.email)).in_(wanted),
            col(Contact.closed_at).is_(None),
            col(ContactAccount.to_on).is_(None),
            is_visible(viewer),
        )
        .order_by(col(Account.name_folded), col(Account.id), col(Contact.id))
        .limit(500)
    )
    return [Match(email, contact, account) for email, contact, account in rows]


def accounts_by_domain(session: Session, viewer: Viewer, domains: Iterable[str]) -> dict[str, list[Account]]:
    """Accounts that a mail domain speaks for."""
    wanted = sorted({domain.lower() for domain in domains if domain} - FREE_DOMAINS)
    if not wanted:
        return {}
    alias = (
        core_select(col(AccountAlias.account_id).label("account_id"), col(AccountAlias.value).label("domain"))
        .where(col(AccountAlias.kind) == "domain", col(AccountAlias.value).in_(wanted))
        .union(
            core_select(col(Account.id), func.lower(col(Account.domain))).where(
                func.lower(col(Account.domain)).in_(wanted)
            )
        )
        .subquery()
    )
    rows = session.execute(
        core_select(alias.c.domain, Account)
        .join(alias, alias.c.account_id == col(Account.id))
        .where(is_visible(viewer))
        .order_by(col(Account.name_folded), col(Account.id))
        .limit(200)
    )
    found: dict[str, list[Account]] = {}
    for domain, account in rows:
        found.setdefault(domain, []).append(account)
    return found


def colleagues_among(session: Session, emails: Iterable[str]) -> frozenset[str]:
    """Which of the addresses are of people who work here."""
    wanted = list(dict.fromkeys(emails))
    if not wanted:
        return frozenset()
    rows = session.scalars(core_select(func.lower(col(User.email))).where(func.lower(col(User.email)).in_(wanted)))
    return frozenset(rows)


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
