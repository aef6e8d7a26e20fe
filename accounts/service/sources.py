"""How fresh each source of facts is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from accounts.asof import forget_sources
from accounts.models import DataSource
from crm.clock import now
from crm.ids import new_id
from crm.text import N_

BY_HAND = "hand"


def touch_source(
    session: Session,
    key: str,
    *,
    title: str,
    kind: str,
    newest_event_at: datetime | None = None,
    synced_at: datetime | None = None,
    live: bool = False,
) -> None:
    """Say that ``key`` brought something; instants only ever move forward. Safe for many processes at once."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(DataSource).values(
        id=new_id(),
        key=key,
        title=title,
        kind=kind,
        newest_event_at=newest_event_at,
        synced_at=synced_at,
        live=live,
        created_at=now(),
    )
    sent = statement.excluded
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "newest_event_at": _later(col(DataSource.newest_event_at), sent.newest_event_at),
                "synced_at": _later(col(DataSource.synced_at), sent.synced_at),
                "live": col(DataSource.live) | sent.live,
            },
        )
    )
    forget_sources(session)


def touch_by_hand(session: Session, at: datetime) -> None:
    touch_source(session, BY_HAND, title=N_("Written by hand"), kind="interactions", newest_event_at=at)


def _later(stored: Any, sent: Any) -> ColumnElement[Any]:
    return case((stored.is_(None), sent), (sent > stored, sent), else_=stored)
