"""Figures of segments: found once a day from all accounts, then read by bulk and single alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from crm.contracts import Floats, Prior
from health_scores.board import Board
from health_scores.features import Features, PriorValues
from health_scores.models import HealthPrior
from health_scores.models.prior import BOOK
from health_scores.upsert import Upsert, table

# The share of accounts of which more is known than tickets; 0: the book brings tickets only.
RELATIONSHIP_KNOWN = "relationship_known"


def find_priors(board: Board, features: Features) -> PriorValues:
    """From the features of every account. A prior may rest on those before it, so they are found in their order."""
    features.priors = {}
    segments = [BOOK, *board.segment.names.values()]
    for prior in board.priors:
        numerator = prior.numerator(features)
        denominator = prior.denominator(features) if prior.denominator else None
        whole = _figure(prior, numerator, denominator, at_least=0)
        features.priors[BOOK, prior.key] = prior.default if whole is None else whole
        for segment in segments[1:]:
            member = features.segments == segment
            theirs = None
            if not prior.of_book:
                among = denominator[member] if denominator is not None else None
                theirs = _figure(prior, numerator[member], among, at_least=prior.least)
            features.priors[segment, prior.key] = features.priors[BOOK, prior.key] if theirs is None else theirs
    return features.priors


def _figure(prior: Prior, numerator: Floats, denominator: Floats | None, *, at_least: float) -> float | None:
    if denominator is None:
        values = numerator[~np.isnan(numerator)]
        return float(np.median(values)) if len(values) > at_least else None
    known = ~(np.isnan(numerator) | np.isnan(denominator))
    among = float(denominator[known].sum())
    if among <= 0 or among < at_least:
        return None
    return float(numerator[known].sum()) / among


_PRIOR = table(HealthPrior).c
_NEAREST = func.coalesce(
    select(func.max(_PRIOR.day)).where(_PRIOR.day <= bindparam("on")).scalar_subquery(),
    select(func.min(_PRIOR.day)).scalar_subquery(),
)
_READ = select(_PRIOR.day, _PRIOR.segment, _PRIOR.key, _PRIOR.value).where(_PRIOR.day == _NEAREST)


def read_priors(session: Session, day: date) -> tuple[date | None, PriorValues]:
    """Those of ``day``, else of the nearest day before, else of the nearest after; the day they are of."""
    rows = session.connection().execute(_READ, {"on": day}).all()
    if not rows:
        return None, {}
    return rows[0].day, {(row.segment, row.key): row.value for row in rows}


def write_priors(session: Session, day: date, values: Mapping[tuple[str, str], float]) -> None:
    """What counts for ``day`` from now on."""
    _WRITE.execute(
        session,
        [{"day": day, "segment": segment, "key": key, "value": value} for (segment, key), value in values.items()],
    )


def _write(insert: Any) -> Any:
    return insert.on_conflict_do_update(index_elements=["day", "segment", "key"], set_={"value": insert.excluded.value})


_WRITE = Upsert(HealthPrior, _write)
