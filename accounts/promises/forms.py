"""What a browser may send about promises."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from accounts.days import TypedDay
from accounts.forms import Line, RowIdOrNone, sent_as
from accounts.promises.models import PromisedBy, PromiseStatus
from crm.web.forms import Form, Submitted


class PromiseForm(Form):
    what: Annotated[str, Field(min_length=1, max_length=300)]
    contact: RowIdOrNone = None
    side: PromisedBy = PromisedBy.US
    promised_by: RowIdOrNone = None
    promised_on: TypedDay
    due_on: TypedDay


class SettlingForm(Form):
    status: PromiseStatus
    outcome: Line = ""
    on: TypedDay


PromiseSubmitted = Annotated[Submitted[PromiseForm], sent_as(PromiseForm)]
SettlingSubmitted = Annotated[Submitted[SettlingForm], sent_as(SettlingForm)]
