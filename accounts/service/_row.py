"""Two people at once on one account."""

from __future__ import annotations

from sqlmodel import Session

from accounts.models import Account


def hold(session: Session, account: Account) -> None:
    """Nobody else changes ``account`` until this transaction ends, and what we read of it is the newest.

    SQLite lets only one transaction write at all, so there it has been true since the transaction began.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.refresh(account, with_for_update=True)
