"""People who sign in, their teams and their sessions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, Text as SqlText, func
from sqlmodel import Field, SQLModel

from crm.clock import machine_now
from crm.db import Id, primary_id, ref, stored_as_value
from crm.viewer import Role


class Team(SQLModel, table=True):
    """People who answer for the same accounts; its managers are its members with the manager's role."""

    __tablename__ = "team"

    id: int = primary_id()
    name: str = Field(max_length=120, unique=True)


class User(SQLModel, table=True):
    """A person inside the company. Never deleted: disabled, so that what they did keeps its author."""

    __tablename__ = "user_account"
    __table_args__ = (
        Index("uq_user_account_email_folded", func.lower(Column("email", SqlText)), unique=True),
        CheckConstraint("theme IN ('auto', 'light', 'dark')", name="theme_known"),
        CheckConstraint("density IN ('compact', 'comfortable')", name="density_known"),
        CheckConstraint("rail IN ('open', 'collapsed')", name="rail_known"),
    )

    id: int = primary_id()
    email: str = Field(max_length=254)
    name: str = Field(max_length=120)
    password_hash: str | None = Field(default=None, max_length=300)  # argon2id; none: may not sign in with one
    role: Role = Field(sa_type=stored_as_value(Role))
    team_id: int | None = ref("team.id", nullable=True)
    language: str = Field(default="en", max_length=8)
    time_zone: str = Field(default="Europe/Paris", max_length=64)
    theme: str = Field(default="auto", max_length=8)
    density: str = Field(default="compact", max_length=12)
    rail: str = Field(default="open", max_length=12)
    shortcuts: bool = True  # single keys act; some people dictate, so they can be switched off
    phone: str | None = Field(default=None, max_length=40)
    demo_role: bool = False  # the person a demo button signs in as, one for each role
    disabled_at: datetime | None = None
    created_at: datetime = Field(default_factory=machine_now)


class UserSession(SQLModel, table=True):
    """A signed-in browser; the cookie holds a random reference whose hash stands here."""

    __tablename__ = "user_session"

    token_hash: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    user_id: int = ref("user_account.id")
    created_at: datetime = Field(default_factory=machine_now)
    seen_at: datetime = Field(default_factory=machine_now)
    until: datetime  # absolute end; idle end counts from ``seen_at``
    agent: str = Field(default="", max_length=200)


class Installation(SQLModel, table=True):
    """What this installation is, by key: ``book`` says ``demo`` or ``own`` from its first person on."""

    __tablename__ = "installation"

    key: str = Field(max_length=40, primary_key=True)
    value: str = Field(max_length=400)


class RateCounter(SQLModel, table=True):
    """Tries in a window, shared by all processes."""

    __tablename__ = "rate_counter"

    key: str = Field(max_length=200, primary_key=True)
    window_at: datetime = Field(primary_key=True)
    tries: int = 0


class PersonalKey(SQLModel, table=True):
    """That a person has a secret address for ``purpose``: mail in, calendar out, digest off.

    The secret itself is made from the installation's key, the person and ``generation``; only its hash stands here, to
    find whose it is. A new generation makes the old address worth nothing.
    """

    __tablename__ = "personal_key"
    __table_args__ = (Index("uq_personal_key_hash", "token_hash", unique=True),)

    user_id: int = Field(foreign_key="user_account.id", primary_key=True, sa_type=Id)
    purpose: str = Field(max_length=20, primary_key=True)
    generation: int = 1
    token_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    made_at: datetime = Field(default_factory=machine_now)
    revoked_at: datetime | None = None
