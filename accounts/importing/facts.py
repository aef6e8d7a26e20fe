"""Rows that tell a figure of an account that is here already: whose it is, and whether it says anything new."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from accounts.importing.contact_planning import ContactPlan
from accounts.importing.known import Accounts, Keys, KnownAccount, load_accounts
from accounts.importing.mapping import Mapping
from accounts.importing.matching import TwoMeant, match
from accounts.importing.planning import AccountPlan, Outcome
from accounts.importing.rows import Row, RowReader, Wrong
from accounts.importing.unreadable import Unreadable
from accounts.importing.values import FREE_MAIL, read_domain
from accounts.importing.words import Colleagues
from accounts.names import fold
from accounts.partners.queries import partner_domains
from crm.clock import today
from crm.text import N_, Text, text
from crm.viewer import Viewer

AT_ONCE = 500  # accounts looked up by one statement
KEPT = 200_000  # ways to name an account that are remembered; as many accounts as a book has, twice


@dataclass
class FactPlan:
    """``fact``: what is to be written, as its noun has it. ``before``: the row that it corrects. ``changed``: keys of
    what it says otherwise."""

    row: Row
    outcome: Outcome = Outcome.REJECTED
    account: Whose | None = None
    fact: Any = None
    before: Any = None
    changed: tuple[str, ...] = ()
    wrong: list[Wrong] = field(default_factory=list)


@dataclass(frozen=True)
class Whose:
    """An account that a row may write to, or why it may not."""

    id: int
    name: str
    refused: Text | None = None
    refused_money: Text | None = None


Plan = AccountPlan | ContactPlan | FactPlan
Named = tuple[tuple[str, str], ...]  # which keys a row names its account by, and their values


class AccountFinder:
    """Finds the accounts of rows: a statement for each new handful of names, and none for those seen before."""

    def __init__(self, viewer: Viewer, mapping: Mapping) -> None:
        self._viewer = viewer
        self._mapping = mapping
        self._known: dict[Named, Whose | Text] = {}

    def find(self, session: Session, rows: Sequence[Row]) -> list[Whose | Wrong]:
        wanted = [self._names(row) for row in rows]
        missing = list(dict.fromkeys(named for named in wanted if named and named not in self._known))
        if len(self._known) + len(missing) > KEPT:
            self._known.clear()
            missing = list(dict.fromkeys(named for named in wanted if named))
        for start in range(0, len(missing), AT_ONCE):
            self._look_up(session, missing[start : start + AT_ONCE])
        return [self._answer(row, named) for row, named in zip(rows, wanted, strict=True)]

    def _answer(self, row: Row, named: Named) -> Whose | Wrong:
        if not named:
            if "email" in row.values:
                domain = row.values["email"].rpartition("@")[2].lower()
                reason = text(N_("This row names no account, and %(domain)s is nobody's own domain."), domain=domain)
            else:
                reason = text(N_("This row names no account."))
            return self.at(row, "account", reason)
        found = self._known[named]
        return found if isinstance(found, Whose) else self.at(row, named[0][0], found)

    def at(self, row: Row, key: str, reason: Text) -> Wrong:
        column = self._mapping.column_of(key)
        if column is None:
            column = next((at for at in map(self._mapping.column_of, ("account_id", "account_domain", "email"))
                           if at is not None), None) if key == "account" else None  # fmt: skip
        return Wrong(column, row.cells[column] if column is not None and column < len(row.cells) else "", reason)

    def _names(self, row: Row) -> Named:
        values = row.values
        named = tuple((key, values[key]) for key in ("account", "account_id", "account_domain") if key in values)
        if not named and "email" in values:
            domain = values["email"].rpartition("@")[2].lower()
            return () if domain in FREE_MAIL else (("email", domain),)
        return named

    def _look_up(self, session: Session, missing: Sequence[Named]) -> None:
        external_ids, domains, names = set(), set(), set()
        for named in missing:
            for key, value in named:
                if key in ("account", "account_id"):
                    external_ids.add(value)
                if key in ("account_domain", "email"):
                    domains.add(value)
                elif key == "account":
                    names.add(fold(value))
                    domains |= _domain(value)
        keys = Keys(frozenset(external_ids), frozenset(domains), frozenset(names))
        known = load_accounts(session, self._viewer, keys, today(), whole=False)
        accounts = Accounts(known, partners=partner_domains(session))
        for named in missing:
            self._known[named] = self._settle(accounts, dict(named))

    def _settle(self, accounts: Accounts, named: dict[str, str]) -> Whose | Text:
        given = {}
        if "account_id" in named:
            given["external_id"] = named["account_id"]
        if domain := named.get("account_domain") or named.get("email"):
            given["domain"] = domain
        if (any_ := named.get("account")) is not None:
            given.update(_as_key(accounts, any_, given))
        if given.keys() == {"domain"} and given["domain"] in accounts.partners:
            return text(
                N_("%(domain)s is a partner's, who serves several accounts; name the account."), domain=given["domain"]
            )
        try:
            found = match(Row(0, (), given), accounts)
        except TwoMeant as two:
            return two.reason
        if found is None or not found.visible:
            shown = named.get("account") or named.get("account_id") or given.get("domain", "")
            return text(N_("There is no account “%(name)s” here; import it first, or mend the name."), name=shown)
        return _whose(found)


def _as_key(accounts: Accounts, any_: str, given: dict[str, str]) -> dict[str, str]:
    """One column for all: an identifier that is known, else a domain that is known, else a name."""
    if "external_id" not in given and any_ in accounts.by_external:
        return {"external_id": any_}
    for domain in _domain(any_):
        if "domain" not in given and accounts.by_domain.get(domain):
            return {"domain": domain}
    return {"name": any_}


def _domain(value: str) -> set[str]:
    if "." not in value or len(value) > 253:
        return set()
    try:
        return {read_domain(value)}
    except Unreadable:
        return set()


def _whose(account: KnownAccount) -> Whose:
    hands = account.hands
    ask = hands.whom_to_ask if hands is not None else None
    return Whose(
        account.id,
        account.name,
        refused=ask if hands is not None and not hands.may_change else None,
        refused_money=ask if hands is not None and not hands.may_change_money else None,
    )


class FactImporter(ABC):
    """What importers of figures share; a noun says what a row tells and how it is written."""

    money = False  # whether it takes the right to change money

    def __init__(
        self, viewer: Viewer, mapping: Mapping, headings: Sequence[str], colleagues: Colleagues, *, dry: bool
    ) -> None:
        self.viewer = viewer
        self.mapping = mapping
        self.dry = dry
        self.finder = AccountFinder(viewer, mapping)
        self._reader = RowReader(mapping, headings, colleagues)

    def plan(self, session: Session, raw: Sequence[tuple[int, Sequence[str]]]) -> Sequence[FactPlan]:
        plans = [FactPlan(row, wrong=row.wrong) for row in (self._reader.read(line, cells) for line, cells in raw)]
        for plan in plans:
            self._require(plan)
        asked = [plan for plan in plans if not plan.wrong]
        for plan, found in zip(asked, self.whose(session, asked), strict=True):
            if isinstance(found, Wrong):
                plan.wrong.append(found)
            elif refusal := (found.refused_money if self.money else found.refused):
                plan.wrong.append(Wrong(None, "", refusal))
            else:
                plan.account = found
        self.settle(session, [plan for plan in plans if not plan.wrong])
        return plans

    def whose(self, session: Session, plans: Sequence[FactPlan]) -> Sequence[Whose | Wrong]:
        return self.finder.find(session, [plan.row for plan in plans])

    needed: tuple[tuple[str, str], ...] = ()  # keys of values without which a row tells nothing, and the sentence

    def _require(self, plan: FactPlan) -> None:
        if plan.wrong:
            return
        for key, sentence in self.needed:
            if key not in plan.row.values:
                plan.wrong.append(self.finder.at(plan.row, key, text(sentence)))

    @abstractmethod
    def settle(self, session: Session, plans: Sequence[FactPlan]) -> None:
        """Say of each row, in their order, what it would change."""

    def write(self, session: Session, plans: Sequence[Plan]) -> None:
        """Carry out what was planned."""
        self.write_facts(session, [plan for plan in plans if isinstance(plan, FactPlan)])

    @abstractmethod
    def write_facts(self, session: Session, plans: Sequence[FactPlan]) -> None: ...
