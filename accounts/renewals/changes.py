"""How the forecast changed between two instants: what was relied on then and now, by what became what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal, or_, select, tuple_, union
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from accounts.listing.query import Cursor, Scope, read_cursor, write_cursor
from accounts.listing.statement import in_scope
from accounts.models import Account, Contract
from accounts.queries import is_visible
from accounts.renewals.models import SECURE, Forecast, RenewalForecast
from accounts.renewals.worth import expected
from accounts.rights import reads_money_of
from crm import clock
from crm.config import get_settings
from crm.db import Id
from crm.identity.models import User
from crm.viewer import Viewer


@dataclass(frozen=True)
class Span:
    """After ``start``, up to and including ``end``."""

    start: datetime
    end: datetime


def last_days(days: int = 7) -> Span:
    """Forecasts are of today also in an old book: what people believed does not age with it."""
    now = clock.now()
    return Span(now - timedelta(days=days), now)


def week_of(day: date) -> Span:
    """The week of ``day``, Monday to Sunday of the company's zone."""
    monday = day - timedelta(days=day.weekday())
    return Span(
        clock.start_of(monday) - timedelta(microseconds=1),
        clock.start_of(monday + timedelta(days=7)) - timedelta(microseconds=1),
    )


class Transition(NamedTuple):
    """``None``: nobody had said anything, or nobody does any more."""

    before: Forecast | None
    after: Forecast | None
    accounts: int
    change_minor: int  # of what is relied on, home currency


class Change(NamedTuple):
    contract_id: int
    account_id: int
    account_name: str
    currency: str
    owner_name: str | None
    decides_on: date
    before: Forecast | None
    before_minor: int | None
    after: Forecast | None
    after_minor: int | None
    note: str
    by_name: str | None
    change_minor: int  # of what is relied on, the account's currency
    known_at: datetime


@dataclass(frozen=True)
class ChangePage:
    rows: tuple[Change, ...]
    next: str


def valid_at(row: Any, at: datetime) -> ColumnElement[bool]:
    """What was believed at ``at``."""
    return and_(row.known_at <= at, or_(row.closed_at.is_(None), row.closed_at > at))


def secure(row: Any) -> ColumnElement[int]:
    """What a row lets one rely on: renewed, commit and likely count with their amount, all else with nothing."""
    return case((row.forecast.in_(SECURE), expected(row)), else_=0)


class _Compared:
    """Every contract whose forecast was touched within the span, as it was at both ends."""

    def __init__(self, viewer: Viewer, scope: Scope, span: Span) -> None:
        self.old: Any = aliased(RenewalForecast, name="old")
        self.new: Any = aliased(RenewalForecast, name="new")
        one = RenewalForecast
        touched = union(
            select(col(one.contract_id)).where(col(one.known_at) > span.start, col(one.known_at) <= span.end),
            select(col(one.contract_id)).where(col(one.closed_at) > span.start, col(one.closed_at) <= span.end),
        ).subquery("touched")
        money = reads_money_of(col(Account.id), viewer)
        self.change = func.coalesce(secure(self.new), 0) - func.coalesce(secure(self.old), 0)
        old_amount, new_amount = expected(self.old), expected(self.new)
        differs = or_(
            func.coalesce(self.old.forecast, "") != func.coalesce(self.new.forecast, ""),
            and_(self.old.id.is_not(None), self.new.id.is_not(None), old_amount != new_amount),
            and_(self.old.id.is_(None), self.new.amount_minor.is_not(None)),
            and_(self.new.id.is_(None), self.old.amount_minor.is_not(None)),
        )
        self._from = (
            touched.join(Contract, col(Contract.id) == touched.c.contract_id)
            .join(Account, col(Account.id) == col(Contract.account_id))
            .join(
                self.old,
                and_(self.old.contract_id == touched.c.contract_id, valid_at(self.old, span.start)),
                isouter=True,
            )
            .join(
                self.new,
                and_(self.new.contract_id == touched.c.contract_id, valid_at(self.new, span.end)),
                isouter=True,
            )
        )
        self._where = [is_visible(viewer), false() if money is None else money, *in_scope(scope, viewer), differs]

    def statement(self, *columns: Any) -> Select[Any]:
        return select(*columns).select_from(self._from).where(*self._where)


def read_transitions(session: Session, viewer: Viewer, scope: Scope, span: Span) -> list[Transition]:
    """What became what, the greatest change first; one statement."""
    compared = _Compared(viewer, scope, span)
    at_home = col(Account.currency) == get_settings().currency
    statement = compared.statement(
        compared.old.forecast,
        compared.new.forecast,
        func.count(),
        func.coalesce(func.sum(case((at_home, compared.change))), 0),
    ).group_by(compared.old.forecast, compared.new.forecast)
    found = [
        Transition(before, after, count, int(change)) for before, after, count, change in session.execute(statement)
    ]
    return sorted(found, key=lambda one: (-abs(one.change_minor), -one.accounts, str(one.before), str(one.after)))


def read_changes(session: Session, viewer: Viewer, scope: Scope, span: Span, size: int, after: str = "") -> ChangePage:
    """One line a contract, what was lost first."""
    compared = _Compared(viewer, scope, span)
    owner: Any = aliased(User, name="owner")
    author: Any = aliased(User, name="author")
    old, new = compared.old, compared.new
    change = compared.change
    statement = (
        compared.statement(
            col(Contract.id),
            col(Account.id),
            col(Account.name),
            col(Account.currency),
            owner.name,
            col(Contract.decides_on),
            old.forecast,
            case((old.id.is_not(None), expected(old))),
            new.forecast,
            case((new.id.is_not(None), expected(new))),
            func.coalesce(new.note, ""),
            author.name,
            change,
            func.coalesce(new.known_at, old.closed_at),
        )
        .join(owner, owner.id == col(Account.owner_id), isouter=True)
        .join(author, author.id == new.by_id, isouter=True)
    )
    cursor = read_cursor(after, int) if after else None
    if cursor is not None and cursor.value is not None:
        here = tuple_(change, col(Contract.id))
        statement = statement.where(here > tuple_(literal(cursor.value), literal(cursor.id, Id)))
    rows = [Change(*row) for row in session.execute(statement.order_by(change, col(Contract.id)).limit(size + 1))]
    more, rows = len(rows) > size, rows[:size]
    return ChangePage(tuple(rows), write_cursor(Cursor(rows[-1].change_minor, rows[-1].contract_id)) if more else "")


def total_change(transitions: Sequence[Transition]) -> int:
    return sum(one.change_minor for one in transitions)
