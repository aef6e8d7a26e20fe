"""Where news goes, and each piece of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, Text as SqlText
from sqlmodel import Field, SQLModel

from crm.clock import machine_now
from crm.db import primary_id, ref, stored_as_value
from crm.text import N_, Text


class Kind(StrEnum):
    """What may be told. The value is the ``type`` of the message and never changes its meaning."""

    BAND_WORSENED = "health.band_worsened"
    STAGE_CHANGED = "account.stage_changed"
    OWNER_CHANGED = "account.owner_changed"
    RISK_OPENED = "risk.opened"
    FORECAST_WORSENED = "renewal.forecast_worsened"
    URGENT_LATE = "ticket.urgent_late"
    TEST = "test"

    @property
    def words(self) -> str:
        return KIND_TITLES[self]


KIND_TITLES = {
    Kind.BAND_WORSENED: N_("an account’s health gets worse"),
    Kind.STAGE_CHANGED: N_("an account changes its stage, or leaves"),
    Kind.OWNER_CHANGED: N_("an account gets another owner"),
    Kind.RISK_OPENED: N_("a risk is opened"),
    Kind.FORECAST_WORSENED: N_("a renewal is judged worse than before"),
    Kind.URGENT_LATE: N_("an urgent ticket passes its target"),
    Kind.TEST: N_("a test"),
}
CHOICES = tuple(kind for kind in Kind if kind is not Kind.TEST)


class WebhookEndpoint(SQLModel, table=True):
    """An address that news is sent to. Its signing secret is made from the installation's key and ``generation``."""

    __tablename__ = "webhook_endpoint"

    id: int = primary_id()
    title: str = Field(max_length=120)
    url: str = Field(max_length=2_000)  # a secret with most chat tools: shown by its host
    kinds: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    generation: int = 1
    renewed_at: datetime | None = None  # the secret before counts for a day longer
    disabled_at: datetime | None = None
    disabled_why: str = Field(default="", max_length=300)
    created_at: datetime = Field(default_factory=machine_now)

    def wants(self, kind: Kind) -> bool:
        return self.disabled_at is None and kind.value in self.kinds


class DeliveryState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    DEAD = "dead"  # every try failed; tried again by hand


class WebhookDelivery(SQLModel, table=True):
    """One message to one endpoint: ``msg_<id>`` at every try."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("ix_webhook_delivery_due", "state", "next_try_at"),
        Index("ix_webhook_delivery_endpoint", "endpoint_id", "created_at", "id"),
    )

    id: int = primary_id()
    endpoint_id: int = ref("webhook_endpoint.id", index=False)
    kind: Kind = Field(sa_type=stored_as_value(Kind))
    body: str = Field(sa_column=Column(SqlText, nullable=False))
    state: DeliveryState = Field(default=DeliveryState.QUEUED, sa_type=stored_as_value(DeliveryState))
    tries: int = 0
    status: int | None = None  # of the last answer
    error: str = Field(default="", max_length=300)  # the message of ``trouble``
    error_values: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False, server_default="{}")
    )
    created_at: datetime = Field(default_factory=machine_now)
    next_try_at: datetime = Field(default_factory=machine_now)
    sent_at: datetime | None = None

    @property
    def trouble(self) -> Text | None:
        """Why the last try failed."""
        return Text(self.error, self.error_values) if self.error else None


class WebhookTold(SQLModel, table=True):
    """News of what lasts, such as a late ticket, is told once: each has a key of its own."""

    __tablename__ = "webhook_told"

    key: str = Field(primary_key=True, max_length=160)
    at: datetime = Field(default_factory=machine_now, index=True)
