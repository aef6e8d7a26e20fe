"""Reads of tasks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, Select, select as core_select
from sqlmodel import Session, col

from accounts.models import Account, Task
from accounts.queries import in_sight
from crm.errors import NotFound
from crm.identity.models import User
from crm.text import N_
from crm.viewer import Viewer

MINE_SHOWN, DONE_SHOWN = 300, 50


def get_task(session: Session, account: Account, task_id: int) -> Task:
    found = session.get(Task, task_id)
    if found is None or found.account_id != account.id:
        raise NotFound(N_("There is no such task here."))
    return found


def next_task(session: Session, account: Account) -> Task | None:
    """The open task that is due first."""
    return session.scalars(
        core_select(Task)
        .where(col(Task.account_id) == account.id, col(Task.done_at).is_(None))
        .order_by(col(Task.due_on), col(Task.id))
        .limit(1)
    ).first()


def open_tasks(session: Session, account: Account, limit: int) -> Sequence[tuple[Task, str]]:
    """With the name of who is to do it, the nearest day first."""
    rows = session.execute(
        core_select(Task, col(User.name))
        .join(User, col(User.id) == col(Task.assignee_id))
        .where(col(Task.account_id) == account.id, col(Task.done_at).is_(None))
        .order_by(col(Task.due_on), col(Task.id))
        .limit(limit)
    )
    return [(task, name) for task, name in rows]


def open_tasks_of(session: Session, viewer: Viewer) -> Sequence[Row[Task, str]]:
    """What the viewer is to do, with the account's name, the nearest day first."""
    mine = _of(viewer).where(col(Task.done_at).is_(None)).order_by(col(Task.due_on), col(Task.id))
    return session.execute(mine.limit(MINE_SHOWN)).all()


def done_tasks_of(session: Session, viewer: Viewer, since: datetime) -> Sequence[Row[Task, str]]:
    done = _of(viewer).where(col(Task.done_at) >= since).order_by(col(Task.done_at).desc(), col(Task.id).desc())
    return session.execute(done.limit(DONE_SHOWN)).all()


def _of(viewer: Viewer) -> Select[Task, str]:
    return (
        core_select(Task, col(Account.name))
        .join(Account, col(Account.id) == col(Task.account_id))
        .where(col(Task.assignee_id) == viewer.user_id, in_sight(col(Task.account_id), viewer))
    )
