"""What comes next on this account, and what else is to be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import Task
from accounts.panels.context import account_of, book_day, hands_of
from accounts.rights import Hands
from accounts.tasks.queries import OpenTask, open_tasks
from accounts.tasks.recurring import rule_of
from crm import clock
from crm.contracts import Panel, PanelContext
from crm.text import Text
from crm.viewer import Capability, Viewer


@dataclass(frozen=True)
class TaskLine:
    task: Task
    assignee: str
    giver: str | None
    play: str | None
    repeats: Text | None
    is_late: bool
    may_do: bool


MOST_SHOWN = 30


def may_do(viewer: Viewer, hands: Hands, task: Task) -> bool:
    theirs = viewer.user_id in (task.assignee_id, task.created_by, task.given_by)
    return (theirs and viewer.may(Capability.NOTE)) or hands.may_change


def load(context: PanelContext) -> dict[str, object]:
    hands, today = hands_of(context), book_day(context)
    lines = [
        _line(context.viewer, hands, one, today)
        for one in open_tasks(context.session, account_of(context), MOST_SHOWN + 1)
    ]
    real_day = clock.today()  # tasks are of people's own days, also in an old book
    return {
        "first": lines[0] if lines else None,
        "others": lines[1:MOST_SHOWN],
        "more": len(lines) > MOST_SHOWN,
        "tomorrow": real_day + timedelta(days=1),
        "next_week": real_day + timedelta(days=7 - real_day.weekday()),
    }


def _line(viewer: Viewer, hands: Hands, one: OpenTask, today: date) -> TaskLine:
    rule = rule_of(one.task)
    return TaskLine(
        one.task,
        one.assignee,
        one.giver,
        one.play,
        rule.words if rule else None,
        one.task.is_late(today),
        may_do(viewer, hands, one.task),
    )


NEXT_STEP = Panel(
    key="next",
    title="",
    template="accounts/panels/next_step.html",
    load=load,
    order=0,
    refresh_on="interactions-changed",  # a note may bring a next step; its own buttons answer with the panel
)
