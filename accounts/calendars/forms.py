"""What a person may send about calendars."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from pydantic import Field
from starlette.datastructures import UploadFile

from crm.web.forms import Form, Submitted, submitted


class FeedForm(Form):
    url: Annotated[str, Field(min_length=1, max_length=2_000)]
    title: Annotated[str, Field(max_length=120)] = ""


class FileForm(Form):
    file: UploadFile


FeedSubmitted = Annotated[Submitted[FeedForm], Depends(submitted(FeedForm))]
FileSubmitted = Annotated[Submitted[FileForm], Depends(submitted(FileForm))]
