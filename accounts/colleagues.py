"""Colleagues to choose from: whoever may still work here."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select as core_select
from sqlmodel import Session, col

from accounts.names import fold
from crm.errors import NotFound
from crm.identity.models import User
from crm.text import N_


def colleagues(session: Session) -> Sequence[tuple[int, str]]:
    """Id and name, by name."""
    rows = session.execute(core_select(col(User.id), col(User.name)).where(col(User.disabled_at).is_(None)))
    return sorted(((user_id, name) for user_id, name in rows), key=lambda one: (fold(one[1]), one[0]))


def colleague(session: Session, user_id: int) -> User:
    found = session.get(User, user_id)
    if found is None:
        raise NotFound(N_("There is no such person."))
    return found
