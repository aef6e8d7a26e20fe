"""What health does when something it rests on has changed: in the same transaction."""

from __future__ import annotations

from typing import Protocol

from sqlmodel import Session

from crm.jobs import enqueue
from health_scores.plays import start_band_plays
from health_scores.recompute import mark_dirty, rescore

AT_ONCE = 50  # accounts; more, as from an import, are left to the worker
SETTLE = "health.settle"


class AccountsTold(Protocol):
    @property
    def account_ids(self) -> tuple[int, ...]: ...


def bring_up_to_date(session: Session, fact: AccountsTold) -> None:
    """A few accounts are scored at once, so that the next page already shows it; many are marked and queued."""
    if len(fact.account_ids) <= AT_ONCE:
        rescore(session, fact.account_ids)
        start_band_plays(session, fact.account_ids)
        return
    mark_dirty(session, fact.account_ids)
    enqueue(session, SETTLE, key=SETTLE)
