"""The guide tells the model that is published: word by word and number by number."""

from __future__ import annotations

import pytest

from crm.config import ROOT
from crm.contracts import Measure
from health_scores.definition import WeighedMeasure
from health_scores.published import built_in
from health_scores.view import DIMENSION_TITLES
from tests.health_scores._histories import BOARD

GUIDE = (ROOT / "docs" / "guide" / "health.md").read_text("utf-8")


def told(weighed: WeighedMeasure, measure: Measure) -> str:
    """A measure as the guide has it; write this into docs/guide/health.md when it changed."""
    points = " · ".join(
        f"{x:g} → {share * weighed.points / 10_000:g}"
        for x, share in zip(weighed.curve.xs, weighed.curve.shares, strict=True)
    )
    definition = measure.definition
    return (
        f"### {measure.title}: at most {weighed.points / 100:g} points\n\n"
        f"{definition.counts}\n\n"
        f"| | |\n|---|---|\n"
        f"| dimension | {DIMENSION_TITLES[measure.dimension].lower()} |\n"
        f"| window | {definition.window} |\n"
        f"| needs at least | {definition.minimum} |\n"
        f"| source | `{definition.source}` |\n"
        f"| points taken, by {measure.unit} | {points} |\n"
    )


@pytest.mark.parametrize("key", built_in().keys)
def test_the_guide_tells_every_measure(key: str) -> None:
    weighed = built_in().measure(key)
    assert weighed is not None
    assert told(weighed, BOARD.measures[key]) in GUIDE


def test_the_guide_tells_bands_coverage_and_caps() -> None:
    model = built_in()
    for sentence in (
        f"| ● green | from {model.green // 100} |",
        f"| ▲ amber | from {model.amber // 100} |",
        f"| ■ red | below {model.amber // 100} |",
        f"| ◌ unknown | less than {model.unknown_below // 100} % of the model's weight known |",
        f"takes {model.hysteresis // 100} points more",
        f"At most amber while less than {model.amber_below // 100} % of the weight is known",
        f"the weights add up to {model.weight // 100}",
    ):
        assert sentence in GUIDE
    for cap in model.caps:
        assert f"**{BOARD.measures[cap.measure].title}**: the score is at most {cap.score // 100}" in GUIDE
