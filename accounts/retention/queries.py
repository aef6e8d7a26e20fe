"""Gross and net retention from ARR movements, in a fixed number of statements at any size.

Of a span: *opening* is the ARR of every account that had any when it began; *net* what those accounts pay at its end;
*gross* the same with each account counted at most at its opening. New customers are in neither, lost ones count 0.
Changes of currency count as nothing. One currency at a time: nothing is ever converted into another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    and_,
    case,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlmodel import Session, col

from accounts.listing.query import Cursor, Scope, read_cursor, write_cursor
from accounts.listing.statement import in_scope
from accounts.models import Account, ArrMovement, MovementKind
from accounts.queries import is_visible
from accounts.retention.periods import Period, Step
from accounts.retention.restating import Moved, closing_of, opening_of
from accounts.rights import reads_money_of
from crm.config import get_settings
from crm.db import Id
from crm.identity.models import User
from crm.viewer import Viewer

COHORT_STEP = Step.QUARTER


@dataclass(frozen=True)
class Book:
    """Whose movements are counted, in which currency, up to which day."""

    viewer: Viewer
    scope: Scope
    currency: str
    today: date
    owner_id: int | None = None


@dataclass(frozen=True)
class Retention:
    opening_minor: int = 0
    gross_minor: int = 0
    net_minor: int = 0
    new_minor: int = 0  # of accounts that had nothing at the beginning; in neither figure
    customers: int = 0  # that the opening is of
    lost: int = 0  # of them, with nothing left

    def __add__(self, other: Retention) -> Retention:
        return Retention(
            self.opening_minor + other.opening_minor,
            self.gross_minor + other.gross_minor,
            self.net_minor + other.net_minor,
            self.new_minor + other.new_minor,
            self.customers + other.customers,
            self.lost + other.lost,
        )

    @property
    def gross(self) -> float | None:
        return self.gross_minor / self.opening_minor if self.opening_minor else None

    @property
    def net(self) -> float | None:
        return self.net_minor / self.opening_minor if self.opening_minor else None


def of_account(opening: int, closing: int) -> Retention:
    """The rule itself, for one account and span."""
    if opening <= 0:
        return Retention(new_minor=max(0, closing))
    return Retention(opening, min(opening, max(0, closing)), max(0, closing), 0, 1, int(closing <= 0))


# --- whose movements -------------------------------------------------------------------------------------------------


def _whose(book: Book) -> list[ColumnElement[bool]]:
    money = reads_money_of(col(Account.id), book.viewer)
    found = [is_visible(book.viewer), false() if money is None else money, *in_scope(book.scope, book.viewer)]
    if book.owner_id is not None:
        found.append(col(Account.owner_id) == book.owner_id)
    return found


def _changed_currency() -> Select[Any]:
    return select(col(ArrMovement.account_id)).where(col(ArrMovement.kind) == MovementKind.CURRENCY)


def _plain(book: Book, *columns: Any) -> Select[Any]:
    """Movements of accounts that never changed their currency: all that a database needs to add up."""
    return (
        select(*columns)
        .select_from(ArrMovement)
        .join(Account, col(Account.id) == col(ArrMovement.account_id))
        .where(
            *_whose(book),
            col(ArrMovement.currency) == book.currency,
            col(ArrMovement.effective_on) <= book.today,
            col(ArrMovement.account_id).not_in(_changed_currency()),
        )
    )


class Restated(NamedTuple):
    account_id: int
    name: str
    owner_name: str | None
    movements: tuple[Moved, ...]


def read_restated(session: Session, book: Book) -> list[Restated]:
    """The few accounts whose currency changed, with all their movements; one statement."""
    rows = session.execute(
        select(
            col(Account.id),
            col(Account.name),
            col(User.name).label("owner_name"),
            col(ArrMovement.effective_on),
            col(ArrMovement.kind),
            col(ArrMovement.amount_minor),
            col(ArrMovement.currency),
        )
        .select_from(ArrMovement)
        .join(Account, col(Account.id) == col(ArrMovement.account_id))
        .join(User, col(User.id) == col(Account.owner_id), isouter=True)
        .where(
            *_whose(book),
            col(ArrMovement.effective_on) <= book.today,
            col(ArrMovement.account_id).in_(_changed_currency()),
        )
        .order_by(col(Account.id), col(ArrMovement.effective_on), col(ArrMovement.id))
    )
    found: dict[int, tuple[str, str | None, list[Moved]]] = {}
    for account_id, name, owner, on, kind, amount, currency in rows:
        found.setdefault(account_id, (name, owner, []))[2].append(Moved(on, kind, amount, currency))
    return [Restated(key, name, owner, tuple(moved)) for key, (name, owner, moved) in found.items()]


def _restated(account: Restated, currency: str, start: date, end: date) -> Retention:
    opening = opening_of(account.movements, currency, start)
    if opening:
        return of_account(opening, closing_of(account.movements, currency, start, end))
    # Who only changed into this currency is no new customer.
    if any(opening_of(account.movements, other, start) for other in {m.currency for m in account.movements}):
        return Retention()
    first = next((m.currency for m in account.movements if start <= m.effective_on < end), None)
    return of_account(0, closing_of(account.movements, currency, start, end)) if first == currency else Retention()


# --- by month and quarter --------------------------------------------------------------------------------------------


def _least(one: Any, other: Any) -> ColumnElement[int]:
    return case((one < other, one), else_=other)


def _positive(value: Any) -> ColumnElement[int]:
    return case((value > 0, value), else_=0)


def _running(book: Book, bucket: ColumnElement[int], until: date, *, begun: bool = False) -> CTE:
    """A row for each account and period in which something moved: ARR at its beginning and end, and (``begun``) with
    which period and which ARR the account began. One window tells it all, so the rows are sorted for it once."""
    moved = (
        _plain(
            book,
            col(ArrMovement.account_id).label("account_id"),
            bucket.label("bucket"),
            func.sum(col(ArrMovement.amount_minor)).label("change"),
        )
        .where(col(ArrMovement.effective_on) < until)
        .group_by(col(ArrMovement.account_id), bucket)
        .cte("moved")
    )
    change = moved.c.change
    window: dict[str, Any] = {"partition_by": moved.c.account_id, "order_by": moved.c.bucket}
    closing = func.sum(change).over(**window)
    columns = [moved.c.bucket, (closing - change).label("opening"), closing.label("closing")]
    if begun:
        columns.append(func.first_value(moved.c.bucket).over(**window).label("cohort"))
        columns.append(func.first_value(change).over(**window).label("first"))
    return select(*columns).cte("running")


def read_periods(
    session: Session, book: Book, last: Period, count: int, restated: Sequence[Restated]
) -> dict[Period, Retention]:
    """``count`` periods up to ``last``, oldest first; one statement beside ``restated``."""
    first = last.plus(1 - count)
    effective = col(ArrMovement.effective_on)
    bucket = case((effective < first.start, first.index - 1), else_=last.step.index_of(effective))
    r = _running(book, bucket, last.end)
    opening, closing = r.c.opening, r.c.closing
    there = opening > 0
    rows = {
        int(row.bucket): row
        for row in session.execute(
            select(
                r.c.bucket,
                func.sum(_positive(closing) - _positive(opening)).label("grown"),
                func.sum(case((there, _least(opening, _positive(closing)) - opening), else_=0)).label("lost_minor"),
                func.sum(case((there, _positive(closing) - opening), else_=0)).label("net_change"),
                func.sum(case((~there, _positive(closing)), else_=0)).label("new_minor"),
                func.sum(case((and_(~there, closing > 0), 1), (and_(there, closing <= 0), -1), else_=0)).label("come"),
                func.sum(case((and_(there, closing <= 0), 1), else_=0)).label("lost"),
            ).group_by(r.c.bucket)
        )
    }
    before = rows.get(first.index - 1)
    opening_minor, customers = (int(before.grown), int(before.come)) if before else (0, 0)
    found: dict[Period, Retention] = {}
    for place in range(count):
        period = first.plus(place)
        row = rows.get(period.index)
        sums = Retention(opening_minor, opening_minor, opening_minor, 0, customers, 0)
        if row is not None:
            sums = Retention(
                opening_minor,
                opening_minor + int(row.lost_minor),
                opening_minor + int(row.net_change),
                int(row.new_minor),
                customers,
                int(row.lost),
            )
            opening_minor += int(row.grown)
            customers += int(row.come)
        for account in restated:
            sums += _restated(account, book.currency, period.start, period.end)
        found[period] = sums
    return found


# --- by cohort -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cohort:
    """Customers by the quarter in which their first contract began. ``after``: so many quarters later."""

    quarter: Period
    opening_minor: int
    customers: int
    after: Mapping[int, Retention] = field(default_factory=dict)


def read_cohorts(session: Session, book: Book, ages: Sequence[int], restated: Sequence[Restated]) -> list[Cohort]:
    """Every cohort, newest first, at those of ``ages`` (in quarters) that it has reached the end of; one statement.

    What was gained and lost within the first quarter itself is in the opening: that is what the cohort came to.
    """
    quarter_of = COHORT_STEP.index_of(col(ArrMovement.effective_on))
    known = _running(book, quarter_of, book.today + timedelta(days=1), begun=True)
    first, opening, closing = known.c.first, known.c.opening, known.c.closing
    begins = known.c.bucket == known.c.cohort
    capped_before, capped = _least(_positive(opening), first), _least(_positive(closing), first)
    gone = case((closing <= 0, 1), else_=0) - case((opening <= 0, 1), else_=0)
    rows = session.execute(
        select(
            known.c.cohort,
            known.c.bucket,
            func.sum(case((begins, first), else_=0)).label("opening"),
            func.sum(case((begins, 0), else_=capped - capped_before)).label("gross"),
            func.sum(case((begins, 0), else_=_positive(closing) - _positive(opening))).label("net"),
            func.sum(case((begins, 1), else_=0)).label("customers"),
            func.sum(case((begins, 0), else_=gone)).label("lost"),
        )
        .where(first > 0)
        .group_by(known.c.cohort, known.c.bucket)
    )
    by_cohort: dict[int, dict[int, Any]] = defaultdict(dict)
    for row in rows:
        by_cohort[int(row.cohort)][int(row.bucket)] = row
    cohort_of = {one.account_id: Period.of(COHORT_STEP, min(m.effective_on for m in one.movements)) for one in restated}
    this = Period.of(COHORT_STEP, book.today)
    found = []
    for index in sorted({*by_cohort, *(one.index for one in cohort_of.values())}, reverse=True):
        quarter = Period(COHORT_STEP, index)
        mine = [one for one in restated if cohort_of[one.account_id] == quarter]
        moved = by_cohort[index]
        start = moved.get(index)
        base = Retention(*(3 * (int(start.opening) if start else 0,)), 0, int(start.customers) if start else 0, 0)
        after: dict[int, Retention] = {}
        reached = [age for age in ages if quarter.plus(age) < this]
        for age in reached:
            steps = [moved[one] for one in range(index + 1, index + age + 1) if one in moved]
            sums = Retention(
                base.opening_minor,
                base.gross_minor + sum(int(one.gross) for one in steps),
                base.net_minor + sum(int(one.net) for one in steps),
                0,
                base.customers,
                sum(int(one.lost) for one in steps),
            )
            for one in mine:
                part = _restated(one, book.currency, quarter.end, quarter.plus(age).end)
                sums += Retention(part.opening_minor, part.gross_minor, part.net_minor, 0, part.customers, part.lost)
            after[age] = sums
        begun = [opening_of(one.movements, book.currency, quarter.end) for one in mine]
        opening_minor = base.opening_minor + sum(begun)
        if opening_minor:
            found.append(Cohort(quarter, opening_minor, base.customers + sum(1 for one in begun if one), after))
    return found


# --- what stands behind a figure -------------------------------------------------------------------------------------


class MovedAccount(NamedTuple):
    account_id: int
    name: str
    owner_name: str | None
    opening_minor: int
    closing_minor: int

    @property
    def counts(self) -> Retention:
        return of_account(self.opening_minor, self.closing_minor)

    @property
    def change_minor(self) -> int:
        return self.closing_minor - self.opening_minor


@dataclass(frozen=True)
class RecordPage:
    """Accounts that moved, what was lost first. ``total`` is of the whole span, moved or not: the figure itself."""

    rows: tuple[MovedAccount, ...]
    restated: tuple[MovedAccount, ...]  # their currency changed; on the first page
    total: Retention
    movements: Mapping[int, Sequence[ArrMovement]]  # of the accounts on the page, in the span
    next: str


def _in_cohort(book: Book, cohort: Period | None) -> list[ColumnElement[bool]]:
    if cohort is None:
        return []
    first = (
        select(col(ArrMovement.account_id))
        .where(col(ArrMovement.effective_on) <= book.today, col(ArrMovement.currency) == book.currency)
        .group_by(col(ArrMovement.account_id))
        .having(
            func.min(col(ArrMovement.effective_on)) >= cohort.start,
            func.min(col(ArrMovement.effective_on)) < cohort.end,
        )
    )
    return [col(Account.id).in_(first)]


def _spans(book: Book, start: date, end: date, cohort: Period | None) -> CTE:
    """ARR of each account at both ends, and how often it moved between."""
    effective, amount = col(ArrMovement.effective_on), col(ArrMovement.amount_minor)
    return (
        _plain(
            book,
            col(ArrMovement.account_id).label("account_id"),
            func.coalesce(func.sum(case((effective < start, amount))), 0).label("opening"),
            func.sum(amount).label("closing"),
            func.count(case((effective >= start, 1))).label("moved"),
        )
        .where(effective < end, *_in_cohort(book, cohort))
        .group_by(col(ArrMovement.account_id))
        .cte("spans")
    )


def read_span(
    session: Session, book: Book, start: date, end: date, restated: Sequence[Restated], cohort: Period | None = None
) -> Retention:
    """The figure of ``start`` (included) to ``end`` (not); one statement beside ``restated``."""
    spans = _spans(book, start, end, cohort)
    opening, closing = _positive(spans.c.opening), _positive(spans.c.closing)
    there = spans.c.opening > 0
    sums = session.execute(
        select(
            func.coalesce(func.sum(opening), 0),
            func.coalesce(func.sum(case((there, _least(opening, closing)), else_=0)), 0),
            func.coalesce(func.sum(case((there, closing), else_=0)), 0),
            func.coalesce(func.sum(case((there, 0), else_=closing)), 0),
            func.count(case((there, 1))),
            func.count(case((and_(there, spans.c.closing <= 0), 1))),
        )
    ).one()
    total = Retention(*(int(one) for one in sums))
    for one in restated:
        if _began_in(one, cohort):
            total += _restated(one, book.currency, start, end)
    return total if cohort is None else replace(total, new_minor=0)


def _began_in(account: Restated, cohort: Period | None) -> bool:
    return cohort is None or cohort.start <= min(m.effective_on for m in account.movements) < cohort.end


def read_records(
    session: Session,
    book: Book,
    start: date,
    end: date,
    size: int,
    *,
    cohort: Period | None = None,
    after: str = "",
) -> RecordPage:
    """The accounts behind the figure of ``start`` (included) to ``end`` (not), and that figure."""
    spans = _spans(book, start, end, cohort)
    opening, closing = _positive(spans.c.opening), _positive(spans.c.closing)
    there, change = spans.c.opening > 0, closing - opening
    statement = (
        select(spans.c.account_id, col(Account.name), col(User.name), opening, closing)
        .join(Account, col(Account.id) == spans.c.account_id)
        .join(User, col(User.id) == col(Account.owner_id), isouter=True)
        .where(spans.c.moved > 0, there if cohort else or_(there, spans.c.closing > 0))
    )
    cursor = read_cursor(after, int) if after else None
    if cursor is not None and cursor.value is not None:
        here, beyond = tuple_(change, spans.c.account_id), tuple_(literal(cursor.value), literal(cursor.id, Id))
        statement = statement.where(here > beyond)
    rows = [
        MovedAccount(key, name, owner, int(begun), int(ended))
        for key, name, owner, begun, ended in session.execute(
            statement.order_by(change, spans.c.account_id).limit(size + 1)
        )
    ]
    more, rows = len(rows) > size, rows[:size]

    everybody = read_restated(session, book)
    restated = []
    for one in everybody if not after else ():
        counted = _restated(one, book.currency, start, end)
        moved = any(start <= m.effective_on < end for m in one.movements) and _began_in(one, cohort)
        if moved and (counted.opening_minor or (counted.new_minor and cohort is None)):
            ended = counted.net_minor + counted.new_minor
            restated.append(MovedAccount(one.account_id, one.name, one.owner_name, counted.opening_minor, ended))
    effective = col(ArrMovement.effective_on)
    movements: dict[int, list[ArrMovement]] = defaultdict(list)
    for movement in session.scalars(
        select(ArrMovement)
        .where(
            col(ArrMovement.account_id).in_([one.account_id for one in (*rows, *restated)]),
            effective >= start,
            effective < end,
            effective <= book.today,
        )
        .order_by(effective, col(ArrMovement.id))
    ):
        movements[movement.account_id].append(movement)
    return RecordPage(
        tuple(rows),
        tuple(restated),
        read_span(session, book, start, end, everybody, cohort),
        movements,
        write_cursor(Cursor(rows[-1].change_minor, rows[-1].account_id)) if more else "",
    )


def currencies(session: Session, viewer: Viewer) -> list[str]:
    """Those that visible accounts are counted in, home first."""
    home = get_settings().currency
    used = session.scalars(select(col(Account.currency)).where(is_visible(viewer)).distinct())
    return [home, *sorted(set(used) - {home})]
