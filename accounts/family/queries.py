"""Reads of a family. Only accounts that the viewer may read are named or counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, func, or_, select
from sqlmodel import Session, col

from accounts.family.tree import in_family
from accounts.listing.statement import ACCOUNT
from accounts.models import Account, Stage
from accounts.queries import is_visible
from crm.contracts import AccountColumn, ColumnContext
from crm.viewer import Viewer

CHILDREN_SHOWN = 12


@dataclass(frozen=True)
class Relatives:
    parent: Account | None
    children: Sequence[Account]  # directly below, by name
    more: bool


@dataclass(frozen=True)
class Rolled:
    """A contributed column's total over the family."""

    column: AccountColumn
    total: Mapping[str, Any]


def relatives_of(session: Session, viewer: Viewer, account: Account) -> Relatives:
    """One statement."""
    found = session.scalars(
        select(Account)
        .where(
            or_(col(Account.parent_id) == account.id, col(Account.id) == account.parent_id),
            is_visible(viewer),
        )
        .order_by(col(Account.id) != account.parent_id, col(Account.name_folded), col(Account.id))
        .limit(CHILDREN_SHOWN + 2)
    ).all()
    parent = next((one for one in found if one.id == account.parent_id), None)
    children = [one for one in found if one is not parent]
    return Relatives(parent, children[:CHILDREN_SHOWN], len(children) > CHILDREN_SHOWN)


def rolled_up(
    session: Session, columns: Sequence[AccountColumn], account: Account, context: ColumnContext
) -> tuple[int, list[Rolled]]:
    """How many accounts ``account`` and those below it are, and the totals of the ``columns`` that can be rolled up:
    what the list of these accounts says in its last row. One statement; each source is narrowed to the family."""
    shown = [column for column in columns if column.rolled is not None and column.total is not None]
    members = family_members(context.viewer, account.id).cte("members")
    joined: FromClause = members.join(ACCOUNT, ACCOUNT.c.id == members.c.id)
    made: dict[Any, FromClause] = {}
    totals: dict[tuple[str, str], ColumnElement[Any]] = {}
    for column in shown:
        source: FromClause = ACCOUNT
        if column.source is not None:
            if column.source not in made:
                chosen = column.source(context)
                within = chosen.selected_columns["account_id"].in_(select(members.c.id))
                made[column.source] = chosen.where(within).subquery()
                joined = joined.join(
                    made[column.source], made[column.source].c.account_id == members.c.id, isouter=True
                )
            source = made[column.source]
        if column.total is not None:
            totals.update({(column.key, name): one for name, one in column.total(source, context).items()})
    statement = select(func.count(), *(one.label(f"total_{n}") for n, one in enumerate(totals.values())))
    count, *values = session.execute(statement.select_from(joined)).one()
    by_column: dict[str, dict[str, Any]] = {}
    for (key, name), value in zip(totals, values, strict=True):
        by_column.setdefault(key, {})[name] = value
    return count, [Rolled(column, by_column[column.key]) for column in shown]


def family_members(viewer: Viewer, top: int) -> Any:
    """Ids of ``top`` and those below it that the viewer reads and that are still customers, as the list shows them."""
    return select(ACCOUNT.c.id).where(in_family(ACCOUNT, top), is_visible(viewer), ACCOUNT.c.stage != Stage.CHURNED)
