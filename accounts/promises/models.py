"""A promise to a customer."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import primary_id, ref, stored_as_value
from crm.text import N_


class PromisedBy(StrEnum):
    SALES = "sales"
    US = "us"

    @property
    def words(self) -> str:
        return PROMISED_BY_TITLES[self]


PROMISED_BY_TITLES = {PromisedBy.SALES: N_("sales"), PromisedBy.US: N_("us")}


class PromiseStatus(StrEnum):
    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    RELEASED = "released"  # the customer wants it no more

    @property
    def words(self) -> str:
        return PROMISE_STATUS_TITLES[self]


PROMISE_STATUS_TITLES = {
    PromiseStatus.OPEN: N_("open"),
    PromiseStatus.KEPT: N_("kept"),
    PromiseStatus.BROKEN: N_("broken"),
    PromiseStatus.RELEASED: N_("no longer wanted"),
}


class Promise(SQLModel, table=True):
    __tablename__ = "promise"
    __table_args__ = (
        Index("ix_promise_account_status", "account_id", "status", "due_on"),
        Index("ix_promise_status_due", "status", "due_on"),
    )

    id: int = primary_id()
    account_id: int = ref("account.id", index=False)
    what: str = Field(max_length=300)
    contact_id: int | None = ref("contact.id", nullable=True)  # to whom
    side: PromisedBy = Field(sa_type=stored_as_value(PromisedBy))
    promised_by: int | None = ref("user_account.id", nullable=True)  # the person who must see to it
    promised_on: date
    due_on: date
    status: PromiseStatus = Field(default=PromiseStatus.OPEN, sa_type=stored_as_value(PromiseStatus))
    settled_on: date | None = None
    settled_at: datetime | None = None
    settled_by: int | None = ref("user_account.id", nullable=True, index=False)
    outcome: str = Field(default="", max_length=300)
    created_by: int | None = ref("user_account.id", nullable=True, index=False)
    created_at: datetime = Field(default_factory=now)

    @property
    def is_open(self) -> bool:
        return self.status is PromiseStatus.OPEN

    def is_late(self, today: date) -> bool:
        return self.is_open and self.due_on < today
