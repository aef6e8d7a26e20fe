"""What a browser may send about accounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import Depends
from pydantic import BeforeValidator, EmailStr, Field

from accounts.days import TypedDay, TypedDayOrNone
from accounts.models import (
    Channel,
    Consent,
    ContactRoleKind,
    Direction,
    Influence,
    MovementKind,
    Sentiment,
    Stage,
    TeamRole,
    Tier,
)
from crm.web.forms import EditForm, Form, OrNone, Submitted, submitted

RowId = Annotated[int, Field(ge=1, lt=2**63)]
RowIdOrNone = Annotated[RowId | None, OrNone]
Line = Annotated[str, Field(max_length=300)]
Name = Annotated[str, Field(min_length=1, max_length=160)]
Country = Annotated[Annotated[str, Field(pattern="^[A-Za-z]{2}$")] | None, OrNone]
Language = Annotated[Annotated[str, Field(max_length=8)] | None, OrNone]
WordOrNone = Annotated[Annotated[str, Field(max_length=120)] | None, OrNone]
Email = Annotated[EmailStr | None, OrNone]


def plain_number(value: object) -> object:
    """184 000,50 and 184,000.50 are numbers, as people write them."""
    if not isinstance(value, str):
        return value
    plain = "".join(value.split()).replace("\N{RIGHT SINGLE QUOTATION MARK}", "").replace("'", "")
    plain = plain.replace("\N{MINUS SIGN}", "-").strip("€$£")
    comma, dot = plain.rfind(","), plain.rfind(".")
    if comma > dot and len(plain) - comma - 1 != 3:
        return plain.replace(".", "").replace(",", ".")
    return plain.replace(",", "")


Amount = Annotated[Decimal, BeforeValidator(plain_number), Field(max_digits=15, decimal_places=2)]
Whole = Annotated[int, BeforeValidator(plain_number), Field(ge=0, le=10**9)]


class NewAccountForm(Form):
    name: Annotated[str, Field(min_length=1, max_length=200)]
    tier: Tier = Tier.MID
    stage: Stage = Stage.LIVE
    owner: RowIdOrNone = None
    domain: Annotated[Annotated[str, Field(max_length=253)] | None, OrNone] = None


class DetailsForm(EditForm):
    name: Annotated[str, Field(min_length=1, max_length=200)]
    tier: Tier
    domain: Annotated[Annotated[str, Field(max_length=253)] | None, OrNone] = None
    country: Country = None
    language: Language = None
    industry: Annotated[Annotated[str, Field(max_length=80)] | None, OrNone] = None
    version: int | None = None


class StageForm(EditForm):
    stage: Stage
    on: TypedDay
    reason: Line = ""


class OwnValueForm(EditForm):
    value: Annotated[str, Field(max_length=2_000)] = ""


class OwnerForm(EditForm):
    owner: RowIdOrNone = None
    on: TypedDay
    reason: Annotated[str, Field(min_length=1, max_length=300)]


class CoverForm(Form):
    user: RowId
    from_on: TypedDay
    to_on: TypedDay
    reason: Line = ""


class CoverChangeForm(Form):
    from_on: TypedDay
    to_on: TypedDay
    reason: Line = ""


class MemberForm(Form):
    user: RowId
    role: TeamRole
    from_on: TypedDay


class MemberChangeForm(Form):
    role: TeamRole
    from_on: TypedDay
    last_on: TypedDayOrNone = None  # the last day, included


class EndForm(Form):
    on: TypedDay


class TagsForm(EditForm):
    tags: Annotated[str, Field(max_length=1_000)] = ""


class NothingForm(Form):
    """A button."""


class ContactForm(Form):
    name: Name
    email: Email = None
    phone: Annotated[Annotated[str, Field(max_length=60)] | None, OrNone] = None
    language: Language = None
    position: Annotated[str, Field(max_length=120)] = ""
    roles: list[ContactRoleKind] = []  # noqa: RUF012 - pydantic copies it


class ContactChangeForm(EditForm):
    name: Name
    email: Email = None
    phone: Annotated[Annotated[str, Field(max_length=60)] | None, OrNone] = None
    language: Language = None
    position: Annotated[str, Field(max_length=120)] = ""
    influence: Annotated[Influence | None, OrNone] = None
    sentiment: Annotated[Sentiment | None, OrNone] = None
    consent: Annotated[Consent | None, OrNone] = None
    consent_on: TypedDayOrNone = None
    consent_how: Annotated[str, Field(max_length=200)] = ""


class RoleForm(Form):
    role: ContactRoleKind
    from_on: TypedDay


class ContractForm(Form):
    title: Annotated[str, Field(max_length=200)] = ""
    starts_on: date
    ends_on: date
    notice_days: Annotated[Whole, Field(le=3660)] = 90
    auto_renews: bool = False
    seats: Annotated[Whole | None, OrNone] = None
    products: Annotated[str, Field(max_length=4_000)] = ""  # one a line, with their seats after a comma


class RenewalForm(EditForm):
    ends_on: date
    notice_days: Annotated[Whole, Field(le=3660)]
    amount: Annotated[Amount | None, OrNone] = None


class ClosingForm(EditForm):
    reason: Annotated[str, Field(min_length=1, max_length=300)]
    outcome: Literal["left", "mistake"] = "left"
    lost: Annotated[Amount | None, OrNone] = None
    on: TypedDayOrNone = None


class AmendmentForm(Form):
    title: Annotated[str, Field(min_length=1, max_length=200)]
    effective_on: TypedDay
    seats: Annotated[Whole | None, OrNone] = None
    product: Annotated[str, Field(max_length=120)] = ""
    product_seats: Annotated[Whole | None, OrNone] = None
    ends: list[RowId] = []  # noqa: RUF012 - pydantic copies it
    ends_on: Annotated[date | None, OrNone] = None
    notice_days: Annotated[Annotated[Whole, Field(le=3660)] | None, OrNone] = None
    amount: Annotated[Amount | None, OrNone] = None


class CurrencyForm(Form):
    currency: Annotated[str, Field(pattern="^[A-Za-z]{3}$")]
    amount: Amount
    effective_on: TypedDay
    note: Line = ""


class MovementForm(Form):
    kind: MovementKind
    amount: Amount
    effective_on: TypedDay
    note: Line = ""
    contract: RowIdOrNone = None


class CorrectionForm(Form):
    amount: Amount
    note: Annotated[str, Field(min_length=1, max_length=300)]


class SeatsForm(EditForm):
    seats: Annotated[Whole | None, OrNone] = None


class NoteForm(Form):
    channel: Channel
    direction: Direction = Direction.OUT
    contact: RowIdOrNone = None
    body: Annotated[str, Field(min_length=1, max_length=20_000)]
    happened_on: Annotated[date | None, OrNone] = None
    next_step: Line = ""
    next_on: TypedDayOrNone = None


class AnyNoteForm(NoteForm):
    """From anywhere: the account is typed by name."""

    account: Annotated[str, Field(min_length=1, max_length=200)]


class InteractionForm(Form):
    channel: Channel
    direction: Direction = Direction.OUT
    contact: RowIdOrNone = None
    body: Annotated[str, Field(min_length=1, max_length=20_000)]
    happened_on: date


class SharingForm(Form):
    shared: bool = False


def sent_as(form: type[Form]) -> Any:
    return Depends(submitted(form))


NewAccountSubmitted = Annotated[Submitted[NewAccountForm], sent_as(NewAccountForm)]
DetailsSubmitted = Annotated[Submitted[DetailsForm], sent_as(DetailsForm)]
StageSubmitted = Annotated[Submitted[StageForm], sent_as(StageForm)]
OwnValueSubmitted = Annotated[Submitted[OwnValueForm], sent_as(OwnValueForm)]
OwnerSubmitted = Annotated[Submitted[OwnerForm], sent_as(OwnerForm)]
CoverSubmitted = Annotated[Submitted[CoverForm], sent_as(CoverForm)]
CoverChangeSubmitted = Annotated[Submitted[CoverChangeForm], sent_as(CoverChangeForm)]
MemberChangeSubmitted = Annotated[Submitted[MemberChangeForm], sent_as(MemberChangeForm)]
TagsSubmitted = Annotated[Submitted[TagsForm], sent_as(TagsForm)]
MemberSubmitted = Annotated[Submitted[MemberForm], sent_as(MemberForm)]
EndSubmitted = Annotated[Submitted[EndForm], sent_as(EndForm)]
NothingSubmitted = Annotated[Submitted[NothingForm], sent_as(NothingForm)]
ContactSubmitted = Annotated[Submitted[ContactForm], sent_as(ContactForm)]
ContactChangeSubmitted = Annotated[Submitted[ContactChangeForm], sent_as(ContactChangeForm)]
RoleSubmitted = Annotated[Submitted[RoleForm], sent_as(RoleForm)]
ContractSubmitted = Annotated[Submitted[ContractForm], sent_as(ContractForm)]
RenewalSubmitted = Annotated[Submitted[RenewalForm], sent_as(RenewalForm)]
ClosingSubmitted = Annotated[Submitted[ClosingForm], sent_as(ClosingForm)]
AmendmentSubmitted = Annotated[Submitted[AmendmentForm], sent_as(AmendmentForm)]
CurrencySubmitted = Annotated[Submitted[CurrencyForm], sent_as(CurrencyForm)]
MovementSubmitted = Annotated[Submitted[MovementForm], sent_as(MovementForm)]
CorrectionSubmitted = Annotated[Submitted[CorrectionForm], sent_as(CorrectionForm)]
SeatsSubmitted = Annotated[Submitted[SeatsForm], sent_as(SeatsForm)]
NoteSubmitted = Annotated[Submitted[NoteForm], sent_as(NoteForm)]
AnyNoteSubmitted = Annotated[Submitted[AnyNoteForm], sent_as(AnyNoteForm)]
InteractionSubmitted = Annotated[Submitted[InteractionForm], sent_as(InteractionForm)]
SharingSubmitted = Annotated[Submitted[SharingForm], sent_as(SharingForm)]
