"""What a browser may send about working hours."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Depends
from pydantic import AfterValidator, Field

from crm.hours.calendar import Week
from crm.hours.writing import read_hours
from crm.web.forms import Form, OrNone, Submitted, submitted


def _readable(typed: str) -> str:
    read_hours(typed)
    return typed


DayHours = Annotated[str, Field(max_length=120), AfterValidator(_readable)]
Title = Annotated[str, Field(min_length=1, max_length=120)]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class HoursForm(Form):
    monday: DayHours = ""
    tuesday: DayHours = ""
    wednesday: DayHours = ""
    thursday: DayHours = ""
    friday: DayHours = ""
    saturday: DayHours = ""
    sunday: DayHours = ""
    zone: Annotated[str, Field(min_length=1, max_length=60)]
    country: Annotated[str, Field(max_length=2)] = ""
    region: Annotated[str, Field(max_length=60)] = ""
    from_on: Annotated[date | None, OrNone] = None

    @property
    def week(self) -> Week:
        return tuple(read_hours(getattr(self, day)) for day in WEEKDAYS)


class NewCalendarForm(HoursForm):
    title: Title


class TitleForm(Form):
    title: Title


class ClosedDayForm(Form):
    day: date
    title: Annotated[str, Field(max_length=120)] = ""


class ButtonForm(Form):
    """A button."""


HoursSubmitted = Annotated[Submitted[HoursForm], Depends(submitted(HoursForm))]
NewCalendarSubmitted = Annotated[Submitted[NewCalendarForm], Depends(submitted(NewCalendarForm))]
TitleSubmitted = Annotated[Submitted[TitleForm], Depends(submitted(TitleForm))]
ClosedDaySubmitted = Annotated[Submitted[ClosedDayForm], Depends(submitted(ClosedDayForm))]
ButtonSubmitted = Annotated[Submitted[ButtonForm], Depends(submitted(ButtonForm))]
