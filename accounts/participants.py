"""Who of a mail or a meeting is known, and of which account: by address first, else by the company's domain."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select as core_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from accounts.models import Account, AccountAlias, Contact, ContactAccount
from accounts.partners.models import PartnerDomain
from accounts.queries import is_visible
from crm.identity.models import User
from crm.viewer import Viewer

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
    named = aliased(Contact)  # whoever was merged away is the person they were merged into
    rows = session.execute(
        core_select(func.lower(col(named.email)), Contact, Account)
        .join(Contact, col(Contact.id) == func.coalesce(col(named.merged_into_id), col(named.id)))
        .join(ContactAccount, col(ContactAccount.contact_id) == col(Contact.id))
        .join(Account, col(Account.id) == col(ContactAccount.account_id))
        .where(
            func.lower(col(named.email)).in_(wanted),
            col(Contact.closed_at).is_(None),
            col(ContactAccount.to_on).is_(None),
            is_visible(viewer),
        )
        .order_by(col(Account.name_folded), col(Account.id), col(Contact.id))
        .limit(500)
    )
    return [Match(email, contact, account) for email, contact, account in rows]


def accounts_by_domain(session: Session, viewer: Viewer, domains: Iterable[str]) -> dict[str, list[Account]]:
    """Accounts that a mail domain speaks for; a partner's, who serves several, speaks for none."""
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
        .where(is_visible(viewer), alias.c.domain.not_in(core_select(col(PartnerDomain.domain))))
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


class SeveralAccounts(Exception):
    """Somebody is known at several accounts, and nothing says which is meant."""


def settle(found: Sequence[Match], named: Collection[int]) -> dict[int, Match]:
    """One person an account, where it is clear; ``named``: accounts whose domain is there too.

    Somebody who is known at several accounts (a partner, a group) is meant at the one whose other people or domain are
    there as well. Raises ``SeveralAccounts`` where that does not tell.
    """
    by_person: dict[int, list[Match]] = {}
    for match in found:
        by_person.setdefault(match.contact.id, []).append(match)
    sure = {matched[0].account.id for matched in by_person.values() if len(matched) == 1}
    chosen: dict[int, Match] = {}
    for matched in by_person.values():
        fitting = matched
        for clue in (sure, named):
            if len(fitting) > 1:
                fitting = [one for one in fitting if one.account.id in clue] or fitting
        if len(fitting) > 1:
            raise SeveralAccounts
        chosen.setdefault(fitting[0].account.id, fitting[0])
    return chosen
