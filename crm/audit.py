"""Who did what, when: rows that are only ever added, read by account pages and administrators."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import JSON, Column, Index, insert
from sqlmodel import Field, Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from crm.clock import machine_now
from crm.db import Id, primary_id
from crm.ids import new_id
from crm.viewer import Viewer


class AuditEntry(SQLModel, table=True):
    """``account_id`` and ``actor_id`` are plain ids: an entry outlives what it speaks of. Actor 0 is the product."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_account_at", "account_id", "at", "id"),
        Index("ix_audit_entry_at", "at", "id"),
    )

    id: int = primary_id()
    at: datetime = Field(default_factory=machine_now)  # nobody can pretend when they did something
    actor_id: int = Field(sa_type=Id)
    actor_name: str = Field(max_length=120)
    account_id: int | None = Field(default=None, sa_type=Id)
    verb: str = Field(max_length=80)  # "account.churned"
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


def record(session: Session, viewer: Viewer, account_id: int | None, verb: str, /, **details: Any) -> None:
    """Keep that ``viewer`` did ``verb``; stands or falls with the transaction it speaks of."""
    session.add(
        AuditEntry(
            actor_id=viewer.user_id,
            actor_name=viewer.name,
            account_id=account_id,
            verb=verb,
            details={name: _plain(value) for name, value in details.items()},
        )
    )


def record_many(session: Session, viewer: Viewer, done: Iterable[tuple[int, str, dict[str, Any]]]) -> None:
    """``record`` for many accounts at once: account, verb and details of each."""
    rows = [
        {
            "id": new_id(),
            "at": machine_now(),
            "actor_id": viewer.user_id,
            "actor_name": viewer.name,
            "account_id": account_id,
            "verb": verb,
            "details": _plain(details),
        }
        for account_id, verb, details in done
    ]
    if rows:
        session.execute(insert(AuditEntry), rows)


def entries_of(account_id: int, limit: int = 100) -> SelectOfScalar[AuditEntry]:
    """What was done to an account, newest first. The caller has made sure that the account may be read."""
    return (
        select(AuditEntry)
        .where(col(AuditEntry.account_id) == account_id)
        .order_by(col(AuditEntry.at).desc(), col(AuditEntry.id).desc())
        .limit(limit)
    )


def _plain(value: Any) -> Any:
    """``value`` as JSON can hold it."""
    match value:
        case None | bool() | int() | float():
            return value
        case Enum():
            return value.value
        case str():
            return value
        case date():  # and instants
            return value.isoformat()
        case dict():
            return {str(key): _plain(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(inner) for inner in value]
        case _:
            return str(value)


__all__ = ["AuditEntry", "entries_of", "record", "record_many"]
