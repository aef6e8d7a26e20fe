"""A run ends with its last task, and goes on when one of them is opened again."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, col, select

from accounts.models import Task
from accounts.plays.models import Ending, PlayRun


def task_closed(session: Session, task: Task, on: date) -> None:
    if task.play_run_id is None:
        return
    session.flush()
    still_open = select(Task.id).where(col(Task.play_run_id) == task.play_run_id, col(Task.done_at).is_(None)).limit(1)
    if session.exec(still_open).first() is None:
        run = session.get_one(PlayRun, task.play_run_id)
        if run.ended_on is None:
            run.ended_on, run.ending = on, Ending.DONE


def task_reopened(session: Session, task: Task) -> None:
    """A run that was stopped stays so; nor does one go on beside another of the same play."""
    if task.play_run_id is None:
        return
    run = session.get_one(PlayRun, task.play_run_id)
    if run.ending is not Ending.DONE:
        return
    other = select(PlayRun.id).where(
        col(PlayRun.play_id) == run.play_id, col(PlayRun.account_id) == run.account_id, col(PlayRun.ended_on).is_(None)
    )
    if session.exec(other).first() is None:
        run.ended_on = run.ending = None
