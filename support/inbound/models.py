"""Where helpdesks send their webhooks, and what they sent."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, LargeBinary, Text as SqlText
from sqlmodel import Field, SQLModel

from crm.clock import machine_now
from crm.db import primary_id, ref, stored_as_value
from crm.text import Text


class Sender(StrEnum):
    """Whose webhooks they are. The value is also the source of the tickets."""

    ZENDESK = "zendesk"
    INTERCOM = "intercom"
    HUBSPOT = "hubspot"
    JIRA = "jira"
    FRESHDESK = "freshdesk"
    SALESFORCE = "salesforce"

    @property
    def words(self) -> str:
        return SENDER_NAMES[self]

    @property
    def gives_secret(self) -> bool:
        """It makes the secret itself and shows it there; else it takes one of ours."""
        return self in (Sender.ZENDESK, Sender.INTERCOM, Sender.HUBSPOT)


SENDER_NAMES = {
    Sender.ZENDESK: "Zendesk",
    Sender.INTERCOM: "Intercom",
    Sender.HUBSPOT: "HubSpot",
    Sender.JIRA: "Jira Service Management",
    Sender.FRESHDESK: "Freshdesk",
    Sender.SALESFORCE: "Salesforce",
}


class InboundEndpoint(SQLModel, table=True):
    """An address for one helpdesk. Our secret is made from the installation's key and ``generation``; one that the
    helpdesk made stands here sealed."""

    __tablename__ = "inbound_endpoint"

    id: int = primary_id()
    title: str = Field(max_length=120)
    sender: Sender = Field(sa_type=stored_as_value(Sender))
    generation: int = 1
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    sealed_before: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    renewed_at: datetime | None = None  # the secret before counts for a day longer
    disabled_at: datetime | None = None
    created_at: datetime = Field(default_factory=machine_now)


class InboundState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"  # it could not be read; tried again by hand


class InboundMessage(SQLModel, table=True):
    """One message as it came. ``message_key``: the same message, sent again or replayed, is one row."""

    __tablename__ = "inbound_message"
    __table_args__ = (
        Index("uq_inbound_message_key", "endpoint_id", "message_key", unique=True),
        Index("ix_inbound_message_state", "state", "received_at", "id"),
        Index("ix_inbound_message_endpoint", "endpoint_id", "received_at", "id"),
    )

    id: int = primary_id()
    endpoint_id: int = ref("inbound_endpoint.id", index=False)
    message_key: str = Field(max_length=64)
    body: str = Field(sa_column=Column(SqlText, nullable=False))
    state: InboundState = Field(default=InboundState.WAITING, sa_type=stored_as_value(InboundState))
    tries: int = 0
    reason: str = Field(default="", max_length=300)  # why it failed, translated when shown
    reason_values: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    unmatched: int = 0
    received_at: datetime = Field(default_factory=machine_now)
    done_at: datetime | None = None

    @property
    def why(self) -> Text:
        return Text(self.reason, self.reason_values)

    @property
    def tickets(self) -> int:
        return self.new + self.updated + self.unchanged
