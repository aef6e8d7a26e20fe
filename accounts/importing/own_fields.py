"""Own fields that a file's columns become: found by the heading, made when new, their values written in bulk."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import func, insert
from sqlmodel import Session, col, select

from accounts.importing.headings import words_of
from accounts.importing.mapping import Mapping, own
from accounts.models import OwnField, OwnFieldKind, OwnValue
from accounts.own.reading import Read, keep_read
from crm.ids import new_id
from crm.text import N_, text

UNNAMED = "Column {}"  # by which a column without a heading is found again, whoever reads


def keys_of(mapping: Mapping, headings: Sequence[str]) -> dict[int, str]:
    """The key of each column that is kept as an own field, or would be where its people cannot be told; equal headings
    are told apart by a number."""
    found: dict[int, str] = {}
    for column in range(len(mapping.columns)):
        target = mapping.target(column)
        if mapping.own_kind(column) is None and (target is None or target.part is None):
            continue
        key = wanted = (words_of(headings[column]) or UNNAMED.format(column + 1).lower())[:70]
        number = 2
        while key in found.values():
            key, number = f"{wanted} {number}", number + 1
        found[column] = key
    return found


def known_fields(session: Session, keys: Collection[str]) -> dict[str, OwnField]:
    rows = session.exec(select(OwnField).where(col(OwnField.key).in_(keys)))
    return {field.key: field for field in rows}


def with_kept_kinds(session: Session, mapping: Mapping, headings: Sequence[str]) -> Mapping:
    """A field that is there already keeps its kind, whatever the file looks like."""
    keys = keys_of(mapping, headings)
    known = known_fields(session, keys.values())
    columns = list(mapping.columns)
    for column, key in keys.items():
        if key in known and mapping.own_kind(column) is not None:
            columns[column] = own(known[key].kind)
    return replace(mapping, columns=tuple(columns))


def ensure_fields(
    session: Session, mapping: Mapping, headings: Sequence[str], used: Collection[int]
) -> dict[int, OwnField]:
    """The own field of each such column, by column; of columns of people only those that are ``used``."""
    keys = {
        column: key
        for column, key in keys_of(mapping, headings).items()
        if mapping.own_kind(column) is not None or column in used
    }
    known = known_fields(session, keys.values())
    last = session.exec(select(func.coalesce(func.max(col(OwnField.position)), 0))).one()
    for column, key in keys.items():
        if key not in known:
            title = headings[column].strip()[:110] or str(text(N_("Column %(number)s"), number=column + 1))
            if headings[column].strip() and words_of(headings[column])[:70] != key:  # it stands there twice
                title = f"{title} ({key.rpartition(' ')[2]})"
            known[key] = OwnField(key=key, title=title, kind=mapping.own_kind(column) or OwnFieldKind.TEXT)
            known[key].position = last = last + 1
            session.add(known[key])
    session.flush()
    return {column: known[key] for column, key in keys.items()}


def offer_choices(field: OwnField, written: Collection[str]) -> None:
    """Words that a choice has not known yet become choices, in the order of the file."""
    new = [word for word in dict.fromkeys(written) if word not in field.choices]
    if field.kind is OwnFieldKind.CHOICE and new:
        field.choices = [*field.choices, *new]


def write_values(session: Session, fields: dict[int, OwnField], cells: Sequence[tuple[int, int, Read]]) -> None:
    """``cells``: account, column, cell. What is there is overwritten; the accounts' own rules let the caller do it."""
    there = {
        (value.account_id, value.field_id): value
        for value in session.exec(
            select(OwnValue).where(
                col(OwnValue.account_id).in_({account_id for account_id, _column, _cell in cells}),
                col(OwnValue.field_id).in_({field.id for field in fields.values()}),
            )
        )
    }
    new = []
    for account_id, column, cell in cells:
        written = {
            "text": cell.text,
            "number": cell.number,
            "day": cell.day,
            "amount_minor": cell.amount_minor,
            "currency": cell.currency,
        }
        value = there.get((account_id, fields[column].id))
        if value is None:
            new.append({"id": new_id(), "account_id": account_id, "field_id": fields[column].id, **written})
        else:
            keep_read(value, cell)
    if new:
        session.execute(insert(OwnValue), new)
    for column, field in fields.items():
        offer_choices(field, [cell.text for _account, at, cell in cells if at == column])
