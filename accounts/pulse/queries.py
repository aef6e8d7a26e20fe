"""Reads of pulses. They are of today, also where the book is old: somebody thinks so now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarSelect, literal, select as core_select, tuple_
from sqlmodel import Session, col

from accounts.listing.query import Cursor
from accounts.models import Account
from accounts.pulse.models import Pulse
from crm import clock
from crm.db import table_of
from crm.errors import NotFound
from crm.identity.models import User
from crm.text import N_

_PULSE: Any = table_of(Pulse)


@dataclass(frozen=True)
class ShownPulse:
    pulse: Pulse
    by: str | None  # who said so


def newest_of(account_id: Any, at: Any) -> ScalarSelect[Any]:
    """The id of the pulse that counts ``at`` an instant, for the account of an outer statement."""
    one = _PULSE.alias("newest_pulse")
    return (
        core_select(one.c.id)
        .where(one.c.account_id == account_id, one.c.happened_at <= at, one.c.closed_at.is_(None))
        .order_by(one.c.happened_at.desc(), one.c.id.desc())
        .limit(1)
        .correlate_except(one)
        .scalar_subquery()
    )


def current_pulse(session: Session, account_id: int) -> ShownPulse | None:
    found = pulses_of(session, account_id, limit=1)
    return found[0] if found else None


def pulses_of(session: Session, account_id: int, *, limit: int, before: Cursor | None = None) -> Sequence[ShownPulse]:
    """Newest first, without what was taken back."""
    at = col(Pulse.happened_at)
    statement = (
        core_select(Pulse, col(User.name))
        .outerjoin(User, col(User.id) == col(Pulse.set_by))
        .where(col(Pulse.account_id) == account_id, col(Pulse.closed_at).is_(None), at <= clock.now())
        .order_by(at.desc(), col(Pulse.id).desc())
        .limit(limit)
    )
    if before is not None:
        there = tuple_(literal(before.value, _PULSE.c.happened_at.type), literal(before.id, _PULSE.c.id.type))
        statement = statement.where(tuple_(at, col(Pulse.id)) < there)
    return [ShownPulse(pulse, by) for pulse, by in session.execute(statement)]


def current_pulses(session: Session, account_ids: Sequence[int]) -> dict[int, Pulse]:
    """The one that counts, of each account that has any."""
    newest = newest_of(col(Account.id), literal(clock.now(), _PULSE.c.happened_at.type))
    rows = session.execute(
        core_select(Pulse).join(Account, col(Pulse.id) == newest).where(col(Account.id).in_(account_ids))
    ).scalars()
    return {pulse.account_id: pulse for pulse in rows}


def get_pulse(session: Session, account: Account, pulse_id: int) -> Pulse:
    found = session.get(Pulse, pulse_id)
    if found is None or found.account_id != account.id or found.closed_at is not None:
        raise NotFound(N_("There is no such pulse here."))
    return found
