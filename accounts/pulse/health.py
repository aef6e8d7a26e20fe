"""The pulse as a measure: how the owner sees it, while that is fresh."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Select, bindparam, case, literal_column, select
from sqlmodel import col

from accounts.health.features import believed
from accounts.pulse.models import PULSE_CODES, PULSE_TITLES, STALE_AFTER_DAYS, Pulse, PulseColour
from crm.contracts import (
    Columns,
    Definition,
    Feature,
    FeatureContext,
    FeatureSet,
    FeatureShape,
    Floats,
    LineFacts,
    Measure,
    Mend,
    RecordRef,
    RecordsContext,
    feature,
)
from crm.db import epoch_seconds, table_of
from crm.text import N_, Text, plural, text

_T: Any = bindparam("t")
_BY_CODE = {code: colour for colour, code in PULSE_CODES.items()}


def _select(shape: FeatureShape) -> Select[Any]:
    later: Any = table_of(Pulse).alias("later")
    newer = (
        select(literal_column("1"))
        .select_from(later)
        .where(
            later.c.account_id == col(Pulse.account_id),
            later.c.happened_at <= _T,
            believed(_Columns(later), shape),
            (later.c.happened_at > col(Pulse.happened_at))
            | ((later.c.happened_at == col(Pulse.happened_at)) & (later.c.id > col(Pulse.id))),
        )
        .exists()
    )
    statement = select(
        col(Pulse.account_id).label("account_id"),
        case(PULSE_CODES, value=col(Pulse.colour)).label("pulse"),
        epoch_seconds(col(Pulse.happened_at)).label("pulse_at"),
    ).where(col(Pulse.happened_at) <= _T, believed(Pulse, shape), ~newer)
    if shape.some:
        statement = statement.where(col(Pulse.account_id).in_(bindparam("account_ids", expanding=True)))
    return statement


class _Columns:
    """An alias that ``believed`` reads like a table model."""

    def __init__(self, alias: Any) -> None:
        self.known_at, self.closed_at = alias.c.known_at, alias.c.closed_at


def _values(context: FeatureContext) -> Mapping[str, object]:
    return {}


def _records(context: RecordsContext) -> Sequence[RecordRef]:
    shape = FeatureShape(live=False, known=context.features.known_at is not None, some=True)
    found = context.session.scalars(
        select(Pulse)
        .where(col(Pulse.account_id) == context.account_id, col(Pulse.happened_at) <= context.t, believed(Pulse, shape))
        .order_by(col(Pulse.happened_at).desc(), col(Pulse.id).desc())
        .limit(5),
        {"known_at": context.features.known_at},
    )
    return [
        RecordRef(
            kind="pulse",
            id=pulse.id,
            title=pulse.sentence or str(text(pulse.colour.words)),
            href=f"/accounts/{context.account_id}/pulse",
            at=pulse.happened_at,
            note=text(pulse.colour.words),
        )
        for pulse in found
    ]


FEATURES = FeatureSet(
    key="pulse",
    features=(Feature("pulse", "code"), Feature("pulse_at", "instant")),
    select=_select,
    values=_values,
)


def _fresh(columns: Columns) -> Floats:
    """0 green, 1 amber, 2 red; unknown once it is stale."""
    age = columns.days_since("pulse_at")
    with np.errstate(invalid="ignore"):
        return np.where(age <= STALE_AFTER_DAYS, columns["pulse"] - 1, np.nan)


def _next_at(columns: Columns) -> Floats:
    """The midnight at which it becomes stale."""
    left = STALE_AFTER_DAYS + 1 - columns.days_since("pulse_at")
    with np.errstate(invalid="ignore"):
        return columns.midnight_in(np.where(left >= 1, left, np.nan))


def _explain(facts: LineFacts) -> Text:
    colour = text(PULSE_TITLES[_BY_CODE.get(facts.count("pulse"), PulseColour.AMBER)])
    return plural(
        N_("The owner says %(colour)s, %(n)s day ago"),
        N_("The owner says %(colour)s, %(n)s days ago"),
        facts.days("pulse_at"),
        colour=colour,
    )


MEASURE = Measure(
    key="pulse",
    title=N_("Pulse"),
    dimension="judgement",
    unit=N_("0 green, 1 amber, 2 red"),
    value=_fresh,
    explained_by={"pulse": feature("pulse"), "pulse_at": feature("pulse_at")},
    explain=_explain,
    counted=lambda facts: text(N_("pulses")),
    records=_records,
    definition=Definition(
        counts=N_(
            "What the owner of the account says of it: green, amber or red, with a sentence. The newest one counts, "
            "unless it was taken back."
        ),
        window=N_("30 days; an older pulse is stale and counts as unknown"),
        minimum=N_("one pulse of the last 30 days"),
        source=N_("pulse.colour, happened_at"),
    ),
    missing=N_("The owner has not said in the last 30 days how they see it."),
    mend=Mend(N_("Set the pulse"), lambda account_id: f"/accounts/{account_id}/pulse/new"),
    next_at=_next_at,
)
