"""How long something took, as helpdesks write it: 19.4, 101:47:42, 2:30, -1:15, 1d 4h 30m."""

from __future__ import annotations

import re
from enum import StrEnum


class Unit(StrEnum):
    """Of a bare number. Clocks and words bring their own."""

    MS = "ms"
    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"

    @property
    def in_seconds(self) -> float:
        return {"ms": 0.001, "seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}[self.value]


MOST_SECONDS = 100 * 366 * 86400.0
_CLOCK = re.compile(r"(?P<sign>-?)\s*(?P<hours>\d{1,7}):(?P<minutes>[0-5]?\d)(?::(?P<seconds>[0-5]?\d)(?:[.,]\d+)?)?")
_PART = re.compile(r"(\d+(?:[.,]\d+)?)\s*(ms|[a-z]+)", re.IGNORECASE)
_WORDS = {
    **dict.fromkeys("w wk week weeks semaine semaines".split(), 604800.0),
    **dict.fromkeys("d day days j jour jours".split(), 86400.0),
    **dict.fromkeys("h hr hrs hour hours heure heures".split(), 3600.0),
    **dict.fromkeys("m min mins minute minutes mn".split(), 60.0),
    **dict.fromkeys("s sec secs second seconds seconde secondes".split(), 1.0),
    "ms": 0.001,
}


def read_duration(cell: str, unit: Unit, decimal: str = ".") -> float:
    """Seconds; below zero where the cell says so. Raises ``ValueError``. A clock is hours and minutes (and seconds),
    of which hours may be any number."""
    cell = cell.strip()
    found = _CLOCK.fullmatch(cell)
    if found is not None:
        seconds = int(found["hours"]) * 3600 + int(found["minutes"]) * 60 + int(found["seconds"] or 0)
        return _believable(float(-seconds if found["sign"] else seconds))
    parts = _PART.findall(cell)
    if parts and not _PART.sub("", cell).strip(" ,;+-"):
        words = [(number, _WORDS.get(word.lower())) for number, word in parts]
        if any(each is None for _, each in words):
            raise ValueError(cell)
        seconds_told = sum(_number(number, decimal) * (each or 0) for number, each in words)
        return _believable(-seconds_told if cell.startswith("-") else seconds_told)
    return _believable(_number(cell, decimal) * unit.in_seconds)


def _number(written: str, decimal: str) -> float:
    return read_number(written, decimal)


def read_number(written: str, decimal: str) -> float:
    """``decimal``: the sign before the fraction; the other one, spaces and apostrophes group thousands."""
    bare = re.sub(r"(?<=\d)[\s\u00a0\u202f'’](?=\d)", "", written.strip())
    if decimal == ",":
        bare = bare.replace(".", "").replace(",", ".")
    elif bare.count(",") == 1 and "." not in bare and not re.search(r",\d{3}$", bare):
        bare = bare.replace(",", ".")  # it cannot group thousands
    else:
        bare = bare.replace(",", "")
    found = float(bare)
    if not abs(found) < 1e15:
        raise ValueError(written)
    return found


def _believable(seconds: float) -> float:
    if not abs(seconds) <= MOST_SECONDS:
        raise ValueError(seconds)
    return seconds
