"""Reads of plays. Everybody inside reads the plays themselves; runs only of accounts they may read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select as core_select, tuple_
from sqlmodel import Session, col, select

from accounts.models import Account, AccountTeamMember, Stage, Task
from accounts.plays.models import TEAM_ROLES, Ending, Play, PlayRole, PlayRun, PlayStep, Trigger
from accounts.plays.planning import Crew
from accounts.queries import in_sight
from accounts.rights import in_hands_of
from crm.errors import NotFound
from crm.identity.models import User
from crm.text import N_, Text, text
from crm.viewer import Role, Viewer

PAGE_SIZE = 50
LATER = timedelta(days=90)  # after which the band is looked at again


def get_play(session: Session, play_id: int) -> Play:
    found = session.get(Play, play_id)
    if found is None:
        raise NotFound(N_("There is no such play."))
    return found


def in_hands(session: Session, viewer: Viewer, account_ids: Collection[int]) -> set[int]:
    """Which of these accounts the viewer may start a play on."""
    return set(session.exec(select(Account.id).where(col(Account.id).in_(account_ids), in_hands_of(viewer))))


def get_run(session: Session, account: Account, run_id: int) -> PlayRun:
    found = session.get(PlayRun, run_id)
    if found is None or found.account_id != account.id:
        raise NotFound(N_("There is no such play here."))
    return found


def steps_of(session: Session, play: Play) -> Sequence[PlayStep]:
    """Those that new runs get."""
    return session.exec(
        select(PlayStep)
        .where(col(PlayStep.play_id) == play.id, col(PlayStep.version) == play.version)
        .order_by(col(PlayStep.position))
    ).all()


def current_steps(session: Session) -> dict[int, list[PlayStep]]:
    """Of every play."""
    found: dict[int, list[PlayStep]] = {}
    for step in session.exec(
        select(PlayStep)
        .join(Play, (col(Play.id) == col(PlayStep.play_id)) & (col(Play.version) == col(PlayStep.version)))
        .order_by(col(PlayStep.play_id), col(PlayStep.position))
    ):
        found.setdefault(step.play_id, []).append(step)
    return found


def plays_on(session: Session, trigger: Trigger) -> Sequence[Play]:
    """Those that start by themselves when ``trigger`` happens."""
    return session.exec(
        select(Play)
        .where(col(Play.trigger) == trigger, col(Play.on_since).is_not(None))
        .order_by(col(Play.created_at), col(Play.id))
    ).all()


# --- the list of plays -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlayLine:
    play: Play
    steps: int
    running: int
    runs: int


def play_lines(session: Session, viewer: Viewer) -> list[PlayLine]:
    """Every play with its numbers, those that are on first; one statement."""
    steps = (
        core_select(func.count())
        .where(col(PlayStep.play_id) == col(Play.id), col(PlayStep.version) == col(Play.version))
        .correlate(Play)
        .scalar_subquery()
    )
    of_play = (
        core_select(
            col(PlayRun.play_id).label("play_id"),
            func.count().label("runs"),
            func.sum(case((col(PlayRun.ended_on).is_(None), 1), else_=0)).label("running"),
        )
        .where(in_sight(col(PlayRun.account_id), viewer))
        .group_by(col(PlayRun.play_id))
        .subquery()
    )
    rows = session.execute(
        core_select(Play, steps, func.coalesce(of_play.c.running, 0), func.coalesce(of_play.c.runs, 0))
        .outerjoin(of_play, of_play.c.play_id == col(Play.id))
        .order_by(col(Play.on_since).is_(None), func.lower(col(Play.title)), col(Play.id))
    )
    return [PlayLine(play, count, int(running), int(runs)) for play, count, running, runs in rows]


# --- who gets the steps ----------------------------------------------------------------------------------------------


def crews(session: Session, accounts: Sequence[Account], today: date) -> dict[int, Crew]:
    """Of each account, in three statements. Of several with one role it is the one who has had it longest."""
    ids = [account.id for account in accounts]
    members = session.execute(
        core_select(col(AccountTeamMember.account_id), col(AccountTeamMember.role), col(AccountTeamMember.user_id))
        .join(User, col(User.id) == col(AccountTeamMember.user_id))
        .where(
            col(AccountTeamMember.account_id).in_(ids),
            col(AccountTeamMember.from_on) <= today,
            or_(col(AccountTeamMember.to_on).is_(None), col(AccountTeamMember.to_on) > today),
            col(User.disabled_at).is_(None),
        )
        .order_by(col(AccountTeamMember.from_on), col(AccountTeamMember.id))
    )
    roles = {team_role: role for role, team_role in TEAM_ROLES.items()}
    by_account: dict[int, dict[PlayRole, int]] = {}
    for account_id, team_role, user_id in members:
        by_account.setdefault(account_id, {}).setdefault(roles[team_role], user_id)
    teams = {account.team_id for account in accounts if account.team_id}
    managers: dict[int | None, int] = {}
    for team_id, user_id in session.execute(
        core_select(col(User.team_id), col(User.id))
        .where(col(User.team_id).in_(teams), col(User.role) == Role.MANAGER, col(User.disabled_at).is_(None))
        .order_by(col(User.created_at), col(User.id))
    ):
        managers.setdefault(team_id, user_id)
    owners = {account.owner_id for account in accounts if account.owner_id}
    here = set(
        session.scalars(core_select(col(User.id)).where(col(User.id).in_(owners), col(User.disabled_at).is_(None)))
    )
    return {
        account.id: Crew(
            account.owner_id if account.owner_id in here else None,
            managers.get(account.team_id),
            by_account.get(account.id, {}),
        )
        for account in accounts
    }


# --- what happened after each run ------------------------------------------------------------------------------------


class Shown(StrEnum):
    """Which runs a figure opens."""

    ALL = "all"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    ON_TIME = "on_time"  # with a task that was done in time, and so on
    LATE = "late"
    SKIPPED = "skipped"
    OPEN = "open"
    RENEWED = "renewed"
    CHURNED = "churned"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    UNKNOWN = "unknown"

    @property
    def words(self) -> str:
        return SHOWN_TITLES[self]


SHOWN_TITLES = {
    Shown.ALL: N_("every run"),
    Shown.RUNNING: N_("running"),
    Shown.DONE: N_("carried through"),
    Shown.STOPPED: N_("stopped"),
    Shown.ON_TIME: N_("with tasks done on time"),
    Shown.LATE: N_("with tasks done late"),
    Shown.SKIPPED: N_("with tasks skipped"),
    Shown.OPEN: N_("with open tasks"),
    Shown.RENEWED: N_("renewed since"),
    Shown.CHURNED: N_("churned since"),
    Shown.GREEN: N_("green 90 days later"),
    Shown.AMBER: N_("amber 90 days later"),
    Shown.RED: N_("red 90 days later"),
    Shown.UNKNOWN: N_("unknown 90 days later"),
}
OF_TASKS = (Shown.ON_TIME, Shown.LATE, Shown.SKIPPED, Shown.OPEN)
OF_BANDS = (Shown.GREEN, Shown.AMBER, Shown.RED, Shown.UNKNOWN)

_CLOSED = col(Task.done_at).is_not(None)
_IN_TIME = col(Task.done_on) <= func.coalesce(col(Task.planned_on), col(Task.due_on))
_TASK_IS: dict[Shown, ColumnElement[bool]] = {
    Shown.ON_TIME: and_(_CLOSED, col(Task.skipped).is_(False), _IN_TIME),
    Shown.LATE: and_(_CLOSED, col(Task.skipped).is_(False), ~_IN_TIME),
    Shown.SKIPPED: and_(_CLOSED, col(Task.skipped).is_(True)),
    Shown.OPEN: ~_CLOSED,
}
_CHURNED = and_(col(Account.stage) == Stage.CHURNED, col(Account.stage_entered_on) >= col(PlayRun.started_on))
_RENEWED = and_(
    col(Account.stage) != Stage.CHURNED,
    col(PlayRun.ends_on).is_not(None),
    col(Account.ends_on) > col(PlayRun.ends_on),
)
_RUN_IS: dict[Shown, ColumnElement[bool]] = {
    Shown.RUNNING: col(PlayRun.ended_on).is_(None),
    Shown.DONE: col(PlayRun.ending) == Ending.DONE,
    Shown.STOPPED: col(PlayRun.ending) == Ending.STOPPED,
    Shown.RENEWED: _RENEWED,
    Shown.CHURNED: _CHURNED,
    **{shown: col(PlayRun.band_later) == shown.value for shown in OF_BANDS},
    **{
        shown: exists().where(col(Task.play_run_id) == col(PlayRun.id), condition)
        for shown, condition in _TASK_IS.items()
    },
}


def figures(session: Session, viewer: Viewer, play: Play) -> dict[Shown, int]:
    """How many runs, and of their tasks how many; two statements."""
    of_runs = [Shown.RUNNING, Shown.DONE, Shown.STOPPED, Shown.RENEWED, Shown.CHURNED, *OF_BANDS]
    mine = (col(PlayRun.play_id) == play.id) & in_sight(col(PlayRun.account_id), viewer)
    runs = session.execute(
        core_select(func.count(), *(func.sum(case((_RUN_IS[shown], 1), else_=0)) for shown in of_runs))
        .select_from(PlayRun)
        .join(Account, col(Account.id) == col(PlayRun.account_id))
        .where(mine)
    ).one()
    tasks = session.execute(
        core_select(*(func.sum(case((_TASK_IS[shown], 1), else_=0)) for shown in OF_TASKS))
        .select_from(Task)
        .join(PlayRun, col(PlayRun.id) == col(Task.play_run_id))
        .where(mine)
    ).one()
    found = zip([Shown.ALL, *of_runs, *OF_TASKS], [*runs, *tasks], strict=True)
    return {shown: int(count or 0) for shown, count in found}


@dataclass(frozen=True)
class RunLine:
    """A run with its tasks counted."""

    run: PlayRun
    play: str
    account: str
    started_by: str | None
    tasks: int
    counts: dict[Shown, int]
    renewed: bool
    churned: bool

    @property
    def closed(self) -> int:
        return self.tasks - self.counts[Shown.OPEN]

    @property
    def share(self) -> float:
        return self.closed / self.tasks if self.tasks else 0.0

    @property
    def state(self) -> Text:
        if self.run.ending is Ending.STOPPED and not self.run.reason:
            return text(N_("taken back"))
        if self.run.ending is Ending.STOPPED:
            return text(N_("stopped: %(reason)s"), reason=self.run.reason)
        return text(N_("running") if self.run.ended_on is None else N_("carried through"))

    @property
    def after(self) -> Text | None:
        if self.churned:
            return text(N_("churned"))
        return text(N_("renewed")) if self.renewed else None


@dataclass(frozen=True)
class RunPage:
    lines: Sequence[RunLine]
    next: str


def read_runs(session: Session, viewer: Viewer, play: Play, shown: Shown, after: str) -> RunPage:
    """Newest first, page by page; one statement."""
    statement = _run_lines(in_sight(col(PlayRun.account_id), viewer), col(PlayRun.play_id) == play.id)
    if shown is not Shown.ALL:
        statement = statement.where(_RUN_IS[shown])
    if (cursor := _cursor(after)) is not None:
        statement = statement.where(tuple_(col(PlayRun.started_on), col(PlayRun.id)) < tuple_(*cursor))
    rows = session.execute(
        statement.order_by(col(PlayRun.started_on).desc(), col(PlayRun.id).desc()).limit(PAGE_SIZE + 1)
    ).all()
    lines = [_run_line(*row) for row in rows[:PAGE_SIZE]]
    last = lines[-1].run if len(rows) > PAGE_SIZE else None
    return RunPage(lines, f"{last.started_on.isoformat()}.{last.id}" if last else "")


def runs_on(session: Session, account_id: int, ended_limit: int) -> list[RunLine]:
    """Of one account: those that run, then the last that have ended."""
    statement = _run_lines(col(PlayRun.account_id) == account_id).order_by(
        col(PlayRun.ended_on).is_not(None), col(PlayRun.started_on).desc(), col(PlayRun.id).desc()
    )
    lines = [_run_line(*row) for row in session.execute(statement.limit(20 + ended_limit))]
    ended = [line for line in lines if line.run.ended_on is not None][:ended_limit]
    return [line for line in lines if line.run.ended_on is None] + ended


def _run_lines(*where: ColumnElement[bool]) -> Select[Any]:
    def counted(condition: ColumnElement[bool] | None) -> Any:
        of_run = core_select(func.count()).where(col(Task.play_run_id) == col(PlayRun.id))
        if condition is not None:
            of_run = of_run.where(condition)
        return of_run.correlate(PlayRun).scalar_subquery()

    return (
        core_select(
            PlayRun,
            col(Play.title),
            col(Account.name),
            col(User.name),
            counted(None),
            *(counted(_TASK_IS[shown]) for shown in OF_TASKS),
            case((_RENEWED, 1), else_=0),
            case((_CHURNED, 1), else_=0),
        )
        .join(Play, col(Play.id) == col(PlayRun.play_id))
        .join(Account, col(Account.id) == col(PlayRun.account_id))
        .outerjoin(User, col(User.id) == col(PlayRun.started_by))
        .where(*where)
    )


def _run_line(run: PlayRun, play: str, account: str, by: str | None, tasks: int, *rest: int) -> RunLine:
    counts = dict(zip(OF_TASKS, rest, strict=False))
    return RunLine(run, play, account, by, tasks, counts, bool(rest[-2]), bool(rest[-1]))


def _cursor(after: str) -> tuple[date, int] | None:
    day, _, run_id = after.partition(".")
    if not (run_id.isascii() and run_id.isdigit()) or int(run_id) >= 1 << 63:
        return None
    try:
        return date.fromisoformat(day), int(run_id)
    except ValueError:
        return None


# --- before a start --------------------------------------------------------------------------------------------------


def running_on(session: Session, account_ids: Collection[int]) -> dict[int, set[int]]:
    """Of each play, on which of these accounts it runs."""
    rows = session.execute(
        core_select(col(PlayRun.play_id), col(PlayRun.account_id)).where(
            col(PlayRun.account_id).in_(account_ids), col(PlayRun.ended_on).is_(None)
        )
    )
    found: dict[int, set[int]] = {}
    for play_id, account_id in rows:
        found.setdefault(play_id, set()).add(account_id)
    return found
