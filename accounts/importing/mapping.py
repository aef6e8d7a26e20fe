"""What each column of one file becomes: guessed from its headings and first rows, changed by a person, remembered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping as Dict, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from accounts.importing.days import DayOrder, FoundOrder, are_serials, day_order_of, read_day, read_notice
from accounts.importing.headings import Guess, guess_columns, guess_kind, hints_of, signature, words_of
from accounts.importing.people_cells import people_in
from accounts.importing.targets import TARGETS, Kind, Shape, Target, target_of
from accounts.importing.unreadable import LONGEST_CELL, Unreadable, is_empty
from accounts.importing.values import Style, decimal_of, read_amount, read_domain, read_email, read_number, read_whole
from accounts.importing.words import (
    LONGEST_WORD,
    Colleagues,
    country_of,
    currency_of,
    language_of,
    meaning_of,
    several,
)
from accounts.models import OwnFieldKind
from accounts.names import fold
from accounts.own.reading import read_value
from crm.errors import Invalid

LEFT_OUT = "out"
_OWN = "own:"
MOST_WORDS = 40  # of one column that a person is asked about
MOST_CHOICES = 12
MOST_LOOKED_AT = 200  # cells of a column that settle what it is


def own(kind: OwnFieldKind) -> str:
    """How "keep it as an own field of this kind" is written."""
    return _OWN + kind.value


@dataclass(frozen=True)
class Mapping:
    """``columns``: for each column a target's key, ``own:<kind>`` or ``out``. ``serials``: columns of Excel's day
    numbers. ``words``: what a person chose for a word of a tier, stage, owner or role, by target and folded word."""

    kind: Kind
    columns: tuple[str, ...]
    style: Style = field(default_factory=Style)
    serials: frozenset[int] = frozenset()
    words: Dict[str, Dict[str, str]] = field(default_factory=dict)

    def column_of(self, key: str) -> int | None:
        return self.columns.index(key) if key in self.columns else None

    def own_kind(self, column: int) -> OwnFieldKind | None:
        becomes = self.columns[column]
        return OwnFieldKind(becomes.removeprefix(_OWN)) if becomes.startswith(_OWN) else None

    def target(self, column: int) -> Target | None:
        return target_of(self.kind, self.columns[column])

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "columns": list(self.columns),
            "day_order": self.style.day_order.value,
            "decimal": self.style.decimal,
            "currency": self.style.currency,
            "serials": sorted(self.serials),
            "words": {key: dict(words) for key, words in self.words.items()},
        }

    @classmethod
    def from_json(cls, kept: Dict[str, Any]) -> Mapping:
        return cls(
            kind=Kind(kept["kind"]),
            columns=tuple(kept["columns"]),
            style=Style(DayOrder(kept["day_order"]), kept["decimal"], kept["currency"]),
            serials=frozenset(kept["serials"]),
            words=kept["words"],
        )

    def taken_over_by(self, columns: Sequence[str]) -> Mapping:
        """The same with other columns; a target given twice stays with its first column, the rest are kept as text."""
        kept: list[str] = []
        for becomes in columns:
            known = becomes == LEFT_OUT or becomes in {own(kind) for kind in OwnFieldKind}
            target = target_of(self.kind, becomes)
            if not known and (target is None or (becomes in kept and not target.repeats)):
                becomes = own(OwnFieldKind.TEXT) if self.kind is Kind.ACCOUNTS else LEFT_OUT
            elif self.kind is not Kind.ACCOUNTS and becomes.startswith(_OWN):
                becomes = LEFT_OUT
            kept.append(becomes)
        return replace(self, columns=tuple(kept))


@dataclass(frozen=True)
class Sample:
    """The headings and the first rows of a file, by column."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @cached_property
    def _filled(self) -> list[list[str]]:
        found: list[list[str]] = [[] for _heading in self.headings]
        for row in self.rows:
            for filled, cell in zip(found, row, strict=False):
                if not is_empty(cell):
                    filled.append(cell)
        return found

    def cells(self, column: int) -> list[str]:
        """The filled cells of a column."""
        return self._filled[column]

    def title(self, column: int) -> str:
        return self.headings[column].strip() or f"#{column + 1}"

    def words(self, column: int, shape: Shape) -> list[tuple[str, int]]:
        """The different words of a column and how often each stands there, the most frequent first."""
        found: Counter[str] = Counter()
        first: dict[str, str] = {}
        for cell in self.cells(column):
            for word in several(cell) if shape is Shape.ROLE else [cell.strip()]:
                if len(word) > LONGEST_WORD:
                    continue
                found[fold(word)] += 1
                first.setdefault(fold(word), word)
        return [(first[key], times) for key, times in found.most_common(MOST_WORDS)]


@dataclass(frozen=True)
class FirstGuess:
    mapping: Mapping
    guesses: tuple[Guess, ...]
    day_order: FoundOrder
    decimal: str | None


def guess_mapping(
    sample: Sample, colleagues: Colleagues, *, currency: str, kind: Kind | None = None, passed_over: Sequence[str] = ()
) -> FirstGuess:
    """``currency``: of amounts that name none. ``passed_over``: folded headings that an error file adds."""
    kind = kind or guess_kind(sample.headings)
    columns = range(len(sample.headings))
    serials = frozenset(column for column in columns if are_serials(sample.cells(column)))
    dated = {column for column in columns if _looks_dated(sample.cells(column))}
    order = day_order_of(cell for column in dated for cell in sample.cells(column))
    amounts = [
        cell
        for column in columns
        if column not in dated
        for cell in sample.cells(column)[:MOST_LOOKED_AT]
        if _looks_like_amount(cell)
    ]
    style = Style(order.order, decimal_of(amounts), currency)

    def fits(target: Target, column: int) -> tuple[float, int]:
        cells = sample.cells(column)[:MOST_LOOKED_AT]
        return share_read(target, cells, style, column in serials, colleagues), len(cells)

    guesses = guess_columns(kind, sample.headings, fits)
    chosen = []
    for column, guess in enumerate(guesses):
        cells = sample.cells(column)
        if words_of(sample.headings[column]) in passed_over:
            chosen.append(LEFT_OUT)
        elif guess.target:
            chosen.append(guess.target.key)
        elif kind is Kind.CONTACTS and cells:
            chosen.append("note")
        elif kind is not Kind.ACCOUNTS or not (cells or sample.headings[column].strip()):
            chosen.append(LEFT_OUT)
        else:
            chosen.append(own(guess_own_kind(sample.headings[column], cells, style)))
    days = frozenset(column for column in serials if _is_day(kind, chosen[column]))
    return FirstGuess(Mapping(kind, tuple(chosen), style, days), tuple(guesses), order, style.decimal)


def _is_day(kind: Kind, becomes: str) -> bool:
    target = target_of(kind, becomes)
    return (target is not None and target.shape is Shape.DAY) or becomes == own(OwnFieldKind.DATE)


def share_read(target: Target, cells: Sequence[str], style: Style, serials: bool, colleagues: Colleagues) -> float:
    """The share of ``cells`` that can be read as ``target``; 1 where there are none."""
    if not cells:
        return 1.0
    if target.key == "external_id" and len(set(cells)) < 0.9 * len(cells):
        return -1.0  # it tells no two rows apart
    return sum(_reads(target, cell, style, serials, colleagues) for cell in cells) / len(cells)


def _reads(target: Target, cell: str, style: Style, serials: bool, colleagues: Colleagues) -> bool:
    if len(cell) > LONGEST_CELL and target.shape is not Shape.TEXT:
        return False
    try:
        match target.shape:
            case Shape.AMOUNT:
                read_amount(cell, style.decimal)
            case Shape.DAY:
                read_day(cell, style.day_order, serials=serials)
            case Shape.NOTICE:
                read_notice(cell)
            case Shape.WHOLE:
                read_whole(cell)
            case Shape.FIGURE | Shape.SUM | Shape.SCORE:
                read_amount(cell, style.decimal)
            case Shape.DOMAIN:
                read_domain(cell)
            case Shape.EMAIL:
                read_email(cell)
            case Shape.COUNTRY:
                return country_of(cell) is not None
            case Shape.LANGUAGE:
                return language_of(cell) is not None
            case Shape.CURRENCY:
                return currency_of(cell) is not None
            case Shape.PEOPLE:
                return people_in(cell) is not None
            case Shape.TIER | Shape.STAGE | Shape.INFLUENCE | Shape.SENTIMENT | Shape.CONSENT:
                return meaning_of(target.shape, cell) is not None
            case Shape.ROLE:
                return all(meaning_of(Shape.ROLE, word) for word in several(cell))
            case Shape.OWNER:
                return bool(colleagues.find(cell))
            case Shape.TEXT | Shape.TAGS:
                return True
    except Unreadable:
        return False
    return True


def _looks_dated(cells: Sequence[str]) -> bool:
    few = cells[:50]
    return bool(few) and sum(_is_date(cell) for cell in few) >= 0.6 * len(few)


def _is_date(cell: str) -> bool:
    if len(cell) > 60:
        return False
    for order in (DayOrder.DAY_FIRST, DayOrder.MONTH_FIRST, DayOrder.YEAR_FIRST):
        try:
            read_day(cell, order)
        except Unreadable:
            continue
        return not cell.strip().isdigit()
    return False


def _looks_like_amount(cell: str) -> bool:
    if len(cell) > 60 or not any(letter.isdigit() for letter in cell) or _is_date(cell):
        return False
    try:
        read_amount(cell, None)
    except Unreadable:
        return False
    return True


def guess_own_kind(heading: str, cells: Sequence[str], style: Style) -> OwnFieldKind:
    """What a column is that we have no name for. Codes with leading zeros and long figures are text, not numbers."""
    if len(cells) < 2:
        return OwnFieldKind.TEXT
    if all(_is_date(cell) for cell in cells):
        return OwnFieldKind.DATE
    if all(_reads_as(OwnFieldKind.YES_NO, cell) and cell.strip() not in ("0", "1") for cell in cells):
        return OwnFieldKind.YES_NO
    if all(_has_currency(cell) and _reads_as(OwnFieldKind.MONEY, cell) for cell in cells):
        return OwnFieldKind.MONEY
    if all(_is_plain_number(cell, style) for cell in cells):
        return OwnFieldKind.NUMBER
    different = {fold(cell) for cell in cells}
    short = all(len(cell) <= 40 and "\n" not in cell for cell in cells)
    if short and len(different) <= MOST_CHOICES and len(different) * 3 <= len(cells):
        return OwnFieldKind.CHOICE
    return OwnFieldKind.TEXT


def _reads_as(kind: OwnFieldKind, cell: str) -> bool:
    try:
        read_value(kind, cell, currency="EUR")
    except Invalid:
        return False
    return True


def _has_currency(cell: str) -> bool:
    try:
        return len(cell) <= 60 and read_amount(cell, None).currency is not None
    except Unreadable:
        return False


def _is_plain_number(cell: str, style: Style) -> bool:
    bare = "".join(cell.split()).replace("\N{NARROW NO-BREAK SPACE}", "").removeprefix("-").removesuffix("%")
    if not bare or len(bare) > 15 or (bare[0] == "0" and len(bare) > 1 and bare[1].isdigit()):
        return False
    if any(letter not in "0123456789.," for letter in bare) or not bare[0].isdigit():
        return False
    try:
        read_number(bare, style.decimal)
    except Unreadable:
        return False
    return True


__all__ = ["LEFT_OUT", "TARGETS", "FirstGuess", "Mapping", "Sample", "guess_mapping", "hints_of", "own", "signature"]
