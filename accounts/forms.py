"""What a browser may send about accounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends
from pydantic import BeforeValidator, EmailStr, Field

from accounts.days import TypedDay, TypedDayOrNone
from accounts.models import Channel, ContactRoleKind, Direction, MovementKind, Stage, TeamRole, Tier
from crm.web.forms import Form, OrNone, Submitted, submitted

RowId = Annotated[int, Field(ge=1, lt=2**63)]
RowIdOrNone = Annotated[RowId | None, OrNone]
Line = Annotated[str, Field(max_length=300)]
Name = Annotated[str, Field(min_length=1, max_length=160)]
Country = Annotated[Annotated[str, Field(pattern="^[A-Za-z]{2}$")] | None, OrNone]
Language = Annotated[Annotated[str, Field(max_length=8)] | None, OrNone]
WordOrNone = Annotated[Annotated[str, Field(max_length=120)] | None, OrNone]
Email = Annotated[EmailStr | None, OrNone]


def _plain_number(value: object) -> object:
    """184 000,50 and 184,000.50 are numbers, as people write them."""
    if not isinstance(value, str):
        return value
    plain = "".join(value.split()).replace("\N{RIGHT SINGLE QUOTATION MARK}", "").replace("'", "")
    plain = plain.replace("\N{MINUS SIGN}", "-").strip("€$£")
    comma, dot = plain.rfind(","), plain.rfind(".")
    if comma > dot and len(plain) - comma - 1 != 3:
        return plain.replace(".", "").replace(",", ".")
    return plain.replace(",", "")


Amount = Annotated[Decimal, BeforeValidator(_plain_number), Field(max_digits=15, decimal_places=2)]
Whole = Annotated[int, BeforeValidator(_plain_number), Field(ge=0, le=10**9)]


class NewAccountForm(Form):
    name: Annotated[str, Field(min_length=1, max_length=200)]
    tier: Tier = Tier.MID
    stage: Stage = Stage.LIVE
    owner: RowIdOrNone = None
    domain: Annotated[Annotated[str, Field(max_length=253)] | None, OrNone] = None


class DetailsForm(Form):
    name: Annotated[str, Field(min_length=1, max_length=200)]
    tier: Tier
    domain: Annotated[Annotated[str, Field(max_length=253)] | None, OrNone] = None
    country: Country = None
    language: Language = None
    industry: Annotated[Annotated[str, Field(max_length=80)] | None, OrNone] = None
    version: int


class StageForm(Form):
    stage: Stage
    on: TypedDay
    reason: Line = ""


class OwnValueForm(Form):
    value: Annotated[str, Field(max_length=2_000)] = ""


class OwnerForm(Form):
    owner: RowIdOrNone = None
    on: TypedDay
    reason: Annotated[str, Field(min_length=1, max_length=300)]


class CoverForm(Form):
    user: RowId
    from_on: TypedDay
    to_on: TypedDay
    reason: Line = ""


class MemberForm(Form):
    user: RowId
    role: TeamRole
    from_on: TypedDay


class EndForm(Form):
    on: TypedDay


class NothingForm(Form):
    """A button."""


class ContactForm(Form):
    name: Name
    email: Email = None
    phone: Annotated[Annotated[str, Field(max_length=60)] | None, OrNone] = None
    language: Language = None
    position: Annotated[str, Field(max_length=120)] = ""
    roles: list[ContactRoleKind] = []  # noqa: RUF012 - pydantic copies it


class ContactChangeForm(Form):
    name: Name
    email: Email = None
    phone: Annotated[Annotated[str, Field(max_length=60)] | None, OrNone] = None
    language: Language = None
    position: Annotated[str, Field(max_length=120)] = ""


class RoleForm(Form):
    role: ContactRoleKind
    from_on: TypedDay


class ContractForm(Form):
    title: Annotated[str, Field(max_length=200)] = ""
    starts_on: date
    ends_on: date
    notice_days: Annotated[Whole, Field(le=3660)] = 90
    auto_renews: bool = False


class RenewalForm(Form):
    ends_on: date
    notice_days: Annotated[Whole, Field(le=3660)]


class ClosingForm(Form):
    reason: Annotated[str, Field(min_length=1, max_length=300)]


class MovementForm(Form):
    kind: MovementKind
    amount: Amount
    effective_on: TypedDay
    note: Line = ""


class CorrectionForm(Form):
    amount: Amount
    note: Annotated[str, Field(min_length=1, max_length=300)]


class SeatsForm(Form):
    seats: Annotated[Whole | None, OrNone] = None


class NoteForm(Form):
    channel: Channel
    direction: Direction = Direction.OUT
    contact: RowIdOrNone = None
    body: Annotated[str, Field(min_length=1, max_length=20_000)]
    happened_on: Annotated[date | None, OrNone] = None
    next_step: Line = ""
    next_on: TypedDayOrNone = None


class InteractionForm(Form):
    channel: Channel
    direction: Direction = Direction.OUT
    contact: RowIdOrNone = None
    body: Annotated[str, Field(min_length=1, max_length=20_000)]
    happened_on: date


class SharingForm(Form):
    shared: bool = False


class TaskForm(Form):
    title: Annotated[str, Field(min_length=1, max_length=300)]
    due_on: TypedDay
    assignee: RowIdOrNone = None


class TaskChangeForm(Form):
    due_on: TypedDay


class CompletionForm(Form):
    outcome: Line = ""


class NextStepForm(Form):
    next: Annotated[str, Field(min_length=1, max_length=340)]


def sent_as(form: type[Form]) -> Any:
    return Depends(submitted(form))


NewAccountSubmitted = Annotated[Submitted[NewAccountForm], sent_as(NewAccountForm)]
DetailsSubmitted = Annotated[Submitted[DetailsForm], sent_as(DetailsForm)]
StageSubmitted = Annotated[Submitted[StageForm], sent_as(StageForm)]
OwnValueSubmitted = Annotated[Submitted[OwnValueForm], sent_as(OwnValueForm)]
OwnerSubmitted = Annotated[Submitted[OwnerForm], sent_as(OwnerForm)]
CoverSubmitted = Annotated[Submitted[CoverForm], sent_as(CoverForm)]
MemberSubmitted = Annotated[Submitted[MemberForm], sent_as(MemberForm)]
EndSubmitted = Annotated[Submitted[EndForm], sent_as(EndForm)]
NothingSubmitted = Annotated[Submitted[NothingForm], sent_as(NothingForm)]
ContactSubmitted = Annotated[Submitted[ContactForm], sent_as(ContactForm)]
ContactChangeSubmitted = Annotated[Submitted[ContactChangeForm], sent_as(ContactChangeForm)]
RoleSubmitted = Annotated[Submitted[RoleForm], sent_as(RoleForm)]
ContractSubmitted = Annotated[Submitted[ContractForm], sent_as(ContractForm)]
RenewalSubmitted = Annotated[Submitted[RenewalForm], sent_as(RenewalForm)]
ClosingSubmitted = Annotated[Submitted[ClosingForm], sent_as(ClosingForm)]
MovementSubmitted = Annotated[Submitted[MovementForm], sent_as(MovementForm)]
CorrectionSubmitted = Annotated[Submitted[CorrectionForm], sent_as(CorrectionForm)]
SeatsSubmitted = Annotated[Submitted[SeatsForm], sent_as(SeatsForm)]
NoteSubmitted = Annotated[Submitted[NoteForm], sent_as(NoteForm)]
InteractionSubmitted = Annotated[Submitted[InteractionForm], sent_as(InteractionForm)]
SharingSubmitted = Annotated[Submitted[SharingForm], sent_as(SharingForm)]
TaskSubmitted = Annotated[Submitted[TaskForm], sent_as(TaskForm)]
TaskChangeSubmitted = Annotated[Submitted[TaskChangeForm], sent_as(TaskChangeForm)]
CompletionSubmitted = Annotated[Submitted[CompletionForm], sent_as(CompletionForm)]
NextStepSubmitted = Annotated[Submitted[NextStepForm], sent_as(NextStepForm)]
