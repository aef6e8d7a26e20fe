"""Usage: one narrow row an account, metric and day.

Made for 100,000 accounts × some metrics × every day. What is believed now lies in ``usage_day`` alone, in the order in
which it is read (account, metric, day): its primary key is its only index, and on SQLite the table itself. Days are
numbers and amounts whole thousandths, so that sums are exact in any order and both databases count days alike. What was
corrected moves to ``usage_correction`` with the instant at which it ended: rare, and read only for the past.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field, SQLModel

from accounts.names import fold
from crm.clock import now
from crm.config import get_settings
from crm.db import Id, primary_id, ref

THOUSANDTHS = 1_000
MOST = 10**11  # of one day; sums of a season stay far below 63 bits
_ORDINAL_1970 = date(1970, 1, 1).toordinal()

# Names under which products tell how many people were at work, folded.
SEATS_NAMES = frozenset(
    "active users, active seats, daily active users, seats active, users active, dau, active_users, active_seats,"
    " utilisateurs actifs, licences actives, sieges actifs, comptes actifs".replace(", ", ",").split(",")
)


def day_number(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - _ORDINAL_1970


def day_of_number(number: int) -> date:
    return date.fromordinal(number + _ORDINAL_1970)


def as_milli(value: Decimal) -> int:
    return int((value * THOUSANDTHS).to_integral_value("ROUND_HALF_UP"))


def as_value(milli: int) -> int | float:
    return milli // THOUSANDTHS if milli % THOUSANDTHS == 0 else milli / THOUSANDTHS


@lru_cache(maxsize=1_000)
def folded_metric(name: str) -> str:
    """What two ways of writing one metric have in common: "Active users" and "active_users"."""
    return " ".join(fold(name).replace("_", " ").replace("-", " ").split())


class UsageMetric(SQLModel, table=True):
    """What is counted. Its id is a small number, because it stands in every row of ``usage_day``."""

    __tablename__ = "usage_metric"

    id: int = Field(primary_key=True, sa_type=Id, sa_column_kwargs={"autoincrement": False})
    key: str = Field(max_length=80, unique=True)  # folded: how files find it
    title: str = Field(max_length=80)  # as the first file wrote it
    created_at: datetime = Field(default_factory=now)

    @property
    def counts_seats(self) -> bool:
        """Whether it tells how many of the seats were at work: chosen in the settings, or by its name."""
        chosen = get_settings().usage_seats_metric
        return self.key == folded_metric(chosen) if chosen else self.key in SEATS_NAMES


class UsageDay(SQLModel, table=True):
    """What is believed now. A correction moves what stood here to ``UsageCorrection``."""

    __tablename__ = "usage_day"
    __table_args__ = (
        CheckConstraint("value_milli >= 0", name="value_not_negative"),
        {"sqlite_with_rowid": False},
    )

    account_id: int = Field(
        foreign_key="account.id", primary_key=True, sa_type=Id, sa_column_kwargs={"autoincrement": False}
    )
    metric_id: int = Field(
        foreign_key="usage_metric.id", primary_key=True, sa_type=Id, sa_column_kwargs={"autoincrement": False}
    )
    day: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})  # days since 1970
    value_milli: int = Field(sa_type=BigInteger)  # thousandths
    known_at: datetime = Field(default_factory=now)


class UsageCorrection(SQLModel, table=True):
    """What was believed of a day from ``known_at`` until ``closed_at``."""

    __tablename__ = "usage_correction"

    id: int = primary_id()
    account_id: int = ref("account.id")
    metric_id: int = ref("usage_metric.id", index=False)
    day: int
    value_milli: int = Field(sa_type=BigInteger)
    known_at: datetime
    closed_at: datetime
