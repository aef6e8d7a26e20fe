"""What became of past pulses: what the account did in the 90 days after each.

Only the pulse that began a colour is judged; saying the same again a week later is no second prophecy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, and_, case, cast, func, literal, null, or_, select, tuple_
from sqlmodel import Session, col

from accounts.listing.query import Cursor, Scope, default_scope, read_cursor, write_cursor
from accounts.models import Account, ArrMovement, Contract, Stage
from accounts.portfolio import portfolio_ids
from accounts.pulse.models import Pulse, PulseColour
from accounts.queries import is_visible
from accounts.rights import reads_money_of
from crm import clock
from crm.config import get_settings
from crm.contracts import Bands
from crm.db import Id, Money, table_of
from crm.identity.models import User
from crm.viewer import Viewer

PAGE_SIZE = 50
CHURNED, RENEWED, SHRANK, GREW, OVER = "churned", "renewed", "shrank", "grew", "over"
BECAME = (CHURNED, RENEWED, SHRANK, GREW, OVER)


@dataclass(frozen=True)
class OutcomeQuery:
    scope: Scope
    colour: PulseColour | None = None
    became: str = ""
    account_id: int | None = None  # only of this one, whosever it is
    after: str = ""
    default_scope: Scope = Scope.MINE

    def address(self, path: str, **changed: str) -> str:
        found = {
            "scope": "" if self.scope is self.default_scope else self.scope.value,
            "colour": self.colour.value if self.colour else "",
            "became": self.became,
            "after": "",
            **changed,
        }
        params = {name: value for name, value in found.items() if value}
        return f"{path}?{urlencode(params)}" if params else path


def read_query(sent: Mapping[str, str], viewer: Viewer) -> OutcomeQuery:
    """Unknown words in an address are ignored: an old link still opens a page."""
    scope, colour, became = sent.get("scope"), sent.get("colour"), sent.get("became", "")
    usual = default_scope(viewer)
    return OutcomeQuery(
        scope=Scope(scope) if scope in list(Scope) else usual,
        colour=PulseColour(colour) if colour in list(PulseColour) else None,
        became=became if became in BECAME else "",
        after=sent.get("after", "")[:200],
        default_scope=usual,
    )


@dataclass(frozen=True)
class Became:
    pulse_id: int
    account_id: int
    account_name: str
    colour: PulseColour
    sentence: str
    by: str | None
    at: datetime
    said_on: date
    judged_on: date
    churned_on: date | None
    renewed: bool
    arr_change_minor: int | None  # None: not the viewer's to read
    currency: str
    band_then: str | None = None
    band_after: str | None = None  # at the end of the 90 days, or now

    def is_over(self, today: date) -> bool:
        return self.judged_on < today or self.churned_on is not None


@dataclass(frozen=True)
class ColourTotal:
    """How pulses of one colour came out; ``over``: those whose 90 days have passed, or whose account has left."""

    colour: PulseColour
    said: int
    over: int
    churned: int
    renewed: int
    shrank: int
    grew: int
    arr_change_minor: int  # home currency

    @property
    def churned_share(self) -> float | None:
        return self.churned / self.over if self.over else None


@dataclass(frozen=True)
class OutcomePage:
    rows: tuple[Became, ...]
    next: str


def _turns(viewer: Viewer, query: OutcomeQuery) -> Any:
    """Pulses that began a colour, with what followed, of accounts that the viewer may read."""
    today = clock.today()
    conditions = [col(Pulse.closed_at).is_(None), col(Pulse.happened_at) <= clock.now()]
    if query.account_id is not None:
        conditions.append(col(Pulse.account_id) == query.account_id)
    columns = ("id", "account_id", "colour", "sentence", "set_by", "happened_at", "said_on", "judged_on", "judged_at")
    pulse = table_of(Pulse)
    before = func.lag(pulse.c.colour).over(partition_by=pulse.c.account_id, order_by=(pulse.c.happened_at, pulse.c.id))
    said = select(*(pulse.c[name] for name in columns), before.label("before")).where(*conditions).subquery("said")

    movement = table_of(ArrMovement)
    change = (
        select(func.coalesce(func.sum(movement.c.amount_minor), 0))
        .where(
            movement.c.account_id == said.c.account_id,
            movement.c.effective_on > said.c.said_on,
            movement.c.effective_on <= said.c.judged_on,
            movement.c.effective_on <= today,
        )
        .correlate(said)
        .scalar_subquery()
    )
    term, follows = table_of(Contract).alias("term"), table_of(Contract).alias("follows")
    renewed = (
        select(func.count())
        .select_from(term.join(follows, follows.c.account_id == term.c.account_id))
        .where(
            term.c.account_id == said.c.account_id,
            term.c.closed_at > said.c.happened_at,
            term.c.closed_at <= said.c.judged_at,
            follows.c.starts_on >= term.c.ends_on,  # the term that came after it
        )
        .correlate(said)
        .scalar_subquery()
    )
    left_on = col(Account.stage_entered_on)
    has_left = and_(
        col(Account.stage) == Stage.CHURNED, left_on >= said.c.said_on, left_on <= said.c.judged_on, left_on <= today
    )
    money = reads_money_of(said.c.account_id, viewer)
    return (
        select(
            said.c.id.label("pulse_id"),
            said.c.account_id,
            col(Account.name).label("account_name"),
            said.c.colour,
            said.c.sentence,
            col(User.name).label("said_by"),
            said.c.happened_at,
            said.c.said_on,
            said.c.judged_on,
            case((has_left, left_on)).label("churned_on"),
            renewed.label("renewals"),
            (cast(null(), Money) if money is None else case((money, change))).label("arr_change_minor"),
            col(Account.currency).label("currency"),
        )
        .join_from(said, Account, col(Account.id) == said.c.account_id)
        .outerjoin(User, col(User.id) == said.c.set_by)
        .where(
            or_(said.c.before.is_(None), said.c.before != said.c.colour),
            is_visible(viewer),
            *_in_scope(viewer, query),
        )
        .subquery("turns")
    )


def _in_scope(viewer: Viewer, query: OutcomeQuery) -> list[ColumnElement[bool]]:
    """Accounts that have left are in nobody's portfolio, and their owner's all the same."""
    if query.account_id is not None or query.scope is Scope.ALL:
        return []
    if query.scope is Scope.TEAM and viewer.team_id is not None:
        members = select(col(User.id)).where(col(User.team_id) == viewer.team_id)
        return [or_(col(Account.team_id) == viewer.team_id, col(Account.owner_id).in_(members))]
    return [or_(col(Account.owner_id) == viewer.user_id, col(Account.id).in_(portfolio_ids(viewer)))]


def _conditions(turns: Any) -> dict[str, ColumnElement[bool]]:
    left = turns.c.churned_on.is_not(None)
    return {
        CHURNED: left,
        RENEWED: and_(turns.c.renewals > 0, ~left),
        SHRANK: and_(turns.c.arr_change_minor < 0, ~left),
        GREW: turns.c.arr_change_minor > 0,
        OVER: or_(turns.c.judged_on < clock.today(), left),
    }


def read_totals(session: Session, viewer: Viewer, query: OutcomeQuery) -> list[ColourTotal]:
    """A line a colour, of the whole scope; one statement."""
    turns = _turns(viewer, replace(query, colour=None, became=""))
    when = _conditions(turns)

    def count(name: str) -> Any:
        return func.count(case((when[name], 1)))

    change = case((turns.c.currency == get_settings().currency, turns.c.arr_change_minor), else_=0)
    rows = session.execute(
        select(
            turns.c.colour,
            func.count(),
            *(count(name) for name in (OVER, CHURNED, RENEWED, SHRANK, GREW)),
            func.coalesce(func.sum(change), 0),
        ).group_by(turns.c.colour)
    )
    make: Any = ColourTotal  # the columns come in the order of its fields
    found = {row[0]: make(*row[:7], int(row[7])) for row in rows}
    return [found[colour] for colour in reversed(PulseColour) if colour in found]


def read_page(
    session: Session, viewer: Viewer, query: OutcomeQuery, bands: Bands | None, size: int = PAGE_SIZE
) -> OutcomePage:
    """Newest first, with the band that the account had then and at the end; four statements."""
    turns = _turns(viewer, query)
    statement = select(turns).order_by(turns.c.happened_at.desc(), turns.c.pulse_id.desc()).limit(size + 1)
    if query.colour is not None:
        statement = statement.where(turns.c.colour == query.colour)
    if query.became:
        statement = statement.where(_conditions(turns)[query.became])
    cursor = read_cursor(query.after, datetime) if query.after else None
    if cursor is not None and cursor.value is not None:
        there = tuple_(literal(cursor.value, turns.c.happened_at.type), literal(cursor.id, Id))
        statement = statement.where(tuple_(turns.c.happened_at, turns.c.pulse_id) < there)
    make: Any = Became  # the columns come in the order of its fields
    found: list[Became] = [make(*row[:10], bool(row.renewals), *row[11:]) for row in session.execute(statement)]
    more = len(found) > size
    rows = _with_bands(session, found[:size], bands)
    return OutcomePage(tuple(rows), write_cursor(Cursor(rows[-1].at, rows[-1].pulse_id)) if more else "")


def _with_bands(session: Session, rows: Sequence[Became], bands: Bands | None) -> list[Became]:
    if bands is None:
        return list(rows)
    today = clock.today()
    asked = [(row.account_id, day) for row in rows for day in (row.said_on, row.judged_on) if day < today]
    then = bands.on(session, asked)
    now = bands.now(session, [row.account_id for row in rows])
    return [
        replace(
            row,
            band_then=then.get((row.account_id, row.said_on))
            or (None if row.said_on < today else now.get(row.account_id)),
            band_after=then.get((row.account_id, row.judged_on)) if row.judged_on < today else now.get(row.account_id),
        )
        for row in rows
    ]
