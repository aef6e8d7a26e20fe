"""A risk as it stands, and how it came to stand so."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, Text as SqlText
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import Money, primary_id, ref, stored_as_value
from crm.text import N_


class RiskReason(StrEnum):
    QUALITY = "quality"
    SUPPORT = "support"
    PRODUCT_GAP = "product_gap"
    ADOPTION = "adoption"
    ONBOARDING = "onboarding"
    CHAMPION = "champion"
    SPONSOR = "sponsor"
    COMPETITOR = "competitor"
    PRICE = "price"
    BUDGET = "budget"
    OWNERSHIP = "ownership"
    OTHER = "other"

    @property
    def words(self) -> str:
        return REASON_TITLES[self]


REASON_TITLES = {
    RiskReason.QUALITY: N_("Defects and outages"),
    RiskReason.SUPPORT: N_("Slow or bad support"),
    RiskReason.PRODUCT_GAP: N_("Something the product cannot do"),
    RiskReason.ADOPTION: N_("Little use"),
    RiskReason.ONBOARDING: N_("Late onboarding"),
    RiskReason.CHAMPION: N_("Champion left or lost"),
    RiskReason.SPONSOR: N_("No sponsor, or a doubtful one"),
    RiskReason.COMPETITOR: N_("A competitor"),
    RiskReason.PRICE: N_("Price"),
    RiskReason.BUDGET: N_("Their budget"),
    RiskReason.OWNERSHIP: N_("Bought, merged or closing"),
    RiskReason.OTHER: N_("Something else"),
}


class RiskStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"  # we know and live with it
    MITIGATED = "mitigated"  # it is averted
    HAPPENED = "happened"
    MISTAKEN = "mistaken"  # there was none

    @property
    def words(self) -> str:
        return STATUS_TITLES[self]


STATUS_TITLES = {
    RiskStatus.OPEN: N_("open"),
    RiskStatus.ACCEPTED: N_("accepted"),
    RiskStatus.MITIGATED: N_("mitigated"),
    RiskStatus.HAPPENED: N_("happened"),
    RiskStatus.MISTAKEN: N_("was none"),
}
ACTIVE = (RiskStatus.OPEN, RiskStatus.ACCEPTED)
CLOSED = (RiskStatus.MITIGATED, RiskStatus.HAPPENED, RiskStatus.MISTAKEN)


class Risk(SQLModel, table=True):
    """``arr_minor``: what of the account's ARR may be lost, in the account's currency; none: nobody has said."""

    __tablename__ = "risk"
    __table_args__ = (
        CheckConstraint("arr_minor IS NULL OR arr_minor >= 0", name="arr_not_negative"),
        Index("ix_risk_account_status", "account_id", "status"),
        Index("ix_risk_status_arr", "status", "arr_minor", "id"),
        Index("ix_risk_owner_next", "owner_id", "next_on"),
    )

    id: int = primary_id()
    account_id: int = ref("account.id", index=False)
    reason: RiskReason = Field(sa_type=stored_as_value(RiskReason))
    words: str = Field(default="", sa_column=Column(SqlText, nullable=False))
    arr_minor: int | None = Field(default=None, sa_type=Money)
    since_on: date
    owner_id: int | None = ref("user_account.id", nullable=True, index=False)  # who does something about it
    next_step: str = Field(default="", max_length=300)
    next_on: date | None = None
    help_needed: str = Field(default="", max_length=300)
    help_from_id: int | None = ref("user_account.id", nullable=True)
    status: RiskStatus = Field(default=RiskStatus.OPEN, sa_type=stored_as_value(RiskStatus))
    outcome: str = Field(default="", max_length=300)
    closed_on: date | None = None
    created_by: int | None = ref("user_account.id", nullable=True, index=False)
    created_at: datetime = Field(default_factory=now)
    changed_at: datetime = Field(default_factory=now)
    version: int = 1  # for edits of two people at once

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    def is_late(self, today: date) -> bool:
        return self.is_active and self.next_on is not None and self.next_on < today


class RiskEventKind(StrEnum):
    OPENED = "opened"
    CHANGED = "changed"
    STEP_DONE = "step_done"
    HELPED = "helped"
    CLOSED = "closed"
    REOPENED = "reopened"


class RiskEvent(SQLModel, table=True):
    """A change of a risk: what a meeting asks of the last week.

    ``status`` and ``arr_minor`` are the risk's after it; ``changes``: {"next_on": [before, after]}.
    """

    __tablename__ = "risk_event"
    __table_args__ = (
        Index("ix_risk_event_risk", "risk_id", "happened_at", "id"),
        Index("ix_risk_event_account", "account_id", "happened_at", "id"),
        Index("ix_risk_event_at", "happened_at", "id"),
    )

    id: int = primary_id()
    risk_id: int = ref("risk.id", index=False)
    account_id: int = ref("account.id", index=False)
    kind: RiskEventKind = Field(sa_type=stored_as_value(RiskEventKind))
    status: RiskStatus = Field(sa_type=stored_as_value(RiskStatus))
    arr_minor: int | None = Field(default=None, sa_type=Money)
    changes: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    words: str = Field(default="", max_length=300)
    by_id: int | None = ref("user_account.id", nullable=True, index=False)
    happened_at: datetime = Field(default_factory=now)
