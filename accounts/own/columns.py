"""Own fields as columns of the list of accounts: shown, sorted, filtered and in the file like any other."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from babel.numbers import get_currency_precision
from sqlalchemy import ColumnElement, FromClause, false, func, literal, or_, select
from sqlmodel import col

from accounts.models import OwnField, OwnFieldKind, OwnValue
from accounts.models.own_field import beginning_of
from accounts.own.reading import NO, YES
from accounts.rights import reads_money_of
from crm.contracts import AccountColumn, AnySelect, ColumnContext, ColumnFilter
from crm.text import N_, Text, text
from crm.viewer import Capability

OWN = "own."  # own.<key>: of columns, and of filters in the address
EMPTY, FILLED = "-", "*"
FIRST = 200  # where they stand among the columns

_SORTED_BY = {
    OwnFieldKind.TEXT: "beginning",
    OwnFieldKind.CHOICE: "beginning",
    OwnFieldKind.NUMBER: "number",
    OwnFieldKind.YES_NO: "number",
    OwnFieldKind.MONEY: "amount_minor",
    OwnFieldKind.DATE: "day",
}


@dataclass(frozen=True)
class OwnColumn(AccountColumn):
    kind: OwnFieldKind = OwnFieldKind.TEXT


def own_columns(fields: Sequence[OwnField]) -> tuple[OwnColumn, ...]:
    return tuple(_column(field, FIRST + place) for place, field in enumerate(fields))


def _column(field: OwnField, order: int) -> OwnColumn:
    kind = field.kind
    return OwnColumn(
        key=OWN + field.key,
        title=field.title,
        source=_source(field),
        value=("text", "number", "amount_minor", "value_currency", "day"),
        cell="accounts/cells/own.html",
        csv=_IN_FILE[kind],
        order=order,
        sort=_SORTED_BY[kind] if field.on_list else None,
        sort_first="desc" if kind in (OwnFieldKind.NUMBER, OwnFieldKind.MONEY) else "asc",
        optional=True,
        file_only=not field.on_list,
        filters=(_filter(field),) if field.on_list else (),
        numeric=kind in (OwnFieldKind.NUMBER, OwnFieldKind.MONEY, OwnFieldKind.DATE),
        needs=Capability.READ_MONEY if kind is OwnFieldKind.MONEY else None,
        kind=kind,
    )


def _source(field: OwnField) -> Callable[[ColumnContext], AnySelect]:
    def source(context: ColumnContext) -> AnySelect:
        values: AnySelect = select(
            col(OwnValue.account_id).label("account_id"),
            col(OwnValue.text),
            col(OwnValue.number),
            col(OwnValue.amount_minor),
            col(OwnValue.currency).label("value_currency"),
            col(OwnValue.day),
            beginning_of(col(OwnValue.text)).label("beginning"),
        ).where(col(OwnValue.field_id) == field.id)
        if field.kind is not OwnFieldKind.MONEY:
            return values
        may = reads_money_of(col(OwnValue.account_id), context.viewer)
        return values.where(false() if may is None else may)

    return source


# --- filters ---------------------------------------------------------------------------------------------------------


def _filter(field: OwnField) -> ColumnFilter:
    key = OWN + field.key
    match field.kind:
        case OwnFieldKind.CHOICE:
            return ColumnFilter(key, field.title, _choices(field.choices), _is_one_of, more=True)
        case OwnFieldKind.YES_NO:
            return ColumnFilter(key, field.title, _yes_or_no, _is_one_of, more=True)
        case OwnFieldKind.DATE:
            return ColumnFilter(key, field.title, _times, _falls, more=True)
        case OwnFieldKind.TEXT:
            return ColumnFilter(key, field.title, _none, _contains, more=True, typed=N_("contains"))
        case OwnFieldKind.NUMBER:
            return ColumnFilter(key, field.title, _none, _lies_in("number", _number), more=True, typed=N_("10–20, > 5"))
        case OwnFieldKind.MONEY:
            within = _lies_in("amount_minor", _minor)
            return ColumnFilter(key, field.title, _none, within, more=True, typed=N_("10–20, > 5"))


_Choices = Sequence[tuple[str, Text]]


def _none(context: ColumnContext) -> _Choices:
    return ()


def _with_empty(choices: _Choices) -> _Choices:
    return [*choices, (EMPTY, text(N_("not filled in"))), (FILLED, text(N_("filled in")))]


def _choices(known: Sequence[str]) -> Callable[[ColumnContext], _Choices]:
    return lambda context: _with_empty([(choice, text("%(choice)s", choice=choice)) for choice in known])


def _yes_or_no(context: ColumnContext) -> _Choices:
    return _with_empty([(YES, text(N_("yes"))), (NO, text(N_("no")))])


def _times(context: ColumnContext) -> _Choices:
    return _with_empty(
        [
            ("past", text(N_("the day has passed"))),
            ("30", text(N_("within 30 days"))),
            ("90", text(N_("within 90 days"))),
            ("later", text(N_("later"))),
        ]
    )


def _about_filling(source: FromClause, values: Sequence[str]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if EMPTY in values:
        found.append(source.c.account_id.is_(None))
    if FILLED in values:
        found.append(source.c.account_id.is_not(None))
    return found


def _any(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    return or_(*conditions) if conditions else false()


def _is_one_of(source: FromClause, values: Sequence[str], context: ColumnContext) -> ColumnElement[bool]:
    """By the folded beginning, which an index holds, and by the whole."""
    said = [value for value in values if value not in (EMPTY, FILLED)]
    conditions = _about_filling(source, values)
    if said:
        begins = source.c.beginning.in_([beginning_of(literal(value)) for value in said])
        conditions.append(begins & source.c.text.in_(said))
    return _any(conditions)


def _contains(source: FromClause, values: Sequence[str], context: ColumnContext) -> ColumnElement[bool]:
    conditions = _about_filling(source, values)
    for value in values:
        if value not in (EMPTY, FILLED):
            pattern = value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            conditions.append(func.lower(source.c.text).like(func.lower(literal(f"%{pattern}%")), escape="\\"))
    return _any(conditions)


def _falls(source: FromClause, values: Sequence[str], context: ColumnContext) -> ColumnElement[bool]:
    day, today = source.c.day, context.today
    conditions = _about_filling(source, values)
    for value in values:
        if value in ("30", "90"):
            conditions.append(day.between(today, today + timedelta(days=int(value))))
        elif value == "past":
            conditions.append(day < today)
        elif value == "later":
            conditions.append(day > today + timedelta(days=90))
    return _any(conditions)


class Range(NamedTuple):
    least: float | None
    most: float | None
    open_ends: bool = False  # more than, less than


_RANGE = re.compile(r"^(?P<sign>[<>]=?|[≤≥])?\s*(?P<one>-?[\d., ']+)(?:\s*(?:\.\.|–|-|to|à)\s*(?P<two>-?[\d., ']+))?$")


def range_of(written: str) -> Range | None:
    """ "> 5", "<=20", "10–20", "12": what is typed above a column of figures; ``None``: it says nothing."""
    found = _RANGE.match(" ".join(written.replace("\u202f", "").split()))
    if found is None:
        return None
    one, two = _plain(found["one"]), _plain(found["two"]) if found["two"] else None
    if one is None or (found["two"] and two is None):
        return None
    sign = found["sign"] or ""
    if two is not None:
        return None if sign else Range(min(one, two), max(one, two))
    if sign.startswith((">", "≥")):
        return Range(one, None, open_ends=sign == ">")
    if sign.startswith(("<", "≤")):
        return Range(None, one, open_ends=sign == "<")
    return Range(one, one)


def _plain(digits: str) -> float | None:
    bare = digits.replace(" ", "").replace("'", "")
    if bare.count(",") == 1 and "." not in bare and len(bare.partition(",")[2]) != 3:
        bare = bare.replace(",", ".")
    try:
        found = float(bare.replace(",", ""))
    except ValueError:
        return None
    return found if abs(found) < 1e13 else None


def _number(value: float) -> float:
    return value


def _minor(value: float) -> int:
    return round(value * 100)


def _lies_in(
    column: str, stored: Callable[[float], float]
) -> Callable[[FromClause, Sequence[str], ColumnContext], ColumnElement[bool]]:
    def condition(source: FromClause, values: Sequence[str], context: ColumnContext) -> ColumnElement[bool]:
        conditions, figure = _about_filling(source, values), source.c[column]
        for value in values:
            if value in (EMPTY, FILLED) or (within := range_of(value)) is None:
                continue
            parts: list[ColumnElement[bool]] = []
            if within.least is not None:
                least = stored(within.least)
                parts.append(figure > least if within.open_ends else figure >= least)
            if within.most is not None:
                most = stored(within.most)
                parts.append(figure < most if within.open_ends else figure <= most)
            conditions.append(parts[0] if len(parts) == 1 else parts[0] & parts[1])
        return _any(conditions)

    return condition


# --- the file --------------------------------------------------------------------------------------------------------


def _major(row: Any) -> object:
    if row is None or row.amount_minor is None:
        return row.text if row else None
    size: int = 10 ** get_currency_precision(row.value_currency or "EUR")
    return row.amount_minor // size if row.amount_minor % size == 0 else row.amount_minor / size


def _figure(row: Any) -> object:
    if row is None or row.number is None:
        return row.text if row else None
    return int(row.number) if row.number == int(row.number) else row.number


def _written(row: Any) -> object:
    return row.text if row else None


def _on(row: Any) -> date | str | None:
    return (row.day or row.text) if row else None


_IN_FILE: dict[OwnFieldKind, Callable[[Any], object]] = {
    OwnFieldKind.TEXT: _written,
    OwnFieldKind.CHOICE: _written,
    OwnFieldKind.YES_NO: _written,
    OwnFieldKind.NUMBER: _figure,
    OwnFieldKind.MONEY: _major,
    OwnFieldKind.DATE: _on,
}
