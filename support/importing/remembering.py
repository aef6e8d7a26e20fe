"""What the columns of a file of no known helpdesk became, kept for the next file with these headings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from crm.clock import machine_now
from crm.viewer import Viewer
from support.importing.looking import Seen, headings_of
from support.models.importing import TicketMapping

_OF_THE_FILE = ("dates", "decimal", "read")  # found out anew for each file


def remembered(session: Session, signature: str | None) -> TicketMapping | None:
    if signature is None:
        return None
    return session.exec(select(TicketMapping).where(col(TicketMapping.signature) == signature)).first()


def remember(session: Session, viewer: Viewer, path: Path, seen: Seen) -> None:
    signature = headings_of(path, seen.chosen)
    if signature is None:
        return
    row = remembered(session, signature) or TicketMapping(signature=signature, source_key=seen.source_key)
    written: dict[str, Any] = {key: value for key, value in seen.written.items() if key not in _OF_THE_FILE}
    row.source_key, row.title, row.written = seen.source_key, seen.source_title, written
    row.used_by, row.used_at = (None if viewer.is_system else viewer.user_id), machine_now()
    session.add(row)
