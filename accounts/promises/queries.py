"""Reads of promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, select as core_select
from sqlmodel import Session, col

from accounts.models import Account, Contact
from accounts.promises.models import Promise, PromiseStatus
from crm.errors import NotFound
from crm.identity.models import User
from crm.text import N_


@dataclass(frozen=True)
class ShownPromise:
    promise: Promise
    by: str | None
    to: str | None


def promises_of(session: Session, account_id: int, limit: int) -> Sequence[ShownPromise]:
    """Open ones first, the nearest day on top; then settled ones, newest first. One statement."""
    still_open = case((col(Promise.status) == PromiseStatus.OPEN, 0), else_=1)
    rows = session.execute(
        core_select(Promise, col(User.name), col(Contact.name))
        .outerjoin(User, col(User.id) == col(Promise.promised_by))
        .outerjoin(Contact, col(Contact.id) == col(Promise.contact_id))
        .where(col(Promise.account_id) == account_id)
        .order_by(still_open, col(Promise.settled_on).desc(), col(Promise.due_on), col(Promise.id))
        .limit(limit)
    )
    return [ShownPromise(*row) for row in rows]


def get_promise(session: Session, account: Account, promise_id: int) -> Promise:
    found = session.get(Promise, promise_id)
    if found is None or found.account_id != account.id:
        raise NotFound(N_("There is no such promise here."))
    return found
