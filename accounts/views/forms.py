"""What a browser may send about views."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from pydantic import Field

from crm.viewer import Role
from crm.web.forms import Form, Submitted, submitted

Title = Annotated[str, Field(min_length=1, max_length=80)]
Query = Annotated[str, Field(max_length=4_000)]


class NewViewForm(Form):
    of: Annotated[str, Field(max_length=40)]
    query: Query = ""
    title: Title
    shared: bool = False
    first: bool = False
    roles: list[Role] = []  # noqa: RUF012 - pydantic copies it


class ViewForm(Form):
    title: Title
    shared: bool = False
    first: bool = False
    roles: list[Role] = []  # noqa: RUF012 - pydantic copies it


class ViewQueryForm(Form):
    query: Query


NewViewSubmitted = Annotated[Submitted[NewViewForm], Depends(submitted(NewViewForm))]
ViewSubmitted = Annotated[Submitted[ViewForm], Depends(submitted(ViewForm))]
ViewQuerySubmitted = Annotated[Submitted[ViewQueryForm], Depends(submitted(ViewQueryForm))]
