"""A made-up book of any size: people, accounts, five years of contracts and ARR, and what is expected of them.

Account 0 … 299 are the first person's, the next 300 the second's: a book that grows adds colleagues, not work for one.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    true,
    update,
)

from accounts.models import (
    AccessKind,
    Account,
    AccountAccess,
    AccountFact,
    ArrMovement,
    Assignment,
    Contract,
    MovementKind,
    Stage,
    Tier,
)
from accounts.models.account import FactKey
from accounts.renewals.models import BY_HAND, Forecast, RenewalForecast
from crm.bench.making import Maker, Number, numbers, part, pick, whole_days
from crm.config import get_settings
from crm.db import table_of
from crm.identity.models import Team, User
from crm.viewer import Role

PORTFOLIO = 300  # accounts of one relationship manager
TEAM = 8  # relationship managers of one team
MANAGER, ADMINISTRATOR = 900_000, 900_001  # ids; relationship manager number u has u + 1
ELSEWHERE = "USD"
ROOM = 64  # ids that one account has in each table
_YEAR = 365
_ADDED = 20  # the place of a second contract among an account's
_DAY_S = 86_400

_A, _C, _M, _F = (table_of(one) for one in (Account, Contract, ArrMovement, RenewalForecast))


def row_id(n: Any, place: Any = 0) -> Number:
    found: Number = n * ROOM + place + 1
    return found


class Facts:
    """What is rolled for an account, as SQL over its number; each statement asks again and hears the same."""

    def __init__(self, make: Maker, n: Any) -> None:
        self.age_days = make.die(0, 1_765, n) + 60  # since its first contract
        self.years = self.age_days // _YEAR
        self.lost_after = make.die(2, 4, n) + 1  # years
        self.is_lost = and_(make.die(1, 12, n) == 0, self.lost_after * _YEAR <= self.age_days)
        self.base_minor = (make.die(3, 1_000, n) + 1) * (make.die(4, 100, n) + 1) * 100
        self.has_second = and_(make.die(6, 5, n) == 0, ~self.is_lost)
        self.is_elsewhere = make.die(8, 33, n) == 0
        self.is_restated = and_(make.die(9, 200, n) == 0, ~self.is_lost, ~self.is_elsewhere, ~self.has_second)
        self.currency = case(
            (self.is_elsewhere, literal(ELSEWHERE, _A.c.currency.type)),
            else_=literal(get_settings().currency, _A.c.currency.type),
        )
        self.owner_id = n // PORTFOLIO + 1
        self.team_id = n // (PORTFOLIO * TEAM) + 1


def make_people(make: Maker) -> None:
    """The colleagues that the accounts need, a manager of the first team, and an administrator."""
    session = make.session
    owners = range(-(-make.first // PORTFOLIO), -(-make.after // PORTFOLIO))
    for team in range(-(-owners.start // TEAM), -(-owners.stop // TEAM)):
        session.add(Team(id=team + 1, name=f"Team {team + 1}"))
    session.flush()
    manager = Role.RELATIONSHIP_MANAGER
    people = [(u + 1, f"Person {u + 1}", manager, u // TEAM + 1) for u in owners]
    if make.first == 0:
        people += [(MANAGER, "Manager", Role.MANAGER, 1), (ADMINISTRATOR, "Administrator", Role.ADMINISTRATOR, 1)]
    session.add_all(
        User(id=key, name=name, email=f"p{key}@bench.example", role=role, team_id=team)
        for key, name, role, team in people
    )
    session.flush()


def make_accounts(make: Maker) -> None:
    a = make.accounts()
    n = a.c.n
    facts = Facts(make, n)
    words = [make.word(make.die(which, 29, n, which)) for which in (0, 3)]
    folded = words[0] + " " + words[1] + " " + part(cast(n + 1_000_000, String), 2)
    tier = pick(make.die(7, 3, n), [Tier.ENTERPRISE, Tier.MID, Tier.LOW_TOUCH], _A.c.tier)
    stage = case(
        (facts.is_lost, literal(Stage.CHURNED, _A.c.stage.type)),
        (facts.age_days < 120, literal(Stage.ONBOARDING, _A.c.stage.type)),
        else_=literal(Stage.LIVE, _A.c.stage.type),
    )
    began = make.day(-facts.age_days)
    make.insert(
        Account,
        {
            "id": row_id(n),
            "name": func.upper(part(folded, 1, 1), type_=String) + part(folded, 2),
            "name_folded": folded,
            "external_id": "B-" + cast(n, String),
            "domain": words[0] + cast(n, String) + ".example",
            "tier": tier,
            "stage": stage,
            "stage_entered_on": began,
            "team_id": facts.team_id,
            "owner_id": facts.owner_id,
            "currency": facts.currency,
            "seats": make.die(5, 400, n) + 5,
            "created_at": make.at(-facts.age_days * _DAY_S, _A.c.created_at),
        },
        a,
    )
    mine: dict[str, Any] = {"id": row_id(n), "account_id": row_id(n), "user_id": facts.owner_id, "from_on": began}
    make.insert(Assignment, {**mine, "reason": "first owner"}, a)
    make.insert(AccountAccess, {**mine, "kind": AccessKind.OWNER}, a)
    for place, (key, value) in enumerate(((FactKey.TIER, tier), (FactKey.STAGE, stage))):
        make.insert(
            AccountFact,
            {
                "id": row_id(n, place),
                "account_id": row_id(n),
                "key": key,
                "value": cast(value, String),
                "happened_at": make.at(-facts.age_days * _DAY_S, _A.c.created_at),
                "known_at": make.at(-facts.age_days * _DAY_S, _A.c.created_at),
            },
            a,
        )


def make_money(make: Maker) -> None:
    """Contracts year by year, movements beside them, what was lost, and what became another currency."""
    _make_contracts(make)
    _make_movements(make)
    _project(make)
    _make_forecasts(make)


def _by_year(make: Maker) -> tuple[FromClause, Any, Any, Facts]:
    a, years = make.accounts(), numbers("years", 0, 6)
    return a.join(years, true()), a.c.n, years.c.n, Facts(make, a.c.n)


def _make_contracts(make: Maker) -> None:
    source, n, k, facts = _by_year(make)
    is_last = k == facts.years
    ends_in = (k + 1) * _YEAR - facts.age_days  # days from today
    make.insert(
        Contract,
        {
            "id": row_id(n, k),
            "account_id": row_id(n),
            "agreement_id": case((k > 0, row_id(n)), else_=null()),
            "title": "Platform",
            "starts_on": make.day(ends_in - _YEAR),
            "ends_on": make.day(ends_in),
            "decides_on": make.day(ends_in - 90),
            "known_at": make.at((ends_in - _YEAR) * _DAY_S, _C.c.known_at),
            "closed_at": case(
                (or_(~is_last, facts.is_lost), make.at(case((ends_in < 0, ends_in), else_=0) * _DAY_S, _C.c.known_at)),
                else_=null(),
            ),
        },
        source,
        k <= facts.years,
        or_(~facts.is_lost, k < facts.lost_after),
    )
    a = make.accounts()
    n, facts = a.c.n, Facts(make, a.c.n)
    ends_in = make.die(7, 330, n) + 1
    make.insert(
        Contract,
        {
            "id": row_id(n, _ADDED),
            "account_id": row_id(n),
            "title": "Analytics",
            "starts_on": make.day(ends_in - _YEAR),
            "ends_on": make.day(ends_in),
            "decides_on": make.day(ends_in - 30),
            "notice_days": 30,
        },
        a,
        facts.has_second,
    )


def _make_movements(make: Maker) -> None:
    source, n, k, facts = _by_year(make)
    share = make.die(5, 31, n, k) - 10  # per cent
    amount = case((k == 0, facts.base_minor), else_=facts.base_minor // 100 * share)
    kinds = [
        (k == 0, MovementKind.NEW),
        (share < 0, MovementKind.CONTRACTION),
        (share < 7, MovementKind.PRICE),
        (true(), MovementKind.EXPANSION),
    ]
    kind: ColumnElement[Any] = case(*((when, literal(one, _M.c.kind.type)) for when, one in kinds))
    account = row_id(n)
    make.insert(
        ArrMovement,
        {
            "id": row_id(n, k),
            "account_id": account,
            "contract_id": row_id(n, k),
            "kind": kind,
            "amount_minor": amount,
            "currency": facts.currency,
            "effective_on": make.day(k * _YEAR - facts.age_days),
            "known_at": make.at((k * _YEAR - facts.age_days) * _DAY_S, _M.c.known_at),
        },
        source,
        k <= facts.years,
        or_(~facts.is_lost, k < facts.lost_after),
        or_(k == 0, share != 0),
    )
    a = make.accounts()
    n, facts = a.c.n, Facts(make, a.c.n)
    make.insert(
        ArrMovement,
        {
            "id": row_id(n, _ADDED),
            "account_id": row_id(n),
            "contract_id": row_id(n, _ADDED),
            "kind": MovementKind.EXPANSION,
            "amount_minor": facts.base_minor // 5,
            "currency": facts.currency,
            "effective_on": make.day(make.die(7, 330, n) + 1 - _YEAR),
        },
        a,
        facts.has_second,
    )
    so_far = (
        select(cast(func.sum(_M.c.amount_minor), BigInteger))
        .where(_M.c.account_id == row_id(n))
        .correlate(a)
        .scalar_subquery()
    )
    changed: list[tuple[int, MovementKind, Any, Any, Any, Any]] = [
        (30, MovementKind.CHURN, -so_far, facts.currency, facts.lost_after * _YEAR - facts.age_days, facts.is_lost),
        (31, MovementKind.CURRENCY, -so_far, facts.currency, literal(0), facts.is_restated),
    ]
    for place, why, amount, currency, days, who in changed:
        make.insert(
            ArrMovement,
            {
                "id": row_id(n, place),
                "account_id": row_id(n),
                "kind": why,
                "amount_minor": amount,
                "currency": currency,
                "effective_on": make.day(days),
            },
            a,
            who,
        )
    gone = _M.alias("gone")
    make.insert(
        ArrMovement,
        {
            "id": gone.c.id + 1,
            "account_id": gone.c.account_id,
            "kind": MovementKind.CURRENCY,
            "amount_minor": -gone.c.amount_minor * 11 // 10,
            "currency": ELSEWHERE,
            "effective_on": gone.c.effective_on,
        },
        gone,
        gone.c.kind == MovementKind.CURRENCY,
        gone.c.account_id >= row_id(make.first),
        gone.c.account_id < row_id(make.after),
    )


def _project(make: Maker) -> None:
    """The columns of an account that follow from its movements and contracts."""
    session = make.session
    mine = (_A.c.id >= row_id(make.first), _A.c.id < row_id(make.after))
    changed = exists().where(_M.c.account_id == _A.c.id, _M.c.kind == MovementKind.CURRENCY)
    session.execute(update(_A).where(*mine, changed).values(currency=ELSEWHERE))
    arr = select(func.sum(_M.c.amount_minor)).where(_M.c.account_id == _A.c.id, _M.c.currency == _A.c.currency)
    open_ = (_C.c.account_id == _A.c.id, _C.c.closed_at.is_(None))
    session.execute(
        update(_A)
        .where(*mine)
        .values(
            arr_minor=func.coalesce(arr.scalar_subquery(), 0),
            decides_on=select(func.min(_C.c.decides_on)).where(*open_).scalar_subquery(),
            ends_on=select(func.min(_C.c.ends_on)).where(*open_).scalar_subquery(),
        )
    )


def _make_forecasts(make: Maker) -> None:
    joined = _C.join(_A, _A.c.id == _C.c.account_id)
    n, place = _A.c.id, _C.c.id
    mine = (_A.c.id >= row_id(make.first), _A.c.id < row_id(make.after))
    said = make.die(5, 60 * _DAY_S, n, place)  # seconds ago
    judged = make.die(2, 10, n, place) < 7
    kept: dict[str, Any] = {
        "account_id": _C.c.account_id,
        "contract_id": _C.c.id,
        "arr_minor": _A.c.arr_minor,
        "currency": _A.c.currency,
        "by_id": _A.c.owner_id,
    }
    amount = case((make.die(6, 3, n, place) == 0, _A.c.arr_minor * 21 // 20), else_=null())
    make.insert(
        RenewalForecast,
        {
            **kept,
            "id": _C.c.id * 4,
            "forecast": pick(make.die(0, 4, n, place), list(BY_HAND), _F.c.forecast),
            "amount_minor": amount,
            "known_at": make.at(-said, _F.c.known_at),
        },
        joined,
        *mine,
        _C.c.closed_at.is_(None),
        judged,
    )
    make.insert(
        RenewalForecast,
        {
            **kept,
            "id": _C.c.id * 4 + 1,
            "forecast": pick(make.die(1, 4, n, place), list(BY_HAND), _F.c.forecast),
            "known_at": make.at(-said - 30 * _DAY_S, _F.c.known_at),
            "closed_at": make.at(-said, _F.c.known_at),
        },
        joined,
        *mine,
        _C.c.closed_at.is_(None),
        judged,
        make.die(3, 3, n, place) == 0,
    )
    ended = whole_days(_C.c.ends_on, literal(make.today))
    is_last = and_(_A.c.stage == Stage.CHURNED, ~_renewed())
    make.insert(
        RenewalForecast,
        {
            **kept,
            "id": _C.c.id * 4 + 2,
            "forecast": case(
                (is_last, literal(Forecast.LOST, _F.c.forecast.type)),
                else_=literal(Forecast.RENEWED, _F.c.forecast.type),
            ),
            "known_at": _C.c.closed_at,
        },
        joined,
        *mine,
        _C.c.closed_at.is_not(None),
        ended < 400,
    )


def _renewed() -> ColumnElement[bool]:
    later = _C.alias("later")
    return exists().where(later.c.account_id == _C.c.account_id, later.c.id > _C.c.id).correlate(_C)
