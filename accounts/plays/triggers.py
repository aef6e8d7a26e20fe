"""What starts plays by themselves: looked for in the state of the accounts, so that nothing is missed or done twice.

A fact (an account or a contact changed) has its accounts looked at in the same transaction; every day all are, for
decisions that come near and for what no fact told. Each cause has a name, and a run keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, select as core_select
from sqlmodel import Session, col, select

from accounts.events import AccountsChanged, ContactsChanged
from accounts.models import Account, ContactRole, ContactRoleKind, Stage
from accounts.plays.models import Play, PlayRun, Trigger
from accounts.plays.queries import plays_on
from accounts.plays.service import Started, decision_cause, start_play
from crm import clock
from crm.db import table_of
from crm.text import N_
from crm.viewer import system_viewer

STALE = timedelta(days=14)  # what happened longer ago starts nothing any more
AT_ONCE = 50  # starts of one play; more, as after an import, wait until a person says so
LOOKED_AT = 2_000  # accounts of one fact; more are left to the day's round


class Due(NamedTuple):
    account_id: int
    cause: str


Find = Callable[[Session, Play, date, "Collection[int] | None"], list[Due]]


def since(play: Play, today: date) -> date:
    """From when on what happens counts for ``play``."""
    return max(play.on_since or today, today - STALE)


def _stage_entered(session: Session, play: Play, today: date, ids: Collection[int] | None) -> list[Due]:
    rows = session.execute(
        core_select(col(Account.id), col(Account.stage_entered_on)).where(
            *_of(ids),
            col(Account.stage) == Stage(play.trigger_value),
            col(Account.stage_entered_on).between(since(play, today), today),
        )
    )
    return [Due(account_id, f"stage:{play.trigger_value}:{entered.isoformat()}") for account_id, entered in rows]


def _decision_near(session: Session, play: Play, today: date, ids: Collection[int] | None) -> list[Due]:
    """Accounts that have come within reach since the play was switched on."""
    within = timedelta(days=play.trigger_days or 0)
    rows = session.execute(
        core_select(col(Account.id), col(Account.decides_on)).where(
            *_of(ids),
            col(Account.stage) != Stage.CHURNED,
            col(Account.decides_on).between(max(today, (play.on_since or today) + within), today + within),
        )
    )
    return [Due(account_id, decision_cause(decides_on)) for account_id, decides_on in rows]


def _champion_left(session: Session, play: Play, today: date, ids: Collection[int] | None) -> list[Due]:
    """A champion's role has ended, and nobody else is one."""
    role = table_of(ContactRole).alias("still")
    still = (
        core_select(role.c.id)
        .where(
            role.c.account_id == col(Account.id),
            role.c.role == ContactRoleKind.CHAMPION,
            role.c.closed_at.is_(None),
            role.c.to_on.is_(None) | (role.c.to_on > today),
        )
        .exists()
    )
    rows = session.execute(
        core_select(col(Account.id), col(ContactRole.contact_id), col(ContactRole.to_on))
        .join(ContactRole, col(ContactRole.account_id) == col(Account.id))
        .where(
            *_of(ids),
            col(Account.stage) != Stage.CHURNED,
            col(ContactRole.role) == ContactRoleKind.CHAMPION,
            col(ContactRole.closed_at).is_(None),
            col(ContactRole.to_on).between(since(play, today), today),
            ~still,
        )
        .order_by(col(ContactRole.to_on), col(ContactRole.id))
    )
    return [Due(account_id, f"champion:{contact_id}:{to_on.isoformat()}") for account_id, contact_id, to_on in rows]


def _of(ids: Collection[int] | None) -> list[ColumnElement[bool]]:
    open_: list[ColumnElement[bool]] = [col(Account.closed_at).is_(None)]
    return open_ if ids is None else [*open_, col(Account.id).in_(ids)]


FIND: Mapping[Trigger, Find] = {
    Trigger.STAGE: _stage_entered,
    Trigger.DECISION: _decision_near,
    Trigger.CHAMPION_LEFT: _champion_left,
}


def due_now(session: Session, play: Play, today: date, ids: Collection[int] | None = None) -> list[Due]:
    """Accounts that wait for ``play``; a band's are found by the health scores."""
    find = FIND.get(play.trigger)
    if find is None or play.on_since is None:
        return []
    return without_runs(session, play, find(session, play, today, ids))


def without_runs(session: Session, play: Play, due: Sequence[Due]) -> list[Due]:
    """Those whose cause has not started ``play`` yet and on whom it does not run; the first cause of each account."""
    if not due:
        return []
    rows = session.execute(
        core_select(col(PlayRun.account_id), col(PlayRun.cause), col(PlayRun.ended_on)).where(
            col(PlayRun.play_id) == play.id, col(PlayRun.account_id).in_({one.account_id for one in due})
        )
    ).all()
    used = {(account_id, cause) for account_id, cause, _ in rows}
    running = {account_id for account_id, _, ended_on in rows if ended_on is None}
    found: dict[int, Due] = {}
    for one in due:
        if (one.account_id, one.cause) not in used and one.account_id not in running:
            found.setdefault(one.account_id, one)
    return list(found.values())


def start_due(session: Session, play: Play, due: Sequence[Due], *, even_many: bool = False) -> Started:
    """Start what is due. Too many at once are left alone, unless a person has said so."""
    if not due or (len(due) > AT_ONCE and not even_many):
        return Started()
    causes = {one.account_id: one.cause for one in due}
    accounts = session.exec(select(Account).where(col(Account.id).in_(causes)).order_by(col(Account.id))).all()
    return start_play(session, system_viewer(), play, accounts, causes=causes)


def look(session: Session, triggers: Iterable[Trigger], ids: Collection[int] | None) -> int:
    today = clock.today()
    started = 0
    for trigger in triggers:
        for play in plays_on(session, trigger):
            started += len(start_due(session, play, due_now(session, play, today, ids)).runs)
    return started


# --- edges -----------------------------------------------------------------------------------------------------------


def accounts_changed(session: Session, fact: AccountsChanged) -> None:
    if len(fact.account_ids) <= LOOKED_AT:
        look(session, (Trigger.STAGE, Trigger.DECISION), fact.account_ids)


def contacts_changed(session: Session, fact: ContactsChanged) -> None:
    if len(fact.account_ids) <= LOOKED_AT:
        look(session, (Trigger.CHAMPION_LEFT,), fact.account_ids)


def daily_round(session: Session, now: datetime) -> str:
    return f"{look(session, FIND, None)} plays started"


TRIGGER_TITLES = {
    Trigger.MANUAL: N_("by hand"),
    Trigger.STAGE: N_("a stage is entered"),
    Trigger.BAND: N_("a health band is entered"),
    Trigger.DECISION: N_("a decision comes near"),
    Trigger.CHAMPION_LEFT: N_("the champion leaves"),
}
