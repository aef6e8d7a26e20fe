"""Reads of changes of many accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select as core_select
from sqlmodel import Session, col

from accounts.bulk.models import BulkItem, BulkRun, ItemState
from accounts.models import Account
from accounts.queries import is_visible
from crm.contracts import BulkAction
from crm.errors import NotFound
from crm.text import N_, Text
from crm.viewer import Viewer

SHOWN = 100


@dataclass(frozen=True)
class Chosen:
    """``others``: they are not the viewer's to change."""

    all: int
    others: int
    names: Sequence[str]  # of a few that will be changed
    other_names: Sequence[str]

    @property
    def theirs(self) -> int:
        return self.all - self.others


@dataclass(frozen=True)
class ItemLine:
    account_id: int
    name: str
    reason: Text


def get_run(session: Session, viewer: Viewer, run_id: int) -> BulkRun:
    """One's own: what one chose and changed is nobody else's business here; the accounts keep their history."""
    found = session.get(BulkRun, run_id)
    if found is None or found.created_by != viewer.user_id:
        raise NotFound(N_("There is no such change."))
    return found


def look_at(session: Session, viewer: Viewer, run: BulkRun, action: BulkAction) -> Chosen:
    """How many were chosen, and how many of them are not the viewer's to change."""
    allowed = case((is_visible(viewer) & action.allowed(viewer), 1), else_=0)
    of_run = core_select(col(Account.name), allowed.label("allowed")).join(
        BulkItem, (col(BulkItem.account_id) == col(Account.id)) & (col(BulkItem.run_id) == run.id)
    )
    rows = of_run.subquery()
    total, theirs = session.execute(core_select(func.count(), func.coalesce(func.sum(rows.c.allowed), 0))).one()

    def some(flag: int) -> Sequence[str]:
        few = core_select(rows.c.name).where(rows.c.allowed == flag).order_by(rows.c.name).limit(5)
        return session.scalars(few).all()

    return Chosen(int(total), int(total) - int(theirs), some(1), some(0))


def counts_of(session: Session, run: BulkRun) -> Mapping[str, int]:
    rows = session.execute(
        core_select(col(BulkItem.state), func.count())
        .where(col(BulkItem.run_id) == run.id)
        .group_by(col(BulkItem.state))
    )
    found = {state.value: 0 for state in ItemState}
    for state, count in rows:
        found[ItemState(state).value] = count
    return {**found, "all": sum(found.values())}


def lines_of(session: Session, viewer: Viewer, run: BulkRun, state: ItemState) -> Sequence[ItemLine]:
    """Those of which there is something to say."""
    rows = session.execute(
        core_select(col(Account.id), col(Account.name), col(BulkItem.message), col(BulkItem.values))
        .join(BulkItem, col(BulkItem.account_id) == col(Account.id))
        .where(
            col(BulkItem.run_id) == run.id,
            col(BulkItem.state) == state,
            col(BulkItem.message) != "",
            is_visible(viewer),
        )
        .order_by(col(Account.name_folded), col(Account.id))
        .limit(SHOWN)
    )
    return [ItemLine(account_id, name, Text(message, values)) for account_id, name, message, values in rows]


def waiting_of(session: Session, run: BulkRun, state: ItemState, limit: int, after: int = 0) -> Sequence[BulkItem]:
    return session.scalars(
        core_select(BulkItem)
        .where(col(BulkItem.run_id) == run.id, col(BulkItem.state) == state, col(BulkItem.account_id) > after)
        .order_by(col(BulkItem.account_id))
        .limit(limit)
    ).all()
