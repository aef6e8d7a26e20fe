"""Reads of a company's own fields."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select as core_select
from sqlmodel import Session, col

from accounts.models import Account, OwnField, OwnValue
from crm.errors import NotFound
from crm.text import N_

MOST_SHOWN = 60


def get_own_field(session: Session, field_id: int) -> OwnField:
    found = session.get(OwnField, field_id)
    if found is None:
        raise NotFound(N_("There is no such field."))
    return found


def own_value(session: Session, account: Account, own: OwnField) -> str:
    """What the field says of ``account``; empty: nothing."""
    value = core_select(col(OwnValue.text)).where(
        col(OwnValue.account_id) == account.id, col(OwnValue.field_id) == own.id
    )
    return session.scalars(value).first() or ""


def own_values(session: Session, account_id: int) -> Sequence[tuple[OwnField, OwnValue | None]]:
    """Every field with what it says, by title."""
    rows = session.execute(
        core_select(OwnField, OwnValue)
        .outerjoin(OwnValue, (col(OwnValue.field_id) == col(OwnField.id)) & (col(OwnValue.account_id) == account_id))
        .order_by(col(OwnField.title), col(OwnField.id))
        .limit(MOST_SHOWN)
    )
    return [(own, value) for own, value in rows]
