"""What was agreed, until when, and what it is worth: contracts, their amendments, the append-only ARR movements."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, text as sql
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import Money, primary_id, ref, stored_as_value
from crm.text import N_


class Contract(SQLModel, table=True):
    """An agreement with a term. The customer decides by ``ends_on`` − ``notice_days``."""

    __tablename__ = "contract"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("notice_days >= 0", name="notice_not_negative"),
        Index("ix_contract_account_ends", "account_id", "ends_on"),
        # What is still to be decided is an ever smaller part of all contracts, and asked for on its own.
        Index(
            "ix_contract_open_account",
            *("account_id", "decides_on", "id", "agreement_id", "closed_at"),  # covering, so that sums go by account
            sqlite_where=sql("closed_at IS NULL"),
            postgresql_where=sql("closed_at IS NULL"),
        ),
        Index(
            "ix_contract_open_decides",
            *("decides_on", "id"),
            sqlite_where=sql("closed_at IS NULL"),
            postgresql_where=sql("closed_at IS NULL"),
        ),
        Index(
            "ix_contract_closed_decides",
            "decides_on",
            sqlite_where=sql("closed_at IS NOT NULL"),
            postgresql_where=sql("closed_at IS NOT NULL"),
        ),
    )

    id: int = primary_id()
    account_id: int = ref("account.id", index=False)
    agreement_id: int | None = ref("contract.id", nullable=True)  # the first of a chain of renewals; none: this one
    external_id: str | None = Field(default=None, max_length=120)
    title: str = Field(default="", max_length=200)
    starts_on: date
    ends_on: date
    auto_renews: bool = True
    notice_days: int = 90
    decides_on: date  # ends_on − notice_days, kept by the service so that lists can use an index
    seats: int | None = None
    known_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None  # replaced or ended

    @staticmethod
    def decision_day(ends_on: date, notice_days: int) -> date:
        return ends_on - timedelta(days=notice_days)


class ContractProduct(SQLModel, table=True):
    """What a contract is about, from a day to a day; an amendment ends one row and begins another."""

    __tablename__ = "contract_product"
    __table_args__ = (
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_start"),
        CheckConstraint("seats IS NULL OR seats >= 0", name="seats_not_negative"),
        Index("ix_contract_product_contract", "contract_id", "to_on"),
    )

    id: int = primary_id()
    account_id: int = ref("account.id")
    contract_id: int = ref("contract.id", index=False)
    name: str = Field(max_length=120)
    seats: int | None = None
    from_on: date
    to_on: date | None = None  # first day without it
    known_at: datetime = Field(default_factory=now)


class ContractAmendment(SQLModel, table=True):
    """What was agreed anew within a term, from a day on; only ever added. What it is worth is an ARR movement."""

    __tablename__ = "contract_amendment"
    __table_args__ = (Index("ix_contract_amendment_contract", "contract_id", "effective_on"),)

    id: int = primary_id()
    account_id: int = ref("account.id")
    contract_id: int = ref("contract.id", index=False)
    effective_on: date
    title: str = Field(max_length=200)
    changes: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))  # name: [old, new]
    movement_id: int | None = ref("arr_movement.id", nullable=True)
    by_id: int | None = ref("user_account.id", nullable=True)
    known_at: datetime = Field(default_factory=now)


class MovementKind(StrEnum):
    NEW = "new"
    EXPANSION = "expansion"
    CONTRACTION = "contraction"
    CHURN = "churn"
    PRICE = "price"
    CURRENCY = "currency"

    @property
    def words(self) -> str:
        return MOVEMENT_TITLES[self]


MOVEMENT_TITLES = {
    MovementKind.NEW: N_("new business"),
    MovementKind.EXPANSION: N_("expansion"),
    MovementKind.CONTRACTION: N_("contraction"),
    MovementKind.CHURN: N_("churn"),
    MovementKind.PRICE: N_("price change"),
    MovementKind.CURRENCY: N_("currency"),
}


class ArrMovement(SQLModel, table=True):
    """A change of annual recurring revenue; never edited, only corrected by another. ARR is their sum."""

    __tablename__ = "arr_movement"
    __table_args__ = (
        Index("ix_arr_movement_account", "account_id", "effective_on", "currency", "amount_minor"),  # covers sums
        Index(  # the few accounts whose currency changed
            "ix_arr_movement_currency",
            "account_id",
            sqlite_where=sql("kind = 'currency'"),
            postgresql_where=sql("kind = 'currency'"),
        ),
        Index("ix_arr_movement_effective", "effective_on", "account_id"),
    )

    id: int = primary_id()
    account_id: int = ref("account.id", index=False)
    contract_id: int | None = ref("contract.id", nullable=True)
    kind: MovementKind = Field(sa_type=stored_as_value(MovementKind))
    amount_minor: int = Field(sa_type=Money)  # signed, minor units of ``currency``
    currency: str = Field(max_length=3)
    effective_on: date
    known_at: datetime = Field(default_factory=now)
    corrects_id: int | None = ref("arr_movement.id", nullable=True)
    note: str = Field(default="", max_length=300)
