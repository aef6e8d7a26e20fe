"""What a browser may send about own fields."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends
from pydantic import Field

from accounts.models import OwnFieldKind
from crm.web.forms import Form, Submitted, submitted

Title = Annotated[str, Field(min_length=1, max_length=120)]
Choices = Annotated[str, Field(max_length=10_000)]


class NewFieldForm(Form):
    title: Title
    kind: OwnFieldKind
    choices: Choices = ""


class FieldForm(Form):
    title: Title
    places: list[Literal["page", "list", "report"]] = []  # noqa: RUF012 - pydantic copies it
    choices: Choices = ""


class KindForm(Form):
    kind: OwnFieldKind


class PlaceForm(Form):
    """One step, or out of use and back."""

    move: Literal["up", "down", "hide", "show"]


NewFieldSubmitted = Annotated[Submitted[NewFieldForm], Depends(submitted(NewFieldForm))]
FieldSubmitted = Annotated[Submitted[FieldForm], Depends(submitted(FieldForm))]
KindSubmitted = Annotated[Submitted[KindForm], Depends(submitted(KindForm))]
PlaceSubmitted = Annotated[Submitted[PlaceForm], Depends(submitted(PlaceForm))]
