"""Which account and which person a ticket means: looked up for many tickets at once, made where the source may."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, func, insert, or_, select
from sqlmodel import Session, col

from accounts.events import ContactsChanged, tell
from accounts.models import Account, AccountAlias, Contact, ContactAccount, Tier
from accounts.names import fold as fold_slowly
from accounts.partners.queries import partner_domains
from accounts.people.whereabouts import Whereabouts, whereabouts
from accounts.service import create_account
from crm.clock import day_of, now, today
from crm.db import table_of
from crm.ids import new_id
from crm.text import N_, Text, text
from crm.viewer import Viewer
from support.bulk import insert_rows, parts
from support.models.importing import MadeKind
from support.records import AccountHint, Requester, TicketRecord

NO_COMPANY = N_("The source names no company.")
UNKNOWN_COMPANY = N_("No account is known as “%(name)s”.")
SEVERAL_COMPANIES = N_("“%(name)s” could be any of several accounts.")
PARTNERS = N_("“%(name)s” is the domain of a partner who serves several accounts.")


fold = lru_cache(maxsize=50_000)(fold_slowly)  # a file names the same companies again and again


class Rule(StrEnum):
    """By what an account was found."""

    EXTERNAL_ID = "external_id"
    DOMAIN = "domain"
    NAME = "name"
    REQUESTER = "requester"
    MADE = "made"


class Found(NamedTuple):
    account_id: int | None
    why_not: Text | None = None
    rule: Rule | None = None


class AccountFinder:
    """Accounts by what a source calls them: its id of the company, a domain, a name, in this order.

    Where it names no company but a domain, the person who asks says more than the domain, if they are known at one
    account only; and a partner's domain says nothing.

    What the source once called an account is remembered as an alias. Two companies of one name that the source tells
    apart by id are two accounts.
    """

    def __init__(self, session: Session, actor: Viewer, source_key: str, *, tier: Tier = Tier.MID) -> None:
        self.session = session
        self.actor = actor
        self.source_key = source_key
        self.tier = tier
        self._known: dict[tuple[str, str], set[int]] = {}  # (kind, value) → accounts
        self._identified: set[int] = set()  # accounts that the source has an id for
        self._aliased: set[tuple[str, str]] = set()  # what the source has called an account before
        self._partners = partner_domains(session)
        self.made: list[tuple[MadeKind, int]] = []
        self._by_requester: Whereabouts = {}
        self._by_mail: Whereabouts = {}

    def prepare(self, records: Iterable[TicketRecord]) -> None:
        """Look up everything that ``records`` name and that is not known yet, in a fixed number of statements."""
        records = [record for record in records if record.account_id is None]
        hints = {record.account for record in records}
        asked = [record.requester for record in records if record.account.domain]
        self._by_requester, self._by_mail = whereabouts(
            self.session,
            {_external(self.source_key, one) for one in asked if one.external_id},
            {one.email.lower() for one in asked if one.email},
        )
        self._prepare("external_id", {hint.external_id for hint in hints}, col(Account.external_id))
        self._prepare("domain", {fold(hint.domain) for hint in hints}, func.lower(col(Account.domain)))
        self._prepare("name", {fold(hint.name) for hint in hints}, col(Account.name_folded))
        named = {account_id for (kind, _), known in self._known.items() if kind == "name" for account_id in known}
        for some in parts(sorted(named)):
            self._identified.update(
                self.session.scalars(
                    select(col(AccountAlias.account_id)).where(
                        col(AccountAlias.account_id).in_(some),
                        col(AccountAlias.source_key) == self.source_key,
                        col(AccountAlias.kind) == "external_id",
                    )
                )
            )

    def _prepare(self, kind: str, values: set[str], column: Any) -> None:
        new = sorted(value for value in values if value and (kind, value) not in self._known)
        for some in parts(new):
            self._known.update({(kind, value): set() for value in some})
            said: set[str] = set()
            for value, account_id, source_key, closed_at in self.session.execute(_aliases(self.source_key, kind, some)):
                if source_key:  # what this very source calls an account is not doubted by what others do
                    said.add(value)
                    self._aliased.add((kind, value))
                    self._known[kind, value] = {account_id} if closed_at is None else set()
                elif value not in said and closed_at is None:
                    self._known[kind, value].add(account_id)
            rest = [value for value in some if value not in said]
            for value, account_id in self.session.execute(
                select(column, col(Account.id)).where(column.in_(rest), col(Account.closed_at).is_(None))
            ):
                self._known[kind, value].add(account_id)

    def find(self, record: TicketRecord) -> Found:
        if record.account_id is not None:
            return Found(record.account_id)
        hint = record.account
        if hint.is_empty:
            return Found(None, text(NO_COMPANY))
        name = hint.name or hint.domain or hint.external_id
        is_partners = fold(hint.domain) in self._partners
        for kind, value in _ways(hint):
            if kind == "domain":
                if not hint.name and (at := self._where_they_are(record)) is not None:
                    return Found(at, rule=Rule.REQUESTER)
                if is_partners:
                    continue
            known = self._known[kind, value]
            if kind == "name" and hint.external_id:
                known = known - self._identified
            if len(known) == 1:
                account_id = next(iter(known))
                if kind != "external_id" and hint.external_id:
                    self._remember("external_id", hint.external_id, account_id)
                elif kind == "name":
                    self._remember(kind, value, account_id)
                return Found(account_id, rule=Rule(kind))
            if known:
                return Found(None, text(SEVERAL_COMPANIES, name=name))
        if hint.domain and (at := self._where_they_are(record)) is not None:
            return Found(at, rule=Rule.REQUESTER)
        if hint.create and hint.name:
            return Found(self._create(record), rule=Rule.MADE)
        if is_partners:
            return Found(None, text(PARTNERS, name=hint.domain))
        return Found(None, text(UNKNOWN_COMPANY, name=name))

    def _where_they_are(self, record: TicketRecord) -> int | None:
        """The one account at which whoever asks is known."""
        requester = record.requester
        by_id = self._by_requester.get(_external(self.source_key, requester)) if requester.external_id else None
        at = by_id or self._by_mail.get(requester.email.lower(), set())
        return next(iter(at)) if len(at) == 1 else None

    def _create(self, record: TicketRecord) -> int:
        """A customer since its first ticket, as far as we know."""
        hint = record.account
        since: date = min(day_of(record.opened_at or record.updated_at), today())
        account = create_account(
            self.session,
            self.actor,
            name=hint.name[:200],
            tier=self.tier,
            stage_entered_on=since,
            since=since,
            domain=hint.domain if hint.domain and fold(hint.domain) not in self._partners else None,
            same_name=bool(hint.external_id),
        )
        self.session.flush()
        self.made.append((MadeKind.ACCOUNT, account.id))
        for kind, value in _ways(hint):
            if kind != "domain" or value not in self._partners:
                self._known[kind, value] |= {account.id}
        if hint.external_id:
            self._remember("external_id", hint.external_id, account.id)
        else:
            self._remember("name", fold(hint.name), account.id)
        return account.id

    def _remember(self, kind: str, value: str, account_id: int) -> None:
        if (kind, value) in self._aliased:
            return
        self._aliased.add((kind, value))
        self._known[kind, value] = {account_id}
        if kind == "external_id":
            self._identified.add(account_id)
        alias = AccountAlias(account_id=account_id, source_key=self.source_key, kind=kind, value=value)
        self.session.add(alias)
        self.made.append((MadeKind.ALIAS, alias.id))


def _aliases(source_key: str, kind: str, values: Sequence[str]) -> Select[str, int, str, datetime | None]:
    return (
        select(
            col(AccountAlias.value),
            col(AccountAlias.account_id),
            col(AccountAlias.source_key),
            col(Account.closed_at),
        )
        .join(Account, col(Account.id) == col(AccountAlias.account_id))
        .where(
            col(AccountAlias.kind) == kind,
            col(AccountAlias.value).in_(values),
            col(AccountAlias.source_key).in_(("", source_key)),
        )
        .order_by(col(AccountAlias.source_key).desc())  # the source's own first
    )


def _ways(hint: AccountHint) -> list[tuple[str, str]]:
    ways = (("external_id", hint.external_id), ("domain", fold(hint.domain)), ("name", fold(hint.name)))
    return [(kind, value) for kind, value in ways if value]


class ContactFinder:
    """People by the source's id of them, else by e-mail; new ones are made. One may ask for several accounts."""

    def __init__(self, session: Session, source_key: str) -> None:
        self.session = session
        self.source_key = source_key
        self._by_id: dict[str, int | None] = {}
        self._by_mail: dict[str, int | None] = {}
        self._links: set[tuple[int, int]] = set()
        self._new_contacts: list[dict[str, Any]] = []
        self._new_links: list[dict[str, Any]] = []
        self.made: list[tuple[MadeKind, int]] = []

    def prepare(self, requesters: Sequence[Requester]) -> None:
        ids = {self._external(one) for one in requesters if one.external_id} - self._by_id.keys()
        mails = {one.email.lower() for one in requesters if one.email} - self._by_mail.keys()
        self._by_id.update(dict.fromkeys(ids))
        self._by_mail.update(dict.fromkeys(mails))
        # Whoever was merged away is the person they were merged into.
        there = or_(col(Contact.closed_at).is_(None), col(Contact.merged_into_id).is_not(None))
        who = func.coalesce(col(Contact.merged_into_id), col(Contact.id))
        for some in parts(sorted(ids)):
            by_id = select(col(Contact.external_id), who).where(col(Contact.external_id).in_(some), there)
            self._by_id.update((key, contact_id) for key, contact_id in self.session.execute(by_id) if key)
        mail = func.lower(col(Contact.email))
        for some in parts(sorted(mails)):
            last_wins = (col(Contact.merged_into_id).is_(None), col(Contact.id).desc())
            by_mail = select(mail, who).where(mail.in_(some), there).order_by(*last_wins)
            self._by_mail.update((key, contact_id) for key, contact_id in self.session.execute(by_mail))

    def known(self, record: TicketRecord) -> int | None:
        """The person, if somebody we know."""
        if record.contact_id is not None:
            return record.contact_id
        requester = record.requester
        known = self._by_id.get(self._external(requester)) if requester.external_id else None
        return self._by_mail.get(requester.email.lower()) if known is None and requester.email else known

    def find(self, record: TicketRecord) -> int | None:
        """The person; a new one when the source says a name or an address."""
        known, requester = self.known(record), record.requester
        if record.contact_id is not None:
            return known
        if known is None and (requester.name or requester.email):
            known = self._create(requester)
        if known is not None:
            if requester.external_id:
                self._by_id[self._external(requester)] = known
            if requester.email:
                self._by_mail[requester.email.lower()] = known
        return known

    def link(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Each (contact, account): the person belongs there. Writes what is new, in bulk."""
        wanted = dict.fromkeys(pair for pair in pairs if pair not in self._links)
        stored: set[tuple[int, int]] = set()
        for some in parts(sorted({contact_id for contact_id, _ in wanted})):
            rows = select(col(ContactAccount.contact_id), col(ContactAccount.account_id)).where(
                col(ContactAccount.contact_id).in_(some)
            )
            stored.update((contact_id, account_id) for contact_id, account_id in self.session.execute(rows))
        new = [pair for pair in wanted if pair not in stored]
        self._links.update(wanted)
        if self._new_contacts:
            self.session.execute(insert(table_of(Contact)), self._new_contacts)
            self._new_contacts = []
        if new:
            names = ("id", "contact_id", "account_id", "position", "new_employer")
            links = [(new_id(), *pair, "", "") for pair in new]
            insert_rows(self.session, ContactAccount, names, links)
            self.made += [(MadeKind.LINK, link[0]) for link in links]
            tell(self.session, ContactsChanged, [account_id for _, account_id in new])

    def _create(self, requester: Requester) -> int:
        name = " ".join((requester.name or requester.email.partition("@")[0]).split())[:160]
        contact_id = new_id()
        self.made.append((MadeKind.CONTACT, contact_id))
        self._new_contacts.append(
            {
                "id": contact_id,
                "name": name,
                "name_folded": fold(name)[:160],
                "email": requester.email or None,
                "external_id": self._external(requester) or None,
                "consent_how": "",
                "created_at": now(),
            }
        )
        return contact_id

    def _external(self, requester: Requester) -> str:
        return _external(self.source_key, requester)


def _external(source_key: str, requester: Requester) -> str:
    return f"{source_key}:{requester.external_id}"[:120] if requester.external_id else ""


__all__ = ["AccountFinder", "ContactFinder", "Found"]
