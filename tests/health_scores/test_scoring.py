"""Points, coverage and bands: pure rules over arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from crm.contracts import Columns, Definition, Measure
from crm.text import text
from health_scores.default_model import DEFINITION
from health_scores.definition import Curve, InvalidModel, ModelDefinition, parse
from health_scores.published import built_in
from health_scores.scoring import AMBER, CODES, GREEN, RED, UNKNOWN, Scored, band_of, score

NAN = float("nan")


class Given:
    """Figures by measure, one a account; no features behind them."""

    def __init__(self, **figures: list[float]) -> None:
        self.figures = {key: np.array(values, dtype=np.float64) for key, values in figures.items()}
        self.n = len(next(iter(self.figures.values())))
        self.t = self.day = 0.0

    def __getitem__(self, name: str, /) -> Any:
        return self.figures.get(name, np.full(self.n, np.nan))

    prior = days_since = midnight_in = __getitem__


def measure(key: str, dimension: str = "support") -> Measure:
    def value(columns: Columns) -> Any:
        return columns[key]

    return Measure(
        key=key,
        title=key,
        dimension=dimension,
        unit="",
        value=value,
        explained_by={},
        explain=lambda facts: text("x"),
        records=lambda context: (),
        definition=Definition("", "", "", ""),
        missing="",
    )


MEASURES = {key: measure(key, "relationship" if key == "talks" else "support") for key in ("a", "b", "talks", "gone")}


def model(**changed: Any) -> ModelDefinition:
    """Three measures of 30, 30 and 40 points whose figures are percent of them, and a cap at 69."""
    curve = [[0, 0], [100, 100]]
    definition = {
        "bands": {"green": 70, "amber": 40, "hysteresis": 3},
        "coverage": {"unknown_below": 40, "amber_below": 60},
        "green_needs": ["relationship"],
        "measures": [
            {"key": "a", "points": 30, "curve": curve},
            {"key": "b", "points": 30, "curve": curve},
            {"key": "talks", "points": 40, "curve": curve},
        ],
        "caps": [{"measure": "gone", "least": 1, "score": 69}],
        **changed,
    }
    return parse(1, "Test", definition)


def scored(of: ModelDefinition, before: int = UNKNOWN, *, support_only: bool = False, **figures: list[float]) -> Scored:
    columns = Given(**figures)
    return score(of, MEASURES, columns, np.full(columns.n, before, dtype=np.int8), support_only=support_only)


# --- points


def test_curves_are_linear_between_breakpoints_and_flat_beyond() -> None:
    curve = Curve((1.0, 2.0, 4.0), (0.0, 40.0, 100.0))
    assert curve.at(np.array([0.0, 1.0, 1.5, 2.0, 3.0, 4.0, 99.0])).tolist() == [0, 0, 20, 40, 70, 100, 100]
    assert np.isnan(curve.at(np.array([NAN]))).all()


@given(st.lists(st.floats(-10, 200, allow_nan=False), min_size=2, max_size=30))
def test_points_rise_with_the_figure_and_n_accounts_equal_n_times_one(figures: list[float]) -> None:
    for weighed in built_in().measures:
        together = weighed.taken(np.array(figures))
        assert together.tolist() == [weighed.taken(np.array([one]))[0] for one in figures]
        rises = weighed.curve.shares[0] < weighed.curve.shares[-1]
        ordered = weighed.taken(np.sort(figures))
        assert (np.diff(ordered) >= 0 if rises else np.diff(ordered) <= 0).all()


def test_points_add_up_and_nothing_is_below_0() -> None:
    found = scored(model(measures=[{"key": "a", "points": 80, "curve": [[0, 0], [100, 100]]},
                                   {"key": "talks", "points": 60, "curve": [[0, 0], [100, 100]]}]),
                   a=[100, 50, 33.333], talks=[100, 0, 0])  # fmt: skip
    assert found.score.tolist() == [0, 6000, 7333]
    assert found.floor.tolist() == [4000, 0, 0]
    parts = 10_000 - found.taken.sum(axis=0) + found.floor - found.capped.sum(axis=0) + found.held
    assert parts.tolist() == found.score.tolist()


# --- what is missing


def test_what_is_missing_takes_no_points_and_lowers_coverage_only() -> None:
    found = scored(model(), a=[50, 50, 50], b=[10, NAN, NAN], talks=[0, 0, NAN])
    assert found.score.tolist() == [8200, 8500, 8500]  # nothing is rescaled
    assert found.coverage.tolist() == [10_000, 7_000, 3_000]
    assert found.band.tolist() == [GREEN, GREEN, UNKNOWN]


@pytest.mark.parametrize(
    ("known", "band"),
    [
        ({"a": [0], "b": [0], "talks": [0]}, GREEN),
        ({"a": [0], "b": [NAN], "talks": [0]}, GREEN),  # 70 %
        ({"a": [NAN], "b": [NAN], "talks": [0]}, AMBER),  # 40 %: at most amber under 60
        ({"a": [0], "b": [NAN], "talks": [NAN]}, UNKNOWN),  # 30 %
        ({"a": [NAN], "b": [NAN], "talks": [NAN]}, UNKNOWN),
    ],
)
def test_little_coverage_is_at_most_amber_and_too_little_unknown(known: dict[str, list[float]], band: int) -> None:
    assert scored(model(), **known).band.tolist() == [band]


def test_green_needs_more_than_tickets_unless_the_book_brings_nothing_else() -> None:
    assert scored(model(), a=[0], b=[0], talks=[NAN]).band.tolist() == [AMBER]
    assert scored(model(), a=[0], b=[0], talks=[NAN], support_only=True).band.tolist() == [GREEN]


# --- bands


@pytest.mark.parametrize(
    ("points", "before", "band"),
    [
        (7000, None, GREEN), (6999, None, AMBER), (4000, None, AMBER), (3999, None, RED),
        (7000, "green", GREEN), (6999, "green", AMBER), (3999, "green", RED),
        (7299, "amber", AMBER), (7300, "amber", GREEN), (4000, "amber", AMBER), (3999, "amber", RED),
        (4299, "red", RED), (4300, "red", AMBER), (7299, "red", AMBER), (7300, "red", GREEN),
        (7000, "unknown", GREEN),
    ],
)  # fmt: skip
def test_coming_up_takes_three_points_more_and_going_down_none(points: int, before: str | None, band: int) -> None:
    code = next((code for known, code in CODES.items() if known.value == before), UNKNOWN)
    assert band_of(built_in(), np.array([points]), np.array([code], dtype=np.int8)).tolist() == [band]


@given(st.integers(0, 10_000), st.sampled_from([RED, AMBER, GREEN, UNKNOWN]))
def test_scoring_again_without_a_change_keeps_the_band(points: int, before: int) -> None:
    once = band_of(built_in(), np.array([points]), np.array([before], dtype=np.int8))
    assert band_of(built_in(), np.array([points]), once).tolist() == once.tolist()


@given(st.lists(st.integers(-150, 150), min_size=1, max_size=40))
def test_nobody_flaps_by_moving_less_than_three_points(steps: list[int]) -> None:
    """Whatever happens within 1.5 points around a threshold, a band changes once at most."""
    for threshold in (4000, 7000):
        band = band_of(built_in(), np.array([threshold + 200]), np.array([UNKNOWN], dtype=np.int8))
        changes = 0
        for step in steps:
            after = band_of(built_in(), np.array([threshold + step]), band)
            changes += int(after[0] != band[0])
            band = after
        assert changes <= 1


def test_a_cap_holds_the_score_whatever_else_is_good() -> None:
    found = scored(model(), GREEN, a=[0, 50, 100], b=[0, 50, 100], talks=[0, 0, 0], gone=[1, 1, 0])
    assert found.score.tolist() == [6900, 6900, 4000]
    assert found.capped.tolist() == [[3100, 100, 0]]
    assert found.band.tolist() == [AMBER, AMBER, AMBER]


@given(
    st.sampled_from([RED, AMBER, GREEN, UNKNOWN]),
    st.integers(0, 100),
    st.integers(0, 100),
    st.integers(0, 100),
    st.booleans(),
    st.integers(31, 100),
)
def test_no_single_measure_moves_an_account_across_two_bands(
    before: int, a: int, b: int, talks: int, gone: bool, points: int
) -> None:
    heavy = model(
        measures=[
            {"key": "a", "points": points, "curve": [[0, 0], [100, 100]]},
            {"key": "b", "points": 30, "curve": [[0, 0], [100, 100]]},
            {"key": "talks", "points": 40, "curve": [[0, 0], [100, 100]]},
        ]
    )
    figures = {"a": [a], "b": [b], "talks": [talks], "gone": [float(gone)]}
    full = scored(heavy, before, **figures)
    parts = 10_000 - full.taken.sum(axis=0) + full.floor - full.capped.sum(axis=0) + full.held
    assert parts.tolist() == full.score.tolist()
    for key in ("a", "b", "talks"):
        without = scored(heavy, before, **{**figures, key: [0]})
        assert abs(int(full.band[0]) - int(without.band[0])) <= 1, key


def test_one_heavy_measure_alone_leaves_an_account_at_the_bottom_of_amber() -> None:
    heavy = model(
        measures=[
            {"key": "a", "points": 90, "curve": [[0, 0], [100, 100]]},
            {"key": "talks", "points": 60, "curve": [[0, 0], [100, 100]]},
        ]
    )
    found = scored(heavy, a=[100, 100], talks=[0, 60])
    assert found.score.tolist() == [4000, 0]  # the second is red for more than one reason
    assert found.held.tolist() == [3000, 0]
    assert found.band.tolist() == [AMBER, RED]


def test_the_published_model_needs_no_such_help() -> None:
    published = built_in()
    assert max(one.points for one in published.measures) <= published.green - published.amber


# --- what a definition must say


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"measures": []}, "at least one measure"),
        ({"measures": [DEFINITION["measures"][0]] * 2}, "twice"),
        ({"measures": [{"key": "a", "points": 5, "curve": [[0, 0], [1, 50], [2, 20]]}]}, "without turning round"),
        ({"measures": [{"key": "a", "points": 5, "curve": [[1, 0], [1, 100]]}]}, "breakpoints rise"),
        ({"measures": [{"key": "a", "points": 0, "curve": [[0, 0], [1, 100]]}]}, "more than 0"),
        ({"measures": [{"key": "a", "points": 1.234, "curve": [[0, 0], [1, 100]]}]}, "finer than a hundredth"),
        ({"bands": {"green": 40, "amber": 70, "hysteresis": 3}}, "below green"),
        ({"coverage": {"unknown_below": 70, "amber_below": 60}}, "unknown ends before"),
        ({"bands": {"green": 70}}, "lacks something"),
    ],
)
def test_a_definition_that_says_too_little_is_refused(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidModel, match=sentence):
        parse(1, "Test", {**DEFINITION, **changed})
