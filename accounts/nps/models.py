"""Answers of customers to "would you recommend us?"."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, Index, Text as SqlText, text as sql
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import primary_id, ref

LOWEST_PROMOTER, HIGHEST_DETRACTOR = 9, 6


class NpsAnswer(SQLModel, table=True):
    """One answer; dated twice, and corrected by another row with the same ``answer_key``."""

    __tablename__ = "nps_answer"
    __table_args__ = (
        CheckConstraint("score BETWEEN 0 AND 10", name="score_within"),
        Index("ix_nps_answer_account_day", "account_id", "answered_on"),
        Index(
            "uq_nps_answer_open", "account_id", "answer_key", unique=True,
            sqlite_where=sql("closed_at IS NULL"), postgresql_where=sql("closed_at IS NULL"),
        ),
    )  # fmt: skip

    id: int = primary_id()
    account_id: int = ref("account.id", index=False)
    contact_id: int | None = ref("contact.id", nullable=True)
    email: str | None = Field(default=None, max_length=254)  # lower case; as the survey has it
    answer_key: str = Field(max_length=300)  # the survey's own id, else who and when, else the very answer
    person_key: str = Field(max_length=300)  # the same for all answers of one person
    answered_on: date
    score: int  # 0–10
    comment: str = Field(default="", sa_column=Column(SqlText, nullable=False))
    known_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None

    @property
    def band(self) -> str:
        return band_of(self.score)


def band_of(score: int) -> str:
    """The sign beside an answer: those who recommend, those who shrug, those who warn others."""
    return "green" if score >= LOWEST_PROMOTER else "red" if score <= HIGHEST_DETRACTOR else "amber"
