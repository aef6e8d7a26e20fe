"""The lines that lead from 100 to the score, written compactly with each score and read back with their words.

Stored as JSON: ``["urgent_open", -2200, 1, {"urgent": 2, …}]`` a measure that takes points, with its figure and what
explains it; ``["=floor", 1850]``, ``["=cap:champion_gone", -3100, 1, {…}]``, ``["=held", 240]`` rules that acted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import numpy as np

from crm.contracts import Floats, LineFacts, Measure, OfAccounts
from crm.text import N_, Text, text
from health_scores.definition import START, ModelDefinition, Points
from health_scores.features import Features
from health_scores.scoring import Scored

Kind = Literal["measure", "floor", "cap", "held"]


@dataclass(frozen=True)
class Line:
    kind: Kind
    key: str  # of the measure; of the capping one for a cap; empty otherwise
    points: int  # hundredths, signed
    facts: LineFacts

    def words(self, measures: Mapping[str, Measure]) -> Text:
        """The reason, with numbers and time."""
        if self.kind == "floor":
            return text(N_("No score is below 0"))
        if self.kind == "held":
            return text(N_("One measure alone moves an account across one band at most"))
        measure = measures.get(self.key)
        if measure is None:
            return text(N_("A measure that is no longer installed (%(key)s)"), key=self.key)
        if self.kind == "cap":
            return text(N_("Held at amber: %(reason)s"), reason=measure.explain(self.facts))
        return measure.explain(self.facts)


# --- writing


def write_ledgers(
    model: ModelDefinition, measures: Mapping[str, Measure], scored: Scored, features: Features
) -> list[str]:
    """One for each account: measures in falling order of points, then the rules in the order in which they act."""
    lines: list[list[tuple[int, int, str]]] = [[] for _ in range(len(features))]
    for row, weighed in enumerate(model.measures):
        who = np.nonzero(scored.taken[row])[0]
        measure = measures.get(weighed.key)
        if not len(who) or measure is None:
            continue
        written = _written(weighed.key, -scored.taken[row], scored.figures[row], measure.explained_by, features, who)
        for place, points, line in zip(who.tolist(), scored.taken[row][who].tolist(), written, strict=True):
            lines[place].append((-points, row, line))
    found = [",".join([line for _, _, line in sorted(one)]) for one in lines]
    _add_rules(found, model, measures, scored, features)
    return [f"[{one}]" for one in found]


def _add_rules(
    found: list[str],
    model: ModelDefinition,
    measures: Mapping[str, Measure],
    scored: Scored,
    features: Features,
) -> None:
    def add(who: Any, written: Sequence[str]) -> None:
        for place, line in zip(who.tolist(), written, strict=True):
            found[place] = f"{found[place]},{line}" if found[place] else line

    who = np.nonzero(scored.floor)[0]
    add(who, [f'["=floor",{points}]' for points in scored.floor[who].tolist()])
    for row, cap in enumerate(model.caps):
        who = np.nonzero(scored.capped[row])[0]
        if len(who):
            measure = measures[cap.measure]
            key, figures = f"=cap:{cap.measure}", measure.value(features)
            add(who, _written(key, -scored.capped[row], figures, measure.explained_by, features, who))
    who = np.nonzero(scored.held)[0]
    add(who, [f'["=held",{points}]' for points in scored.held[who].tolist()])


def _written(
    key: str, points: Points, figures: Floats, kept: Mapping[str, OfAccounts], features: Features, who: Any
) -> list[str]:
    """Column by column, because a figure at a time is most of the time that bulk takes."""
    columns = [_numbers(of(features)[who], f'"{name}":') for name, of in kept.items()]
    known = [",".join([one for one in parts if one]) for parts in zip(*columns, strict=True)]
    return [
        f'["{key}",{taken},{figure},{{{some}}}]'
        for taken, figure, some in zip(points[who].tolist(), _numbers(figures[who]), known, strict=True)
    ]


def _numbers(values: Floats, name: str = "") -> list[str]:
    """Each as JSON, after ``name``; empty where it is unknown. Whole numbers have no point."""
    rounded = np.round(values, 4)
    if (rounded == np.trunc(rounded)).all():  # none is NaN
        return [f"{name}{value}" for value in rounded.astype(np.int64).tolist()]
    return [
        "" if value != value else f"{name}{int(value)}" if value == int(value) else f"{name}{value!r}"
        for value in rounded.tolist()
    ]


# --- reading


def read_ledger(written: str, t: datetime, zone: str) -> tuple[Line, ...]:
    return tuple(_line(one, t, zone) for one in json.loads(written))


def _line(one: Sequence[Any], t: datetime, zone: str) -> Line:
    name, points = one[0], one[1]
    figure, kept = (one[2], one[3]) if len(one) > 2 else (float("nan"), {})
    facts = LineFacts(figure, kept, t, zone)
    if not name.startswith("="):
        return Line("measure", name, points, facts)
    kind, _, key = name[1:].partition(":")
    return Line(kind, key, points, facts)


def total(lines: Sequence[Line]) -> int:
    """What the lines lead to: the score, exactly."""
    return START + sum(line.points for line in lines)
