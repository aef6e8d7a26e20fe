"""Writing plays, switching them on, and starting and stopping them on accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import insert, select as core_select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from accounts.models import Account, Stage, Task
from accounts.plays.models import Anchor, Ending, Play, PlayRole, PlayRun, PlayStep, Trigger
from accounts.plays.planning import due_days
from accounts.plays.queries import crews, running_on, steps_of
from accounts.rights import ensure_may_change, in_hands_of
from crm import clock
from crm.audit import record, record_many
from crm.db import table_of
from crm.errors import Conflict, Forbidden, Invalid
from crm.ids import new_id
from crm.text import N_
from crm.viewer import Capability, Viewer

MOST_STEPS = 20
MOST_ACCOUNTS = 1_000  # of one selection
BANDS = ("green", "amber", "red", "unknown")


@dataclass(frozen=True)
class StepPlan:
    title: str
    role: PlayRole = PlayRole.OWNER
    anchor: Anchor = Anchor.START
    days: int = 0


@dataclass(frozen=True)
class PlayPlan:
    """What a play says: its name, what starts it, and its steps."""

    title: str
    trigger: Trigger
    steps: Sequence[StepPlan]
    purpose: str = ""
    trigger_value: str = ""
    trigger_days: int | None = None


def ensure_may_write_plays(viewer: Viewer) -> None:
    if not viewer.may(Capability.MANAGE_PLAYS):
        raise Forbidden(N_("Plays are written and switched on by managers and administrators; ask one of them."))


def create_play(session: Session, actor: Viewer, plan: PlayPlan) -> Play:
    """Switched off at first, so that it can be looked at."""
    ensure_may_write_plays(actor)
    _refuse(plan)
    play = Play(
        title=" ".join(plan.title.split()),
        trigger=plan.trigger,
        created_by=None if actor.is_system else actor.user_id,
    )
    _say(play, plan)
    session.add(play)
    session.flush()
    _write_steps(session, play, plan.steps)
    record(session, actor, None, "play.created", play=str(play.id), title=play.title)
    return play


def change_play(session: Session, actor: Viewer, play: Play, plan: PlayPlan) -> None:
    """What runs already keeps its tasks; new runs get the new steps. Another trigger counts from today."""
    ensure_may_write_plays(actor)
    _refuse(plan)
    before = _as_plan(session, play)
    triggered = (plan.trigger, plan.trigger_value, plan.trigger_days)
    if triggered != (before.trigger, before.trigger_value, before.trigger_days) and play.on_since is not None:
        play.on_since = clock.today() if plan.trigger is not Trigger.MANUAL else None
    _say(play, plan)
    if list(before.steps) != list(plan.steps):
        play.version += 1
        session.flush()
        _write_steps(session, play, plan.steps)
    record(session, actor, None, "play.changed", play=str(play.id), title=play.title, version=play.version)


def copy_play(session: Session, actor: Viewer, play: Play, *, title: str) -> Play:
    """A new play that begins as this one is, switched off."""
    plan = _as_plan(session, play)
    return create_play(
        session,
        actor,
        PlayPlan(title[:120], plan.trigger, plan.steps, plan.purpose, plan.trigger_value, plan.trigger_days),
    )


def switch_on(session: Session, actor: Viewer, play: Play, *, since: date | None = None) -> None:
    """From now on it starts by itself. What happened before does not count."""
    ensure_may_write_plays(actor)
    if play.trigger is Trigger.MANUAL:
        raise Conflict(N_("%(play)s is started by hand; give it a trigger first."), play=play.title)
    if play.on_since is not None:
        raise Conflict(N_("%(play)s is switched on already, since %(day)s."), play=play.title, day=play.on_since)
    play.on_since = since or clock.today()
    record(session, actor, None, "play.switched_on", play=str(play.id), title=play.title)


def switch_off(session: Session, actor: Viewer, play: Play) -> None:
    """It starts nothing by itself any more; what runs goes on."""
    ensure_may_write_plays(actor)
    if play.on_since is None:
        raise Conflict(N_("%(play)s is switched off already."), play=play.title)
    play.on_since = None
    record(session, actor, None, "play.switched_off", play=str(play.id), title=play.title)


def _as_plan(session: Session, play: Play) -> PlayPlan:
    steps = [StepPlan(step.title, step.role, step.anchor, step.days) for step in steps_of(session, play)]
    return PlayPlan(play.title, play.trigger, steps, play.purpose, play.trigger_value, play.trigger_days)


def _say(play: Play, plan: PlayPlan) -> None:
    play.title, play.purpose = " ".join(plan.title.split()), plan.purpose.strip()
    play.trigger, play.trigger_value, play.trigger_days = plan.trigger, plan.trigger_value, plan.trigger_days


def _write_steps(session: Session, play: Play, steps: Sequence[StepPlan]) -> None:
    session.add_all(
        PlayStep(
            play_id=play.id,
            version=play.version,
            position=position,
            title=step.title,
            role=step.role,
            anchor=step.anchor,
            days=step.days,
        )
        for position, step in enumerate(steps, 1)
    )
    session.flush()


def _refuse(plan: PlayPlan) -> None:
    if not plan.title.strip():
        raise Invalid(N_("A play needs a name."))
    if not plan.steps:
        raise Invalid(N_("A play needs at least one step."))
    if len(plan.steps) > MOST_STEPS:
        raise Invalid(N_("A play has at most %(most)s steps; nobody follows longer ones."), most=MOST_STEPS)
    if plan.trigger is Trigger.STAGE and plan.trigger_value not in set(Stage):
        raise Invalid(N_("Please choose the stage that starts it."))
    if plan.trigger is Trigger.BAND and plan.trigger_value not in BANDS:
        raise Invalid(N_("Please choose the band that starts it."))
    if plan.trigger is Trigger.DECISION and not plan.trigger_days:
        raise Invalid(N_("Please say how many days before the decision it starts."))


# --- on accounts -----------------------------------------------------------------------------------------------------


@dataclass
class Started:
    """What became of a start; every account is in exactly one of these."""

    runs: list[PlayRun] = field(default_factory=list)
    running: list[Account] = field(default_factory=list)  # already
    not_yours: list[Account] = field(default_factory=list)
    nobody: list[Account] = field(default_factory=list)  # no owner, and no manager to fall back to


def start_play(
    session: Session,
    actor: Viewer,
    play: Play,
    accounts: Sequence[Account],
    *,
    causes: Mapping[int, str] | None = None,
    on: date | None = None,
) -> Started:
    """``play`` begins on each of ``accounts`` that ``actor`` has in hand and where it does not run already.

    ``causes``: why, by account, where it was a trigger; the same cause starts it once, whoever else tries at the same
    time. ``on``: the day from which its steps count, by default today. A fixed number of statements.
    """
    if len(accounts) > MOST_ACCOUNTS:
        raise Invalid(N_("A play is started on at most %(most)s accounts at once."), most=MOST_ACCOUNTS)
    day = on or clock.today()
    done = Started()
    ready = _ready(session, actor, play, accounts, done)
    if not ready:
        return done
    hands = crews(session, ready, clock.today())
    steps = steps_of(session, play)
    done.nobody = [account for account in ready if hands[account.id].who(PlayRole.OWNER) is None]
    ready = [account for account in ready if hands[account.id].who(PlayRole.OWNER) is not None]
    used = _used_causes(session, play, ready)
    runs = {account.id: _run_row(actor, play, account, _cause(play, account, causes, used), day) for account in ready}
    begun = _insert_once(session, list(runs.values()))
    tasks = []
    for account in ready:
        row = runs[account.id]
        if row["id"] not in begun:
            done.running.append(account)
            continue
        days = due_days(steps, day, account.decides_on)
        tasks += [
            {
                "id": new_id(),
                "account_id": account.id,
                "assignee_id": hands[account.id].who(step.role),
                "title": step.title,
                "due_on": due_on,
                "planned_on": due_on,
                "created_by": row["started_by"],
                "created_at": clock.now(),
                "play_run_id": row["id"],
            }
            for step, due_on in zip(steps, days, strict=True)
        ]
    if tasks:
        session.execute(insert(Task), tasks)
    record_many(
        session,
        actor,
        [
            (row["account_id"], "play.started", {"play": play.title, "run": str(row["id"]), "cause": row["cause"]})
            for row in runs.values()
            if row["id"] in begun
        ],
    )
    done.runs = list(session.exec(select(PlayRun).where(col(PlayRun.id).in_(begun))))
    return done


def _ready(session: Session, actor: Viewer, play: Play, accounts: Sequence[Account], done: Started) -> list[Account]:
    ids = [account.id for account in accounts]
    mine = set(session.scalars(core_select(col(Account.id)).where(col(Account.id).in_(ids), in_hands_of(actor))))
    running = running_on(session, ids).get(play.id, set())
    done.not_yours = [account for account in accounts if account.id not in mine]
    done.running = [account for account in accounts if account.id in mine and account.id in running]
    return [account for account in accounts if account.id in mine - running]


def _used_causes(session: Session, play: Play, accounts: Sequence[Account]) -> set[tuple[int, str]]:
    ids = [account.id for account in accounts]
    rows = session.execute(
        core_select(col(PlayRun.account_id), col(PlayRun.cause)).where(
            col(PlayRun.play_id) == play.id, col(PlayRun.account_id).in_(ids)
        )
    )
    return {(account_id, cause) for account_id, cause in rows}


def decision_cause(day: date) -> str:
    return f"decision:{day.isoformat()}"


def _cause(play: Play, account: Account, causes: Mapping[int, str] | None, used: set[tuple[int, str]]) -> str:
    """A play before a decision that is started by hand need not start by itself for the same one."""
    if causes is not None:
        return causes[account.id]
    if play.trigger is Trigger.DECISION and account.decides_on is not None:
        cause = decision_cause(account.decides_on)
        if (account.id, cause) not in used:
            return cause
    return f"manual:{new_id()}"


def _run_row(actor: Viewer, play: Play, account: Account, cause: str, day: date) -> dict[str, Any]:
    return {
        "id": new_id(),
        "play_id": play.id,
        "version": play.version,
        "account_id": account.id,
        "cause": cause,
        "started_on": day,
        "started_by": None if actor.is_system else actor.user_id,
        "decision_on": account.decides_on,
        "ends_on": account.ends_on,
        "reason": "",
    }


def _insert_once(session: Session, rows: list[dict[str, Any]]) -> set[int]:
    """Ids of the rows that went in: where another transaction was faster with the same cause, nothing is added."""
    if not rows:
        return set()
    dialect = session.get_bind().dialect.name
    table: Any = table_of(PlayRun)
    made = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    session.execute(made.on_conflict_do_nothing(), rows)
    ids = [row["id"] for row in rows]
    return set(session.scalars(core_select(col(PlayRun.id)).where(col(PlayRun.id).in_(ids))))


def stop_run(session: Session, actor: Viewer, account: Account, run: PlayRun, *, reason: str) -> int:
    """Its open tasks are closed as not needed, for the same reason; answers how many."""
    ensure_may_change(session, actor, account)
    if run.ended_on is not None:
        raise Conflict(N_("That play has ended already."))
    reason = reason.strip()
    if not reason:
        raise Invalid(N_("Please say why it is stopped."))
    open_ = session.exec(
        select(Task).where(col(Task.play_run_id) == run.id, col(Task.done_at).is_(None)).order_by(col(Task.id))
    ).all()
    for task in open_:
        task.done_at, task.done_on, task.skipped = clock.now(), clock.today(), True
        task.done_by = None if actor.is_system else actor.user_id
        task.outcome = reason[:300]
    run.ended_on, run.ending, run.reason = clock.today(), Ending.STOPPED, reason[:300]
    record(session, actor, account.id, "play.stopped", run=str(run.id), reason=reason, tasks=len(open_))
    return len(open_)
