"""Reads of tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select as core_select
from sqlmodel import Session, col

from accounts.models import Account, Task
from accounts.plays.models import Play, PlayRun
from crm.db import table_of
from crm.errors import NotFound
from crm.identity.models import User
from crm.text import N_


@dataclass(frozen=True)
class OpenTask:
    """With the names around it."""

    task: Task
    assignee: str
    giver: str | None
    play: str | None


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


def open_tasks(session: Session, account: Account, limit: int) -> Sequence[OpenTask]:
    """The nearest day first."""
    giver = table_of(User).alias("giver")
    rows = session.execute(
        core_select(Task, col(User.name), giver.c.name, col(Play.title))
        .join(User, col(User.id) == col(Task.assignee_id))
        .outerjoin(giver, giver.c.id == col(Task.given_by))
        .outerjoin(PlayRun, col(PlayRun.id) == col(Task.play_run_id))
        .outerjoin(Play, col(Play.id) == col(PlayRun.play_id))
        .where(col(Task.account_id) == account.id, col(Task.done_at).is_(None))
        .order_by(col(Task.due_on), col(Task.id))
        .limit(limit)
    )
    return [OpenTask(task, name, given, play) for task, name, given, play in rows]
