"""One way to a score, for one account or all: features, priors, points. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
from sqlmodel import Session

from crm.contracts import Floats
from health_scores.asof import AsOf
from health_scores.board import Board
from health_scores.definition import ModelDefinition
from health_scores.features import Features, Ids, PriorValues, read_features, utc
from health_scores.ledger import write_ledgers
from health_scores.models import Band
from health_scores.models.prior import BOOK
from health_scores.priors import RELATIONSHIP_KNOWN, find_priors, read_priors
from health_scores.scoring import BANDS, CODES, UNKNOWN, Codes, Scored, relationship_rows, score

LIMITS = {0: "", 1: "coverage", 2: "relationship", 3: "coverage relationship"}


@dataclass(frozen=True)
class Priors:
    """``new``: they were found just now and are to be written down for ``day``."""

    day: date | None
    values: PriorValues
    new: bool

    @property
    def support_only(self) -> bool:
        return self.values.get((BOOK, RELATIONSHIP_KNOWN), 0.0) == 0.0


@dataclass(frozen=True)
class Computed:
    """Scores of the accounts ``ids``, in their order, with all that is written of them."""

    as_of: AsOf
    known_at: datetime  # when it was computed, or as of whose knowledge
    model: ModelDefinition
    priors: Priors
    features: Features
    scored: Scored
    before: Codes
    ledgers: Sequence[str]
    next_at: Floats

    @property
    def ids(self) -> Ids:
        return self.features.ids

    def __len__(self) -> int:
        return len(self.ids)

    def bands(self) -> list[Band]:
        return [BANDS[code] for code in self.scored.band.tolist()]

    def shown(self) -> list[int | None]:
        """The score where enough is known to show one."""
        codes = self.scored.band.tolist()
        return [
            None if code == UNKNOWN else points for code, points in zip(codes, self.scored.score.tolist(), strict=True)
        ]

    def known_bits(self) -> list[int]:
        bits = 1 << np.arange(len(self.model.measures), dtype=np.int64)
        found: list[int] = (self.scored.known.T @ bits).tolist()
        return found

    def limits(self) -> list[str]:
        return [LIMITS[code] for code in self.scored.limits.tolist()]

    def next_instants(self) -> list[datetime | None]:
        return [None if at != at else utc(at) for at in self.next_at.tolist()]  # NaN: never

    def tells_something_new(self, board: Board) -> bool:
        """Whether one of these accounts is the first of the book to tell something: then others' scores change too."""
        if self.priors.new:
            return False
        for prior in board.priors:
            if prior.of_book and self.priors.values.get((BOOK, prior.key), 0.0) == 0.0:
                with np.errstate(invalid="ignore"):
                    if bool((prior.numerator(self.features) > 0).any()):
                        return True
        rows = relationship_rows(self.model, board.measures)
        return self.priors.support_only and bool(self.scored.known[rows].any())


def compute(
    session: Session,
    board: Board,
    model: ModelDefinition,
    as_of: AsOf,
    *,
    known_at: datetime,
    before: Mapping[int, Band | None],
    account_ids: Sequence[int] | None = None,
    find_anew: bool = False,
    priors_on: date | None = None,
) -> Computed:
    """Score ``account_ids``, or every account. ``before``: the bands they were in.

    Bulk finds the priors of a day that has none yet, or with ``find_anew`` of any day; single takes the nearest.
    ``priors_on``: those of that day, to rebuild a snapshot.
    """
    features = read_features(session, board, as_of.features(account_ids))
    everybody = features if account_ids is None else None
    if priors_on is not None:
        priors = Priors(*read_priors(session, priors_on), new=False)
    else:
        priors = _priors(session, board, model, as_of, everybody, find_anew)
    features.priors = priors.values
    codes = np.array([CODES[before.get(one) or Band.UNKNOWN] for one in features.ids.tolist()], dtype=np.int8)
    scored = score(model, board.measures, features, codes, support_only=priors.support_only)
    return Computed(
        as_of=as_of,
        known_at=known_at,
        model=model,
        priors=priors,
        features=features,
        scored=scored,
        before=codes,
        ledgers=write_ledgers(model, board.measures, scored, features),
        next_at=_next_at(board, model, features),
    )


def _priors(
    session: Session,
    board: Board,
    model: ModelDefinition,
    as_of: AsOf,
    everybody: Features | None,
    find_anew: bool,
) -> Priors:
    day, values = read_priors(session, as_of.day)
    if everybody is None and day is None:
        everybody = read_features(session, board, as_of.features())  # the very first scoring of this book
    if everybody is None or (day == as_of.day and not find_anew):
        return Priors(day, values, new=False)
    values = find_priors(board, everybody)
    values[BOOK, RELATIONSHIP_KNOWN] = _relationship_known(board, model, everybody)
    return Priors(as_of.day, values, new=True)


def _relationship_known(board: Board, model: ModelDefinition, features: Features) -> float:
    known: npt.NDArray[np.bool_] = np.zeros(len(features), dtype=np.bool_)
    for row in relationship_rows(model, board.measures):
        known |= ~np.isnan(board.measures[model.measures[row].key].value(features))
    return float(known.mean()) if len(features) else 0.0


def _next_at(board: Board, model: ModelDefinition, features: Features) -> Floats:
    """The earliest instant after ``t`` at which a measure of the model changes without an event."""
    found = np.full(len(features), np.nan)
    used = [one.key for one in model.measures] + [cap.measure for cap in model.caps]
    for key in used:
        measure = board.measures.get(key)
        if measure is not None and measure.next_at is not None:
            at = measure.next_at(features)
            found = np.fmin(found, np.where(at > features.t, at, np.nan))
    return found
