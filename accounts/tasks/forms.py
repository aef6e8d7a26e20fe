"""What a browser may send about tasks."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from accounts.days import TypedDay, TypedDayOrNone
from accounts.forms import Line, RowId, RowIdOrNone, Whole, sent_as
from accounts.models import RepeatUnit
from accounts.tasks.recurring import Rule
from crm.web.forms import EditForm, Form, OrNone, Submitted

Title = Annotated[str, Field(min_length=1, max_length=300)]
Times = Annotated[Annotated[Whole, Field(ge=1, le=365)] | None, OrNone]


class RepeatForm(Form):
    """ "every 2 weeks, until June"; ``unit`` empty: once."""

    repeat_unit: RepeatUnit | Literal[""] = ""
    repeat_every: Times = None
    repeat_until: TypedDayOrNone = None

    def rule(self, first: date) -> Rule | None:
        if not self.repeat_unit:
            return None
        return Rule(self.repeat_every or 1, self.repeat_unit, first, self.repeat_until)


class TaskForm(RepeatForm):
    title: Title
    due_on: TypedDayOrNone = None
    assignee: RowIdOrNone = None
    words: Line = ""


class AnyTaskForm(TaskForm):
    """From anywhere: the account is typed by name."""

    account: Annotated[str, Field(min_length=1, max_length=200)]


class TaskEditForm(RepeatForm):
    title: Title
    due_on: TypedDay


class MoveForm(EditForm):
    due_on: TypedDay


class CompletionForm(Form):
    outcome: Line = ""


class SkipForm(Form):
    reason: Annotated[str, Field(min_length=1, max_length=300)]


class DelegationForm(Form):
    assignee: RowId
    words: Line = ""


class NextStepForm(EditForm):
    next: Annotated[str, Field(min_length=1, max_length=340)]


TaskSubmitted = Annotated[Submitted[TaskForm], sent_as(TaskForm)]
AnyTaskSubmitted = Annotated[Submitted[AnyTaskForm], sent_as(AnyTaskForm)]
TaskEditSubmitted = Annotated[Submitted[TaskEditForm], sent_as(TaskEditForm)]
MoveSubmitted = Annotated[Submitted[MoveForm], sent_as(MoveForm)]
CompletionSubmitted = Annotated[Submitted[CompletionForm], sent_as(CompletionForm)]
SkipSubmitted = Annotated[Submitted[SkipForm], sent_as(SkipForm)]
DelegationSubmitted = Annotated[Submitted[DelegationForm], sent_as(DelegationForm)]
NextStepSubmitted = Annotated[Submitted[NextStepForm], sent_as(NextStepForm)]
