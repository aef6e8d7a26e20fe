"""How far a goal is: pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from accounts.goals.models import Goal, GoalStatus
from crm.text import N_, Text, plural, text

BEHIND = 0.10  # of the way: less than this behind the calendar is still on course


@dataclass(frozen=True)
class Progress:
    """``share``: of the way from baseline to target, 0–1 (further than the target is 1, worse than the baseline 0);
    ``none``: no figure. ``latest``: the newest figure."""

    share: float | None
    latest: float | None
    words: Text
    band: str | None  # None: nothing to say about it


def share_of(goal: Goal, latest: float | None) -> float | None:
    if goal.baseline is None or goal.target is None or latest is None:
        return None
    way = (latest - goal.baseline) / (goal.target - goal.baseline)
    return min(max(way, 0.0), 1.0)


def share_of_time(goal: Goal, today: date) -> float:
    whole = (goal.due_on - goal.set_on).days
    return 1.0 if whole <= 0 else min(max((today - goal.set_on).days / whole, 0.0), 1.0)


def progress_of(goal: Goal, latest: float | None, today: date) -> Progress:
    share = share_of(goal, latest)
    words, band = _words(goal, share, today)
    return Progress(share, latest, words, band)


def _words(goal: Goal, share: float | None, today: date) -> tuple[Text, str | None]:
    if goal.status is GoalStatus.REACHED:
        return text(N_("reached on %(day)s"), day=goal.settled_on), "green"
    if goal.status is GoalStatus.MISSED:
        return text(N_("missed")), "red"
    if goal.status is GoalStatus.DROPPED:
        return text(N_("dropped")), None
    late = (today - goal.due_on).days
    if share == 1.0:
        return text(N_("the target is met; say so")), "green"
    if late > 0:
        return plural(N_("%(n)s day late"), N_("%(n)s days late"), late), "red"
    left = plural(N_("%(n)s day left"), N_("%(n)s days left"), -late)
    if share is None:
        return left, None
    if share < share_of_time(goal, today) - BEHIND:
        return text(N_("behind, %(left)s"), left=left), "amber"
    return text(N_("on course, %(left)s"), left=left), "green"
