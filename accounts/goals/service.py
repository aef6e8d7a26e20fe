"""Agreeing goals with a customer, showing how far they are, and settling them."""

from __future__ import annotations

from datetime import date
from math import isfinite

from sqlmodel import Session

from accounts.goals.models import Goal, GoalEvidence, GoalStatus
from accounts.models import Account, Contact
from accounts.rights import ensure_may_change
from accounts.service._dated import ensure_not_ahead
from crm.audit import record
from crm.clock import now, today
from crm.errors import Conflict, Invalid
from crm.text import N_
from crm.viewer import Viewer


class GoalIsSettled(Conflict):
    def __init__(self) -> None:
        super().__init__(N_("This goal is settled; open it again before you change it."))


class ChangedMeanwhile(Conflict):
    def __init__(self) -> None:
        super().__init__(N_("Somebody else has changed this goal in the meantime; look at it again, then change it."))


def set_goal(
    session: Session,
    actor: Viewer,
    account: Account,
    *,
    objective: str,
    due_on: date,
    metric: str = "",
    unit: str = "",
    baseline: float | None = None,
    target: float | None = None,
    contact: Contact | None = None,
    set_on: date | None = None,
) -> Goal:
    ensure_may_change(session, actor, account)
    begins = set_on or today()
    goal = Goal(
        account_id=account.id,
        objective=_objective(objective),
        metric=_line(metric),
        unit=_line(unit)[:20],
        baseline=baseline,
        target=target,
        contact_id=contact.id if contact else None,
        set_on=begins,
        due_on=due_on,
        created_by=None if actor.is_system else actor.user_id,
        created_at=now(),
    )
    _refuse_figures(metric, baseline, target)
    if due_on < begins:
        raise Invalid(N_("A goal cannot be due before it was set, on %(day)s."), day=begins)
    session.add(goal)
    session.flush()
    record(session, actor, account.id, "goal.set", goal=str(goal.id), objective=goal.objective, due_on=due_on)
    return goal


def change_goal(
    session: Session,
    actor: Viewer,
    account: Account,
    goal: Goal,
    *,
    objective: str,
    due_on: date,
    metric: str = "",
    unit: str = "",
    baseline: float | None = None,
    target: float | None = None,
    contact: Contact | None = None,
    version: int | None = None,
) -> None:
    ensure_may_change(session, actor, account)
    if version is not None and version != goal.version:
        raise ChangedMeanwhile
    if not goal.is_open:
        raise GoalIsSettled
    _refuse_figures(metric, baseline, target)
    if due_on < goal.set_on:
        raise Invalid(N_("A goal cannot be due before it was set, on %(day)s."), day=goal.set_on)
    after = {
        "objective": _objective(objective),
        "metric": _line(metric),
        "unit": _line(unit)[:20],
        "baseline": baseline,
        "target": target,
        "contact_id": contact.id if contact else None,
        "due_on": due_on,
    }
    changed = {key: [getattr(goal, key), value] for key, value in after.items() if getattr(goal, key) != value}
    if not changed:
        return
    for key, value in after.items():
        setattr(goal, key, value)
    goal.version += 1
    session.add(goal)
    record(session, actor, account.id, "goal.changed", goal=str(goal.id), **changed)


def add_evidence(
    session: Session,
    actor: Viewer,
    account: Account,
    goal: Goal,
    *,
    seen_on: date | None = None,
    figure: float | None = None,
    words: str = "",
    for_customer: bool = False,
) -> GoalEvidence:
    """A figure, or words, or both; also after a goal was settled."""
    ensure_may_change(session, actor, account)
    day = seen_on or today()
    ensure_not_ahead(day)
    if figure is None and not words.strip():
        raise Invalid(N_("Give a figure, or say what was seen."))
    if figure is not None and goal.target is None:
        raise Invalid(N_("This goal has no metric with a target; say in words what was seen."))
    _refuse_size(figure)
    evidence = GoalEvidence(
        goal_id=goal.id,
        account_id=account.id,
        seen_on=day,
        figure=figure,
        words=words.strip(),
        for_customer=for_customer,
        added_by=None if actor.is_system else actor.user_id,
        known_at=now(),
    )
    session.add(evidence)
    session.flush()
    record(session, actor, account.id, "goal.evidence_added", goal=str(goal.id), seen_on=day, figure=figure)
    return evidence


def take_back_evidence(session: Session, actor: Viewer, account: Account, goal: Goal, evidence: GoalEvidence) -> None:
    ensure_may_change(session, actor, account)
    if evidence.closed_at is not None:
        raise Conflict(N_("That was taken back already."))
    evidence.closed_at = now()
    session.add(evidence)
    record(session, actor, account.id, "goal.evidence_taken_back", goal=str(goal.id), evidence=str(evidence.id))


def settle_goal(
    session: Session,
    actor: Viewer,
    account: Account,
    goal: Goal,
    *,
    status: GoalStatus,
    outcome: str = "",
    on: date | None = None,
) -> None:
    ensure_may_change(session, actor, account)
    if not goal.is_open:
        raise GoalIsSettled
    if status is GoalStatus.OPEN:
        raise Invalid(N_("Say how it ended: reached, missed or dropped."))
    day = on or today()
    ensure_not_ahead(day)
    if status is not GoalStatus.REACHED and not outcome.strip():
        raise Invalid(N_("Please say in a few words what came of it."))
    goal.status, goal.settled_on, goal.outcome = status, day, _line(outcome)
    goal.settled_at, goal.settled_by = now(), None if actor.is_system else actor.user_id
    goal.version += 1
    session.add(goal)
    record(session, actor, account.id, "goal.settled", goal=str(goal.id), status=status, outcome=goal.outcome)


def reopen_goal(session: Session, actor: Viewer, account: Account, goal: Goal) -> None:
    ensure_may_change(session, actor, account)
    if goal.is_open:
        raise Conflict(N_("This goal is open."))
    goal.status, goal.settled_on, goal.outcome = GoalStatus.OPEN, None, ""
    goal.settled_at = goal.settled_by = None
    goal.version += 1
    session.add(goal)
    record(session, actor, account.id, "goal.reopened", goal=str(goal.id))


def _objective(written: str) -> str:
    found = _line(written)
    if not found:
        raise Invalid(N_("Please say what is to be reached."))
    return found


def _line(words: str) -> str:
    return " ".join(words.split())[:300]


def _refuse_figures(metric: str, baseline: float | None, target: float | None) -> None:
    if (baseline is None) != (target is None):
        raise Invalid(N_("Give both where it stands and where it should be, or neither."))
    if baseline is not None and baseline == target:
        raise Invalid(N_("The target must be another figure than where it stands now."))
    if baseline is not None and not metric.strip():
        raise Invalid(N_("Say what the figures measure."))
    _refuse_size(baseline)
    _refuse_size(target)


def _refuse_size(figure: float | None) -> None:
    if figure is not None and (not isfinite(figure) or abs(figure) > 1e12):
        raise Invalid(N_("Please give a figure that can be one."))
