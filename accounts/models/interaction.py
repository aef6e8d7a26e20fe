"""What was said between us and an account, on every channel."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Index, Text as SqlText, UniqueConstraint, text as sql
from sqlmodel import Field, SQLModel

from crm.clock import now
from crm.db import primary_id, ref, stored_as_value
from crm.text import N_


class Channel(StrEnum):
    CALL = "call"
    MEETING = "meeting"
    EMAIL = "email"
    CHAT = "chat"
    LETTER = "letter"
    SOCIAL = "social"
    IN_PERSON = "in_person"
    NOTE = "note"  # for ourselves: no contact with the customer

    @property
    def words(self) -> str:
        return CHANNEL_TITLES[self]


CHANNEL_TITLES = {
    Channel.CALL: N_("Call"),
    Channel.MEETING: N_("Meeting"),
    Channel.EMAIL: N_("E-mail"),
    Channel.CHAT: N_("Chat"),
    Channel.LETTER: N_("Letter"),
    Channel.SOCIAL: N_("Social media"),
    Channel.IN_PERSON: N_("In person"),
    Channel.NOTE: N_("Note"),
}

# Both sides speak by nature; a mail or chat becomes a conversation only with direction ``both``.
SPOKEN = (Channel.CALL, Channel.MEETING, Channel.IN_PERSON)


class Direction(StrEnum):
    IN = "in"
    OUT = "out"
    BOTH = "both"
    NONE = "none"  # a note for ourselves

    @property
    def words(self) -> str:
        return DIRECTION_TITLES[self]


DIRECTION_TITLES = {
    Direction.IN: N_("they reached us"),
    Direction.OUT: N_("we reached them"),
    Direction.BOTH: N_("both ways"),
    Direction.NONE: N_("internal"),
}


class Interaction(SQLModel, table=True):
    """A talk, mail or note; dated twice. A correction closes the row and adds another.

    ``two_way``: both sides took part, so it may end a silence. Automatic replies and mass mail never count as contact.
    """

    __tablename__ = "interaction"
    __table_args__ = (
        Index("ix_interaction_account_happened", "account_id", "happened_at", "id"),
        Index(  # last talks of all accounts, without the mails and notes between them
            "ix_interaction_talks",
            "account_id",
            "happened_at",
            sqlite_where=sql("two_way IS 1 AND closed_at IS NULL"),
            postgresql_where=sql("two_way IS true AND closed_at IS NULL"),
        ),
        UniqueConstraint("source_key", "external_id"),
    )

    id: int = primary_id()
    account_id: int = ref("account.id", index=False)
    contact_id: int | None = ref("contact.id", nullable=True)
    author_id: int | None = ref("user_account.id", nullable=True)
    channel: Channel = Field(sa_type=stored_as_value(Channel))
    direction: Direction = Field(sa_type=stored_as_value(Direction))
    two_way: bool = False
    automatic: bool = False
    mass: bool = False
    subject: str = Field(default="", max_length=300)
    body: str = Field(default="", sa_column=Column(SqlText, nullable=False))
    duration_minutes: int | None = None
    source_key: str | None = Field(default=None, max_length=60)
    external_id: str | None = Field(default=None, max_length=120)
    happened_at: datetime
    known_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None
    # Whose words they are until shared: others learn that a talk took place and when, never with whom or what of.
    private_to: int | None = ref("user_account.id", nullable=True)

    def is_hidden_from(self, user_id: int) -> bool:
        return self.private_to is not None and self.private_to != user_id
