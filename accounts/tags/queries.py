"""Reads of tags."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select as core_select
from sqlmodel import Session, col

from accounts.models import AccountTag, Tag
from accounts.names import fold

MOST_OFFERED = 500


def tags_of(session: Session, account_ids: Collection[int]) -> Mapping[int, list[str]]:
    """By account, each in the order of letters; one without tags has an empty list."""
    found: dict[int, list[str]] = {account_id: [] for account_id in account_ids}
    rows = session.execute(
        core_select(col(AccountTag.account_id), col(Tag.name))
        .join(Tag, col(Tag.id) == col(AccountTag.tag_id))
        .where(col(AccountTag.account_id).in_(account_ids))
    )
    for account_id, name in rows:
        found[account_id].append(name)
    return {account_id: in_order(names) for account_id, names in found.items()}


def every_tag(session: Session) -> Sequence[str]:
    return session.scalars(
        core_select(col(Tag.name)).order_by(col(Tag.name_folded), col(Tag.id)).limit(MOST_OFFERED)
    ).all()


def in_order(names: Collection[str]) -> list[str]:
    return sorted(names, key=lambda name: (fold(name), name))
