"""Tags in the list of accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, exists, false, func, or_, select
from sqlmodel import col

from accounts.models import AccountTag, Tag
from accounts.names import fold
from accounts.tags.queries import in_order
from crm.contracts import AccountColumn, AnySelect, ColumnContext, ColumnFilter
from crm.text import N_, Text, text

NONE = "-"


def _source(context: ColumnContext) -> AnySelect:
    return (
        select(
            col(AccountTag.account_id).label("account_id"),
            func.aggregate_strings(col(Tag.name), ",").label("names"),
        )
        .join(Tag, col(Tag.id) == col(AccountTag.tag_id))
        .group_by(col(AccountTag.account_id))
    )


def names_of(value: Any) -> list[str]:
    return in_order(value.names.split(",")) if value is not None and value.names else []


def _untagged(context: ColumnContext) -> Sequence[tuple[str, Text]]:
    return [(NONE, text(N_("no tag")))]


def _tags(context: ColumnContext) -> AnySelect:
    return select(col(Tag.name).label("value"), col(Tag.name).label("title")).where(
        exists().where(col(AccountTag.tag_id) == col(Tag.id))
    )


def _tagged(source: FromClause, values: Sequence[str], context: ColumnContext) -> ColumnElement[bool]:
    """With any of these tags."""
    has = select(col(AccountTag.account_id)).join(Tag, col(Tag.id) == col(AccountTag.tag_id))
    conditions: list[ColumnElement[bool]] = []
    if said := [fold(value) for value in values if value != NONE]:
        conditions.append(source.c.id.in_(has.where(col(Tag.name_folded).in_(said))))
    if NONE in values:
        conditions.append(~exists().where(col(AccountTag.account_id) == source.c.id))
    return or_(*conditions) if conditions else false()


@dataclass(frozen=True)
class TagColumn(AccountColumn):
    def names(self, value: Any) -> list[str]:
        return names_of(value)


TAG_COLUMNS = (
    TagColumn(
        key="tags",
        title=N_("Tags"),
        source=_source,
        value=("names",),
        cell="accounts/cells/tags.html",
        csv=lambda row: ", ".join(names_of(row)),
        order=98,
        optional=True,
    ),
    AccountColumn(
        key="tagged",
        title=N_("Tag"),
        source=None,  # found by the account's own id: the words are put together only for what is shown
        value=("id",),
        cell="",
        csv=lambda row: None,
        order=99,
        filters=(ColumnFilter("tag", N_("Tag"), _untagged, _tagged, choices_from=_tags, more=True),),
        hidden=True,
    ),
)
