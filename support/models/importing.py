"""What is remembered of imports of tickets: what columns meant, what each run told, and what it made."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from crm.clock import machine_now
from crm.db import Id, primary_id, ref, stored_as_value


class TicketMapping(SQLModel, table=True):
    """What the columns of files with these headings became last time, where no known helpdesk writes them."""

    __tablename__ = "ticket_mapping"
    __table_args__ = (UniqueConstraint("signature"),)

    id: int = primary_id()
    signature: str = Field(max_length=64)  # of the headings
    source_key: str = Field(max_length=60)
    title: str = Field(default="", max_length=120)
    written: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    used_by: int | None = Field(default=None, sa_type=Id)
    used_at: datetime = Field(default_factory=machine_now)


class Telling(SQLModel, table=True):
    """That a ticket was told, by an import or after one that can still be undone: what an undo goes back to and by.

    ``before``: the ticket as it was, without the telling; none: it was not there. ``record``: what was told; none where
    the ticket was new, because then the ticket itself is what was told. ``again``: the very record of digest ``digest``
    once more, which changed nothing. Kept for as long as an import can be undone.
    """

    __tablename__ = "ticket_telling"
    __table_args__ = (
        Index("ix_ticket_telling_ticket", "source_key", "external_id", "number"),
        Index("ix_ticket_telling_run", "import_run_id", "id"),
        Index("ix_ticket_telling_told", "told_at"),
        Index("ix_ticket_telling_account", "account_id"),
        Index("ix_ticket_telling_contact", "contact_id"),
    )

    id: int = primary_id()
    import_run_id: int | None = ref("import_run.id", nullable=True, index=False)
    source_key: str = Field(max_length=60)
    external_id: str = Field(max_length=120)
    number: int = 1  # the order in which the ticket was told
    again: bool = False
    digest: int | None = Field(default=None, sa_type=Id)
    account_id: int | None = Field(default=None, sa_type=Id)  # whom the record meant then
    contact_id: int | None = Field(default=None, sa_type=Id)
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    record: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    told_at: datetime = Field(default_factory=machine_now)
    undone_at: datetime | None = None


class MadeKind(StrEnum):
    ACCOUNT = "account"
    CONTACT = "contact"
    LINK = "link"  # that a contact belongs to an account
    ALIAS = "alias"  # what the source calls an account


class ImportMade(SQLModel, table=True):
    """A row beside tickets that an import added."""

    __tablename__ = "ticket_import_made"
    __table_args__ = (UniqueConstraint("import_run_id", "kind", "made_id"),)

    id: int = primary_id()
    import_run_id: int = ref("import_run.id", index=False)
    kind: MadeKind = Field(sa_type=stored_as_value(MadeKind))
    made_id: int = Field(sa_type=Id)


class UndoState(StrEnum):
    RUNNING = "running"
    DONE = "done"


class ImportUndo(SQLModel, table=True):
    """An import that was taken back. ``counts``: tickets that are gone, that went back, that stayed as they were
    because others told them too; accounts and people that are gone or stayed."""

    __tablename__ = "ticket_import_undo"
    __table_args__ = (UniqueConstraint("import_run_id"),)

    id: int = primary_id()
    import_run_id: int = ref("import_run.id", index=False)
    state: UndoState = Field(default=UndoState.RUNNING, sa_type=stored_as_value(UndoState))
    counts: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    asked_by: int | None = Field(default=None, sa_type=Id)
    asked_at: datetime = Field(default_factory=machine_now)
    finished_at: datetime | None = None
