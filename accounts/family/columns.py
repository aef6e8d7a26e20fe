"""The list of accounts narrowed to one family."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, false, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from accounts.family.tree import in_family
from accounts.models import Account
from accounts.queries import is_visible
from crm.contracts import AccountColumn, ColumnContext, ColumnFilter
from crm.text import N_, Text

KEY = "family"
MOST_OFFERED = 300


def _nothing_fixed(context: ColumnContext) -> Sequence[tuple[str, Text]]:
    return []


def _parents(context: ColumnContext) -> Any:
    child = aliased(Account)
    parents = select(col(child.parent_id)).where(col(child.parent_id).is_not(None))
    return (
        select(col(Account.id), col(Account.name))
        .where(col(Account.id).in_(parents), is_visible(context.viewer))
        .order_by(col(Account.name_folded), col(Account.id))
        .limit(MOST_OFFERED)
    )


def _in_one_of(source: FromClause, values: Sequence[str], context: ColumnContext) -> ColumnElement[bool]:
    tops = [int(value) for value in values if value.isdecimal() and int(value) < 2**63]
    return or_(*(in_family(source, top) for top in tops)) if tops else false()


FAMILY_COLUMN = AccountColumn(
    key=KEY,
    title=N_("Company and its subsidiaries"),
    source=None,
    value=(),
    cell="",
    csv=lambda row: None,
    order=200,
    hidden=True,
    filters=(
        ColumnFilter(
            KEY, N_("Company and its subsidiaries"), _nothing_fixed, _in_one_of, choices_from=_parents, more=True
        ),
    ),
)
