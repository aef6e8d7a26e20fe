"""People who look like one: proposed with the reason, never put together by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, exists, func, or_, select, union_all
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.functions import GenericFunction
from sqlmodel import Session, col

from accounts.importing.values import FREE_MAIL
from accounts.models import Account, Contact, ContactAccount
from accounts.people.models import NotTheSame
from accounts.queries import is_visible
from accounts.rights import in_hands_of
from crm.contracts import AnySelect
from crm.text import N_, Text, text
from crm.viewer import Capability, Viewer


class mail_domain(GenericFunction[str]):  # noqa: N801 - reads as SQL
    """What stands after the @, in small letters."""

    type = String()
    inherit_cache = True


@compiles(mail_domain, "sqlite")
def _domain_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    mail = compiler.process(element.clauses, **kw)
    return f"lower(substr({mail}, instr({mail}, '@') + 1))"


@compiles(mail_domain, "postgresql")
def _domain_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"lower(split_part({compiler.process(element.clauses, **kw)}, '@', 2))"


@dataclass(frozen=True)
class Pair:
    """``one`` was known first: the one who is kept unless somebody chooses otherwise."""

    one: Contact
    other: Contact
    same_mail: bool
    same_account: bool

    @property
    def why(self) -> Text:
        if self.same_mail:
            return text(N_("the same e-mail address, %(email)s"), email=self.one.email)
        if self.same_account:
            return text(N_("the same name at the same account"))
        domain = (self.one.email or "").rpartition("@")[2].lower()
        return text(N_("the same name, and addresses at %(domain)s"), domain=domain)


@dataclass(frozen=True)
class PairsPage:
    pairs: tuple[Pair, ...]
    accounts: dict[int, Sequence[str]]  # names of the accounts that the viewer reads, by contact
    next: str


def pairs_in_hands(session: Session, viewer: Viewer, *, after: str, limit: int) -> PairsPage:
    """Of people at the accounts that the viewer may change; by name, then by who was known first."""
    if viewer.may(Capability.CHANGE_ANY_ACCOUNT):  # everybody is asked about, so each pair is found from one side
        return _page(session, viewer, col(_ASKED.id) < col(_ALIKE.id), after, limit)
    return _page(session, viewer, _at_accounts_where(in_hands_of(viewer)), after, limit)


def pairs_at(session: Session, viewer: Viewer, account_id: int, *, limit: int) -> PairsPage:
    return _page(session, viewer, _at_accounts_where(col(Account.id) == account_id), "", limit)


def pairs_with(session: Session, viewer: Viewer, contact: Contact, *, limit: int) -> PairsPage:
    return _page(session, viewer, col(_ASKED.id) == contact.id, "", limit)


_ASKED, _ALIKE = aliased(Contact), aliased(Contact)  # each of those asked about, and whoever is like them


def _at_accounts_where(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    at = (
        select(col(ContactAccount.contact_id))
        .join(Account, col(Account.id) == col(ContactAccount.account_id))
        .where(condition)
    )
    found: ColumnElement[bool] = col(_ASKED.id).in_(at)
    return found


def _page(session: Session, viewer: Viewer, asked: ColumnElement[bool], after: str, limit: int) -> PairsPage:
    # Two arms, so that each follows an index from those asked about to whoever is like them.
    arms = [
        _arm(viewer, asked, _same_mail(_ASKED, _ALIKE)),
        _arm(viewer, asked, _same_name(_ASKED, _ALIKE), or_(_together(_ASKED, _ALIKE), _colleagues(_ASKED, _ALIKE))),
    ]
    ids = union_all(*arms).subquery()
    distinct = select(ids.c.one_id, ids.c.other_id).distinct().subquery()
    one, other = aliased(Contact), aliased(Contact)
    same_account = and_(_same_name(one, other), _together(one, other))
    statement = (
        select(one, other, case((_same_mail(one, other), True), else_=False), case((same_account, True), else_=False))
        .select_from(distinct)
        .join(one, col(one.id) == distinct.c.one_id)
        .join(other, col(other.id) == distinct.c.other_id)
        .order_by(col(one.name_folded), col(one.id), col(other.id))
        .limit(limit + 1)
    )
    if (cursor := _read(after)) is not None:
        name, one_id, other_id = cursor
        statement = statement.where(
            or_(
                col(one.name_folded) > name,
                and_(col(one.name_folded) == name, col(one.id) > one_id),
                and_(col(one.name_folded) == name, col(one.id) == one_id, col(other.id) > other_id),
            )
        )
    found = [Pair(a, b, bool(mail), bool(account)) for a, b, mail, account in session.execute(statement)]
    pairs = tuple(found[:limit])
    people = {contact.id for pair in pairs for contact in (pair.one, pair.other)}
    more = f"{pairs[-1].one.id}-{pairs[-1].other.id}-{pairs[-1].one.name_folded}" if len(found) > limit else ""
    return PairsPage(pairs, names_of_accounts(session, viewer, people), more)


def _same_mail(one: type[Contact], other: type[Contact]) -> ColumnElement[bool]:
    return func.lower(col(one.email)) == func.lower(col(other.email))


def _same_name(one: type[Contact], other: type[Contact]) -> ColumnElement[bool]:
    return and_(col(one.name_folded) == col(other.name_folded), col(one.name_folded) != "")


def _together(one: type[Contact], other: type[Contact]) -> ColumnElement[bool]:
    """They are, or were, at one account."""
    first, second = aliased(ContactAccount), aliased(ContactAccount)
    return exists(
        select(col(first.id))
        .join(second, col(second.account_id) == col(first.account_id))
        .where(col(first.contact_id) == col(one.id), col(second.contact_id) == col(other.id))
    )


def _colleagues(one: type[Contact], other: type[Contact]) -> ColumnElement[bool]:
    """Their addresses are of one domain, and not one that anybody can have."""
    domain = mail_domain(col(one.email))
    return and_(domain == mail_domain(col(other.email)), domain.not_in(sorted(FREE_MAIL)))


def _arm(viewer: Viewer, asked: ColumnElement[bool], *alike: ColumnElement[bool]) -> AnySelect:
    """Ids of pairs, who was known first before the other."""
    one_id, other_id = col(_ASKED.id), col(_ALIKE.id)
    low = case((one_id < other_id, one_id), else_=other_id)
    high = case((one_id < other_id, other_id), else_=one_id)
    said = exists().where(col(NotTheSame.low_id) == low, col(NotTheSame.high_id) == high)
    statement: AnySelect = (
        select(low.label("one_id"), high.label("other_id"))
        .select_from(_ASKED)
        .join(_ALIKE, and_(alike[0], one_id != other_id))
        .where(asked, *alike[1:], col(_ASKED.closed_at).is_(None), col(_ALIKE.closed_at).is_(None), ~said)
    )
    if not viewer.reads_every_account:
        visible = (
            select(col(ContactAccount.contact_id))
            .join(Account, col(Account.id) == col(ContactAccount.account_id))
            .where(is_visible(viewer))
        )
        statement = statement.where(one_id.in_(visible), other_id.in_(visible))
    return statement


def names_of_accounts(session: Session, viewer: Viewer, contact_ids: set[int]) -> dict[int, Sequence[str]]:
    found: dict[int, list[str]] = {contact_id: [] for contact_id in contact_ids}
    for contact_id, name in session.execute(
        select(col(ContactAccount.contact_id), col(Account.name))
        .join(Account, col(Account.id) == col(ContactAccount.account_id))
        .where(col(ContactAccount.contact_id).in_(contact_ids), is_visible(viewer))
        .order_by(col(Account.name_folded), col(Account.id))
    ):
        found[contact_id].append(name)
    return dict(found)


def _read(after: str) -> tuple[str, int, int] | None:
    one_id, _, rest = after.partition("-")
    other_id, _, name = rest.partition("-")
    if not (one_id.isdecimal() and other_id.isdecimal()) or max(len(one_id), len(other_id)) > 19:
        return None
    found = (name, int(one_id), int(other_id))
    return found if max(found[1:]) < 2**63 else None
