"""A customer company, and the dated facts of it that scores of past days read."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, Index, Text as SqlText, UniqueConstraint, func
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import Money, folded, primary_id, ref, stored_as_value
from crm.text import N_


class Tier(StrEnum):
    ENTERPRISE = "enterprise"
    MID = "mid"
    LOW_TOUCH = "low_touch"

    @property
    def words(self) -> str:
        return TIER_TITLES[self]

    @property
    def cadence_days(self) -> int:
        """Days within which a talk is owed."""
        return {Tier.ENTERPRISE: 14, Tier.MID: 30, Tier.LOW_TOUCH: 90}[self]


class Stage(StrEnum):
    ONBOARDING = "onboarding"
    LIVE = "live"
    RENEWING = "renewing"
    CHURNED = "churned"

    @property
    def words(self) -> str:
        return STAGE_TITLES[self]


TIER_TITLES = {Tier.ENTERPRISE: N_("enterprise"), Tier.MID: N_("mid"), Tier.LOW_TOUCH: N_("low-touch")}
STAGE_TITLES = {
    Stage.ONBOARDING: N_("onboarding"),
    Stage.LIVE: N_("live"),
    Stage.RENEWING: N_("renewing"),
    Stage.CHURNED: N_("churned"),
}


class Account(SQLModel, table=True):
    """A customer company: the thing every other slice hangs its facts on.

    ``owner_id``, ``arr_minor``, ``decides_on`` and ``ends_on`` are projections of assignments, ARR movements and
    contracts, written by their service verbs and rebuildable from them.
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("arr_minor >= 0", name="arr_not_negative"),
        CheckConstraint("seats IS NULL OR seats >= 0", name="seats_not_negative"),
        Index("ix_account_name_folded_id", "name_folded", "id"),
        Index("ix_account_owner_stage", "owner_id", "stage"),
        Index("ix_account_decides", "decides_on", "id"),
        Index("ix_account_arr", "arr_minor", "id"),
        Index("uq_account_external", "external_id", unique=True),
        Index("ix_account_domain_folded", func.lower(Column("domain", SqlText))),
    )

    id: int = primary_id()
    name: str = Field(max_length=200)
    name_folded: str = Field(sa_type=folded(200))  # lower case without accents: the order of lists, and exact matching
    external_id: str | None = Field(default=None, max_length=120)
    domain: str | None = Field(default=None, max_length=253)  # halden.example
    tier: Tier = Field(default=Tier.MID, sa_type=stored_as_value(Tier))
    stage: Stage = Field(default=Stage.LIVE, sa_type=stored_as_value(Stage))
    stage_entered_on: date
    team_id: int | None = ref("team.id", nullable=True)  # the team that answers for it
    owner_id: int | None = ref("user_account.id", nullable=True, index=False)  # none: a pool, or not yet assigned
    parent_id: int | None = ref("account.id", nullable=True)
    arr_minor: int = Field(default=0, sa_type=Money)  # the sum of its ARR movements, minor units of ``currency``
    currency: str = Field(default="EUR", max_length=3)  # ISO 4217
    seats: int | None = None  # licensed seats
    decides_on: date | None = None  # decides by: the earliest open contract's end minus its notice
    ends_on: date | None = None
    country: str | None = Field(default=None, max_length=2)  # ISO 3166
    language: str | None = Field(default=None, max_length=8)
    industry: str | None = Field(default=None, max_length=80)
    version: int = 1  # for edits of two people at once
    created_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None  # merged away or deleted


class FactKey(StrEnum):
    TIER = "tier"
    SEATS = "seats"
    STAGE = "stage"


class AccountFact(SQLModel, table=True):
    """What a column of an account was, from a day on: dated twice, corrected by another row."""

    __tablename__ = "account_fact"
    __table_args__ = (Index("ix_account_fact_lookup", "account_id", "key", "happened_at"),)

    id: int = primary_id()
    account_id: int = ref("account.id", index=False)
    key: FactKey = Field(sa_type=stored_as_value(FactKey))
    value: str = Field(max_length=80)
    happened_at: datetime
    known_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None


class AccountAlias(SQLModel, table=True):
    """Another external id or domain that means this account, per source: how tickets find their company."""

    __tablename__ = "account_alias"
    __table_args__ = (UniqueConstraint("source_key", "kind", "value"),)

    id: int = primary_id()
    account_id: int = ref("account.id")
    source_key: str = Field(default="", max_length=60)  # empty: any source
    kind: str = Field(max_length=20)  # external_id, domain, name
    value: str = Field(max_length=253)  # folded
    created_at: datetime = Field(default_factory=now)
