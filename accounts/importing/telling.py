"""What is told of a file besides its rows: what is wrong with them, said once; and what its columns have become."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.importing.mapping import LEFT_OUT, Mapping, own
from accounts.importing.targets import TARGETS, Kind
from accounts.importing.unreadable import shortened
from accounts.models import OwnFieldKind
from crm.text import N_, Text, text

LINES_NAMED = 3
OWN_TITLES = {
    OwnFieldKind.TEXT: N_("own field: text"),
    OwnFieldKind.NUMBER: N_("own field: number"),
    OwnFieldKind.MONEY: N_("own field: money"),
    OwnFieldKind.DATE: N_("own field: date"),
    OwnFieldKind.YES_NO: N_("own field: yes or no"),
    OwnFieldKind.CHOICE: N_("own field: choice"),
}


@dataclass(frozen=True)
class ProblemLine:
    """One thing to mend, and the lines on which it stands."""

    lines: tuple[int, ...]
    column: str
    value: str
    reason: Text

    @property
    def named(self) -> tuple[int, ...]:
        return self.lines[:LINES_NAMED]

    @property
    def more(self) -> int:
        return len(self.lines) - len(self.named)


def grouped(problems: Iterable[tuple[int, str, str, Text]]) -> list[ProblemLine]:
    """``problems``: line, heading, cell, reason. The same cell with the same reason is told once."""
    found: dict[tuple[str, str, str], tuple[list[int], Text]] = {}
    for line, column, value, reason in problems:
        found.setdefault((column, value, str(reason)), ([], reason))[0].append(line)
    return [
        ProblemLine(tuple(lines), column, shortened(value, 500), reason)
        for (column, value, _said), (lines, reason) in found.items()
    ]


def target_options(kind: Kind) -> list[tuple[str, str]]:
    """What a column may become, by key and title (N_)."""
    return [(target.key, target.title) for target in TARGETS[kind]]


def own_options(kind: Kind) -> list[tuple[str, str]]:
    return [(own(each), title) for each, title in OWN_TITLES.items()] if kind is Kind.ACCOUNTS else []


def what_became(mapping: Mapping, headings: Sequence[str]) -> list[tuple[str, Text]]:
    """Each heading of a file, and the name of what its column has become."""
    titles = dict(target_options(mapping.kind)) | dict(own_options(mapping.kind)) | {LEFT_OUT: N_("left out")}
    return [
        (headings[column].strip() or f"#{column + 1}", text(titles[becomes]))
        for column, becomes in enumerate(mapping.columns)
    ]
