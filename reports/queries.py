"""What page one of a report reads besides the sections: the account, its people here, its next steps, its tickets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, and_, case, func, select as core_select
from sqlmodel import Session, col

from accounts.models import Task
from crm.identity.models import User
from support.asof import tickets_now


@dataclass(frozen=True)
class TicketFigures:
    """Tickets of one account as of an instant: the last 90 days and what is open."""

    opened: int
    resolved: int
    open: int
    late: int


def ticket_figures(session: Session, account_id: int, t: datetime) -> TicketFigures:
    since = t - timedelta(days=90)
    at = tickets_now(session, t)

    def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    row = session.execute(
        core_select(
            count(and_(at.dated.c.opened_at > since, at.dated.c.opened_at <= t)),
            count(and_(at.dated.c.resolved_at > since, at.dated.c.resolved_at <= t)),
            count(at.is_open),
            count(at.is_late),
        )
        .select_from(at.source)
        .where(at.ticket.c.account_id == account_id, at.there)
    ).one()
    return TicketFigures(*(int(value) for value in row))


def next_steps(session: Session, account_id: int, limit: int = 8) -> Sequence[Row[Task, str]]:
    """(task, who) of the open tasks, soonest first."""
    return session.execute(
        core_select(Task, col(User.name))
        .join(User, col(User.id) == col(Task.assignee_id))
        .where(col(Task.account_id) == account_id, col(Task.done_at).is_(None))
        .order_by(col(Task.due_on), col(Task.id))
        .limit(limit)
    ).all()
