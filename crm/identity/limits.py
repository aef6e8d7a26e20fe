"""How often something may be tried: counted in the database, so that all processes share one limit."""

from __future__ import annotations

import hashlib
import ipaddress
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Table, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from crm.identity.models import RateCounter


def take(session: Session, limits: Mapping[str, int], window: timedelta, now: datetime) -> int:
    """Count one try under every key, or under none when one of them is used up; seconds to wait then, else 0.

    Windows begin at multiples of their length. What was counted in the one before weighs as much as of it still lies
    within ``window`` from now, so that waiting for the turn of a window brings nothing. A refused try is not counted:
    somebody else's guesses delay a person, and do not lock them out for ever.
    """
    begins = datetime.fromtimestamp(now.timestamp() // window.total_seconds() * window.total_seconds(), UTC)
    tries = {key: _count(session, key, begins) for key in sorted(limits)}  # in one order, so that nobody deadlocks
    before = dict(
        session.exec(
            select(RateCounter.key, RateCounter.tries).where(
                col(RateCounter.key).in_(limits), col(RateCounter.window_at) == begins - window
            )
        ).all()
    )
    passed = (now - begins) / window
    wait = max(_wait(limits[key], tries[key], before.get(key, 0), passed) for key in limits)
    if wait > 0:
        give_back(session, limits, window, now)
    return math.ceil(wait * window.total_seconds())


def _wait(limit: int, tries: int, before: int, passed: float) -> float:
    """Share of a window until the newest of ``tries`` would be within ``limit``; 0: it is."""
    if before * (1 - passed) + tries <= limit:
        return 0.0
    if tries > limit:  # this window is full: in the next one its own tries weigh less and less
        return 1 - passed + 1 / limit
    return 1 - (limit - tries) / before - passed


def give_back(session: Session, keys: Mapping[str, int], window: timedelta, now: datetime) -> None:
    """The try that was counted at ``now`` was none."""
    begins = datetime.fromtimestamp(now.timestamp() // window.total_seconds() * window.total_seconds(), UTC)
    session.execute(
        update(RateCounter)
        .where(col(RateCounter.key).in_(keys), col(RateCounter.window_at) == begins, col(RateCounter.tries) > 0)
        .values(tries=col(RateCounter.tries) - 1)
    )


def _count(session: Session, key: str, begins: datetime) -> int:
    table: Table = RateCounter.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = (
        insert(table)
        .values(key=key, window_at=begins, tries=1)
        .on_conflict_do_update(index_elements=["key", "window_at"], set_={"tries": table.c.tries + 1})
        .returning(table.c.tries)
    )
    return int(session.execute(statement).scalar_one())


def network_of(address: str) -> str:
    """Whom a limit counts: an IPv4 address, or the /64 that one IPv6 customer has."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:60]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def key_for(kind: str, value: str) -> str:
    return f"{kind} {hashlib.sha256(value.encode()).hexdigest()}"
