"""What was brought in from where, and which rows could not be: an import can be looked at long after it ran."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, Text as SqlText
from sqlmodel import Field, SQLModel

from crm.clock import machine_now
from crm.db import Id, primary_id, ref, stored_as_value
from crm.text import Text


class ImportState(StrEnum):
    PREVIEW = "preview"  # looked at; nothing was written
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ImportRun(SQLModel, table=True):
    """One file, read once. Running the same file again is another run, and changes nothing."""

    __tablename__ = "import_run"
    __table_args__ = (Index("ix_import_run_kind_created", "kind", "created_at"),)

    id: int = primary_id()
    kind: str = Field(max_length=40)  # accounts, contacts, tickets
    file_name: str = Field(max_length=255)
    digest: str = Field(max_length=64)  # SHA-256 of the file, hexadecimal
    source_key: str = Field(default="", max_length=60)
    mapping: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    state: ImportState = Field(default=ImportState.RUNNING, sa_type=stored_as_value(ImportState))
    mark: int = 0  # line up to which everything is written: where an interrupted run goes on
    counts: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_by: int | None = Field(default=None, sa_type=Id)
    created_at: datetime = Field(default_factory=machine_now)
    finished_at: datetime | None = None


class ImportProblem(SQLModel, table=True):
    """A row that was left out, and why, in words that are translated when shown."""

    __tablename__ = "import_problem"
    __table_args__ = (Index("ix_import_problem_run_line", "import_run_id", "line"),)

    id: int = primary_id()
    import_run_id: int = ref("import_run.id", index=False)
    line: int
    column_name: str = Field(default="", max_length=200)
    value: str = Field(default="", sa_column=Column(SqlText, nullable=False))
    message: str = Field(sa_column=Column(SqlText, nullable=False))
    values: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    row: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))

    @property
    def reason(self) -> Text:
        return Text(self.message, self.values)
