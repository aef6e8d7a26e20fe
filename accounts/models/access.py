"""In whose hands an account is: assignment, cover, account team, and who may read it when."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import primary_id, ref, stored_as_value
from crm.text import N_


class Assignment(SQLModel, table=True):
    """Who owned the account from when to when, and why; never overwritten."""

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_start"),
        Index("ix_assignment_account_from", "account_id", "from_on"),
        Index("ix_assignment_user_from", "user_id", "from_on"),
    )

    id: int = primary_id()
    account_id: int = ref("account.id", index=False)
    user_id: int = ref("user_account.id", index=False)
    from_on: date
    to_on: date | None = None  # first day that is no longer theirs
    reason: str = Field(default="", max_length=300)
    known_at: datetime = Field(default_factory=now)


class Cover(SQLModel, table=True):
    """Someone stands in for the owner during an absence; both days are included."""

    __tablename__ = "cover"
    __table_args__ = (CheckConstraint("to_on >= from_on", name="ends_after_start"),)

    id: int = primary_id()
    account_id: int = ref("account.id")
    user_id: int = ref("user_account.id")
    from_on: date
    to_on: date
    reason: str = Field(default="", max_length=300)


class TeamRole(StrEnum):
    BACKUP = "backup"
    ACCOUNT_EXECUTIVE = "account_executive"
    SPECIALIST = "specialist"
    SUPPORT_LEAD = "support_lead"
    SPONSOR = "sponsor"

    @property
    def words(self) -> str:
        return TEAM_ROLE_TITLES[self]


TEAM_ROLE_TITLES = {
    TeamRole.BACKUP: N_("backup"),
    TeamRole.ACCOUNT_EXECUTIVE: N_("account executive"),
    TeamRole.SPECIALIST: N_("specialist"),
    TeamRole.SUPPORT_LEAD: N_("support lead"),
    TeamRole.SPONSOR: N_("executive sponsor"),
}


class AccountTeamMember(SQLModel, table=True):
    """A colleague who answers for one matter of the account."""

    __tablename__ = "account_team_member"
    __table_args__ = (Index("ix_account_team_member_account", "account_id", "to_on"),)

    id: int = primary_id()
    account_id: int = ref("account.id", index=False)
    user_id: int = ref("user_account.id")
    role: TeamRole = Field(sa_type=stored_as_value(TeamRole))
    from_on: date
    to_on: date | None = None  # first day that they are no longer on it

    @property
    def last_on(self) -> date | None:
        return self.to_on - timedelta(days=1) if self.to_on else None


class AccessKind(StrEnum):
    OWNER = "owner"
    COVER = "cover"
    TEAM = "team"  # of the account team
    FORMER = "former"  # the owner before, for 90 days
    GRANTED = "granted"


class AccountAccess(SQLModel, table=True):
    """Who may read an account, from a day to a day; compared in the query, flipped by no job."""

    __tablename__ = "account_access"
    __table_args__ = (
        Index("ix_account_access_user_account", "user_id", "account_id"),
        Index("ix_account_access_account", "account_id"),
    )

    id: int = primary_id()
    account_id: int = ref("account.id", index=False)
    user_id: int = ref("user_account.id", index=False)
    kind: AccessKind = Field(sa_type=stored_as_value(AccessKind))
    from_on: date
    to_on: date | None = None  # last day, included
