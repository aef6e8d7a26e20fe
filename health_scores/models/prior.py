"""Figures of segments, written once a day so that bulk and single scores rest on the same ones."""

from __future__ import annotations

from datetime import date

from sqlmodel import Field, SQLModel

BOOK = "all"  # the segment that is everybody


class HealthPrior(SQLModel, table=True):
    """A day that has any has one for each key and segment. ``segment`` is ``all`` or a tier."""

    __tablename__ = "health_prior"

    day: date = Field(primary_key=True)
    segment: str = Field(max_length=40, primary_key=True)
    key: str = Field(max_length=60, primary_key=True)
    value: float
