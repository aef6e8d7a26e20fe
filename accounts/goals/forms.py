"""What a browser may send about goals."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from accounts.days import TypedDay
from accounts.forms import Line, RowIdOrNone, plain_number, sent_as
from accounts.goals.models import GoalStatus
from crm.web.forms import Form, OrNone, Submitted

Figure = Annotated[Annotated[float, BeforeValidator(plain_number), Field(allow_inf_nan=False)] | None, OrNone]


class GoalForm(Form):
    objective: Annotated[str, Field(min_length=1, max_length=300)]
    metric: Annotated[str, Field(max_length=160)] = ""
    unit: Annotated[str, Field(max_length=20)] = ""
    baseline: Figure = None
    target: Figure = None
    contact: RowIdOrNone = None
    due_on: TypedDay
    version: Annotated[int | None, OrNone] = None


class EvidenceForm(Form):
    figure: Figure = None
    words: Annotated[str, Field(max_length=2_000)] = ""
    seen_on: TypedDay
    for_customer: bool = False


class SettlingForm(Form):
    status: GoalStatus
    outcome: Line = ""
    on: TypedDay


GoalSubmitted = Annotated[Submitted[GoalForm], sent_as(GoalForm)]
EvidenceSubmitted = Annotated[Submitted[EvidenceForm], sent_as(EvidenceForm)]
SettlingSubmitted = Annotated[Submitted[SettlingForm], sent_as(SettlingForm)]
