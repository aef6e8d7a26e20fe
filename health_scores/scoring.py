"""From figures to points, score, coverage and band. Pure: arrays of n accounts in, arrays out; one account is n = 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crm.contracts import Columns, Floats, Measure
from health_scores.definition import START, ModelDefinition, Points
from health_scores.models import Band

Codes = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]

UNKNOWN, RED, AMBER, GREEN = -1, 0, 1, 2
BANDS = {UNKNOWN: Band.UNKNOWN, RED: Band.RED, AMBER: Band.AMBER, GREEN: Band.GREEN}
CODES = {band: code for code, band in BANDS.items()}

# Why a band is lower than the number says.
LIMIT_COVERAGE, LIMIT_RELATIONSHIP = 1, 2


@dataclass(frozen=True)
class Scored:
    """Rows of ``figures``, ``known`` and ``taken`` are the model's measures. All points are hundredths.

    ``score`` = 10,000 − Σ ``taken`` + ``floor`` − Σ ``capped`` + ``held``, exactly.
    """

    figures: Floats
    known: Flags
    taken: Points
    floor: Points  # given back, so that no score is below 0
    capped: Points  # rows are the model's caps: what each took away
    held: Points  # given back, because one measure alone moves an account across one band at most
    score: Points
    coverage: Points  # hundredths of a percent
    band: Codes
    limits: npt.NDArray[np.int8]


def score(
    model: ModelDefinition,
    measures: Mapping[str, Measure],
    columns: Columns,
    before: Codes,
    *,
    support_only: bool,
) -> Scored:
    """Score n accounts. ``before``: the band each was in, for hysteresis. ``support_only``: the book brings tickets
    only, so that green does not need what nobody could know."""
    n = len(before)
    figures = np.full((len(model.measures), n), np.nan)
    for row, weighed in enumerate(model.measures):
        if (measure := measures.get(weighed.key)) is not None:
            with np.errstate(invalid="ignore", divide="ignore"):
                figures[row] = measure.value(columns)
    figures[~np.isfinite(figures)] = np.nan
    known = ~np.isnan(figures)
    taken = np.array([weighed.taken(figures[row]) for row, weighed in enumerate(model.measures)])
    tops = _tops(model, measures, columns, n)

    raw = START - taken.sum(axis=0)
    floored = np.maximum(raw, 0)
    capped, lowered = _cap(floored, tops)
    coverage = _coverage(model, measures, columns, known)
    ceiling, limits = _ceiling(model, measures, known, coverage, support_only)
    held, final, band = _hold(model, raw, taken, tops, lowered, before, ceiling)
    unknown = coverage < model.unknown_below
    return Scored(
        figures=figures,
        known=known,
        taken=taken,
        floor=floored - raw,
        capped=capped,
        held=held,
        score=final,
        coverage=coverage,
        band=np.where(unknown, UNKNOWN, band).astype(np.int8),
        limits=np.where(unknown, 0, limits).astype(np.int8),
    )


def _coverage(model: ModelDefinition, measures: Mapping[str, Measure], columns: Columns, known: Flags) -> Points:
    """Hundredths of a percent of the weight that could be known. What the whole book never told is not asked for."""
    points = np.array([one.points for one in model.measures])
    asked = np.ones_like(known)
    for row, weighed in enumerate(model.measures):
        measure = measures.get(weighed.key)
        if measure is not None and measure.told:
            asked[row] = known[row] | (columns.prior(measure.told) > 0)
    weight = np.maximum(points @ asked.astype(np.int64), 1)
    found: Points = points @ known.astype(np.int64) * 10_000 // weight
    return found


def band_of(model: ModelDefinition, score: Points, before: Codes) -> Codes:
    """The band of a score. The published thresholds hold on the way down, so that no warning is late; coming up takes
    ``hysteresis`` more, so that nobody flaps. An unknown band before holds nothing back."""
    plain = (score >= model.green).astype(np.int8) + (score >= model.amber)
    risen = (score >= model.green + model.hysteresis).astype(np.int8) + (score >= model.amber + model.hysteresis)
    rises = (before != UNKNOWN) & (plain > before)
    return np.where(rises, np.maximum(before, risen), plain).astype(np.int8)


def _tops(model: ModelDefinition, measures: Mapping[str, Measure], columns: Columns, n: int) -> Points:
    """The highest score that each cap lets an account have; a row a cap."""
    tops = np.full((len(model.caps), n), START, dtype=np.int64)
    for row, cap in enumerate(model.caps):
        if (measure := measures.get(cap.measure)) is not None:
            with np.errstate(invalid="ignore"):
                tops[row] = np.where(measure.value(columns) >= cap.least, cap.score, START)
    return tops


def _cap(score: Points, tops: Points) -> tuple[Points, Points]:
    """What each cap takes away, one after the other, and what is left."""
    taken = np.zeros_like(tops)
    for row, top in enumerate(tops):
        taken[row] = score - np.minimum(score, top)
        score = score - taken[row]
    return taken, score


def _ceiling(
    model: ModelDefinition, measures: Mapping[str, Measure], known: Flags, coverage: Points, support_only: bool
) -> tuple[Codes, npt.NDArray[np.int8]]:
    """The best band that what is known allows, and why it is not green."""
    little = coverage < model.amber_below
    tickets_alone = ~known[relationship_rows(model, measures)].any(axis=0)
    alone = np.zeros_like(little) if support_only else tickets_alone
    limits = little * LIMIT_COVERAGE + alone * LIMIT_RELATIONSHIP
    return np.where(limits > 0, AMBER, GREEN).astype(np.int8), limits.astype(np.int8)


def relationship_rows(model: ModelDefinition, measures: Mapping[str, Measure]) -> list[int]:
    """Rows of measures that show more of a customer than its tickets do."""
    found = ((row, measures.get(one.key)) for row, one in enumerate(model.measures))
    return [row for row, measure in found if measure is not None and measure.dimension in model.green_needs]


def _hold(
    model: ModelDefinition,
    raw: Points,
    taken: Points,
    tops: Points,
    lowered: Points,
    before: Codes,
    ceiling: Codes,
) -> tuple[Points, Points, Codes]:
    """No single measure moves an account across two bands, tested after floor, caps, hysteresis and ceiling: where one
    would, the account stays at the bottom of amber, and the ledger says so."""
    band = np.minimum(band_of(model, lowered, before), ceiling).astype(np.int8)
    alone = np.zeros(len(raw), dtype=np.bool_)
    for row, weighed in enumerate(model.measures):
        if weighed.points > model.green - model.amber:  # less cannot
            _, without = _cap(np.maximum(raw + taken[row], 0), tops)
            alone |= (band == RED) & (np.minimum(band_of(model, without, before), ceiling) == GREEN)
    held = np.where(alone, np.maximum(model.amber - lowered, 0), 0)
    return held, lowered + held, np.where(alone, AMBER, band).astype(np.int8)
