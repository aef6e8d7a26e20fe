"""Taking back what one has just changed: a row names the change, what was there before and what it left.

It holds for an hour, for whoever made the change, and only while nobody has changed the same since. What each kind of
change says now, and how it is put back, slices contribute as ``Reversal``.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Column, Index, delete
from sqlmodel import Field, Session, SQLModel, col

from crm.clock import machine_now
from crm.contracts import Registry
from crm.db import Id, primary_id
from crm.errors import Conflict, NotFound
from crm.text import N_, Text, kept_values
from crm.viewer import Viewer

HOLDS = timedelta(hours=1)
SHOWN = timedelta(seconds=30)  # in which the next page may still offer it


class UndoEntry(SQLModel, table=True):
    __tablename__ = "undo_entry"
    __table_args__ = (Index("ix_undo_entry_created", "created_at"),)

    id: int = primary_id()
    user_id: int = Field(sa_type=Id)
    kind: str = Field(max_length=80)  # the key of a Reversal
    subject_id: int = Field(sa_type=Id)
    before: Any = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    after: Any = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    message: str = Field(max_length=300)  # what was done, for the toast
    values: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(default_factory=machine_now)
    used_at: datetime | None = None

    @property
    def said(self) -> Text:
        return Text(self.message, self.values)


class ChangedSince(Conflict):
    def __init__(self) -> None:
        super().__init__(N_("Somebody has changed this again since; nothing was taken back."))


def remember(
    session: Session, viewer: Viewer, kind: str, subject_id: int, *, before: Any, after: Any, said: Text
) -> UndoEntry:
    """Keep that ``viewer`` changed ``before`` into ``after``. ``said``: one sentence whose values are words."""
    entry = UndoEntry(
        user_id=viewer.user_id,
        kind=kind,
        subject_id=subject_id,
        before=before,
        after=after,
        message=said.message,
        values=kept_values(said),
    )
    session.add(entry)
    session.flush()
    return entry


def get_entry(session: Session, viewer: Viewer, entry_id: int) -> UndoEntry:
    found = session.get(UndoEntry, entry_id)
    if found is None or found.user_id != viewer.user_id:
        raise NotFound(N_("There is nothing to take back here."))
    return found


def fresh_entry(session: Session, viewer: Viewer, entry_id: int) -> UndoEntry | None:
    """The entry, for the page right after it: offered for half a minute, and said once it is taken back."""
    found = session.get(UndoEntry, entry_id)
    if found is None or found.user_id != viewer.user_id:
        return None
    return found if machine_now() - (found.used_at or found.created_at) <= SHOWN else None


def take_back(session: Session, registry: Registry, viewer: Viewer, entry: UndoEntry) -> None:
    if entry.used_at is not None:
        raise Conflict(N_("This has been taken back already."))
    if machine_now() - entry.created_at > HOLDS:
        raise Conflict(N_("This was done over an hour ago; please change it where it stands."))
    put_back(session, registry, viewer, entry.kind, entry.subject_id, entry.before, entry.after)
    entry.used_at = machine_now()
    session.add(entry)


def put_back(
    session: Session, registry: Registry, viewer: Viewer, kind: str, subject_id: int, before: Any, after: Any
) -> Text | None:
    """Make ``subject_id`` say ``before`` again; what others have changed since stays, or nothing is done at all.

    Answers what stays although it belongs to the change, if anything does.
    """
    reversal = registry.reversal(kind)
    now = reversal.current(session, [subject_id])
    if subject_id not in now:
        raise ChangedSince
    current = now[subject_id]
    if current == after:
        wanted = before
    elif reversal.merged is None or (wanted := reversal.merged(before, after, current)) is None:
        raise ChangedSince
    if wanted == current:
        return None
    return reversal.put(session, viewer, subject_id, current, wanted)


def forget_old(session: Session, now: datetime) -> int:
    gone = session.execute(delete(UndoEntry).where(col(UndoEntry.created_at) < now - timedelta(days=2)))
    return int(gone.rowcount)  # type: ignore[attr-defined]


__all__ = ["ChangedSince", "UndoEntry", "forget_old", "fresh_entry", "get_entry", "put_back", "remember", "take_back"]
