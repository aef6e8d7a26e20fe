"""Calendars, their hours from a day on, and days the company is closed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, text
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import Id, primary_id, ref

COMPANY = 1  # the id of the company's own calendar; it has a row once somebody has set its hours


class WorkCalendar(SQLModel, table=True):
    __tablename__ = "work_calendar"

    id: int = primary_id()
    title: str = Field(max_length=120)
    created_at: datetime = Field(default_factory=now)


class WorkHours(SQLModel, table=True):
    """What holds from a day on; never changed: mended hours close the row and add another."""

    __tablename__ = "work_hours"
    __table_args__ = (
        Index(
            "uq_work_hours_held",
            "calendar_id",
            "from_on",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        CheckConstraint("region = '' OR country <> ''", name="region_of_a_country"),
    )

    id: int = primary_id()
    calendar_id: int = ref("work_calendar.id", index=False)
    from_on: date
    time_zone: str = Field(max_length=60)
    week: list[Any] = Field(sa_column=Column(JSON, nullable=False))  # seven lists of [from, to], minutes of the day
    country: str = Field(default="", max_length=2)  # ISO 3166: its public holidays; empty: worked through
    region: str = Field(default="", max_length=60)
    set_by: int | None = Field(default=None, sa_type=Id)
    known_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None


class ClosedDay(SQLModel, table=True):
    """A day on which nobody works although it is no holiday. One that was entered by mistake keeps its row, closed."""

    __tablename__ = "closed_day"
    __table_args__ = (
        Index(
            "uq_closed_day_held",
            "calendar_id",
            "day",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: int = primary_id()
    calendar_id: int = ref("work_calendar.id", index=False)
    day: date
    title: str = Field(default="", max_length=120)
    set_by: int | None = Field(default=None, sa_type=Id)
    known_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None
