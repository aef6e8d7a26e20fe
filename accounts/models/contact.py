"""People at customer companies, the companies they belong to, and the roles they have there."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Column, Index, Text as SqlText, UniqueConstraint, func
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import folded, primary_id, ref, stored_as_value
from crm.text import N_


class Consent(StrEnum):
    """Whether a person may be mailed; ``None``: nobody has asked them."""

    GIVEN = "given"
    REFUSED = "refused"  # or withdrawn

    @property
    def words(self) -> str:
        return CONSENT_TITLES[self]


CONSENT_TITLES = {Consent.GIVEN: N_("may be mailed"), Consent.REFUSED: N_("does not want to be mailed")}


class Contact(SQLModel, table=True):
    """A person at one or several accounts.

    A merged one is closed and points at the person it is; nobody points at somebody who was merged away.
    """

    __tablename__ = "contact"
    __table_args__ = (
        Index(  # equal to and beginning with, whatever the language of the database
            "ix_contact_email_folded",
            func.lower(Column("email", SqlText)).label("email_folded"),
            postgresql_ops={"email_folded": "text_pattern_ops"},
        ),
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
    consent: Consent | None = Field(default=None, sa_type=stored_as_value(Consent))
    consent_on: date | None = None
    consent_how: str = Field(default="", max_length=200)  # where they said so
    merged_into_id: int | None = ref("contact.id", nullable=True)
    created_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None


class Influence(StrEnum):
    """On the decision to stay and to buy, at one account."""

    DECIDES = "decides"
    SHAPES = "shapes"
    LITTLE = "little"

    @property
    def words(self) -> str:
        return INFLUENCE_TITLES[self]


INFLUENCE_TITLES = {
    Influence.DECIDES: N_("decides"),
    Influence.SHAPES: N_("shapes the decision"),
    Influence.LITTLE: N_("little say"),
}


class Sentiment(StrEnum):
    """How somebody stands towards us, as we see it."""

    FOR = "for"
    NEUTRAL = "neutral"
    AGAINST = "against"

    @property
    def words(self) -> str:
        return SENTIMENT_TITLES[self]


SENTIMENT_TITLES = {
    Sentiment.FOR: N_("for us"),
    Sentiment.NEUTRAL: N_("neutral"),
    Sentiment.AGAINST: N_("against us"),
}


class ContactAccount(SQLModel, table=True):
    """That a person works at, or for, an account."""

    __tablename__ = "contact_account"
    __table_args__ = (UniqueConstraint("contact_id", "account_id"), Index("ix_contact_account_account", "account_id"))

    id: int = primary_id()
    contact_id: int = ref("contact.id", index=False)
    account_id: int = ref("account.id", index=False)
    position: str = Field(default="", max_length=120)  # what the business card says
    influence: Influence | None = Field(default=None, sa_type=stored_as_value(Influence))
    sentiment: Sentiment | None = Field(default=None, sa_type=stored_as_value(Sentiment))
    sentiment_on: date | None = None  # since when we see it so
    from_on: date | None = None
    to_on: date | None = None  # left on
    new_employer: str = Field(default="", max_length=200)  # where they went


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
