"""People at customer companies, the companies they belong to, and the roles they have there."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Column, Index, Text as SqlText, UniqueConstraint, func
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import folded, primary_id, ref, stored_as_value
from crm.text import N_


class Contact(SQLModel, table=True):
    """A person at one or several accounts."""

    __tablename__ = "contact"
    __table_args__ = (
        Index("ix_contact_email_folded", func.lower(Column("email", SqlText))),
        Index("uq_contact_external", "external_id", unique=True),
        Index("ix_contact_name_folded_id", "name_folded", "id"),
    )

    id: int = primary_id()
    name: str = Field(max_length=160)
    name_folded: str = Field(default="", sa_type=folded(160))  # lower case without accents: search and order
    email: str | None = Field(default=None, max_length=254)
    phone: str | None = Field(default=None, max_length=60)
    language: str | None = Field(default=None, max_length=8)
    external_id: str | None = Field(default=None, max_length=120)  # "source:id" of the helpdesk's requester
    created_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None


class ContactAccount(SQLModel, table=True):
    """That a person works at, or for, an account."""

    __tablename__ = "contact_account"
    __table_args__ = (UniqueConstraint("contact_id", "account_id"), Index("ix_contact_account_account", "account_id"))

    id: int = primary_id()
    contact_id: int = ref("contact.id", index=False)
    account_id: int = ref("account.id", index=False)
    position: str = Field(default="", max_length=120)  # what the business card says
    from_on: date | None = None
    to_on: date | None = None  # left on


class ContactRoleKind(StrEnum):
    CHAMPION = "champion"
    SPONSOR = "sponsor"
    DECISION_MAKER = "decision_maker"
    USER = "user"
    BILLING = "billing"
    TECHNICAL = "technical"

    @property
    def words(self) -> str:
        return CONTACT_ROLE_TITLES[self]


CONTACT_ROLE_TITLES = {
    ContactRoleKind.CHAMPION: N_("champion"),
    ContactRoleKind.SPONSOR: N_("sponsor"),
    ContactRoleKind.DECISION_MAKER: N_("decision maker"),
    ContactRoleKind.USER: N_("user"),
    ContactRoleKind.BILLING: N_("billing"),
    ContactRoleKind.TECHNICAL: N_("technical contact"),
}

# A talk with one of these is what silence is measured against.
KEY_ROLES = (ContactRoleKind.SPONSOR, ContactRoleKind.CHAMPION, ContactRoleKind.DECISION_MAKER)


class ContactRole(SQLModel, table=True):
    """What a person is for us at an account, from a day to a day; dated twice, never changed."""

    __tablename__ = "contact_role"
    __table_args__ = (Index("ix_contact_role_account", "account_id", "role"),)

    id: int = primary_id()
    account_id: int = ref("account.id", index=False)
    contact_id: int = ref("contact.id")
    role: ContactRoleKind = Field(sa_type=stored_as_value(ContactRoleKind))
    from_on: date
    to_on: date | None = None  # first day without the role
    known_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None
