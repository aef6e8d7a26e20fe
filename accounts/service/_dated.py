"""Dated facts of an account: written here and nowhere else."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from accounts.models import Account, AccountFact, FactKey
from crm.clock import now, start_of, today
from crm.errors import Invalid
from crm.text import N_


def ensure_not_ahead(day: date) -> None:
    """A fact begins today or earlier; nothing waits in the dark for its day to come."""
    if day > today():
        raise Invalid(N_("%(day)s has not come yet; enter it on that day or later."), day=day)


def date_fact(session: Session, account: Account, key: FactKey, value: object, happened_at: datetime) -> None:
    """``account`` has ``value`` from ``happened_at`` on. What was written for later instants is closed."""
    known = now()
    later = select(AccountFact).where(
        col(AccountFact.account_id) == account.id,
        col(AccountFact.key) == key,
        col(AccountFact.closed_at).is_(None),
        col(AccountFact.happened_at) >= happened_at,
    )
    for fact in session.exec(later):
        fact.closed_at = known
    session.add(
        AccountFact(account_id=account.id, key=key, value=as_text(value), happened_at=happened_at, known_at=known)
    )


def as_text(value: Any) -> str:
    """How a fact's value is kept: an enum's value, a number's digits, empty for unknown."""
    return "" if value is None else str(getattr(value, "value", value))


def from_day(day: date) -> datetime:
    """The instant from which a fact of ``day`` holds; today's hold from now on."""
    return now() if day == today() else start_of(day)
