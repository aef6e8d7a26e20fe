"""Lines of a spreadsheet that are no account: sums, headings between the rows, notes at the foot. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from accounts.importing.days import DayOrder, read_day
from accounts.importing.headings import words_of
from accounts.importing.targets import Shape
from accounts.importing.unreadable import Unreadable, is_empty
from accounts.importing.values import read_amount
from crm.text import N_

if TYPE_CHECKING:
    from accounts.importing.mapping import Mapping

MANY = 4  # columns from which on a row with its name alone is no account, but a title or a note
TOTALS = N_("This looks like a line of totals.")
NOTE = N_("Only one cell is filled: this looks like a title or a note, not an account.")

_SUM = re.compile(
    r"^(?:(?:grand|sous|sub|general|overall) )?(?:total|totaux|totals|subtotal|sum|somme)\b"
    r"|^(?:nb|nombre|number|count) "
)
_ANSWERS = frozenset("o n y x oui non yes no".split())


class Feet:
    """Knows which of a mapping's columns could hold nothing but an account's."""

    def __init__(self, mapping: Mapping) -> None:
        self._name = mapping.column_of("name")
        self._many = sum(becomes != "out" for becomes in mapping.columns) >= MANY
        self._telling = {
            column
            for column in range(len(mapping.columns))
            if (target := mapping.target(column)) is not None
            and target.shape not in (Shape.AMOUNT, Shape.WHOLE)
            and column != self._name
        }

    def reason(self, cells: Sequence[str]) -> str | None:
        """Why the row is no account; ``None`` where nothing speaks against it."""
        filled = [column for column, cell in enumerate(cells) if not is_empty(cell)]
        first = cells[filled[0]].strip() if filled else ""
        if self._name is None or not filled or filled[0] > self._name:
            return None
        if _SUM.match(words_of(first)) and self._telling.isdisjoint(filled[1:]) and _are_figures(cells, filled[1:]):
            return TOTALS
        if self._many and filled == [self._name]:
            return NOTE
        return None


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
