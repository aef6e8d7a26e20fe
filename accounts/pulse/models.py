"""What the owner of an account thinks of it, dated twice and never changed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, text as sql
from sqlmodel import Field, SQLModel

from crm.clock import day_of, end_of, now
from crm.db import primary_id, ref, stored_as_value
from crm.text import N_

STALE_AFTER_DAYS = 30
JUDGED_AFTER_DAYS = 90  # what the account did until then is what became of a pulse


class PulseColour(StrEnum):
    GREEN = "green"
    AMBER = "amber"
    RED = "red"

    @property
    def words(self) -> str:
        return PULSE_TITLES[self]


PULSE_TITLES = {PulseColour.GREEN: N_("Green"), PulseColour.AMBER: N_("Amber"), PulseColour.RED: N_("Red")}
PULSE_CODES = {PulseColour.GREEN: 1, PulseColour.AMBER: 2, PulseColour.RED: 3}  # the worse, the greater


class Pulse(SQLModel, table=True):
    """A colour with one sentence. The newest one that was not taken back counts."""

    __tablename__ = "pulse"
    __table_args__ = (
        Index("ix_pulse_account_happened", "account_id", "happened_at", "id"),
        Index(  # the newest of each account with its colour: what sums over a book read
            "ix_pulse_newest",
            *("account_id", "happened_at", "id", "colour", "closed_at"),
            sqlite_where=sql("closed_at IS NULL"),
            postgresql_where=sql("closed_at IS NULL"),
        ),
    )

    id: int = primary_id()
    account_id: int = ref("account.id", index=False)
    colour: PulseColour = Field(sa_type=stored_as_value(PulseColour))
    sentence: str = Field(default="", max_length=300)
    set_by: int | None = ref("user_account.id", nullable=True)
    happened_at: datetime
    said_on: (
        date  # the company's day of it, and the last one by which it is judged: kept, so that both databases compare
    )
    judged_on: date  # plain columns
    judged_at: datetime  # the end of that day
    known_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None  # taken back

    def age_days(self, today: date) -> int:
        return (today - self.said_on).days

    def is_stale(self, today: date) -> bool:
        return self.age_days(today) > STALE_AFTER_DAYS


def dated(happened_at: datetime) -> dict[str, Any]:
    """The columns of a pulse that follow from when it was said."""
    said_on = day_of(happened_at)
    judged_on = said_on + timedelta(days=JUDGED_AFTER_DAYS)
    return {"happened_at": happened_at, "said_on": said_on, "judged_on": judged_on, "judged_at": end_of(judged_on)}


def stale_before(today: date) -> date:
    """A pulse of an earlier day is stale on ``today``."""
    return today - timedelta(days=STALE_AFTER_DAYS)
