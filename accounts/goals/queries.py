"""Reads of goals and of their evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import case, select as core_select
from sqlmodel import Session, col

from accounts.goals.models import Goal, GoalEvidence, GoalStatus
from accounts.models import Account, Contact
from crm.errors import NotFound
from crm.identity.models import User
from crm.text import N_


@dataclass(frozen=True)
class ShownEvidence:
    evidence: GoalEvidence
    by: str | None


@dataclass
class ShownGoal:
    goal: Goal
    contact: str | None
    evidence: list[ShownEvidence] = field(default_factory=list)  # newest first

    @property
    def latest(self) -> float | None:
        """The newest figure."""
        return next((one.evidence.figure for one in self.evidence if one.evidence.figure is not None), None)


MOST_EVIDENCE = 400


def goals_of(session: Session, account_id: int, limit: int) -> Sequence[ShownGoal]:
    """Open ones first, the nearest day on top; with their evidence. Two statements."""
    still_open = case((col(Goal.status) == GoalStatus.OPEN, 0), else_=1)
    rows = session.execute(
        core_select(Goal, col(Contact.name))
        .outerjoin(Contact, col(Contact.id) == col(Goal.contact_id))
        .where(col(Goal.account_id) == account_id)
        .order_by(still_open, col(Goal.settled_on).desc(), col(Goal.due_on), col(Goal.id))
        .limit(limit)
    )
    found = {goal.id: ShownGoal(goal, contact) for goal, contact in rows}
    evidence = session.execute(
        core_select(GoalEvidence, col(User.name))
        .outerjoin(User, col(User.id) == col(GoalEvidence.added_by))
        .where(col(GoalEvidence.goal_id).in_(found), col(GoalEvidence.closed_at).is_(None))
        .order_by(col(GoalEvidence.seen_on).desc(), col(GoalEvidence.id).desc())
        .limit(MOST_EVIDENCE)
    )
    for one, by in evidence:
        found[one.goal_id].evidence.append(ShownEvidence(one, by))
    return list(found.values())


def get_goal(session: Session, account: Account, goal_id: int) -> Goal:
    found = session.get(Goal, goal_id)
    if found is None or found.account_id != account.id:
        raise NotFound(N_("There is no such goal here."))
    return found


def shown_goal(session: Session, account: Account, goal_id: int) -> ShownGoal:
    goal = get_goal(session, account, goal_id)
    contact = session.get(Contact, goal.contact_id) if goal.contact_id else None
    rows = session.execute(
        core_select(GoalEvidence, col(User.name))
        .outerjoin(User, col(User.id) == col(GoalEvidence.added_by))
        .where(col(GoalEvidence.goal_id) == goal.id, col(GoalEvidence.closed_at).is_(None))
        .order_by(col(GoalEvidence.seen_on).desc(), col(GoalEvidence.id).desc())
        .limit(MOST_EVIDENCE)
    )
    return ShownGoal(goal, contact.name if contact else None, [ShownEvidence(*row) for row in rows])


def get_evidence(session: Session, goal: Goal, evidence_id: int) -> GoalEvidence:
    found = session.get(GoalEvidence, evidence_id)
    if found is None or found.goal_id != goal.id:
        raise NotFound(N_("There is no such evidence here."))
    return found
