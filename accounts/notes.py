"""Whom a note is likely about."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select as core_select
from sqlmodel import Session, col

from accounts.models import Account, Interaction
from accounts.portfolio import portfolio_ids
from accounts.queries import is_visible
from crm.contracts import SearchHit
from crm.viewer import Viewer


def recent_accounts(session: Session, viewer: Viewer, limit: int = 12) -> Sequence[SearchHit]:
    """The viewer's own accounts, those they wrote about last first."""
    last = (
        core_select(func.max(col(Interaction.happened_at)))
        .where(col(Interaction.account_id) == col(Account.id), col(Interaction.author_id) == viewer.user_id)
        .correlate(Account)
        .scalar_subquery()
    )
    rows = session.execute(
        core_select(col(Account.id), col(Account.name))
        .where(is_visible(viewer), col(Account.id).in_(portfolio_ids(viewer)))
        .order_by(last.desc().nulls_last(), col(Account.name_folded), col(Account.id))
        .limit(limit)
    )
    return [SearchHit("account", row_id, name, "", f"/accounts/{row_id}") for row_id, name in rows]
