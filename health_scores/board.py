"""What the slices contribute to health: their feature statements, each built once, and their measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Select

from crm.contracts import Book, FeatureSet, FeatureShape, Measure, Prior, Registry


class Board:
    def __init__(
        self, feature_sets: Sequence[FeatureSet], measures: Sequence[Measure], book: Book | None = None
    ) -> None:
        whole = [one for one in feature_sets if one.whole]
        if len(whole) != 1 or whole[0].segment is None:
            raise ValueError("Exactly one feature set says which accounts there are, and their segments.")
        self.whole = whole[0]
        self.segment = whole[0].segment
        self.others = tuple(one for one in feature_sets if not one.whole)
        self.measures: Mapping[str, Measure] = {measure.key: measure for measure in measures}
        self.book = book
        self._statements: dict[tuple[str, FeatureShape], Select[Any]] = {}

    @property
    def feature_sets(self) -> tuple[FeatureSet, ...]:
        return (self.whole, *self.others)

    @cached_property
    def priors(self) -> tuple[Prior, ...]:
        """In the order of the measures: a prior may rest on those before it."""
        found: dict[str, Prior] = {}
        for measure in self.measures.values():
            for prior in measure.priors:
                if found.setdefault(prior.key, prior) is not prior:
                    raise ValueError(f"Two measures name a prior {prior.key}.")
        return tuple(found.values())

    def statement(self, one: FeatureSet, shape: FeatureShape) -> Select[Any]:
        key = (one.key, shape)
        if key not in self._statements:
            self._statements[key] = one.select(shape)
        return self._statements[key]


_registry: Registry | None = None
_board: Board | None = None


def install(registry: Registry) -> None:
    """Called once at the start, when the registry of all slices has been made."""
    global _registry, _board
    _registry, _board = registry, None


def board() -> Board:
    """Of the registry that was made last; there is one in a process."""
    global _board
    if _registry is None:
        raise RuntimeError("No registry with the health slice has been made yet.")
    if _board is None:
        _board = Board(_registry.feature_sets, _registry.measures, _registry.book)
    return _board
