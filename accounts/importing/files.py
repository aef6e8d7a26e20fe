"""One uploaded file as headings and rows: also when a title or a note stands above the headings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Self

from accounts.importing.heading_lines import find_headings
from crm.csv_io import RowReader, UnreadableFile, open_rows
from crm.text import N_

MAX_COLUMNS = 200
ABOVE = 15  # lines among which the headings are looked for
LOOKED_THROUGH = 2_000  # rows that show whether a column without a heading is used

ENCODING_TITLES = {
    "utf-8": N_("UTF-8"),
    "cp1252": N_("Windows (Western Europe)"),
    "mac_roman": N_("Macintosh"),
    "cp850": N_("DOS (Western Europe)"),
    "utf-16": N_("UTF-16"),
}
DELIMITER_TITLES = {";": N_("semicolon ;"), ",": N_("comma ,"), "\t": N_("tab"), "|": N_("bar |")}

RawRow = tuple[int, tuple[str, ...]]  # the line on which it begins, and its cells


@dataclass(frozen=True)
class Source:
    """How a file is read; ``header_line`` counts as an editor counts."""

    path: Path
    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    header_line: int

    def rows(self) -> Iterator[RawRow]:
        """Every row below the headings; blank ones are passed over."""
        with _opened(self.path, self.encoding, self.delimiter) as reader:
            for row in reader:
                if row.line > self.header_line:
                    yield row.line, row.values

    def as_json(self) -> dict[str, Any]:
        return {
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "headings": list(self.headings),
            "header_line": self.header_line,
        }

    @classmethod
    def from_json(cls, path: Path, kept: dict[str, Any]) -> Self:
        return cls(path, kept["encoding"], kept["delimiter"], tuple(kept["headings"]), kept["header_line"])


def open_source(
    path: Path, *, encoding: str | None = None, delimiter: str | None = None, header_line: int | None = None
) -> Source:
    """What is not given is detected. Raises ``UnreadableFile`` with a sentence."""
    with _opened(path, encoding, delimiter) as reader:
        top = [(reader.header_line, reader.header), *((row.line, row.values) for row in islice(reader, ABOVE))]
        line, headings = find_headings(top, header_line)
        if not any(heading.strip() for heading in headings):
            raise UnreadableFile(N_("The file has no header line."))
        below = (row.values for row in islice(reader, LOOKED_THROUGH))
        used = _last_filled([*(cells for number, cells in top if number > line), *below], within=len(headings))
        headings = _trimmed(headings, 0 if reader.is_mended else used)
        if len(headings) > MAX_COLUMNS:
            raise UnreadableFile(
                N_("The file has %(columns)s columns; %(most)s are the most."), columns=len(headings), most=MAX_COLUMNS
            )
        encoding = "utf-8" if reader.encoding == "utf-8-sig" else reader.encoding
        return Source(path, encoding, reader.delimiter, headings, line)


def _opened(path: Path, encoding: str | None, delimiter: str | None) -> RowReader:
    try:
        return open_rows(path, encoding=encoding, delimiter=delimiter)
    except FileNotFoundError:
        raise UnreadableFile(N_("The file is no longer here. Please choose it once more.")) from None


def _trimmed(headings: tuple[str, ...], used: int) -> tuple[str, ...]:
    """Without empty headings at the end, which spreadsheets leave behind; but with those over ``used`` columns."""
    width = max(used, max(column for column, heading in enumerate(headings) if heading.strip()) + 1)
    return tuple(" ".join(heading.split())[:200] for heading in headings[:width])


def _last_filled(rows: Iterable[tuple[str, ...]], within: int) -> int:
    """How many columns hold anything, of those that the line of headings itself counts."""
    return max((column + 1 for cells in rows for column, cell in enumerate(cells[:within]) if cell.strip()), default=0)


__all__ = ["DELIMITER_TITLES", "ENCODING_TITLES", "RawRow", "RowReader", "Source", "UnreadableFile", "open_source"]
