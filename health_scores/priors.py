"""Figures of segments: found once a day from all accounts, then read by bulk and single alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
from sqlalchemy import func, select
from sqlmodel import Session, col

from crm.contracts import Floats, Prior
from health_scores.board import Board
from health_scores.features import Features, PriorValues
from health_scores.models import HealthPrior
from health_scores.models.prior import BOOK
from health_scores.upsert import insert_for

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


def read_priors(session: Session, day: date) -> tuple[date | None, PriorValues]:
    """Those of ``day``, else of the nearest day before, else of the nearest after; the day they are of."""
    nearest = session.execute(
        select(
            select(func.max(col(HealthPrior.day))).where(col(HealthPrior.day) <= day).scalar_subquery(),
            select(func.min(col(HealthPrior.day))).where(col(HealthPrior.day) > day).scalar_subquery(),
        )
    ).one()
    found = nearest[0] or nearest[1]
    if found is None:
        return None, {}
    rows = session.execute(
        select(col(HealthPrior.segment), col(HealthPrior.key), col(HealthPrior.value)).where(
            col(HealthPrior.day) == found
        )
    )
    return found, {(segment, key): value for segment, key, value in rows}


def write_priors(session: Session, day: date, values: Mapping[tuple[str, str], float]) -> None:
    """What counts for ``day`` from now on."""
    insert = insert_for(session, HealthPrior)
    statement = insert.on_conflict_do_update(
        index_elements=["day", "segment", "key"], set_={"value": insert.excluded.value}
    )
    rows = [{"day": day, "segment": segment, "key": key, "value": value} for (segment, key), value in values.items()]
    session.execute(statement, rows)
