"""Days and times as people's spreadsheets write them, and which of day and month comes first in a file."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from functools import lru_cache

from accounts.names import fold
from crm.clock import machine_now


class Order(StrEnum):
    """Of what 3/4/25 means. They also stand among a mapping's ``dates``, where they read any such form."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


_TIME = r"""
    (?: [\s,T]+ (?:(?:at|à|um)\s+)?
        (?P<hour>\d{1,2}) \s?[:h]\s? (?P<minute>\d{2}) (?: : (?P<second>\d{2}) (?:[.,]\d{1,9})? )?
        (?: \s? (?P<half>[AP]\.?M\.?) )?
        (?: \s? (?P<zone> Z | UTC | GMT | (?:UTC|GMT)?[+-]\d{2}:?\d{2} ) )?
    )?
"""
_SHAPE = re.compile(
    rf"""
    (?: [^\W\d]{{2,12}}\.?,?\s+ (?=\d) )?
    (?:
        (?P<one>\d{{1,4}}) \s?(?P<sign>[/.\-\s])\s? (?P<two>\d{{1,2}}|[^\W\d]{{3,12}}) \.? \s?[/.\-\s,]\s?
        (?P<three>\d{{1,4}})
      | (?P<month>[^\W\d]{{3,12}})\.? \s+ (?P<day>\d{{1,2}}) (?:st|nd|rd|th)? ,? \s+ (?P<year>\d{{4}})
    )
    {_TIME}
    """,
    re.VERBOSE | re.IGNORECASE,
)

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janv janvier januar",
            "feb february fev fevr fevrier februar",
            "mar march mars marz mrz",
            "apr april avr avril",
            "may mai",
            "jun june juin juni",
            "jul july juil juillet juli",
            "aug august aout",
            "sep sept september septembre",
            "oct october octobre okt oktober",
            "nov november novembre",
            "dec december decembre dez dezember",
        ),
        1,
    )
    for name in names.split()
}
_EPOCH = re.compile(r"\d{9,11}(?:\.\d{1,9})?")
_EPOCH_MS = re.compile(r"\d{12,13}")


def reader(order: Order) -> Callable[[str], datetime]:
    """Cells of any usual form; raises ``ValueError``. Without a zone in the cell the result has none."""

    def read(cell: str) -> datetime:
        found = _SHAPE.fullmatch(cell)
        if found is None:
            raise ValueError(cell)
        year, month, day = _day(found, order)
        hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
        if half := found["half"]:
            if not 1 <= hour <= 12:
                raise ValueError(cell)
            hour = hour % 12 + (12 if half[0] in "pP" else 0)
        return datetime(year, month, day, hour, minute, second, tzinfo=_zone(found["zone"]))

    return read


def _day(found: re.Match[str], order: Order) -> tuple[int, int, int]:
    if found["month"]:
        return int(found["year"]), _month(found["month"]), int(found["day"])
    one, two, three = found["one"], found["two"], found["three"]
    if not two.isdigit():
        if len(one) > 2:
            return int(one), _month(two), int(three)
        return _year(three), _month(two), int(one)
    if len(one) > 2:
        return _year(one), int(two), int(three)
    day, month = (one, two) if order is Order.DAY_FIRST else (two, one)
    return _year(three), int(month), int(day)


def _year(written: str) -> int:
    """Two figures mean 1980 to 2079."""
    year = int(written)
    if len(written) == 4:
        return year
    if len(written) != 2:
        raise ValueError(written)
    return year + (1900 if year >= 80 else 2000)


def _month(written: str) -> int:
    month = _MONTHS.get(fold(written))
    if month is None:
        raise ValueError(written)
    return month


def _zone(written: str | None) -> timezone | None:
    if not written:
        return None
    digits = re.sub(r"[^\d+-]", "", written)
    if not digits:
        return UTC
    minutes = int(digits[1:3]) * 60 + int(digits[3:5])
    if minutes > 16 * 60:
        raise ValueError(written)
    return timezone(timedelta(minutes=-minutes if digits[0] == "-" else minutes))


@dataclass
class DatesSeen:
    """What the cells of a file's time columns show, kept small whatever the size of the file."""

    forms: dict[str, None] = field(default_factory=dict)  # iso, epoch, epoch_ms, dates
    numeric: int = 0  # cells in which day and month are both figures, and the year is not first
    day_first: int = 0  # of them, those that can only be read with the day first
    month_first: int = 0
    dotted: int = 0  # 3.4.25, which nobody writes with the month first
    future: dict[Order, int] = field(default_factory=dict)  # read so, lies in the future
    example: str = ""
    _latest: datetime = field(default_factory=lambda: machine_now() + timedelta(days=2))

    def see(self, cell: str) -> None:
        form, found, sign = _look(cell)
        if form:
            self.forms[form] = None
        if found is None:
            return
        one, two, three = found
        self.numeric += 1
        self.day_first += one > 12
        self.month_first += two > 12
        self.dotted += sign == "."
        if one <= 12 and two <= 12:
            self.example = self.example or cell
            for order, month, day in ((Order.DAY_FIRST, two, one), (Order.MONTH_FIRST, one, two)):
                if (three, month, day) > (self._latest.year, self._latest.month, self._latest.day):
                    self.future[order] = self.future.get(order, 0) + 1

    @property
    def order(self) -> Order | None:
        """Which comes first, where the file settles it."""
        if bool(self.day_first) is not bool(self.month_first):
            return Order.DAY_FIRST if self.day_first else Order.MONTH_FIRST
        if self.day_first:
            return None  # both: rows of two kinds in one file
        if self.dotted and self.dotted == self.numeric:
            return Order.DAY_FIRST
        if bool(self.future.get(Order.DAY_FIRST)) is not bool(self.future.get(Order.MONTH_FIRST)):
            return Order.MONTH_FIRST if self.future.get(Order.DAY_FIRST) else Order.DAY_FIRST
        return None

    @property
    def must_ask(self) -> bool:
        return self.numeric > 0 and self.order is None

    def formats(self, order: Order | None = None) -> list[str]:
        """``dates`` of a mapping. ``order``: what a person said."""
        found: list[str] = [form for form in ("iso", "epoch", "epoch_ms") if form in self.forms] or ["iso"]
        if "dates" in self.forms:
            found.append((order or self.order or Order.DAY_FIRST).value)
        return found


@lru_cache(maxsize=16384)
def _look(cell: str) -> tuple[str, tuple[int, int, int] | None, str]:
    if _EPOCH.fullmatch(cell):
        return "epoch", None, ""
    if _EPOCH_MS.fullmatch(cell):
        return "epoch_ms", None, ""
    if cell[:4].isdigit():
        try:
            datetime.fromisoformat(cell)
        except ValueError:
            pass
        else:
            return "iso", None, ""
    found = _SHAPE.fullmatch(cell)
    if found is None:
        return "", None, ""
    one, two, three = found["one"], found["two"], found["three"]
    if one is None or len(one) > 2 or not two.isdigit() or len(three) not in (2, 4):
        return "dates", None, ""
    return "dates", (int(one), int(two), _year(three)), found["sign"]
