"""What a browser may send about many accounts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import Field

from accounts.forms import RowId
from crm.web.body import receive_form
from crm.web.forms import Form, Submitted, submitted


class ChoiceForm(Form):
    """``account``: ticked rows. ``page``: all of ``on_page``. ``every``: all that ``query`` lists."""

    action: Annotated[str, Field(max_length=40)]
    account: list[RowId] = []  # noqa: RUF012 - pydantic copies it
    page: bool = False
    on_page: Annotated[str, Field(max_length=8_000)] = ""
    every: bool = False
    query: Annotated[str, Field(max_length=4_000)] = ""

    @property
    def ticked(self) -> set[int]:
        found = set(self.account)
        if self.page:
            found |= {int(one) for one in self.on_page.split(",") if one.isascii() and one.isdigit() and len(one) < 19}
        return found


ChoiceSubmitted = Annotated[Submitted[ChoiceForm], Depends(submitted(ChoiceForm))]


async def _sent(request: Request) -> dict[str, list[str]]:
    """Every field as text; which ones are meant is the action's to know."""
    form = await receive_form(request)
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value.replace("\x00", ""))
    return found


Sent = Annotated[dict[str, Any], Depends(_sent)]
