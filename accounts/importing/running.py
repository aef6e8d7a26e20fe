"""A file's rows through planning and writing, chunk by chunk; the preview plans with the very same hands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol, TypeVar

from sqlalchemy import func
from sqlmodel import Session, col, select

from accounts.importing.contact_planning import ContactPlan, ContactPlanner
from accounts.importing.contact_writing import write_contacts
from accounts.importing.facts import Plan
from accounts.importing.known import (
    Accounts,
    Keys,
    KnownAccount,
    ids_of_other_form,
    load_accounts,
    load_stems,
    load_whereabouts,
)
from accounts.importing.known_contacts import Contacts, load_contacts
from accounts.importing.legal_forms import called
from accounts.importing.mapping import Mapping
from accounts.importing.notes import settle_notes
from accounts.importing.own_fields import ensure_fields, keys_of
from accounts.importing.people_planning import PeopleOfAccounts
from accounts.importing.planning import AccountPlan, AccountPlanner, Outcome
from accounts.importing.rows import Row, RowReader
from accounts.importing.targets import Kind
from accounts.importing.words import Colleague, Colleagues
from accounts.importing.writing import write_accounts
from accounts.invoices.importing import InvoiceImporter
from accounts.nps.importing import NpsImporter
from accounts.partners.queries import partner_domains
from accounts.usage.importing import UsageImporter
from crm.clock import today
from crm.identity.models import User
from crm.viewer import Viewer

RawRow = tuple[int, Sequence[str]]  # the line on which it begins, and its cells
T = TypeVar("T")

CHUNK = 500  # rows
CHUNK_OF = {Kind.USAGE: 2_000}  # narrow rows, many of them


def colleagues_of(session: Session) -> Colleagues:
    """Everyone who may own accounts."""
    people = session.exec(select(User).where(col(User.disabled_at).is_(None)).order_by(col(User.name), col(User.id)))
    return Colleagues(Colleague(user.id, user.name, user.email) for user in people)


class Importer(Protocol):
    """``plan`` looks at rows in their order and remembers them; ``write`` carries out what was planned last."""

    def plan(self, session: Session, raw: Sequence[RawRow]) -> Sequence[Plan]: ...
    def write(self, session: Session, plans: Sequence[Plan]) -> None: ...


class AccountImporter:
    def __init__(
        self, viewer: Viewer, mapping: Mapping, headings: Sequence[str], colleagues: Colleagues, *, dry: bool
    ) -> None:
        self._viewer = viewer
        self._mapping = mapping
        self._headings = headings
        self._reader = RowReader(mapping, headings, colleagues)
        self._planner = AccountPlanner(viewer, mapping, keys_of(mapping, headings))
        self._people = PeopleOfAccounts(viewer, mapping, dry=dry)
        self._dry = dry
        self._accounts = Accounts()
        self._stems: dict[str, list[int]] | None = None

    def plan(self, session: Session, raw: Sequence[RawRow]) -> Sequence[AccountPlan]:
        rows = [self._reader.read(line, cells) for line, cells in raw]
        if not self._dry or not self._accounts.by_id:
            self._accounts = Accounts(partners=partner_domains(session))  # what earlier chunks wrote is read again
        if self._stems is None:
            self._stems = load_stems(session)
        loose = ids_of_other_form(self._stems, (row.values["name"] for row in rows if "name" in row.values))
        found = load_accounts(session, self._viewer, Keys.of_accounts(rows, loose), today(), whole=True)
        for known in found:
            self._accounts.add(known)
        self._people.load(session, rows, [known.id for known in found])
        plans = []
        for row in rows:
            plan = self._planner.plan(row, self._accounts)
            self._people.plan(plan)
            self._planner.remember(plan, self._accounts)
            if plan.outcome is Outcome.NEW:
                self._stems.setdefault(called(plan.values["name"]).stem, []).append(plan.id)
            plans.append(plan)
        return plans

    def write(self, session: Session, plans: Sequence[Plan]) -> None:
        accounts = [plan for plan in plans if isinstance(plan, AccountPlan)]
        used = {column for plan in accounts for column in plan.own}
        write_accounts(session, self._viewer, accounts, ensure_fields(session, self._mapping, self._headings, used))
        self._people.write(session, accounts)


class ContactImporter:
    def __init__(
        self, viewer: Viewer, mapping: Mapping, headings: Sequence[str], colleagues: Colleagues, *, dry: bool
    ) -> None:
        self._viewer = viewer
        self._reader = RowReader(mapping, headings, colleagues)
        self._planner = ContactPlanner(mapping)
        self._dry = dry
        self._contacts = Contacts()
        self._stems: dict[str, list[int]] | None = None

    def plan(self, session: Session, raw: Sequence[RawRow]) -> Sequence[ContactPlan]:
        rows = [self._reader.read(line, cells) for line, cells in raw]
        whereabouts = load_whereabouts(session, rows)
        if self._stems is None:
            self._stems = load_stems(session)
        loose = ids_of_other_form(self._stems, (row.values["account"] for row in rows if "account" in row.values))
        keys = Keys.of_contacts(rows, whereabouts.account_ids | loose)
        known_accounts = load_accounts(session, self._viewer, keys, today(), whole=False)
        accounts = Accounts(known_accounts, partners=partner_domains(session))
        found = [self._planner.account_of(row, accounts, whereabouts) for row in rows]
        if not self._dry:
            self._contacts = Contacts()
        account_ids = {account.id for account in found if isinstance(account, KnownAccount)}
        for known in load_contacts(session, rows, account_ids):
            self._contacts.add(known)
        plans = []
        for row, account in zip(rows, found, strict=True):
            plan = self._planner.plan(row, account, self._contacts)
            self._planner.remember(plan, self._contacts)
            plans.append(plan)
        settle_notes(session, plans)
        return plans

    def write(self, session: Session, plans: Sequence[Plan]) -> None:
        write_contacts(session, self._viewer, [plan for plan in plans if isinstance(plan, ContactPlan)])


def make_importer(
    session: Session, viewer: Viewer, mapping: Mapping, headings: Sequence[str], *, dry: bool = False
) -> Importer:
    """``dry``: nothing will be written, so what earlier chunks would have made is kept in mind."""
    makers: dict[Kind, Callable[..., Importer]] = {
        Kind.ACCOUNTS: AccountImporter,
        Kind.CONTACTS: ContactImporter,
        Kind.USAGE: UsageImporter,
        Kind.NPS: NpsImporter,
        Kind.INVOICES: InvoiceImporter,
    }
    return makers[mapping.kind](viewer, mapping, headings, colleagues_of(session), dry=dry)


def take_turn(session: Session) -> None:
    """Imports write one after the other, so that two never make the same account twice; on SQLite all writers do."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(0x696D706F7274)))


def in_chunks(rows: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    left = iter(rows)
    while chunk := list(islice(left, size)):
        yield chunk


def count(plans: Iterable[Plan]) -> dict[str, int]:
    found = Counter(plan.outcome.value for plan in plans)
    return {outcome.value: found[outcome.value] for outcome in Outcome} | {"rows": sum(found.values())}


__all__ = [
    "CHUNK",
    "CHUNK_OF",
    "Importer",
    "Plan",
    "RawRow",
    "Row",
    "colleagues_of",
    "count",
    "in_chunks",
    "make_importer",
    "take_turn",
]
