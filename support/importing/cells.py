"""Cells to values, for one mapping and the header of one file. What cannot be read is a ``BadCell`` with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from accounts.names import fold
from crm.clock import machine_now
from crm.text import N_, Text, text
from support.importing.dates import Order, reader
from support.importing.durations import read_duration, read_number
from support.importing.mapping import AfterMapping, Choice, Mapping, MappingWrong, Words

Cells = Sequence[str]
Read = Callable[[Cells], str]

_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)


class BadCell(Exception):
    def __init__(self, column: str, value: str, reason: Text) -> None:
        self.column = column
        self.value = value
        self.reason = reason
        super().__init__(str(reason))


class Header:
    """Where the columns of a file stand, and which of its cells say nothing."""

    def __init__(self, titles: Sequence[str], mapping: Mapping) -> None:
        self._place = {title: place for place, title in reversed(list(enumerate(titles)))}
        self._folded = {fold(title): place for place, title in reversed(list(enumerate(titles)))}
        self._decimal = mapping.decimal
        self._titles = titles
        self._unknown = mapping.unknown
        self._instant = instants(mapping.dates, mapping.zone)

    def words(self, words: Words | None) -> Read:
        """The text that ``words`` mean in a row; empty where it is not told."""
        if words is None:
            return lambda cells: ""
        places = [self._find(words, column) for column in words.columns]
        unknown = self._unknown
        if words.is_column:
            place = places[0]

            def read(cells: Cells) -> str:
                cell = cells[place].strip()
                return "" if cell in unknown else cell

            return read

        template = words.template.replace("%", "%%")
        for column in words.columns:
            template = template.replace(f"{{{column}}}", "%s", 1)

        def fill(cells: Cells) -> str:
            found = tuple(cells[place].strip() for place in places)
            return "" if any(not cell or cell in unknown for cell in found) else template % found

        return fill

    def choice(self, choice: Choice | None) -> Callable[[Cells], Any]:
        """What a cell means; ``None``: nothing is told."""
        if choice is None:
            return lambda cells: None
        read, values, column = self.words(choice.words), choice.values, choice.words.template

        @lru_cache(maxsize=4096)
        def meaning(cell: str) -> Any:
            known = values.get(fold(cell), choice)
            if known is not choice:
                return known
            if choice.has_otherwise:
                return choice.otherwise
            raise BadCell(column, cell, text(N_("the mapping does not say what this means")))

        def mean(cells: Cells) -> Any:
            cell = read(cells)
            return meaning(cell) if cell else None

        return mean

    def instant(self, words: Words | None) -> Callable[[Cells], datetime | None]:
        if words is None:
            return lambda cells: None
        read, column, instant = self.words(words), words.template, self._instant

        def at(cells: Cells) -> datetime | None:
            cell = read(cells)
            if not cell:
                return None
            found = instant(cell)
            if isinstance(found, Text):
                raise BadCell(column, cell, found)
            return found

        return at

    def whole(self, words: Words | None, most: int = 2**53) -> Callable[[Cells], int | None]:
        """A number from 0 to ``most``."""
        if words is None:
            return lambda cells: None
        read, column = self.words(words), words.template

        def count(cells: Cells) -> int | None:
            cell = read(cells)
            if not cell:
                return None
            digits = cell.removesuffix(".0")  # as spreadsheets write counts
            found = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 17 else -1
            if not 0 <= found <= most:
                raise BadCell(column, cell, text(N_("this is not a whole number from 0 to %(most)s"), most=most))
            return found

        return count

    def number(self, words: Words | None) -> Callable[[Cells], float | None]:
        if words is None:
            return lambda cells: None
        read, column, decimal = self.words(words), words.template, self._decimal

        def figure(cells: Cells) -> float | None:
            cell = read(cells)
            if not cell:
                return None
            try:
                found = read_number(cell, decimal)
            except ValueError:
                found = float("nan")
            if not abs(found) < 1e12:
                raise BadCell(column, cell, text(N_("this is not a number")))
            return found

        return figure

    def duration(self, after: AfterMapping | None) -> Callable[[Cells], timedelta | None]:
        """How long something took; nothing where the cell says nothing."""
        if after is None:
            return lambda cells: None
        read, column, unit, decimal = self.words(after.words), after.words.template, after.unit, self._decimal

        def took(cells: Cells) -> timedelta | None:
            cell = read(cells)
            if not cell:
                return None
            try:
                return timedelta(seconds=read_duration(cell, unit, decimal))
            except ValueError:
                raise BadCell(column, cell, text(N_("this is not a duration like 1:30, 101:47:42 or 2.5"))) from None

        return took

    def _find(self, words: Words, column: str) -> int:
        place = self._place.get(column, self._folded.get(fold(column)))
        if place is None:
            reason = text(
                N_("the file has no column “%(column)s”; it has: %(columns)s"),
                column=column,
                columns=", ".join(self._titles),
            )
            raise MappingWrong(words.place, reason)
        return place


def instants(formats: Sequence[str], zone: str) -> Callable[[str], datetime | Text]:
    """Cells as instants in UTC, or why not. ``iso``, ``epoch`` (seconds), ``epoch_ms``, ``day_first`` and
    ``month_first`` (any usual form), or forms as of ``strptime``.

    A local time that a change of the clock skipped is read as if the clock had not moved yet, one that came twice as
    the first.
    """
    for form in formats:
        _ensure_readable(form)
    parsers = [_parser(form) for form in formats]
    local = ZoneInfo(zone)
    latest = machine_now() + timedelta(days=1)

    @lru_cache(maxsize=16384)
    def instant(cell: str) -> datetime | Text:
        for parse in parsers:
            try:
                found = parse(cell)
            except (ValueError, OverflowError):
                continue
            if found.tzinfo is None:
                found = found.replace(tzinfo=local)
            try:
                found = found.astimezone(UTC)
            except OverflowError:
                continue
            if found < _EARLIEST:
                return text(N_("this lies before 1980"))
            if found > latest:
                return text(N_("this lies in the future"))
            return found
        return text(N_("this is not a date of the form %(forms)s"), forms=" / ".join(formats))

    return instant


Parse = Callable[[str], datetime]
_ORDERS = frozenset(order.value for order in Order)

_FIGURES = {"%Y": "year", "%m": "month", "%d": "day", "%H": "hour", "%M": "minute", "%S": "second"}


def _parser(form: str) -> Parse:
    if form == "iso":
        return datetime.fromisoformat
    if form == "epoch":
        return lambda cell: datetime.fromtimestamp(float(cell), UTC)
    if form == "epoch_ms":
        return lambda cell: datetime.fromtimestamp(float(cell) / 1000, UTC)
    if form in _ORDERS:
        return reader(Order(form))
    pieces = re.split(r"(%.)", form)
    if not all(piece in _FIGURES or not piece.startswith("%") for piece in pieces):
        return lambda cell: datetime.strptime(cell, form)  # noqa: DTZ007 - the zone is the mapping's
    # Figures only: the same as strptime, ten times as fast.
    pattern = "".join(_figure(piece) if piece in _FIGURES else re.escape(piece) for piece in pieces)
    match = re.compile(pattern, re.ASCII).fullmatch

    def parse(cell: str) -> datetime:
        found = match(cell)
        if found is None:
            raise ValueError(cell)
        return datetime(**{name: int(figures) for name, figures in found.groupdict().items()})  # type: ignore[arg-type]  # noqa: DTZ001

    return parse


def _figure(piece: str) -> str:
    return rf"(?P<{_FIGURES[piece]}>\d{{{'4' if piece == '%Y' else '1,2'}}})"


def _ensure_readable(form: str) -> None:
    if form in ("iso", "epoch", "epoch_ms") or form in _ORDERS:
        return
    sample = datetime(2026, 11, 23, 17, 5, tzinfo=UTC)
    try:
        known = datetime.strptime(sample.strftime(form), form)  # noqa: DTZ007 - only whether it can be read
        said = (known.year, known.month, known.day) == (2026, 11, 23)
    except (ValueError, re.error):
        said = False
    if not said:
        reason = text(N_("“%(form)s” tells no day; write forms like %%d/%%m/%%Y %%H:%%M, or iso"), form=form)
        raise MappingWrong("dates", reason)
