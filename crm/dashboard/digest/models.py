"""What a person wants of the digest, and the last day that was seen to."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from crm.db import Id, stored_as_value
from crm.text import N_


class Rhythm(StrEnum):
    OFF = "off"
    DAILY = "daily"
    WEEKLY = "weekly"

    @property
    def words(self) -> str:
        return RHYTHM_TITLES[self]


RHYTHM_TITLES = {
    Rhythm.OFF: N_("never"),
    Rhythm.DAILY: N_("on working days"),
    Rhythm.WEEKLY: N_("on Mondays"),
}


class DigestChoice(SQLModel, table=True):
    """``seen_to_on``: the person's own day that a digest was made for, or that needed none; no day comes twice."""

    __tablename__ = "digest_choice"
    __table_args__ = (CheckConstraint("hour >= 0 AND hour <= 23", name="hour_of_a_day"),)

    user_id: int = Field(foreign_key="user_account.id", primary_key=True, sa_type=Id)
    rhythm: Rhythm = Field(default=Rhythm.OFF, sa_type=stored_as_value(Rhythm))
    hour: int = 7  # of the person's own day
    seen_to_on: date | None = None
