"""The rows of a file, together by ticket and in the same order each time; memory does not grow with the file."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import pysqlite3

from crm.csv_io import Row
from crm.text import Text
from support.importing.cells import Header, Read, instants
from support.importing.directory import DirectoryOnDisk
from support.importing.mapping import Mapping, OneRowPer
from support.importing.tables import Reading, Table

_BATCH = 5_000


@dataclass(frozen=True)
class Group:
    """Rows of one ticket. ``line``: of its first row; groups come in rising order of it."""

    line: int
    rows: list[Row]


@dataclass(frozen=True)
class Shape:
    """What a first look at the whole file tells. ``together``: the rows of each ticket follow one another.

    ``titles``: also of the columns that were worked out; the first ``own`` of them stand in the file. ``newest``: of
    all instants in it, where rows name no version.
    """

    digest: str  # SHA-256
    titles: tuple[str, ...]
    rows: int
    together: bool
    own: int
    newest: datetime | None = None
    passed_over: int = 0


@dataclass(frozen=True)
class Source:
    """A file with what its columns mean, and whom its ids mean."""

    reading: Reading
    mapping: Mapping
    directory: DirectoryOnDisk | None = None

    def open(self) -> Table:
        return self.reading.open(self.directory)


def look_at(source: Source) -> Shape:
    """Read the file once, keeping nothing of its rows. Raises when it cannot be read, or has not the columns it should.

    Companies and people that stand among the tickets go into the directory.
    """
    mapping = source.mapping
    with source.reading.path.open("rb") as raw:
        digest = hashlib.file_digest(raw, "sha256").hexdigest()
    with source.open() as table:
        read_id = Header(table.header, mapping).words(mapping.id)
        width = len(table.header)
        order, newest = _Order(), _Newest(mapping, table.header)
        rows = 0
        for row in table:
            rows += 1
            order.see(_id(read_id, row, width))
            newest.see(row, width)
        passed_over = table.passed_over
    if source.directory is not None:
        source.directory.is_filling = False
    return Shape(digest, table.header, rows, order.is_kept, table.own, newest.found, passed_over)


class _Newest:
    """The newest instant of a file in which rows do not say which version they are."""

    def __init__(self, mapping: Mapping, titles: tuple[str, ...]) -> None:
        header = Header(titles, mapping)
        wanted = mapping.one_row_per is OneRowPer.TICKET and "updated" not in mapping.times
        self._reads = [header.words(words) for words in mapping.times.values()] if wanted else []
        self._instant = instants(mapping.dates, mapping.zone)
        self.found: datetime | None = None

    def see(self, row: Row, width: int) -> None:
        if not self._reads or len(row.values) > width:
            return
        cells = row.values + ("",) * (width - len(row.values))
        for read in self._reads:
            if cell := read(cells):
                at = self._instant(cell)
                if not isinstance(at, Text) and (self.found is None or at > self.found):
                    self.found = at


class _Order:
    """Whether ids only rise or only fall, as text or as numbers: then equal ones stand together for sure."""

    def __init__(self) -> None:
        self._last: tuple[str, tuple[int, str]] | None = None
        self._kept = [True] * 4

    def see(self, ticket_id: str) -> None:
        now = (ticket_id, (len(ticket_id), ticket_id))
        if self._last is not None and self._last[0] != ticket_id:
            for place in (0, 1):
                rises = now[place] > self._last[place]  # type: ignore[operator]
                self._kept[2 * place] &= rises
                self._kept[2 * place + 1] &= not rises
        self._last = now

    @property
    def is_kept(self) -> bool:
        return any(self._kept)


def groups(source: Source, shape: Shape, spool_in: Path, *, after: int = 0) -> Iterator[Group]:
    """Every group whose first row stands after line ``after``."""
    if shape.together:
        yield from _adjacent(source, after)
    else:
        with _Spool(spool_in) as spool:
            spool.fill(source)
            yield from spool.groups(after)


def _adjacent(source: Source, after: int) -> Iterator[Group]:
    with source.open() as table:
        read_id = Header(table.header, source.mapping).words(source.mapping.id)
        width = len(table.header)
        for ticket_id, rows in groupby(table, lambda row: _id(read_id, row, width)):
            if not ticket_id:  # each is wrong on its own
                yield from (Group(row.line, [row]) for row in rows if row.line > after)
                continue
            group = list(rows)
            if group[0].line > after:
                yield Group(group[0].line, group)


def _id(read_id: Read, row: Row, width: int) -> str:
    cells = row.values
    return read_id(cells if len(cells) >= width else cells + ("",) * (width - len(cells)))


class _Spool:
    """A file whose tickets are scattered, such as a log in the order of time, sorted on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="tenure-import-", dir=folder)
        self._database = pysqlite3.connect(str(Path(self._folder.name) / "spool.db"), isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -32768", "temp_store = FILE"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute("CREATE TABLE ticket (id TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._database.execute("CREATE TABLE row (id TEXT, line INTEGER PRIMARY KEY, cells TEXT)")

    def __enter__(self) -> _Spool:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._database.close()
        self._folder.cleanup()

    def fill(self, source: Source) -> None:
        with source.open() as table:
            read_id = Header(table.header, source.mapping).words(source.mapping.id)
            width = len(table.header)
            batch: list[tuple[str, int, str]] = []
            self._database.execute("BEGIN")
            for row in table:
                # A row without an id is a group of its own: no id begins with a line break.
                ticket_id = _id(read_id, row, width) or f"\n{row.line}"
                batch.append((ticket_id, row.line, json.dumps(row.values)))
                if len(batch) == _BATCH:
                    self._put(batch)
                    batch = []
            self._put(batch)
            self._database.execute("CREATE INDEX by_ticket ON row (id, line)")
            self._database.execute("CREATE INDEX by_line ON ticket (line)")
            self._database.execute("COMMIT")

    def _put(self, batch: list[tuple[str, int, str]]) -> None:
        self._database.executemany(
            "INSERT OR IGNORE INTO ticket VALUES (?, ?)", ((id_, line) for id_, line, _ in batch)
        )
        self._database.executemany("INSERT INTO row VALUES (?, ?, ?)", batch)

    def groups(self, after: int) -> Iterator[Group]:
        ordered = "SELECT t.line, r.line, r.cells FROM ticket t CROSS JOIN row r ON r.id = t.id"
        with closing(self._database.cursor()) as cursor:
            found: Any = cursor.execute(f"{ordered} WHERE t.line > ? ORDER BY t.line, r.line", (after,))
            for first, rows in groupby(found, lambda row: row[0]):
                yield Group(first, [Row(line, tuple(json.loads(cells))) for _, line, cells in rows])
