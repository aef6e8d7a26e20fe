"""What Today may send."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from accounts.models import DayVerdict
from crm.web.forms import Form, OrNone


class MarkForm(Form):
    account_id: int
    kind: str = Field(max_length=40)
    key: str = Field(max_length=80)
    verdict: DayVerdict
    words: str = Field("", max_length=300)
    until: Annotated[date | None, OrNone] = None


class ItemForm(Form):
    account_id: int
    kind: str = Field(max_length=40)
    key: str = Field(max_length=80)
    words: str = Field("", max_length=300)
