"""The list a manager runs a meeting from: what its address says, its statements, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Date, and_, case, cast, func, literal, null, or_, select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from accounts.listing.query import Cursor, Scope, default_scope, read_cursor, write_cursor
from accounts.models import Account
from accounts.portfolio import portfolio_ids
from accounts.queries import is_visible
from accounts.rights import in_hands_of, reads_money_of
from accounts.risks.models import ACTIVE, CLOSED, Risk, RiskEvent, RiskEventKind, RiskReason, RiskStatus
from crm import clock
from crm.config import get_settings
from crm.db import Id, Money, table_of
from crm.identity.models import Team, User
from crm.viewer import Capability, Viewer

PAGE_SIZE = 50
WEEK = timedelta(days=7)
SORTS = ("money", "day", "since")
STANDS = ("", "open", "accepted", "closed", "any")  # "": open and accepted
DUES = ("late", "week", "none")
CHANGES = ("new", "closed", "moved", "all")
NOBODY = "nobody"
_NO_DAY = date(1, 1, 1)  # nothing planned comes first: somebody must say what happens


@dataclass(frozen=True)
class RiskQuery:
    """Unknown words in an address are ignored: an old link still opens a list."""

    scope: Scope
    sort: str
    stands: str = ""
    reason: RiskReason | None = None
    owner: str = ""  # a person's id, or "nobody"
    team: str = ""
    due: str = ""
    change: str = ""
    help: str = ""
    after: str = ""
    before: str = ""
    default_scope: Scope = Scope.MINE
    default_sort: str = "money"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.stands or self.reason or self.owner or self.team or self.due or self.change or self.help)

    def params(self, **changed: object) -> dict[str, str]:
        found: dict[str, object] = {
            "scope": "" if self.scope is self.default_scope else self.scope.value,
            "stands": self.stands,
            "reason": self.reason.value if self.reason else "",
            "owner": self.owner,
            "team": self.team,
            "due": self.due,
            "change": self.change,
            "help": self.help,
            "sort": "" if self.sort == self.default_sort else self.sort,
            "after": self.after,
            "before": self.before,
            **changed,
        }
        return {name: str(value) for name, value in found.items() if value not in ("", None)}

    def address(self, path: str, **changed: object) -> str:
        """``path`` with this query; whoever changes what is listed begins at its first page."""
        params = self.params(**{"after": "", "before": "", **changed})
        return f"{path}?{urlencode(params)}" if params else path

    def without_filters(self) -> RiskQuery:
        return RiskQuery(self.scope, self.sort, default_scope=self.default_scope, default_sort=self.default_sort)


def read_query(sent: Mapping[str, str], viewer: Viewer) -> RiskQuery:
    scope = default_scope(viewer)
    usual = "money" if viewer.may(Capability.READ_MONEY) else "day"

    def one_of(name: str, known: Sequence[str]) -> str:
        return sent[name] if sent.get(name) in known else ""

    def number(name: str) -> str:
        said = sent.get(name, "")
        return said if said.isascii() and said.isdigit() and int(said[:20]) < 2**63 else ""

    sorts = SORTS if viewer.may(Capability.READ_MONEY) else SORTS[1:]
    return RiskQuery(
        scope=Scope(one_of("scope", list(Scope)) or scope),
        sort=one_of("sort", sorts) or usual,
        stands=one_of("stands", STANDS),
        reason=RiskReason(sent["reason"]) if sent.get("reason") in list(RiskReason) else None,
        owner=NOBODY if sent.get("owner") == NOBODY else number("owner"),
        team=number("team"),
        due=one_of("due", DUES),
        change=one_of("change", CHANGES),
        help=one_of("help", ("any", "mine")),
        after=sent.get("after", "")[:200],
        before="" if sent.get("after") else sent.get("before", "")[:200],
        default_scope=scope,
        default_sort=usual,
    )


@dataclass(frozen=True)
class RiskRow:
    risk: Risk
    account_id: int
    account_name: str
    currency: str
    owner: str | None
    help_from: str | None
    account_owner: str | None
    decides_on: date | None
    arr_minor: int | None  # None: not said, or not the viewer's to read
    reads_money: bool
    may_change: bool
    sort_value: Any


@dataclass(frozen=True)
class RiskPage:
    rows: tuple[RiskRow, ...]
    previous: str
    next: str


_OWNER, _HELPER, _ACCOUNT_OWNER = aliased(User), aliased(User), aliased(User)


def _amount(viewer: Viewer) -> ColumnElement[Any]:
    money = reads_money_of(col(Risk.account_id), viewer)
    return cast(null(), Money) if money is None else case((money, col(Risk.arr_minor)))


def _sort_value(viewer: Viewer, sort: str) -> ColumnElement[Any]:
    if sort == "money":
        return func.coalesce(_amount(viewer), -1, type_=Money)  # what nobody has estimated comes last
    if sort == "since":
        since: ColumnElement[Any] = table_of(Risk).c.since_on
        return since
    return func.coalesce(col(Risk.next_on), literal(_NO_DAY, Date()), type_=Date())


def _goes_down(query: RiskQuery) -> bool:
    return query.sort == "money"


def _rows(viewer: Viewer, query: RiskQuery) -> Any:
    money = reads_money_of(col(Risk.account_id), viewer)
    may_change = or_(in_hands_of(viewer), col(Risk.owner_id) == viewer.user_id)
    return (
        select(
            Risk,
            col(Account.id),
            col(Account.name),
            col(Account.currency),
            col(_OWNER.name),
            col(_HELPER.name),
            col(_ACCOUNT_OWNER.name),
            col(Account.decides_on),
            _amount(viewer),
            literal(0) if money is None else case((money, 1), else_=0),
            case((may_change, 1), else_=0) if viewer.may(Capability.NOTE) else literal(0),
            _sort_value(viewer, query.sort).label("sort_value"),
        )
        .join(Account, col(Account.id) == col(Risk.account_id))
        .outerjoin(_OWNER, col(_OWNER.id) == col(Risk.owner_id))
        .outerjoin(_HELPER, col(_HELPER.id) == col(Risk.help_from_id))
        .outerjoin(_ACCOUNT_OWNER, col(_ACCOUNT_OWNER.id) == col(Account.owner_id))
    )


def _made(found: Sequence[Any]) -> list[RiskRow]:
    make: Any = RiskRow  # the columns come in the order of its fields
    return [make(*row[:9], bool(row[9]), bool(row[10]), row[11]) for row in found]


def read_page(session: Session, viewer: Viewer, query: RiskQuery, size: int = PAGE_SIZE) -> RiskPage:
    """The dearest first, or the nearest day; equal ones by id."""
    value = _sort_value(viewer, query.sort)
    written = query.before or query.after
    cursor = read_cursor(written, int if query.sort == "money" else date) if written else None
    if cursor is not None and cursor.value is None:
        cursor = None
    backward = bool(query.before) and cursor is not None
    down = _goes_down(query) != backward
    statement = _rows(viewer, query).where(*conditions(viewer, query))
    if cursor is not None:
        statement = statement.where(_beyond(value, cursor.value, cursor.id, down=down))
    found = _made(session.execute(statement.order_by(*_order(value, down=down)).limit(size + 1)).all())
    more = len(found) > size
    found = found[:size]
    if backward:
        found.reverse()
    at_start, at_end = (not more, False) if backward else (cursor is None, not more)
    return RiskPage(
        tuple(found),
        previous="" if at_start or not found else write_cursor(Cursor(found[0].sort_value, found[0].risk.id)),
        next="" if at_end or not found else write_cursor(Cursor(found[-1].sort_value, found[-1].risk.id)),
    )


def _beyond(value: ColumnElement[Any], here: Any, id_: int, *, down: bool) -> ColumnElement[bool]:
    at, there = tuple_(value, col(Risk.id)), tuple_(literal(here, value.type), literal(id_, Id))
    return at < there if down else at > there


def _order(value: ColumnElement[Any], *, down: bool) -> tuple[ColumnElement[Any], ...]:
    id_: ColumnElement[Any] = table_of(Risk).c.id
    return (value.desc(), id_.desc()) if down else (value, id_)


def all_rows(session: Session, viewer: Viewer, query: RiskQuery, size: int) -> Iterator[RiskRow]:
    """Page after page, for a file."""
    query = replace(query, after="", before="")
    while True:
        found = read_page(session, viewer, query, size)
        yield from found.rows
        if not found.next:
            return
        query = replace(query, after=found.next)


@dataclass(frozen=True)
class Beside:
    """Where a risk stands in the list that one came from."""

    row: RiskRow
    previous_id: int | None
    next_id: int | None


def beside(session: Session, viewer: Viewer, query: RiskQuery, risk_id: int) -> Beside:
    """The risk and its neighbours in the current view; three statements. One that fits the view no more, because it was
    just closed, keeps its place."""
    (row,) = _made(session.execute(_rows(viewer, query).where(col(Risk.id) == risk_id, is_visible(viewer))).all())
    value = _sort_value(viewer, query.sort)

    def neighbour(*, down: bool) -> int | None:
        found: int | None = session.scalar(
            select(col(Risk.id))
            .join(Account, col(Account.id) == col(Risk.account_id))
            .where(*conditions(viewer, query), _beyond(value, row.sort_value, risk_id, down=down))
            .order_by(*_order(value, down=down))
            .limit(1)
        )
        return found

    down = _goes_down(query)
    return Beside(row, neighbour(down=not down), neighbour(down=down))


# --- what stands on the list -----------------------------------------------------------------------------------------


def conditions(viewer: Viewer, query: RiskQuery) -> list[ColumnElement[bool]]:
    today = clock.today()
    found = [is_visible(viewer), *_in_scope(viewer, query)]
    status = col(Risk.status)
    if (query.change == "closed" and not query.stands) or query.stands == "closed":
        found.append(status.in_(CLOSED))
    elif query.stands in ("open", "accepted"):
        found.append(status == RiskStatus(query.stands))
    elif query.stands != "any":
        found.append(status.in_(ACTIVE))
    if query.reason is not None:
        found.append(col(Risk.reason) == query.reason)
    if query.owner == NOBODY:
        found.append(col(Risk.owner_id).is_(None))
    elif query.owner:
        found.append(col(Risk.owner_id) == int(query.owner))
    if query.team:
        members = select(col(User.id)).where(col(User.team_id) == int(query.team))
        found.append(or_(col(Account.team_id) == int(query.team), col(Account.owner_id).in_(members)))
    if query.due:
        found.append(_due(query.due, today))
    if query.help == "mine":
        found.append(col(Risk.help_from_id) == viewer.user_id)
    elif query.help:
        found.append(col(Risk.help_needed) != "")
    if query.change:
        found.append(_changed(query.change))
    return found


def _due(due: str, today: date) -> ColumnElement[bool]:
    if due == "late":
        return col(Risk.next_on) < today
    if due == "week":
        return col(Risk.next_on).between(today, today + WEEK)
    return and_(col(Risk.next_on).is_(None), col(Risk.status) == RiskStatus.OPEN)


_KINDS = {
    "new": (RiskEventKind.OPENED, RiskEventKind.REOPENED),
    "closed": (RiskEventKind.CLOSED,),
    "moved": (RiskEventKind.CHANGED, RiskEventKind.STEP_DONE, RiskEventKind.HELPED),
    "all": tuple(RiskEventKind),
}


def _changed(change: str) -> ColumnElement[bool]:
    events = select(col(RiskEvent.risk_id)).where(
        col(RiskEvent.kind).in_(_KINDS[change]), col(RiskEvent.happened_at) > clock.now() - WEEK
    )
    return col(Risk.id).in_(events)


def _in_scope(viewer: Viewer, query: RiskQuery) -> list[ColumnElement[bool]]:
    if query.scope is Scope.TEAM and viewer.team_id is not None:
        members = select(col(User.id)).where(col(User.team_id) == viewer.team_id)
        return [or_(col(Account.team_id) == viewer.team_id, col(Account.owner_id).in_(members))]
    if query.scope is Scope.MINE:
        mine = col(Account.id).in_(portfolio_ids(viewer))
        return [or_(mine, col(Risk.owner_id) == viewer.user_id, col(Risk.help_from_id) == viewer.user_id)]
    return []


# --- what it adds up to ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sum:
    """Risks and the ARR they hold: home currency, and how many stand in others or were never estimated."""

    count: int = 0
    arr_minor: int = 0
    elsewhere: int = 0
    unsaid: int = 0
    late: int = 0
    this_week: int = 0
    unplanned: int = 0
    help: int = 0


@dataclass(frozen=True)
class Named:
    key: str
    name: Any
    sum: Sum


@dataclass(frozen=True)
class Week:
    """What changed since a week ago, in the same accounts."""

    opened: int
    closed: int
    moved: int
    arr_before_minor: int  # at risk a week ago, home currency


@dataclass(frozen=True)
class Sums:
    all: Sum
    by_reason: tuple[Named, ...]
    by_owner: tuple[Named, ...]
    week: Week


def _aggregates(viewer: Viewer) -> list[ColumnElement[Any]]:
    today, amount = clock.today(), _amount(viewer)
    home = col(Account.currency) == get_settings().currency

    def count(condition: ColumnElement[bool]) -> ColumnElement[Any]:
        return func.count(case((condition, 1)))

    return [
        func.count(),
        func.coalesce(func.sum(case((home, amount))), 0),
        count(and_(~home, amount.is_not(None))),
        count(amount.is_(None)),
        count(_due("late", today)),
        count(_due("week", today)),
        count(_due("none", today)),
        count(col(Risk.help_needed) != ""),
    ]


def read_sums(session: Session, viewer: Viewer, query: RiskQuery) -> Sums:
    """Of the whole list, whatever page is shown: five statements."""
    said = conditions(viewer, query)

    def grouped(*keys: Any) -> Any:
        return (
            select(*keys, *_aggregates(viewer))
            .select_from(Risk)
            .join(Account, col(Account.id) == col(Risk.account_id))
            .outerjoin(_OWNER, col(_OWNER.id) == col(Risk.owner_id))
            .where(*said)
            .group_by(*keys)
        )

    whole = _sum(session.execute(grouped()).one())
    reasons = [Named(row[0].value, row[0].words, _sum(row[1:])) for row in session.execute(grouped(col(Risk.reason)))]
    owners = [
        Named(str(row[0]) if row[0] is not None else NOBODY, row[1], _sum(row[2:]))
        for row in session.execute(grouped(col(Risk.owner_id), col(_OWNER.name)))
    ]
    return Sums(
        whole,
        tuple(sorted(reasons, key=lambda one: (-one.sum.arr_minor, -one.sum.count, one.key))),
        tuple(sorted(owners, key=lambda one: (-one.sum.late, -one.sum.arr_minor, -one.sum.count, one.name or "~"))),
        _week(session, viewer, query),
    )


def _sum(row: Sequence[Any]) -> Sum:
    return Sum(*(int(value) for value in row))


def _week(session: Session, viewer: Viewer, query: RiskQuery) -> Week:
    """The filters that speak of now are left out: what was closed this week is not open, but it belongs here."""
    frame = replace(query, stands="any", due="", change="", help="")
    said = conditions(viewer, frame)
    ago = clock.now() - WEEK
    kinds = session.execute(
        select(
            *(
                func.count(func.distinct(case((col(RiskEvent.kind).in_(_KINDS[change]), col(RiskEvent.risk_id)))))
                for change in ("new", "closed", "moved")
            )
        )
        .select_from(RiskEvent)
        .join(Risk, col(Risk.id) == col(RiskEvent.risk_id))
        .join(Account, col(Account.id) == col(Risk.account_id))
        .where(*said, col(RiskEvent.happened_at) > ago)
    ).one()
    before = aliased(RiskEvent)
    last = (
        select(col(before.id))
        .where(col(before.risk_id) == col(Risk.id), col(before.happened_at) <= ago)
        .order_by(col(before.happened_at).desc(), col(before.id).desc())
        .limit(1)
        .correlate(Risk)
        .scalar_subquery()
    )
    money = reads_money_of(col(Risk.account_id), viewer)
    amount = cast(null(), Money) if money is None else case((money, col(RiskEvent.arr_minor)))
    arr_before = session.scalar(
        select(func.coalesce(func.sum(amount), 0))
        .select_from(Risk)
        .join(Account, col(Account.id) == col(Risk.account_id))
        .join(RiskEvent, col(RiskEvent.id) == last)
        .where(*said, col(RiskEvent.status).in_(ACTIVE), col(Account.currency) == get_settings().currency)
    )
    opened, closed, moved = (int(one) for one in kinds)
    return Week(opened, closed, moved, int(arr_before or 0))


# --- choices of the filters ------------------------------------------------------------------------------------------


def teams(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(select(col(Team.id), col(Team.name)).order_by(col(Team.name), col(Team.id)))
    return [(str(team_id), name) for team_id, name in rows]


def since_last_week() -> datetime:
    return clock.now() - WEEK
