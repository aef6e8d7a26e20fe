"""What somebody expected of a contract's decision, kept for ever: the table of forecasts."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, text as sql
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import Money, primary_id, ref, stored_as_value
from crm.text import N_


class Forecast(StrEnum):
    COMMIT = "commit"
    LIKELY = "likely"
    AT_RISK = "at_risk"
    LOST = "lost"
    RENEWED = "renewed"  # no forecast any more: said by the renewal itself, never by hand

    @property
    def words(self) -> str:
        return FORECAST_TITLES[self]

    @property
    def counts(self) -> bool:
        """Whether its amount is relied on."""
        return self in SECURE


FORECAST_TITLES = {
    Forecast.COMMIT: N_("commit"),
    Forecast.LIKELY: N_("likely"),
    Forecast.AT_RISK: N_("at risk"),
    Forecast.LOST: N_("lost"),
    Forecast.RENEWED: N_("renewed"),
}
BY_HAND = (Forecast.COMMIT, Forecast.LIKELY, Forecast.AT_RISK, Forecast.LOST)
SECURE = (Forecast.COMMIT, Forecast.LIKELY, Forecast.RENEWED)


class RenewalForecast(SQLModel, table=True):
    """What was expected from ``known_at`` until ``closed_at``; never changed, only followed by another.

    ``amount_minor``: ARR after the decision; none: as now (nothing where it is lost). ``arr_minor``: what was up for
    renewal when this was so, which makes the history whole without looking at movements. A contract that was decided
    keeps its last row open: renewed, or lost.
    """

    __tablename__ = "renewal_forecast"
    __table_args__ = (
        CheckConstraint("amount_minor IS NULL OR amount_minor >= 0", name="amount_not_negative"),
        CheckConstraint("closed_at IS NULL OR closed_at >= known_at", name="closed_after_known"),
        Index("ix_renewal_forecast_contract", "contract_id", "known_at"),
        Index("ix_renewal_forecast_known", "known_at"),
        Index("ix_renewal_forecast_closed", "closed_at"),
        Index(
            "uq_renewal_forecast_open",
            "contract_id",
            unique=True,
            sqlite_where=sql("closed_at IS NULL"),
            postgresql_where=sql("closed_at IS NULL"),
        ),
    )

    id: int = primary_id()
    account_id: int = ref("account.id")
    contract_id: int = ref("contract.id", index=False)
    forecast: Forecast | None = Field(default=None, sa_type=stored_as_value(Forecast), nullable=True)
    amount_minor: int | None = Field(default=None, sa_type=Money)
    arr_minor: int = Field(sa_type=Money)
    currency: str = Field(max_length=3)  # ISO 4217, the account's
    expected_on: date | None = None  # when they are expected to decide, where not by the contract's day
    note: str = Field(default="", max_length=300)
    by_id: int | None = ref("user_account.id", nullable=True)  # none: it followed the ARR by itself
    known_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None

    @property
    def expected_minor(self) -> int:
        if self.amount_minor is not None:
            return self.amount_minor
        return 0 if self.forecast is Forecast.LOST else self.arr_minor
