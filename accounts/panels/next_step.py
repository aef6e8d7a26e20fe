"""What comes next on this account, and what else is to be done."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Task
from accounts.panels.context import account_of, book_day, hands_of
from accounts.rights import Hands
from accounts.tasks import open_tasks
from crm.contracts import Panel, PanelContext
from crm.viewer import Capability, Viewer


@dataclass(frozen=True)
class TaskLine:
    task: Task
    assignee: str
    is_late: bool
    may_do: bool


MOST_SHOWN = 30


def may_do(viewer: Viewer, hands: Hands, task: Task) -> bool:
    theirs = viewer.user_id in (task.assignee_id, task.created_by)
    return (theirs and viewer.may(Capability.NOTE)) or hands.may_change


def load(context: PanelContext) -> dict[str, object]:
    hands, today = hands_of(context), book_day(context)
    lines = [
        TaskLine(task, name, task.is_late(today), may_do(context.viewer, hands, task))
        for task, name in open_tasks(context.session, account_of(context), MOST_SHOWN + 1)
    ]
    return {"first": lines[0] if lines else None, "others": lines[1:MOST_SHOWN], "more": len(lines) > MOST_SHOWN}


NEXT_STEP = Panel(
    key="next",
    title="",
    template="accounts/panels/next_step.html",
    load=load,
    order=0,
    refresh_on="interactions-changed",  # a note may bring a next step; its own buttons answer with the panel
)
