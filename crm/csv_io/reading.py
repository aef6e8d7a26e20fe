"""Tables as helpdesks and spreadsheets export them: any usual encoding and delimiter, read as a stream."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from charset_normalizer import from_bytes

from crm.csv_io.writing import MARK, PROBLEM_COLUMNS, without_mark
from crm.errors import Invalid
from crm.text import N_

SAMPLE_BYTES = 256 * 1024
MAX_CELL = 1_000_000  # characters
MAX_COLUMNS = 2_000
_DELIMITERS = ",;\t|"
# Of Western languages only: Czech or Polish in their own encoding show other signs among these.
_WESTERN = frozenset("éèêëàâäùûüîïôöçñóáíúßœæÉÈÊÀÂÄÜÖÔÎÇÑŒ’‘“”«»–—…€£§°²•\u00a0")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class UnreadableFile(Invalid):
    """The file as a whole cannot be read as a table."""


@dataclass(frozen=True)
class Row:
    """A row with the line on which it begins, counted as an editor counts."""

    line: int
    values: tuple[str, ...]


class RowReader:
    """The rows of one table after its header; a context manager that holds the file open."""

    def __init__(self, path: Path, *, encoding: str | None = None, delimiter: str | None = None) -> None:
        with ExitStack() as closing:
            raw = closing.enter_context(_opened(path))
            sample = _first_bytes(raw)
            if not sample.strip(b"\x00 \r\n\t"):
                raise UnreadableFile(N_("The file is empty."))
            self.encoding = encoding or detect_encoding(sample)
            self.delimiter = delimiter or detect_delimiter(_decoded(sample, self.encoding))
            self._lines = _Lines(closing.enter_context(io.TextIOWrapper(raw, encoding=self.encoding, newline="")))
            self._rows = csv.reader(self._lines, delimiter=self.delimiter, strict=False)
            self._kept: tuple[int, ...] | None = None
            self.header_line = 1
            self.header = self._read_header()
            self._closing = closing.pop_all()

    def _read_header(self) -> tuple[str, ...]:
        for row in self:
            if any(cell.strip() for cell in row.values):
                self.header_line = row.line
                titles = tuple(cell.strip() for cell in row.values)
                if len(titles) > MAX_COLUMNS:
                    raise UnreadableFile(
                        N_("The file has %(columns)s columns; %(most)s are the most."),
                        columns=len(titles),
                        most=MAX_COLUMNS,
                    )
                if any(title in PROBLEM_COLUMNS for title in titles):
                    # A mended file carries our own columns; they say nothing new.
                    self._kept = tuple(place for place, title in enumerate(titles) if title not in PROBLEM_COLUMNS)
                    return tuple(titles[place] for place in self._kept)
                return titles
        raise UnreadableFile(N_("The file has no header line."))

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        while True:
            line = self._lines.number + 1
            try:
                cells = next(self._rows)
            except csv.Error as wrong:
                raise UnreadableFile(
                    N_("Line %(line)s cannot be read as CSV (%(reason)s). Is a quotation mark left open?"),
                    line=line,
                    reason=str(wrong),
                ) from wrong
            except UnicodeError as wrong:
                raise UnreadableFile(
                    N_("Line %(line)s is not written in %(encoding)s. Save the file as UTF-8 and try again."),
                    line=line,
                    encoding=self.encoding,
                ) from wrong
            except (EOFError, OSError, zlib.error) as wrong:
                raise UnreadableFile(N_("The compressed file ends too early or is damaged.")) from wrong
            if MARK in "".join(cells) and any(cell[:1] == MARK for cell in cells):
                cells = [without_mark(cell) for cell in cells]
            if not any(cells) or not any(cell.strip() for cell in cells):
                continue
            if self._kept is not None:
                cells = [cells[place] for place in self._kept if place < len(cells)]
            return Row(line, tuple(cells))

    @property
    def is_mended(self) -> bool:
        """The file is one of rows to mend that we made."""
        return self._kept is not None

    def as_dict(self, row: Row) -> dict[str, str]:
        """The row by its titles; missing cells are empty, cells past the header are left out."""
        values = row.values + ("",) * (len(self.header) - len(row.values))
        return dict(zip(self.header, values, strict=False))

    def close(self) -> None:
        self._closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_rows(path: Path, *, encoding: str | None = None, delimiter: str | None = None) -> RowReader:
    """Open a CSV file, gzip too; raises ``UnreadableFile`` with a sentence."""
    csv.field_size_limit(MAX_CELL)
    return RowReader(path, encoding=encoding, delimiter=delimiter)


def begins_with(path: Path, letters: int = 4096) -> str:
    """How the text of a file begins, as far as it can be decoded."""
    with ExitStack() as closing:
        sample = _first_bytes(closing.enter_context(_opened(path)))
    return _decoded(sample[: 4 * letters], detect_encoding(sample))[:letters]


@contextmanager
def open_text(path: Path, *, encoding: str | None = None) -> Iterator[tuple[IO[str], str]]:
    """A text file of any usual encoding, gzip too, and the encoding; reading it may raise as files do."""
    with ExitStack() as closing:
        raw = closing.enter_context(_opened(path))
        sample = _first_bytes(raw)
        if not sample.strip(b"\x00 \r\n\t"):
            raise UnreadableFile(N_("The file is empty."))
        found = encoding or detect_encoding(sample)
        yield closing.enter_context(io.TextIOWrapper(raw, encoding=found, newline="")), found


def detect_encoding(sample: bytes) -> str:
    for bom, name in _BOMS:
        if sample.startswith(bom):
            return name
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    letters = sample.decode("cp1252", "replace")
    if all(letter.isascii() or letter in _WESTERN for letter in letters):
        return "cp1252"  # a few accents are too little for statistics
    found = from_bytes(sample, cp_isolation=["cp1252", "cp1250", "iso8859_15", "mac_roman", "cp850", "utf_16"])
    best = found.best()
    if best is None:
        return "cp1252"
    western = next((one for one in found if one.encoding == "cp1252"), None)
    if best.encoding in ("cp1250", "iso8859_15") and western is not None and western.chaos <= best.chaos:
        return "cp1252"  # what reads as well as Western European is that
    return best.encoding


def detect_delimiter(sample: str) -> str:
    """The sign that cuts the first lines into equally many cells, the most of them."""
    lines = [line for line in sample.splitlines()[:60] if line.strip()]
    if len(sample) >= SAMPLE_BYTES // 4 and len(lines) > 1:
        lines.pop()  # the sample may end inside a line
    scores: dict[str, tuple[float, int]] = {}
    for sign in _DELIMITERS:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=sign))
        width, times = max(widths.items(), key=lambda one: (one[0] > 1, one[1], one[0]), default=(1, 0))
        scores[sign] = (times / max(1, sum(widths.values())) if width > 1 else 0.0, width)
    return max(_DELIMITERS, key=lambda sign: scores[sign])


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as raw:
        magic = raw.read(4)
    if magic in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile(N_("This is a spreadsheet file, not CSV. In the spreadsheet choose “Save as… CSV UTF-8”."))
    return cast(IO[bytes], gzip.open(path, "rb") if magic[:2] == b"\x1f\x8b" else path.open("rb"))


def _first_bytes(raw: IO[bytes]) -> bytes:
    try:
        sample = raw.read(SAMPLE_BYTES)
        raw.seek(0)
    except (EOFError, OSError, zlib.error) as wrong:
        raise UnreadableFile(N_("The compressed file ends too early or is damaged.")) from wrong
    return sample


def _decoded(sample: bytes, encoding: str) -> str:
    return codecs.getincrementaldecoder(encoding)(errors="replace").decode(sample).replace("\x00", "")


class _Lines:
    """Decoded lines for the csv module, counted, without NUL characters (no database keeps them)."""

    def __init__(self, text: IO[str]) -> None:
        self._text = text
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_CELL + 1)
        if not line:
            raise StopIteration
        if len(line) > MAX_CELL:
            raise csv.Error("line too long")
        self.number += 1
        return line.replace("\x00", "") if "\x00" in line else line
