"""The pulse in the list of accounts: set in its cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, case, false, func, literal, or_, select

from accounts.models import Account
from accounts.pulse.models import PULSE_CODES, PULSE_TITLES, Pulse, PulseColour, stale_before
from accounts.pulse.queries import newest_of
from crm import clock
from crm.contracts import AccountColumn, AnySelect, ColumnContext, ColumnFilter
from crm.db import table_of
from crm.text import N_, Text, text


def _source(context: ColumnContext) -> AnySelect:
    of, pulse = table_of(Account).alias("of_pulse"), table_of(Pulse).alias("its_pulse")
    return select(
        of.c.id.label("account_id"),
        pulse.c.id.label("pulse_id"),
        pulse.c.colour,
        pulse.c.sentence,
        pulse.c.said_on,
        case(PULSE_CODES, value=pulse.c.colour).label("severity"),
    ).join_from(of, pulse, pulse.c.id == newest_of(of.c.id, literal(clock.now(), pulse.c.happened_at.type)))


def _choices(context: ColumnContext) -> Sequence[tuple[str, Text]]:
    return [
        *((colour.value, text(title)) for colour, title in PULSE_TITLES.items()),
        ("stale", text(N_("stale"))),
        ("none", text(N_("never set"))),
    ]


def _where(source: FromClause, values: Sequence[str], context: ColumnContext) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = []
    colours = [colour for colour in PulseColour if colour.value in values]
    if colours:
        conditions.append(source.c.colour.in_(colours))
    if "stale" in values:
        conditions.append(source.c.said_on < stale_before(clock.today()))
    if "none" in values:
        conditions.append(source.c.pulse_id.is_(None))
    return or_(*conditions) if conditions else false()


def _total(source: FromClause, context: ColumnContext) -> Mapping[str, ColumnElement[Any]]:
    return {"red": func.count(case((source.c.colour == PulseColour.RED, 1)))}


class PulseColumn(AccountColumn):
    def days(self, value: Any) -> int:
        found: int = (clock.today() - value.said_on).days
        return found

    def is_stale(self, value: Any) -> bool:
        is_old: bool = value.said_on < stale_before(clock.today())
        return is_old


PULSE = PulseColumn(
    key="pulse",
    title=N_("Pulse"),
    source=_source,
    value=("pulse_id", "colour", "sentence", "said_on", "severity"),
    cell="accounts/cells/pulse.html",
    csv=lambda row: row.colour.value if row else None,
    order=25,
    sort="severity",
    sort_first="desc",
    filters=(ColumnFilter("pulse", N_("Pulse"), _choices, _where, more=True),),
    total=_total,
    total_cell="accounts/cells/pulse_total.html",
)

PULSE_SENTENCE = AccountColumn(
    key="pulse_sentence",
    title=N_("Pulse in words"),
    source=_source,
    value=("sentence",),
    cell="",
    csv=lambda row: row.sentence if row else None,
    order=26,
    file_only=True,
)

PULSE_DAY = AccountColumn(
    key="pulse_day",
    title=N_("Pulse of"),
    source=_source,
    value=("said_on",),
    cell="",
    csv=lambda row: row.said_on if row else None,
    order=27,
    file_only=True,
)

COLUMNS = (PULSE, PULSE_SENTENCE, PULSE_DAY)
