"""CSV that spreadsheets open as text and never run, and the file of rows to mend."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from crm.text import Text

BOM = "\ufeff"
_FORMULA_STARTS = frozenset("=+-@\t\r|")
_INVISIBLE = frozenset("\ufeff\u200b\u200c\u200d\u2060\u00ad")
MARK = "'"  # in front of a cell that a spreadsheet would run


def defused(cell: str) -> str:
    """``cell``, marked where its first visible character could start a formula; ``without_mark`` takes that back."""
    if cell.startswith(MARK) or _first_visible(cell) in _FORMULA_STARTS:
        return MARK + cell
    return cell


def without_mark(cell: str) -> str:
    """What ``defused`` was given."""
    rest = cell[1:]
    if cell.startswith(MARK) and (rest.startswith(MARK) or _first_visible(rest) in _FORMULA_STARTS):
        return rest
    return cell


def _first_visible(cell: str) -> str:
    for letter in cell:
        if letter in "\t\r":
            return letter
        if letter in _INVISIBLE or letter.isspace() or unicodedata.category(letter) == "Cc":
            continue
        return unicodedata.normalize("NFKC", letter)[:1]  # full-width signs are signs
    return ""


def cell_of(value: object) -> str:
    """A value as a cell: numbers and days as machines write them, text defused."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case _:
            return defused(str(value))


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]], *, delimiter: str = ",") -> Iterator[str]:
    """The file piece by piece, for a streamed answer: BOM first, so that Excel reads UTF-8; every cell quoted."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n", delimiter=delimiter)
    buffer.write(BOM)
    writer.writerow([cell_of(title) for title in header])
    for number, row in enumerate(rows, 1):
        writer.writerow([cell_of(value) for value in row])
        if number % 500 == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    piece = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return piece


# Added to the rows of a file to mend; a reader leaves them out, so the mended file goes in as it is.
PROBLEM_COLUMNS = ("tenure_line", "tenure_column", "tenure_value", "tenure_reason")


@dataclass(frozen=True)
class RowProblem:
    """A row that was left out, and why."""

    line: int
    column: str
    value: str
    reason: Text
    row: tuple[str, ...] = ()


def mending_lines(
    header: Sequence[str], problems: Iterable[tuple[RowProblem, str]], *, delimiter: str = ","
) -> Iterator[str]:
    """The file to mend: the original rows, and beside each what is wrong, in the reader's words.

    ``delimiter``: of the original, so that the spreadsheet it came from opens it in columns.
    """
    width = len(header)
    return csv_lines(
        [*header, *PROBLEM_COLUMNS],
        (
            [
                *problem.row[:width],
                *[""] * (width - len(problem.row)),
                problem.line,
                problem.column,
                problem.value,
                words,
            ]
            for problem, words in problems
        ),
        delimiter=delimiter,
    )
