"""What a browser may send about a pulse."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from accounts.forms import sent_as
from accounts.pulse.models import PulseColour
from crm.web.forms import Form, Submitted


class PulseForm(Form):
    colour: PulseColour
    sentence: Annotated[str, Field(max_length=300)] = ""


PulseSubmitted = Annotated[Submitted[PulseForm], sent_as(PulseForm)]
