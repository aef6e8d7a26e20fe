"""How an account stands now: one row, brought up to date in the transaction that changes what it rests on."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, Enum as SqlEnum, Index, Text as SqlText
from sqlmodel import Field, SQLModel

from crm.db import Id
from crm.text import N_


class Band(StrEnum):
    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    UNKNOWN = "unknown"


BAND_TITLES = {Band.GREEN: N_("Green"), Band.AMBER: N_("Amber"), Band.RED: N_("Red"), Band.UNKNOWN: N_("Unknown")}


def stored_band(column: str) -> SqlEnum:
    """A table may have several columns of bands, and each constraint needs a name of its own."""
    return SqlEnum(
        Band,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        length=8,
        name=f"{column}_known",
    )


class HealthScore(SQLModel, table=True):
    """``score_hundredths`` is exactly 10,000 plus the lines of ``ledger``; ``shown_hundredths`` is the same, or none
    where too little is known to show it, so that lists sort by an index with the unknown ones last."""

    __tablename__ = "health_score"
    __table_args__ = (
        CheckConstraint("score_hundredths BETWEEN 0 AND 10000", name="score_range"),
        Index("ix_health_score_shown", "shown_hundredths", "account_id"),
        Index("ix_health_score_band", "band", "account_id"),
        Index("ix_health_score_next", "next_at"),
    )

    account_id: int = Field(
        foreign_key="account.id", primary_key=True, sa_type=Id, sa_column_kwargs={"autoincrement": False}
    )
    score_hundredths: int
    shown_hundredths: int | None = None
    band: Band = Field(sa_type=stored_band("band"))
    banded_at: datetime  # since when it has been in this band
    band_before: Band | None = Field(default=None, sa_type=stored_band("band_before"))  # what hysteresis started from
    coverage_hundredths: int  # share of the model's weight that is known, in hundredths of a percent
    support_only: bool = False  # the book brings tickets only: it is titled "Support health"
    limits: str = Field(default="", max_length=80)  # why the band is lower than the number: "coverage relationship"
    known_measures: int = Field(default=0, sa_type=Id)  # a bit a measure, in the model's order
    ledger: str = Field(sa_column=Column(SqlText, nullable=False))  # see ``health_scores.ledger``
    model_version: int
    priors_on: date | None = None  # whose segment figures were used
    t: datetime  # as of when
    known_at: datetime  # when it was computed
    next_at: datetime | None = None  # the earliest instant at which it changes without an event
    revision: int = 1  # rises with each change: a bulk job does not overwrite what is newer than what it read

    month_ago_hundredths: int | None = None  # what was shown 30 days before ``past_on``
    change_hundredths: int | None = None
    trend: str = Field(default="", max_length=80)  # 11 weekly scores before this one, "91,90,,38"; empty: unknown
    past_on: date | None = None  # the day for which month_ago and trend were looked up
