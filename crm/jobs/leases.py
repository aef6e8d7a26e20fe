"""Being the only one for a while, in one statement that needs no trust between processes."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import datetime, timedelta

from sqlalchemy import case, or_, update
from sqlmodel import Session, col

from crm.jobs.models import Lease
from crm.jobs.statements import insert_if_missing


def this_holder() -> str:
    """A name for this process that no other one has, not even after a restart with the same number."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"


def take(session: Session, name: str, holder: str, *, now: datetime, seconds: float) -> bool:
    """Take the lease, or renew our own: true when it is ours until ``now + seconds``."""
    until = now + timedelta(seconds=seconds)
    free_or_ours = or_(col(Lease.until) < now, col(Lease.holder) == holder)
    renewed = session.exec(
        update(Lease)
        .where(col(Lease.name) == name, free_or_ours)
        .values(
            holder=holder,
            until=until,
            token=case((col(Lease.holder) == holder, col(Lease.token)), else_=col(Lease.token) + 1),
        )
    )
    if renewed.rowcount:
        return True
    return insert_if_missing(session, Lease, {"name": name, "holder": holder, "until": until, "since": now, "token": 1})


def give_back(session: Session, name: str, holder: str, *, now: datetime) -> None:
    """Let the next one take it at once instead of waiting for its end."""
    session.exec(
        update(Lease).where(col(Lease.name) == name, col(Lease.holder) == holder).values(until=now - timedelta(days=1))
    )
