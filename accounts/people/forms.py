"""What a browser may send about people who leave, who are one, or who work for another account as well."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from accounts.days import TypedDay
from accounts.forms import RowId, sent_as
from accounts.models import ContactRoleKind
from crm.web.forms import Form, Submitted


class DepartureForm(Form):
    on: TypedDay
    new_employer: Annotated[str, Field(max_length=200)] = ""


class MergeForm(Form):
    kept: RowId


class AlsoAtForm(Form):
    account: Annotated[str, Field(min_length=1, max_length=200)]
    position: Annotated[str, Field(max_length=120)] = ""
    roles: list[ContactRoleKind] = []  # noqa: RUF012 - pydantic copies it


DepartureSubmitted = Annotated[Submitted[DepartureForm], sent_as(DepartureForm)]
MergeSubmitted = Annotated[Submitted[MergeForm], sent_as(MergeForm)]
AlsoAtSubmitted = Annotated[Submitted[AlsoAtForm], sent_as(AlsoAtForm)]
