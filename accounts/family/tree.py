"""The tree of accounts: bounded in depth, so that every read of it is one statement, and without circles."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import Session, col

from accounts.models import Account
from crm.errors import Conflict
from crm.text import N_

LEVELS = 5  # the topmost company is the first


class OwnRelative(Conflict):
    def __init__(self, account: Account, parent: Account) -> None:
        super().__init__(
            N_("%(parent)s belongs to %(account)s already, so it cannot be its parent."),
            parent=parent.name,
            account=account.name,
        )


class TooDeep(Conflict):
    def __init__(self) -> None:
        super().__init__(N_("That would make more than %(n)s levels of companies."), n=LEVELS)


def in_family(account: Any, top: int) -> ColumnElement[bool]:
    """The condition on ``account`` (the table or an alias) that it is ``top`` or below it."""
    conditions: list[ColumnElement[bool]] = [account.c.id == top, account.c.parent_id == top]
    below = select(col(Account.id)).where(col(Account.parent_id) == top)
    for _ in range(LEVELS - 2):
        conditions.append(account.c.parent_id.in_(below))
        below = select(col(Account.id)).where(col(Account.parent_id).in_(below))
    return or_(*conditions)


def ensure_fits(session: Session, account: Account | None, parent: Account) -> None:
    """``account`` (``None``: a new one) may stand below ``parent``: no circle, and not too deep."""
    above = [parent.id]
    up = parent.parent_id
    while up is not None and len(above) <= LEVELS:
        above.append(up)
        up = session.execute(select(col(Account.parent_id)).where(col(Account.id) == up)).scalar_one_or_none()
    if account is not None and account.id in above:
        raise OwnRelative(account, parent)
    if len(above) + (_height(session, account) if account is not None else 1) > LEVELS:
        raise TooDeep


def _height(session: Session, account: Account) -> int:
    """Levels from ``account`` down, itself included."""
    height, level = 0, [account.id]
    while level and height <= LEVELS:
        height += 1
        level = _children(session, level)
    return height


def _children(session: Session, ids: Collection[int]) -> list[int]:
    found = select(col(Account.id)).where(col(Account.parent_id).in_(ids), col(Account.closed_at).is_(None))
    return list(session.scalars(found))
