"""Lines of a spreadsheet that are no account: sums, headings between the rows, notes at the foot. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from accounts.importing.days import DayOrder, read_day
from accounts.importing.headings import BETWEEN, words_of
from accounts.importing.targets import Shape
from accounts.importing.unreadable import Unreadable, is_empty
from accounts.importing.values import read_amount
from accounts.names import fold
from crm.text import N_

if TYPE_CHECKING:
    from accounts.importing.mapping import Mapping

MANY = 4  # columns, beside which a name that stands alone makes no account
TOTALS = N_("This looks like a line of totals.")
HEADINGS = N_("These are the headings once more.")
TITLE = N_(
    "Only one cell of this row is filled: it looks like a title or a note. If it is an account, fill one more cell."
)

_SUM = re.compile(
    r"^(?:(?:grand|sous|sub|general|overall) )?(?:total|totaux|totals|subtotal|sum|somme)\b"
    r"|^(?:nb|nombre|number|count) "
)
_ANSWERS = frozenset("o n y x oui non yes no".split())


def repeats_headings(cells: Sequence[str], headings: Sequence[str]) -> bool:
    """The headings stand there once more, as on every printed page."""
    filled = [(cell, headings[column]) for column, cell in enumerate(cells[: len(headings)]) if cell.strip()]
    same = sum(
        words_of(cell[:200]) in (words_of(title), words_of(title.rpartition(BETWEEN)[2])) for cell, title in filled
    )
    return same > 1 and same >= 0.8 * len(filled)


class Feet:
    """Knows which of a mapping's columns could hold nothing but an account's."""

    def __init__(self, mapping: Mapping, headings: Sequence[str]) -> None:
        self._headings = headings
        self._name = mapping.column_of("name")
        self._many = sum(becomes != "out" for becomes in mapping.columns) >= MANY
        self._telling = {
            column
            for column in range(len(mapping.columns))
            if (target := mapping.target(column)) is not None
            and target.shape not in (Shape.AMOUNT, Shape.WHOLE)
            and column != self._name
        }

    def is_heading(self, cells: Sequence[str]) -> bool:
        return repeats_headings(cells, self._headings)

    def is_sum(self, cells: Sequence[str]) -> bool:
        """ "Total" before nothing but figures: the company of that name has an owner, days or words beside it."""
        filled = self._filled(cells)
        return (
            bool(filled)
            and _SUM.match(fold(cells[filled[0]].strip()[:200]).replace("-", " ")) is not None
            and self._telling.isdisjoint(filled[1:])
            and _are_figures(cells, filled[1:])
        )

    def is_title(self, cells: Sequence[str]) -> bool:
        """Only the name is filled where there is room for more: no new account is made of it."""
        return self._many and self._filled(cells) == [self._name]

    def _filled(self, cells: Sequence[str]) -> list[int]:
        """From the name on; nothing where something stands before it."""
        filled = [column for column, cell in enumerate(cells) if not is_empty(cell)]
        return filled if filled and self._name is not None and filled[0] <= self._name else []


def _are_figures(cells: Sequence[str], columns: Sequence[int]) -> bool:
    return all(_is_figure(cells[column]) for column in columns)


def _is_figure(cell: str) -> bool:
    if len(cell) > 60 or words_of(cell) in _ANSWERS:
        return False
    try:
        read_day(cell, DayOrder.DAY_FIRST)
    except Unreadable:
        pass
    else:
        return cell.strip().isdigit()
    try:
        read_amount(cell.replace("%", ""), None)
    except Unreadable:
        return False
    return True
