"""Reads of a company's own fields."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select as core_select
from sqlmodel import Session, col, select

from accounts.listing.statement import rows_as_json
from accounts.models import Account, OwnField, OwnFieldKind, OwnValue
from crm.errors import NotFound
from crm.text import N_

MOST_SHOWN = 60


def get_own_field(session: Session, field_id: int) -> OwnField:
    found = session.get(OwnField, field_id)
    if found is None:
        raise NotFound(N_("There is no such field."))
    return found


def own_value(session: Session, account: Account, own: OwnField) -> str:
    """What the field says of ``account``; empty: nothing."""
    value = core_select(col(OwnValue.text)).where(
        col(OwnValue.account_id) == account.id, col(OwnValue.field_id) == own.id
    )
    return session.scalars(value).first() or ""


def own_values(session: Session, account_id: int, *, place: Any = None) -> Sequence[tuple[OwnField, OwnValue | None]]:
    """Every field in use that is shown in ``place`` (by default on the account's page), with what it says."""
    rows = session.execute(
        core_select(OwnField, OwnValue)
        .outerjoin(OwnValue, (col(OwnValue.field_id) == col(OwnField.id)) & (col(OwnValue.account_id) == account_id))
        .where(col(OwnField.hidden).is_(False), col(OwnField.on_page if place is None else place).is_(True))
        .order_by(col(OwnField.position), col(OwnField.title), col(OwnField.id))
        .limit(MOST_SHOWN)
    )
    return [(own, value) for own, value in rows]


def every_field(session: Session) -> Sequence[OwnField]:
    """In their order, the hidden ones too."""
    ordered = (col(OwnField.position), col(OwnField.title), col(OwnField.id))
    return session.exec(select(OwnField).order_by(*ordered)).all()


def how_many_values(session: Session) -> Mapping[int, int]:
    """By field."""
    rows = session.execute(core_select(col(OwnValue.field_id), func.count()).group_by(col(OwnValue.field_id)))
    return {row[0]: row[1] for row in rows}


def listed_as_json() -> ColumnElement[str]:
    """The fields that a list offers, to come along with another statement; ``listed`` reads them."""
    columns = (OwnField.id, OwnField.key, OwnField.title, OwnField.kind, OwnField.choices, OwnField.position)
    return (
        core_select(rows_as_json(*(col(column) for column in columns), col(OwnField.on_list)))
        .where(col(OwnField.hidden).is_(False))
        .scalar_subquery()
    )


def listed(written: str) -> list[OwnField]:
    fields = []
    for field_id, key, title, kind, choices, position, on_list in json.loads(written):
        known = json.loads(choices) if isinstance(choices, str) else choices
        fields.append(
            OwnField(
                id=int(field_id),
                key=key,
                title=title,
                kind=OwnFieldKind(kind),
                choices=known,
                position=position,
                on_list=bool(on_list),
            )
        )
    return sorted(fields, key=lambda field: (field.position, field.title.casefold(), field.id))


def fields_of_lists(session: Session) -> list[OwnField]:
    return listed(session.scalars(core_select(listed_as_json())).one())
