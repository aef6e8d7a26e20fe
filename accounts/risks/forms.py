"""What a browser may send about risks."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from accounts.days import TypedDay, TypedDayOrNone
from accounts.forms import Amount, Line, RowIdOrNone, sent_as
from accounts.risks.models import RiskReason, RiskStatus
from crm.web.forms import Form, OrNone, Submitted

AmountOrNone = Annotated[Annotated[Amount, Field(ge=0)] | None, OrNone]


class RiskForm(Form):
    reason: RiskReason
    words: Annotated[str, Field(max_length=4_000)] = ""
    amount: AmountOrNone = None
    since_on: TypedDay
    owner: RowIdOrNone = None
    next_step: Line = ""
    next_on: TypedDayOrNone = None
    help_needed: Line = ""
    help_from: RowIdOrNone = None
    status: RiskStatus = RiskStatus.OPEN
    version: Annotated[int | None, OrNone] = None


class Cell(StrEnum):
    """What is edited where it stands."""

    STEP = "step"
    AMOUNT = "amount"
    OWNER = "owner"
    HELP = "help"


class CellForm(Form):
    """Only the field of the cell counts."""

    step: Annotated[str, Field(max_length=340)] = ""
    amount: AmountOrNone = None
    owner: RowIdOrNone = None
    help: Line = ""
    help_from: RowIdOrNone = None


class ClosingForm(Form):
    status: RiskStatus
    outcome: Annotated[str, Field(min_length=1, max_length=300)]
    on: TypedDay


class OutcomeForm(Form):
    outcome: Line = ""


RiskSubmitted = Annotated[Submitted[RiskForm], sent_as(RiskForm)]
CellSubmitted = Annotated[Submitted[CellForm], sent_as(CellForm)]
ClosingSubmitted = Annotated[Submitted[ClosingForm], sent_as(ClosingForm)]
OutcomeSubmitted = Annotated[Submitted[OutcomeForm], sent_as(OutcomeForm)]
