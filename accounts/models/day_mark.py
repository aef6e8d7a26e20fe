"""What a person did with an item of their ranked day."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import primary_id, ref, stored_as_value


class DayVerdict(StrEnum):
    DONE = "done"
    LATER = "later"
    NOT_RELEVANT = "not_relevant"


class DayMark(SQLModel, table=True):
    """The item stays away until ``until_on`` (later), or until its condition has risen above ``condition``."""

    __tablename__ = "day_mark"
    __table_args__ = (Index("uq_day_mark_item", "user_id", "account_id", "kind", "item_key", unique=True),)

    id: int = primary_id()
    user_id: int = ref("user_account.id", index=False)
    account_id: int = ref("account.id")
    kind: str = Field(max_length=40)
    item_key: str = Field(max_length=80)
    verdict: DayVerdict = Field(sa_type=stored_as_value(DayVerdict))
    words: str = Field(default="", max_length=300)  # the outcome, or why it is not relevant
    until_on: date | None = None
    condition: float
    marked_at: datetime = Field(default_factory=now)
