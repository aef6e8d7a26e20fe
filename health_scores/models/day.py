"""On which days all accounts were scored, and when that was."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field, SQLModel


class HealthDay(SQLModel, table=True):
    """A day of snapshots. ``hindsight``: taken on a later day, with what was known then; such a day may be taken again,
    a day that was taken in its own time is only restated."""

    __tablename__ = "health_day"

    day: date = Field(primary_key=True)
    t: datetime
    known_at: datetime
    hindsight: bool
    accounts: int
    model_version: int
