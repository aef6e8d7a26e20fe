"""A play, its steps by version, and what became of it on an account."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text as sql
from sqlmodel import Field, SQLModel

from accounts.models import TeamRole
from accounts.models.access import TEAM_ROLE_TITLES
from crm.clock import now
from crm.db import primary_id, ref, stored_as_value
from crm.text import N_


class Trigger(StrEnum):
    MANUAL = "manual"
    STAGE = "stage"  # ``trigger_value``: which
    BAND = "band"  # ``trigger_value``: which; started by the health scores, which know the bands
    DECISION = "decision"  # in ``trigger_days`` days
    CHAMPION_LEFT = "champion_left"


class PlayRole(StrEnum):
    """Who gets a step; where nobody has the role, the owner does."""

    OWNER = "owner"
    MANAGER = "manager"
    BACKUP = "backup"
    ACCOUNT_EXECUTIVE = "account_executive"
    SPECIALIST = "specialist"
    SUPPORT_LEAD = "support_lead"
    SPONSOR = "sponsor"

    @property
    def words(self) -> str:
        return PLAY_ROLE_TITLES[self]


PLAY_ROLE_TITLES = {
    PlayRole.OWNER: N_("owner"),
    PlayRole.MANAGER: N_("manager"),
    **{PlayRole(role.value): title for role, title in TEAM_ROLE_TITLES.items()},
}
TEAM_ROLES = {PlayRole(role.value): role for role in TeamRole}


class Anchor(StrEnum):
    START = "start"  # so many days after the play begins
    DECISION = "decision"  # so many days before the account decides


class Play(SQLModel, table=True):
    """Started by itself from the day it was switched on (``on_since``); empty: off, and only started by hand."""

    __tablename__ = "play"
    __table_args__ = (CheckConstraint("trigger_days BETWEEN 1 AND 400", name="trigger_within_reach"),)

    id: int = primary_id()
    title: str = Field(max_length=120)
    purpose: str = Field(default="", max_length=500)
    trigger: Trigger = Field(sa_type=stored_as_value(Trigger))
    trigger_value: str = Field(default="", max_length=40)
    trigger_days: int | None = None
    version: int = 1  # of its steps; runs keep the one they began with
    on_since: date | None = None
    created_by: int | None = ref("user_account.id", nullable=True, index=False)
    created_at: datetime = Field(default_factory=now)


class PlayStep(SQLModel, table=True):
    """Written once: a changed play gets new steps under its next version."""

    __tablename__ = "play_step"
    __table_args__ = (
        UniqueConstraint("play_id", "version", "position"),
        CheckConstraint("days BETWEEN 0 AND 400", name="days_within_reach"),
    )

    id: int = primary_id()
    play_id: int = ref("play.id", index=False)
    version: int
    position: int
    title: str = Field(max_length=300)
    role: PlayRole = Field(sa_type=stored_as_value(PlayRole))
    anchor: Anchor = Field(sa_type=stored_as_value(Anchor))
    days: int


class Ending(StrEnum):
    DONE = "done"  # every task is closed
    STOPPED = "stopped"


class PlayRun(SQLModel, table=True):
    """A play on one account, once for each ``cause``; its tasks carry its id."""

    __tablename__ = "play_run"
    __table_args__ = (
        UniqueConstraint("play_id", "account_id", "cause"),
        Index(
            "uq_play_run_running",  # one at a time
            "play_id",
            "account_id",
            unique=True,
            sqlite_where=sql("ended_on IS NULL"),
            postgresql_where=sql("ended_on IS NULL"),
        ),
        Index("ix_play_run_account", "account_id", "ended_on"),
        Index("ix_play_run_started", "play_id", "started_on", "id"),
    )

    id: int = primary_id()
    play_id: int = ref("play.id", index=False)
    version: int
    account_id: int = ref("account.id", index=False)
    cause: str = Field(max_length=80)  # "stage:live:2026-11-23"
    started_on: date
    started_by: int | None = ref("user_account.id", nullable=True, index=False)  # empty: by its trigger
    decision_on: date | None = None  # when the account decides, as known at the start
    ends_on: date | None = None  # the contract's end at the start: a later one means renewed
    ended_on: date | None = None
    ending: Ending | None = Field(default=None, sa_type=stored_as_value(Ending))
    reason: str = Field(default="", max_length=300)  # why it was stopped; empty: its start was taken back
    band_at_start: str | None = Field(default=None, max_length=8)  # written by the health scores
    band_later: str | None = Field(default=None, max_length=8)  # 90 days after the start
