"""Invoices of our own accounting, as far as they tell who pays late."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text as sql
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import Money, primary_id, ref


class Invoice(SQLModel, table=True):
    """Dated twice: a later file that says otherwise closes this row and adds another with the same number."""

    __tablename__ = "invoice"
    __table_args__ = (
        CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
        Index("ix_invoice_account_due", "account_id", "due_on"),
        Index(
            "uq_invoice_open", "account_id", "number", unique=True,
            sqlite_where=sql("closed_at IS NULL"), postgresql_where=sql("closed_at IS NULL"),
        ),
    )  # fmt: skip

    id: int = primary_id()
    account_id: int = ref("account.id", index=False)
    number: str = Field(max_length=80)
    due_on: date
    amount_minor: int = Field(sa_type=Money)  # minor units of ``currency``
    currency: str = Field(default="EUR", max_length=3)  # ISO 4217
    paid_on: date | None = None
    known_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None

    def is_overdue(self, today: date) -> bool:
        return self.due_on < today and (self.paid_on is None or self.paid_on > today)
