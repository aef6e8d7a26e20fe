"""Which company an account belongs to."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlmodel import Session

from accounts.events import AccountsChanged, tell
from accounts.family.tree import ensure_fits
from accounts.models import Account
from accounts.rights import ensure_may_change
from crm.audit import record
from crm.errors import Conflict
from crm.text import N_
from crm.viewer import Viewer


def set_parent(session: Session, actor: Viewer, account: Account, parent: Account | None) -> None:
    """``account`` belongs to ``parent``; ``None``: to nobody. The actor reads both."""
    ensure_may_change(session, actor, account)
    _take_turn(session)
    session.refresh(account)
    if parent is None and account.parent_id is None:
        raise Conflict(N_("%(account)s has no parent company."), account=account.name)
    if parent is not None:
        ensure_fits(session, account, parent)
        if account.parent_id == parent.id:
            return

    before = session.get(Account, account.parent_id) if account.parent_id else None
    account.parent_id = parent.id if parent else None
    account.version += 1
    record(
        session,
        actor,
        account.id,
        "account.parent_changed",
        before=before.name if before else None,
        after=parent.name if parent else None,
    )
    tell(session, AccountsChanged, [account.id])


def _take_turn(session: Session) -> None:
    """Two who each make the other's company the parent would close a circle; on SQLite all writers queue anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(0x66616D696C79)))
