"""What is already here of the accounts that a chunk of rows speaks of: a fixed number of statements a chunk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from accounts.importing.hands import hands_on_each
from accounts.importing.legal_forms import called, may_be_one
from accounts.importing.rows import Row
from accounts.models import (
    Account,
    AccountAlias,
    Contract,
    OwnField,
    OwnValue,
    Stage,
    Tier,
)
from accounts.names import fold
from accounts.people.whereabouts import whereabouts
from accounts.queries import is_visible
from accounts.rights import Hands
from accounts.tags.queries import tags_of
from crm.viewer import Viewer

T = TypeVar("T")


@dataclass(frozen=True)
class Term:
    """An open contract."""

    id: int
    starts_on: date
    ends_on: date
    notice_days: int


@dataclass(eq=False)
class KnownAccount:
    """An account as it stands, or as earlier rows of the same file will have made it."""

    id: int
    name: str
    external_id: str | None = None
    domain: str | None = None
    tier: Tier | None = None
    stage: Stage | None = None
    owner_id: int | None = None
    team_id: int | None = None
    arr_minor: int = 0
    currency: str = "EUR"
    seats: int | None = None
    country: str | None = None
    language: str | None = None
    industry: str | None = None
    closed: bool = False
    visible: bool = True
    hands: Hands | None = None  # ``None``: made by this very file
    terms: list[Term] = field(default_factory=list)
    own: dict[str, str] = field(default_factory=dict)  # by the own field's key
    tags: set[str] = field(default_factory=set)  # folded
    aliases: dict[str, set[str]] = field(default_factory=dict)


class Accounts:
    """Accounts by identifier, by domain and by folded name. A partner's domain names no account."""

    def __init__(self, known: Iterable[KnownAccount] = (), *, partners: frozenset[str] = frozenset()) -> None:
        self.partners = partners
        self.by_external: dict[str, KnownAccount] = {}
        self.by_domain: dict[str, list[KnownAccount]] = defaultdict(list)
        self.by_name: dict[str, list[KnownAccount]] = defaultdict(list)
        self.by_id: dict[int, KnownAccount] = {}
        self.by_stem: dict[str, list[KnownAccount]] = defaultdict(list)  # names without their legal forms
        for account in known:
            self.add(account)

    def add(self, account: KnownAccount) -> None:
        if account.id not in self.by_id:
            self.by_id[account.id] = account
            self.index(account)

    def index(self, account: KnownAccount) -> None:
        """Find it by its keys, also by those it has just been given."""
        aliases = account.aliases
        for external_id in {account.external_id or "", *aliases.get("external_id", ())} - {""}:
            self.by_external.setdefault(external_id, account)
        if account.closed:
            return
        for domain in {(account.domain or "").lower(), *aliases.get("domain", ())} - {""} - self.partners:
            put(self.by_domain[domain], account)
        for name in {fold(account.name), *aliases.get("name", ())} - {""}:
            put(self.by_name[name], account)
        put(self.by_stem[called(account.name).stem], account)

    def of_other_form(self, named: Mapping[str, Any]) -> KnownAccount | None:
        """The one account that ``named`` names but for a legal form; keys that say otherwise count first."""
        if "name" not in named or "external_id" in named:
            return None
        meant = called(named["name"])
        found = [account for account in self.by_stem.get(meant.stem, ()) if may_be_one(meant, called(account.name))]
        domain = named.get("domain")
        if len(found) != 1 or not found[0].visible or (domain and (found[0].domain or domain).lower() != domain):
            return None
        return found[0]


def load_stems(session: Session) -> dict[str, list[int]]:
    """Every open account by its name without its legal form: read once a file."""
    found: dict[str, list[int]] = defaultdict(list)
    for account_id, name in session.execute(
        select(col(Account.id), col(Account.name)).where(col(Account.closed_at).is_(None))
    ):
        found[called(name).stem].append(account_id)
    return found


def ids_of_other_form(stems: Mapping[str, Sequence[int]], names: Iterable[str]) -> set[int]:
    """Accounts that may be meant by ``names`` written without or with a legal form."""
    return {one for name in names for one in stems.get(called(name).stem, ())}


def put(found: list[T], one: T) -> None:
    if one not in found:
        found.append(one)


@dataclass(frozen=True)
class Keys:
    """By what rows name accounts: identifiers, domains, folded names, and whose people they speak of."""

    external_ids: frozenset[str]
    domains: frozenset[str]
    names: frozenset[str]
    ids: frozenset[int] = frozenset()  # accounts at which somebody is whom a row names

    @classmethod
    def of_accounts(cls, rows: Sequence[Row], ids: Iterable[int] = ()) -> Keys:
        return cls(
            values_of(rows, "external_id"), values_of(rows, "domain"), values_of(rows, "name", fold), frozenset(ids)
        )

    @classmethod
    def of_contacts(cls, rows: Sequence[Row], ids: Iterable[int] = ()) -> Keys:
        mailed = {str(row.values["email"]).rpartition("@")[2].lower() for row in rows if "email" in row.values}
        return cls(
            values_of(rows, "account_id"),
            values_of(rows, "account_domain") | mailed,
            values_of(rows, "account", fold),
            frozenset(ids),
        )


def values_of(rows: Sequence[Row], key: str, of: Any = str) -> frozenset[str]:
    return frozenset(of(row.values[key]) for row in rows if key in row.values)


def load_accounts(session: Session, viewer: Viewer, keys: Keys, today: date, *, whole: bool) -> list[KnownAccount]:
    """Every account that one of ``keys`` names, also those the viewer may not read: an import must neither double them
    nor change them. ``whole``: with their contracts and own values."""
    named = _aliases(session, keys)
    found = session.execute(
        select(Account, is_visible(viewer, today).label("visible")).where(
            or_(
                col(Account.external_id).in_(keys.external_ids),
                func.lower(col(Account.domain)).in_(keys.domains),
                col(Account.name_folded).in_(keys.names),
                col(Account.id).in_({*named, *keys.ids}),
            )
        )
    ).all()
    accounts = [account for account, _visible in found]
    hands = hands_on_each(session, viewer, accounts, today)
    known = [
        KnownAccount(
            **{key: getattr(account, key) for key in _COLUMNS},
            closed=account.closed_at is not None,
            visible=bool(visible),
            hands=hands[account.id],
            aliases=named.get(account.id, {}),
        )
        for account, visible in found
    ]
    if whole:
        _add_terms_and_own_values(session, {account.id: account for account in known})
    return known


_COLUMNS = (
    "id name external_id domain tier stage owner_id team_id arr_minor currency seats country language industry"
).split()


def _aliases(session: Session, keys: Keys) -> dict[int, dict[str, set[str]]]:
    """Other identifiers, domains and names of accounts that hold for any source."""
    wanted = keys.external_ids | keys.domains | keys.names
    rows = session.execute(
        select(col(AccountAlias.account_id), col(AccountAlias.kind), col(AccountAlias.value)).where(
            col(AccountAlias.source_key) == "",
            col(AccountAlias.kind).in_(("external_id", "domain", "name")),
            col(AccountAlias.value).in_(wanted),
        )
    )
    found: dict[int, dict[str, set[str]]] = {}
    for account_id, kind, value in rows:
        found.setdefault(account_id, {}).setdefault(kind, set()).add(value)
    return found


def _add_terms_and_own_values(session: Session, accounts: dict[int, KnownAccount]) -> None:
    contracts = session.execute(
        select(
            col(Contract.account_id),
            col(Contract.id),
            col(Contract.starts_on),
            col(Contract.ends_on),
            col(Contract.notice_days),
        )
        .where(col(Contract.account_id).in_(accounts), col(Contract.closed_at).is_(None))
        .order_by(col(Contract.ends_on), col(Contract.id))
    )
    for account_id, *term in contracts:
        accounts[account_id].terms.append(Term(*term))
    values = session.execute(
        select(col(OwnValue.account_id), col(OwnField.key), col(OwnValue.text))
        .join(OwnField, col(OwnField.id) == col(OwnValue.field_id))
        .where(col(OwnValue.account_id).in_(accounts))
    )
    for account_id, key, written in values:
        accounts[account_id].own[key] = written
    for account_id, names in tags_of(session, accounts).items():
        accounts[account_id].tags = {fold(name) for name in names}


@dataclass(frozen=True)
class Whereabouts:
    """The accounts at which people are, by the id or e-mail that rows name them by."""

    by_external: Mapping[str, set[int]]
    by_email: Mapping[str, set[int]]

    def of(self, row: Row) -> set[int]:
        external_id, email = row.values.get("external_id"), row.values.get("email")
        return self.by_external.get(str(external_id), set()) or self.by_email.get(str(email).lower(), set())

    @property
    def account_ids(self) -> set[int]:
        return {one for at in (self.by_external, self.by_email) for ids in at.values() for one in ids}


def load_whereabouts(session: Session, rows: Sequence[Row]) -> Whereabouts:
    """Of those whom rows without an account name."""
    loose = [row for row in rows if row.values.keys().isdisjoint(("account_id", "account_domain", "account"))]
    return Whereabouts(
        *whereabouts(
            session, values_of(loose, "external_id"), values_of(loose, "email", lambda mail: str(mail).lower())
        )
    )
