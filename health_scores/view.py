"""Ledgers as pages show them."""

from __future__ import annotations

from dataclasses import dataclass

from crm.contracts import Definition, Measure, Mend
from crm.text import N_, Text, text
from health_scores.board import Board
from health_scores.definition import WeighedMeasure
from health_scores.ledger import Line
from health_scores.points import exact
from health_scores.queries import Standing

DIMENSION_TITLES = {
    "support": N_("Support"),
    "satisfaction": N_("Satisfaction"),
    "contact": N_("Contact"),
    "relationship": N_("Relationship"),
    "usage": N_("Usage"),
    "commercial": N_("Commercial"),
    "judgement": N_("Judgement"),
}


@dataclass(frozen=True)
class ShownLine:
    """``points`` are whole and broken ones, as the ledger has them; ``measure`` has records behind it."""

    points: float
    reason: Text
    title: Text | None
    dimension: Text | None
    measure: str | None
    count: Text | None
    rule: bool


def shown_lines(standing: Standing, board: Board) -> list[ShownLine]:
    return [_shown(line, board) for line in standing.lines]


def _shown(line: Line, board: Board) -> ShownLine:
    measure = board.measures.get(line.key)
    return ShownLine(
        points=exact(line.points),
        reason=line.words(board.measures),
        title=text(measure.title) if measure else None,
        dimension=dimension_title(measure) if measure else None,
        measure=measure.key if measure else None,
        count=measure.counted(line.facts) if measure and measure.counted else None,
        rule=line.kind != "measure",
    )


def dimension_title(measure: Measure) -> Text:
    return text(DIMENSION_TITLES.get(measure.dimension, measure.dimension))


@dataclass(frozen=True)
class Unknown:
    """Measures that cannot be judged for want of the same thing, and how that is mended."""

    titles: tuple[Text, ...]
    missing: Text
    points: float  # that they could take at most
    mend: Mend | None
    mend_href: str | None


_APART = 2  # measures that lack the same; more are said in one line


def shown_unknown(standing: Standing, board: Board) -> list[Unknown]:
    """The heaviest first. Many that one button mends are said together, in the words of the heaviest."""
    by_mend: dict[Mend | None, list[tuple[WeighedMeasure, Measure]]] = {}
    for weighed in standing.unknown:
        if (measure := board.measures.get(weighed.key)) is not None:
            by_mend.setdefault(measure.mend, []).append((weighed, measure))
    found = []
    for mend, lacking in by_mend.items():
        href = mend.href(standing.account_id) if mend else None
        for some in [lacking] if len(lacking) > _APART else [[one] for one in lacking]:
            points = exact(sum(weighed.points for weighed, _ in some))
            titles = tuple(text(measure.title) for _, measure in some)
            found.append(Unknown(titles, text(some[0][1].missing), points, mend, href))
    return sorted(found, key=lambda one: -one.points)


@dataclass(frozen=True)
class ShownMeasure:
    """A measure as the model page tells it. ``curve``: (figure, points) of its breakpoints."""

    key: str
    title: Text
    unit: Text
    points: float
    curve: tuple[tuple[float, float], ...]
    definition: Definition


@dataclass(frozen=True)
class ShownDimension:
    title: Text
    points: float
    measures: tuple[ShownMeasure, ...]


def shown_dimensions(measures: tuple[WeighedMeasure, ...], board: Board) -> list[ShownDimension]:
    """The model's measures by dimension, in its order."""
    by_dimension: dict[str, list[tuple[WeighedMeasure, Measure]]] = {}
    for weighed in measures:
        if (measure := board.measures.get(weighed.key)) is not None:
            by_dimension.setdefault(measure.dimension, []).append((weighed, measure))
    return [
        ShownDimension(
            dimension_title(found[0][1]),
            exact(sum(weighed.points for weighed, _ in found)),
            tuple(_measure(weighed, measure) for weighed, measure in found),
        )
        for found in by_dimension.values()
    ]


def _measure(weighed: WeighedMeasure, measure: Measure) -> ShownMeasure:
    breakpoints = zip(weighed.curve.xs, weighed.curve.shares, strict=True)
    return ShownMeasure(
        measure.key,
        text(measure.title),
        text(measure.unit),
        exact(weighed.points),
        tuple((x, share * weighed.points / 10_000) for x, share in breakpoints),
        measure.definition,
    )
