"""When a task comes again: pure rules, no session."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models.task import RepeatUnit, Task
from accounts.workdays import add_workdays
from crm.text import N_, Text, plural, text

_ON = (
    N_("on Monday"),
    N_("on Tuesday"),
    N_("on Wednesday"),
    N_("on Thursday"),
    N_("on Friday"),
    N_("on Saturday"),
    N_("on Sunday"),
)
_PLACED = (
    N_("%(place)s Monday"),
    N_("%(place)s Tuesday"),
    N_("%(place)s Wednesday"),
    N_("%(place)s Thursday"),
    N_("%(place)s Friday"),
    N_("%(place)s Saturday"),
    N_("%(place)s Sunday"),
)
_PLACES = (N_("first"), N_("second"), N_("third"), N_("fourth"), N_("last"))


@dataclass(frozen=True)
class Rule:
    """Every so many ``unit``s counted from the day ``since``; nothing after ``until``."""

    every: int
    unit: RepeatUnit
    since: date
    until: date | None = None

    def after(self, day: date) -> date | None:
        """The rule's first day after ``day``, or ``None`` where the series has ended."""
        found = self._after(max(day, self.since - timedelta(days=1)))
        return None if self.until is not None and found > self.until else found

    def _after(self, day: date) -> date:
        if self.unit is RepeatUnit.WORKDAY:
            return add_workdays(day, self.every)
        if self.unit in (RepeatUnit.DAY, RepeatUnit.WEEK):
            step = self.every * (7 if self.unit is RepeatUnit.WEEK else 1)
            return self.since + timedelta(days=step * ((day - self.since).days // step + 1))
        passed = (day.year - self.since.year) * 12 + day.month - self.since.month
        months = passed // self.every * self.every
        while (found := self._in_month(months)) <= day:
            months += self.every
        return found

    def _in_month(self, months: int) -> date:
        """Its day in the month that comes ``months`` after the first one."""
        year, month = divmod(self.since.year * 12 + self.since.month - 1 + months, 12)
        last = monthrange(year, month + 1)[1]
        if self.unit is RepeatUnit.MONTH:
            return date(year, month + 1, min(self.since.day, last))
        first = date(year, month + 1, 1)
        of_the_month = 1 + (self.since.weekday() - first.weekday()) % 7 + 7 * self._place
        return date(year, month + 1, of_the_month if of_the_month <= last else of_the_month - 7)

    @property
    def _place(self) -> int:
        """Which of its weekdays in the month the first day was, counted from 0; a fifth is the last."""
        return (self.since.day - 1) // 7

    @property
    def words(self) -> Text:
        """every 2 weeks on Monday"""
        weekday = self.since.weekday()
        match self.unit:
            case RepeatUnit.DAY:
                said = plural(N_("every day"), N_("every %(n)s days"), self.every)
            case RepeatUnit.WORKDAY:
                said = plural(N_("every working day"), N_("every %(n)s working days"), self.every)
            case RepeatUnit.WEEK:
                said = plural(
                    N_("every week %(on)s"), N_("every %(n)s weeks %(on)s"), self.every, on=text(_ON[weekday])
                )
            case RepeatUnit.MONTH:
                said = plural(
                    N_("every month on day %(day)s"),
                    N_("every %(n)s months on day %(day)s"),
                    self.every,
                    day=self.since.day,
                )
            case _:
                said = plural(
                    N_("every month on the %(which)s"),
                    N_("every %(n)s months on the %(which)s"),
                    self.every,
                    which=text(_PLACED[weekday], place=text(_PLACES[self._place])),
                )
        if self.until is None:
            return said
        return text(N_("%(rule)s until %(day)s"), rule=said, day=self.until)


def rule_of(task: Task) -> Rule | None:
    if task.repeat_every is None or task.repeat_unit is None or task.repeat_from is None:
        return None
    return Rule(task.repeat_every, task.repeat_unit, task.repeat_from, task.repeat_until)


def next_day(task: Task, done_on: date) -> date | None:
    """By when the next one of the series is due, once ``task`` is closed on ``done_on``; ``None``: there is none.

    It follows the rule's own day, not where the task was moved; who is weeks late does not get the missed ones.
    """
    rule = rule_of(task)
    if rule is None:
        return None
    return rule.after(max(task.repeat_on or task.due_on, done_on))
