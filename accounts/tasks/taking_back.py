"""What is done with a task can be taken back by whoever did it."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from accounts.models import Task
from accounts.reversals import task_said
from crm import undo
from crm.text import Text
from crm.viewer import Viewer


def remember_task(session: Session, viewer: Viewer, task: Task, before: Any, said: Text) -> undo.UndoEntry:
    """``before``: what ``task_said`` of it; nothing, where the task is new."""
    session.flush()
    return undo.remember(session, viewer, "task", task.id, before=before, after=task_said(task), said=said)
