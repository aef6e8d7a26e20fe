"""Telling the company's chat that an account got worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from accounts.models import Account
from crm import webhooks
from crm.text import N_, text
from crm.webhooks.models import Kind
from crm.webhooks.outbox import News
from health_scores.models import Band
from health_scores.models.score import BAND_TITLES

_ORDER = {Band.GREEN: 0, Band.AMBER: 1, Band.RED: 2}


def tell_worse(session: Session, before: Mapping[int, Band], rows: Sequence[Mapping[str, Any]]) -> int:
    """Accounts whose band fell with what was just written; unknown is neither better nor worse."""
    fell = {
        row["account_id"]: (before[row["account_id"]], Band(row["band"]))
        for row in rows
        if row["account_id"] in before and _is_worse(before[row["account_id"]], Band(row["band"]))
    }
    if not fell:
        return 0
    names = session.execute(select(col(Account.id), col(Account.name)).where(col(Account.id).in_(fell)))
    news = []
    for account_id, name in names:
        was, is_ = fell[account_id]
        news.append(
            News(
                Kind.BAND_WORSENED,
                text(
                    N_("%(account)s: %(before)s → %(after)s"),
                    account=name,
                    before=text(BAND_TITLES[was]),
                    after=text(BAND_TITLES[is_]),
                ),
                f"/accounts/{account_id}/health",
                {"account_id": str(account_id), "account": name, "before": was.value, "after": is_.value},
            )
        )
    return webhooks.tell(session, sorted(news, key=lambda one: one.path))


def _is_worse(before: Band, after: Band) -> bool:
    return before in _ORDER and after in _ORDER and _ORDER[after] > _ORDER[before]
