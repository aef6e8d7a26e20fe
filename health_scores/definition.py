"""A health model as rules: read from its JSON, checked once, and never changed afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from crm.contracts import Floats

Points = npt.NDArray[np.int64]  # hundredths

START = 10_000  # where every account begins, in hundredths


class InvalidModel(ValueError):
    """A definition that does not say what it must; the sentence names what is wrong."""


@dataclass(frozen=True)
class Curve:
    """Piecewise linear between breakpoints and flat beyond them: a figure to a share of the points, in percent."""

    xs: tuple[float, ...]
    shares: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.xs) < 2 or len(self.xs) != len(self.shares):
            raise InvalidModel("A curve has at least two breakpoints.")
        if any(a >= b for a, b in pairwise(self.xs)):
            raise InvalidModel("The figures of a curve's breakpoints rise.")
        rises = all(a <= b for a, b in pairwise(self.shares))
        falls = all(a >= b for a, b in pairwise(self.shares))
        if not (rises or falls) or min(self.shares) != 0 or max(self.shares) != 100:
            raise InvalidModel("A curve runs from 0 to 100 percent of the points, or back, without turning round.")

    @cached_property
    def _arrays(self) -> tuple[Floats, Floats]:
        return np.array(self.xs), np.array(self.shares)

    def at(self, figures: Floats) -> Floats:
        """The share for each figure, 0 to 100; NaN stays NaN. Element by element, so n accounts equal n times one."""
        xs, shares = self._arrays
        inside = np.minimum(np.maximum(figures, xs[0]), xs[-1])
        left = np.minimum(np.searchsorted(xs, inside, side="right") - 1, len(xs) - 2)  # NaN sorts last
        run = (inside - xs[left]) / (xs[left + 1] - xs[left])
        found: Floats = shares[left] + run * (shares[left + 1] - shares[left])
        return found


@dataclass(frozen=True)
class WeighedMeasure:
    key: str
    points: int  # hundredths it takes at most
    curve: Curve

    def taken(self, figures: Floats) -> Points:
        """Hundredths taken; 0 where the figure is unknown."""
        taken = np.rint(self.curve.at(figures) * (self.points / 100))
        return np.where(np.isnan(taken), 0, taken).astype(np.int64)


@dataclass(frozen=True)
class Cap:
    """From ``least`` of the measure on, the score is at most ``score``, whatever else is good."""

    measure: str
    least: float
    score: int  # hundredths


@dataclass(frozen=True)
class ModelDefinition:
    version: int
    title: str
    measures: tuple[WeighedMeasure, ...]
    caps: tuple[Cap, ...]
    green: int  # hundredths from which an account is green
    amber: int  # and from which it is amber; below, red
    hysteresis: int  # hundredths more that it takes to come up into a band than to stay in it
    unknown_below: int  # coverage in hundredths of a percent under which the band is unknown
    amber_below: int  # and under which it is at most amber
    green_needs: tuple[str, ...]  # green needs a known measure of one of these dimensions

    @cached_property
    def weight(self) -> int:
        return sum(measure.points for measure in self.measures)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return tuple(measure.key for measure in self.measures)

    def measure(self, key: str) -> WeighedMeasure | None:
        return next((measure for measure in self.measures if measure.key == key), None)


def parse(version: int, title: str, definition: Mapping[str, Any]) -> ModelDefinition:
    """``definition`` as rules; raises ``InvalidModel``."""
    try:
        bands, coverage = definition["bands"], definition["coverage"]
        model = ModelDefinition(
            version=version,
            title=title,
            measures=tuple(_measure(one) for one in definition["measures"]),
            caps=tuple(
                Cap(one["measure"], float(one["least"]), _hundredths(one["score"])) for one in definition["caps"]
            ),
            green=_hundredths(bands["green"]),
            amber=_hundredths(bands["amber"]),
            hysteresis=_hundredths(bands["hysteresis"]),
            unknown_below=_hundredths(coverage["unknown_below"]),
            amber_below=_hundredths(coverage["amber_below"]),
            green_needs=tuple(definition["green_needs"]),
        )
    except (KeyError, TypeError) as wrong:
        raise InvalidModel(f"The definition lacks something or has the wrong shape: {wrong}") from wrong
    _check(model)
    return model


def _measure(one: Mapping[str, Any]) -> WeighedMeasure:
    curve: Sequence[Sequence[float]] = one["curve"]
    xs, shares = zip(*curve, strict=True)
    return WeighedMeasure(
        one["key"], _hundredths(one["points"]), Curve(tuple(map(float, xs)), tuple(map(float, shares)))
    )


def _hundredths(points: float) -> int:
    found = round(points * 100)
    if abs(found - points * 100) > 1e-6:
        raise InvalidModel(f"{points} is finer than a hundredth.")
    return found


def _check(model: ModelDefinition) -> None:
    if not model.measures:
        raise InvalidModel("A model has at least one measure.")
    if len(set(model.keys)) != len(model.keys):
        raise InvalidModel("A measure stands in the model twice.")
    if len(model.measures) > 60:
        raise InvalidModel("A model has at most 60 measures.")
    if any(not 0 < measure.points <= START for measure in model.measures):
        raise InvalidModel("A measure takes more than 0 and at most 100 points.")
    if not 0 < model.amber < model.green <= START or model.hysteresis < 0:
        raise InvalidModel("Amber begins below green, and both above 0.")
    if not 0 <= model.unknown_below <= model.amber_below <= 10_000:
        raise InvalidModel("Coverage is a percentage, and unknown ends before amber does.")
