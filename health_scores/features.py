"""Features of n accounts as arrays: one statement a slice, lined up by account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from sqlmodel import Session

from crm.contracts import FeatureContext, FeatureSet, Floats
from health_scores.board import Board
from health_scores.models.prior import BOOK

Ids = npt.NDArray[np.int64]
PriorValues = dict[tuple[str, str], float]  # by segment and key

_FIRST_DAY, _LAST_DAY = date(1990, 1, 1), date(2070, 1, 1)
_ORDINAL_1970 = date(1970, 1, 1).toordinal()


class Features:
    """What measures see of n accounts; implements ``crm.contracts.Columns``."""

    def __init__(
        self,
        context: FeatureContext,
        ids: Ids,
        columns: Mapping[str, Floats],
        segments: npt.NDArray[np.object_],
        priors: PriorValues,
        defaults: Mapping[str, float],
    ) -> None:
        self.context = context
        self.ids = ids
        self.segments = segments
        self.priors = priors
        self._columns = columns
        self._defaults = defaults
        self._midnights = midnights(context.zone)
        self._today = int(np.searchsorted(self._midnights, context.t.timestamp(), side="right"))
        self._days: dict[str, Floats] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, feature: str, /) -> Floats:
        found = self._columns.get(feature)
        return np.full(len(self), np.nan) if found is None else found

    @property
    def t(self) -> float:
        return self.context.t.timestamp()

    @property
    def day(self) -> float:
        return float(self.context.day.toordinal() - _ORDINAL_1970)

    def prior(self, key: str, /) -> Floats:
        whole = self.priors.get((BOOK, key), self._defaults.get(key, np.nan))
        found = np.full(len(self), whole)
        for segment in set(self.segments.tolist()):
            if (value := self.priors.get((segment, key))) is not None:
                found[self.segments == segment] = value
        return found

    def days_since(self, feature: str, /) -> Floats:
        found = self._days.get(feature)
        if found is None:
            instants = self[feature]
            passed = self._today - np.searchsorted(self._midnights, instants, side="right")
            found = self._days[feature] = np.where(np.isnan(instants), np.nan, passed)
        return found

    def midnight_in(self, days: Floats, /) -> Floats:
        place = np.clip(self._today - 1 + np.nan_to_num(days), 0, len(self._midnights) - 1)
        return np.where(np.isnan(days), np.nan, self._midnights[place.astype(np.intp)])


@lru_cache(maxsize=4)
def midnights(zone: str) -> Floats:
    """The instants at which days begin in ``zone``; found once a process."""
    place = ZoneInfo(zone)
    days = (_LAST_DAY - _FIRST_DAY).days
    return np.array(
        [datetime.combine(_FIRST_DAY + timedelta(days=n), time.min, place).timestamp() for n in range(days)]
    )


def read_features(session: Session, board: Board, context: FeatureContext) -> Features:
    """Without priors; ``Features.priors`` is filled by whoever knows whose to take."""
    ids, columns = _read(session, board, board.whole, context)
    order = np.argsort(ids)
    ids = ids[order]
    found = {name: values[order] for name, values in columns.items()}
    for one in board.others:
        their_ids, theirs = _read(session, board, one, context)
        if not len(ids):
            break
        place = np.minimum(np.searchsorted(ids, their_ids), len(ids) - 1)
        ours = ids[place] == their_ids  # others are of accounts that are not scored
        merged = {feature.name: feature.merge for feature in one.features}
        for name, values in theirs.items():
            lined_up = np.full(len(ids), np.nan)
            lined_up[place[ours]] = values[ours]
            if name not in found:
                found[name] = lined_up
            elif merged[name] == "max":
                found[name] = np.fmax(found[name], lined_up)
            else:
                raise ValueError(f"Two feature sets contribute {name}.")
    names = np.array([BOOK, *board.segment.names.values()], dtype=np.object_)
    places = {code: place for place, code in enumerate(board.segment.names, start=1)}
    codes = np.nan_to_num(found[board.segment.feature]).astype(np.int64).tolist()
    segments = names[np.array([places.get(code, 0) for code in codes], dtype=np.intp)]
    defaults = {prior.key: prior.default for prior in board.priors}
    return Features(context, ids, found, segments, {}, defaults)


def _read(session: Session, board: Board, one: FeatureSet, context: FeatureContext) -> tuple[Ids, dict[str, Floats]]:
    parameters: dict[str, Any] = {"t": context.t, **one.values(context)}
    if context.known_at is not None:
        parameters["known_at"] = context.known_at
    if context.account_ids is not None:
        parameters["account_ids"] = list(context.account_ids)
    result = session.connection().execute(board.statement(one, context.shape), parameters)
    rows = result.cursor.fetchall()  # whole numbers: no type of ours is to be applied
    if not rows:
        return np.empty(0, dtype=np.int64), {feature.name: np.empty(0) for feature in one.features}
    ids = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))  # 63 bits: more than a float holds
    table = np.array(rows, dtype=np.float64)
    result.close()
    return ids, {feature.name: table[:, place] for place, feature in enumerate(one.features, start=1)}


def utc(instant: float) -> datetime:
    return datetime.fromtimestamp(instant, UTC)
