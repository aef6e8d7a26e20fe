"""How an account stood on a day: one narrow row, kept for ever."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from crm.db import Id
from health_scores.models.score import Band, stored_band


class HealthSnapshot(SQLModel, table=True):
    """Rebuilt exactly from ``t``, ``known_at``, the model's version, the priors' day and ``band_before``.

    What was believed first is never overwritten: where later knowledge changed the day, the newer figure stands in
    ``restated_…`` beside it.
    """

    __tablename__ = "health_snapshot"
    __table_args__ = ({"sqlite_with_rowid": False},)  # the rows of one account lie together

    account_id: int = Field(
        foreign_key="account.id", primary_key=True, sa_type=Id, sa_column_kwargs={"autoincrement": False}
    )
    day: date = Field(primary_key=True)
    score_hundredths: int
    band: Band = Field(sa_type=stored_band("band"))
    coverage_hundredths: int
    model_version: int
    t: datetime
    known_at: datetime
    priors_on: date | None = None
    band_before: Band | None = Field(default=None, sa_type=stored_band("band_before"))
    hindsight: bool = False  # computed on a later day, with what was known then
    restated_hundredths: int | None = None
    restated_band: Band | None = Field(default=None, sa_type=stored_band("restated_band"))
    restated_at: datetime | None = None
