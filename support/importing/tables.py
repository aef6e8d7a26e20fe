"""A file as headings and rows, whether it is CSV or JSON, with the columns that its source needs worked out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from crm.csv_io import Row, begins_with, open_rows, open_text
from support.importing.directory import DirectoryOnDisk, facts_of
from support.importing.json_records import Found, records_in
from support.importing.sources.pack import Directory, Form, Pack
from support.importing.sources.salesforce import whole_id

_CONTAINERS = frozenset(
    "tickets conversations values results records requests issues data items cases users organizations companies "
    "contacts groups teams accounts metric_sets".split()
)
_WRAPPED = frozenset("ticket helpdesk_ticket conversation issue case request".split())
_IDS = ("id", "Id", "issueKey", "key")
LONGEST = 100_000  # characters of a cell that is taken from JSON
_DEEP = 5


@dataclass(frozen=True)
class Reading:
    """How a file is read: all that has been found out about it, or said by a person."""

    path: Path
    form: Form = Form.CSV
    encoding: str | None = None
    delimiter: str | None = None
    pack: Pack | None = None
    columns: tuple[str, ...] = ()  # of JSON: the paths that become columns
    is_flat: bool = (
        False  # a CSV file that has the columns of ``pack``, which is for JSON: our own file of rows to mend
    )

    def open(self, directory: DirectoryOnDisk | None = None) -> Table:
        if self.form is Form.JSON:
            return JsonTable(self, directory)
        return CsvTable(self, directory)

    def with_pack(self, pack: Pack | None) -> Reading:
        columns = (*pack.columns, *pack.added) if pack is not None else self.columns
        return replace(self, pack=pack, columns=tuple(dict.fromkeys(columns)))


class Table:
    """``header``: also of the columns that were worked out; the first ``own`` of them stand in the file."""

    header: tuple[str, ...] = ()
    own: int = 0
    passed_over: int = 0  # headings repeated among the rows

    def __init__(self) -> None:
        self._closing = ExitStack()

    def __iter__(self) -> Iterator[Row]:
        raise NotImplementedError

    def close(self) -> None:
        self._closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()


class CsvTable(Table):
    def __init__(self, reading: Reading, directory: DirectoryOnDisk | None) -> None:
        super().__init__()
        self._reader = self._closing.enter_context(
            open_rows(reading.path, encoding=reading.encoding, delimiter=reading.delimiter)
        )
        self._pack = None if reading.is_flat else reading.pack
        self._directory: Directory = directory or NOBODY
        titles = self._reader.header
        added = tuple(name for name in self._pack.added if name not in titles) if self._pack else ()
        self._added = added
        self.header, self.own = (*titles, *added), len(titles)
        self.encoding, self.delimiter = self._reader.encoding, self._reader.delimiter

    def __iter__(self) -> Iterator[Row]:
        titles = self._reader.header
        first, width = titles[0], len(titles)
        told = _Cells(titles)
        for row in self._reader:
            cells = row.values
            if cells[0].strip().lstrip("\ufeff") == first and _is_heading(cells, titles):
                self.passed_over += 1
                continue
            if self._pack is not None and self._added and len(cells) <= width:
                told.cells = cells
                found = self._pack.add(told, self._directory)
                missing = ("",) * (width - len(cells))
                row = Row(row.line, (*cells, *missing, *(found.get(name, "") for name in self._added)))
            yield row


def _is_heading(cells: Sequence[str], titles: Sequence[str]) -> bool:
    return len(titles) > 1 and tuple(cell.strip().lstrip("\ufeff") for cell in cells) == tuple(titles)


class _Cells:
    """One row of a CSV file by its headings."""

    def __init__(self, titles: Sequence[str]) -> None:
        self.cells: Sequence[str] = ()
        self._places: dict[str, list[int]] = {}
        for place, title in enumerate(titles):
            self._places.setdefault(title, []).append(place)

    def text(self, column: str) -> str:
        places = self._places.get(column)
        return self.cells[places[0]].strip() if places and places[0] < len(self.cells) else ""

    def value(self, path: str) -> Any:
        return self.text(path)

    def all(self, column: str) -> Sequence[str]:
        return [self.cells[place] for place in self._places.get(column, ()) if place < len(self.cells)]


class JsonTable(Table):
    """A row's ``line`` is the number of its record."""

    def __init__(self, reading: Reading, directory: DirectoryOnDisk | None) -> None:
        super().__init__()
        self._file, self.encoding = self._closing.enter_context(open_text(reading.path, encoding=reading.encoding))
        self._pack = reading.pack
        self._directory = directory
        self.header = reading.columns
        self.own = len(self.header)

    def __iter__(self) -> Iterator[Row]:
        pack, directory = self._pack, self._directory
        filling = directory if directory is not None and directory.is_filling else None
        added = frozenset(pack.added) if pack else frozenset()
        known: Directory = directory or NOBODY
        number = 0
        for found in records_in(self._file, is_container):
            if not is_ticket(found, pack):
                if filling is not None:
                    filling.put(*found)
                continue
            number += 1
            told = Record(found.record)
            worked_out = pack.add(told, known) if pack is not None else {}
            yield Row(
                number,
                tuple(_clean(worked_out.get(name, "")) if name in added else told.text(name) for name in self.header),
            )


def is_ticket(found: Found, pack: Pack | None) -> bool:
    if pack is None or found.under in _WRAPPED:
        return True
    if found.under in pack.holds or not found.under:
        return facts_of(found.under, found.record) is None or pack.fits(paths_of(found.record))
    return False


def is_container(record: dict[str, Any]) -> bool:
    """Whether an object holds records: a page of an API, rather than a ticket."""
    if len(record) == 1 and next(iter(record)) in _WRAPPED:
        return True
    if any(key in record for key in _IDS):
        return False
    return any(
        key in _CONTAINERS and (isinstance(value, list) or (isinstance(value, dict) and is_container(value)))
        for key, value in record.items()
    )


def paths_of(record: Mapping[str, Any], deep: int = _DEEP) -> Iterator[str]:
    for key, value in record.items():
        yield str(key)
        if isinstance(value, Mapping) and deep:
            yield from (f"{key}.{path}" for path in paths_of(value, deep - 1))


class Record:
    """One ticket of a JSON file by paths."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self._record = record

    def value(self, path: str) -> Any:
        found: Any = self._record
        for key in path.split("."):
            if not isinstance(found, Mapping):
                return None
            found = found.get(key)
        return found

    def text(self, column: str) -> str:
        return as_cell(self.value(column))

    def all(self, column: str) -> Sequence[str]:
        value = self.value(column)
        return [as_cell(one) for one in value] if isinstance(value, list) else [as_cell(value)]


def as_cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return _clean(value).strip()
        case int():
            return str(value) if -(10**40) < value < 10**40 else ""
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
        case list():
            return ", ".join(as_cell(one) for one in value[:100] if isinstance(one, str | int | float))[:LONGEST]
        case _:
            return ""


def _clean(cell: str) -> str:
    """No database keeps NUL, and none keeps half of a sign of two halves."""
    cell = cell[:LONGEST].replace("\x00", "")
    return cell if cell.isascii() else cell.encode("utf-8", "replace").decode("utf-8")


class _Nobody:
    def company(self, id_: str) -> None:
        return None

    def person(self, id_: str) -> None:
        return None

    def group(self, id_: str) -> str:
        return ""

    def company_of_ticket(self, id_: str) -> str:
        return ""


NOBODY: Directory = _Nobody()


def fill_from(directory: DirectoryOnDisk, path: Path) -> int:
    """Keep the companies and people of a file given along; how many."""
    before = sum(directory.counts.values())
    if form_of(path) is Form.JSON:
        with open_text(path) as (file, _encoding):
            for found in records_in(file, is_container):
                directory.put(*found)
    else:
        with open_rows(path) as reader:
            for row in reader:
                directory.put("", reader.as_dict(row))
    return sum(directory.counts.values()) - before


def form_of(path: Path) -> Form:
    start = begins_with(path).lstrip("\ufeff \t\r\n\x00")
    return Form.JSON if start[:1] in ("{", "[") else Form.CSV


def first_records(path: Path, most: int = 200, encoding: str | None = None) -> Iterable[Found]:
    with open_text(path, encoding=encoding) as (file, _encoding):
        for number, found in enumerate(records_in(file, is_container)):
            if number >= most:
                return
            yield found


__all__ = ["Reading", "Table", "fill_from", "first_records", "form_of", "paths_of", "whole_id"]
