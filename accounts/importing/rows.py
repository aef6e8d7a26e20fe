"""From the cells of one row to facts, or to what is wrong with each cell. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.importing.days import read_day, read_notice
from accounts.importing.feet import HEADINGS, TOTALS, Feet
from accounts.importing.headings import Hints, hints_of
from accounts.importing.mapping import Mapping
from accounts.importing.people_cells import Person, blocks_of, read_block
from accounts.importing.targets import Kind, Shape, Target
from accounts.importing.unreadable import LONGEST_CELL, Unreadable, is_empty
from accounts.importing.values import (
    Amount,
    Style,
    minor_units,
    read_amount,
    read_domain,
    read_email,
    read_number,
    read_whole,
)
from accounts.importing.words import NOBODY, Colleagues, country_of, currency_of, language_of, meaning_of, several
from accounts.models import Consent, ContactRoleKind, Influence, OwnFieldKind, Sentiment, Stage, Tier
from accounts.names import fold
from accounts.own.reading import Read, read_value
from accounts.tags.words import words_of
from crm.errors import Invalid
from crm.text import N_, Text, text

LARGEST_MINOR = 10**15  # as the verbs of contracts have it
LARGEST_SEATS = 10**9
LARGEST_FIGURE = 10**11  # of one day
_DAYS_KEPT = 5_000


@dataclass(frozen=True)
class Wrong:
    """One thing to mend: at a column, or (``None``) with the row as a whole."""

    column: int | None
    value: str
    reason: Text


@dataclass(frozen=True)
class Arr:
    minor: int
    currency: str
    said: bool  # the row itself names the currency; else it is the file's


@dataclass
class Row:
    """``values`` by target key; only what the row says. ``own`` by column, also what could be given to none of the
    ``people``. ``notes``: columns of a contact that are kept as they are, with their headings.
    ``is_title``: it could be a title or a note between the rows.
    """

    line: int
    cells: Sequence[str]
    values: dict[str, Any] = field(default_factory=dict)
    own: dict[int, Read] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_title: bool = False
    wrong: list[Wrong] = field(default_factory=list)


class RowReader:
    """Reads rows of one file as its mapping says."""

    def __init__(self, mapping: Mapping, headings: Sequence[str], colleagues: Colleagues) -> None:
        self.mapping = mapping
        self.headings = tuple(headings)
        self._colleagues = colleagues
        self._hints = [hints_of(heading) for heading in headings]
        self._days: dict[tuple[int, str], date] = {}
        targets = [
            (column, target) for column in range(len(mapping.columns)) if (target := mapping.target(column)) is not None
        ]
        self._targets = [(column, target) for column, target in targets if target.part is None and target.key != "note"]
        self._notes = [column for column, target in targets if target.key == "note"]
        self._blocks = blocks_of(mapping, headings)
        self._feet = Feet(mapping, headings)
        self._own = [
            (column, kind) for column in range(len(mapping.columns)) if (kind := mapping.own_kind(column)) is not None
        ]

    def read(self, line: int, cells: Sequence[str]) -> Row:
        row = Row(line, cells)
        for column, target in self._targets:
            cell = cells[column].strip() if column < len(cells) else ""
            if is_empty(cell) and target.shape is not Shape.NOTICE:
                continue
            if not cell:
                continue
            try:
                value = self._read(cell, column, target)
            except Unreadable as unreadable:
                row.wrong.append(Wrong(column, cell, unreadable.sentence))
            else:
                if value is not None:
                    row.values[target.key] = value
        for column, kind in self._own:
            cell = cells[column].strip() if column < len(cells) else ""
            if cell:
                row.own[column] = self._own_cell(cell, column, kind)
        for block in self._blocks:
            people, left = read_block(block, cells)
            row.people += people
            row.own |= {column: Read(cells[column].strip()) for column in left}
        for column in self._notes:
            cell = cells[column].strip() if column < len(cells) else ""
            if not is_empty(cell):
                row.notes.append(f"{self.headings[column]}: {cell}" if self.headings[column] else cell)
        if any(cell.strip() for cell in cells[len(self.headings) :]):
            reason = text(N_("This row has more cells than there are columns; is a separator inside a cell?"))
            row.wrong.append(Wrong(None, "", reason))
        if self._feet.is_heading(cells):
            row.wrong[:] = [Wrong(None, "", text(HEADINGS))]
        elif self.mapping.kind is Kind.ACCOUNTS:
            self._finish_account(row)
        elif self.mapping.kind is Kind.CONTACTS:
            self._finish_contact(row)
        return row

    # --- one cell

    def _read(self, cell: str, column: int, target: Target) -> Any:
        style, hints = self.mapping.style, self._hints[column]
        if len(cell) > LONGEST_CELL and target.shape is not Shape.TEXT:
            too_long = N_("“%(value)s” is too long; %(most)s letters are the most.")
            raise Unreadable(too_long, value=cell, most=LONGEST_CELL)
        match target.shape:
            case Shape.TEXT:
                return _short_text(cell, target.max_length)
            case Shape.DOMAIN:
                return read_domain(cell)
            case Shape.EMAIL:
                return read_email(cell)
            case Shape.AMOUNT:
                return self._amount(cell, style, hints, monthly=target.key == "mrr")
            case Shape.CURRENCY:
                return _known(currency_of, cell, N_("“%(value)s” is not a currency; write it like EUR."))
            case Shape.DAY:
                return self._day(cell, column, target)
            case Shape.FIGURE:
                return _figure(read_amount(cell, style.decimal).number, cell)
            case Shape.SCORE:
                return _score(read_amount(cell, style.decimal).number, cell)
            case Shape.SUM:
                return _sum(read_amount(cell, style.decimal), hints, cell)
            case Shape.NOTICE:
                return read_notice(cell, unit="months" if hints.months else "days" if hints.days else None)
            case Shape.WHOLE:
                return _seats(cell)
            case Shape.COUNTRY:
                return _known(country_of, cell, N_("“%(value)s” is not a country we know; write its name or code."))
            case Shape.LANGUAGE:
                return _known(language_of, cell, N_("“%(value)s” is not a language we know; write its name or code."))
            case Shape.TAGS:
                return _tags(cell)
            case Shape.OWNER:
                return self._owner(cell, target)
            case Shape.TIER:
                meaning = self._word(cell, target, N_("“%(value)s” is not a tier; use enterprise, mid or low-touch."))
                return Tier(meaning) if meaning else None
            case Shape.STAGE:
                meaning = self._word(
                    cell, target, N_("“%(value)s” is not a stage; use onboarding, live, renewing or churned.")
                )
                return Stage(meaning) if meaning else None
            case Shape.INFLUENCE:
                meaning = self._word(
                    cell, target, N_("“%(value)s” is not an influence; use decides, shapes the decision or little say.")
                )
                return Influence(meaning) if meaning else None
            case Shape.SENTIMENT:
                meaning = self._word(
                    cell, target, N_("“%(value)s” does not say how they stand; use for us, neutral or against us.")
                )
                return Sentiment(meaning) if meaning else None
            case Shape.CONSENT:
                meaning = self._word(
                    cell, target, N_("“%(value)s” does not say whether they may be mailed; use yes or no.")
                )
                return Consent(meaning) if meaning else None
            case Shape.ROLE:
                unknown = N_(
                    "“%(value)s” is not a role; use champion, sponsor, decision maker, user, billing or technical."
                )
                meanings = [self._word(part, target, unknown) for part in several(cell)]
                return tuple(dict.fromkeys(ContactRoleKind(meaning) for meaning in meanings if meaning)) or None

    def _amount(self, cell: str, style: Style, hints: Hints, *, monthly: bool) -> tuple[Decimal, str | None]:
        """The amount of a year, and its currency where cell or heading name one."""
        amount = read_amount(cell, style.decimal)
        per_month = amount.per == "month" or (monthly and amount.per is None)
        number = amount.number * (12 if per_month else 1)
        if hints.factor > 1 and not any(letter in "kKmM" for letter in cell):
            number *= hints.factor
        if number < 0:
            raise Unreadable(N_("“%(value)s” is below zero; recurring revenue is 0 or more."), value=cell)
        if number >= 10**13:
            raise Unreadable(N_("“%(value)s” is more than a contract can be worth."), value=cell)
        return number, amount.currency or hints.currency

    def _day(self, cell: str, column: int, target: Target) -> date:
        """A file of a million figures has some hundred days."""
        known = self._days.get((column, cell))
        if known is None:
            if len(self._days) > _DAYS_KEPT:
                self._days.clear()
            known = self._days[column, cell] = read_day(
                cell,
                self.mapping.style.day_order,
                end_of_month=target.key == "ends_on",
                serials=column in self.mapping.serials,
            )
        return known

    def _owner(self, cell: str, target: Target) -> int | str | None:
        told = self.mapping.words.get(target.key, {}).get(fold(cell))
        if told is not None:
            if told == NOBODY:
                return NOBODY
            if told.isdecimal() and int(told) in self._colleagues.by_id:
                return int(told)
        found = self._colleagues.find(cell)
        if found == 0:
            raise Unreadable(N_("Several colleagues could be “%(value)s”; write the e-mail address."), value=cell)
        if found is None:
            raise Unreadable(
                N_("Nobody here is called “%(value)s”; write a name or e-mail address of a colleague."), value=cell
            )
        return found

    def _word(self, word: str, target: Target, unknown: str) -> str | None:
        told = self.mapping.words.get(target.key, {}).get(fold(word))
        if told == NOBODY:
            return None
        meaning = told or meaning_of(target.shape, word)
        if meaning is None:
            raise Unreadable(unknown, value=word)
        return meaning

    def _own_cell(self, cell: str, column: int, kind: OwnFieldKind) -> Read:
        """Nothing is lost: what cannot be read as its kind is kept as it was written."""
        style = self.mapping.style
        if len(cell) > LONGEST_CELL or is_empty(cell):
            return Read(cell)
        try:
            if kind is OwnFieldKind.DATE and column in self.mapping.serials:
                day = read_day(cell, style.day_order, serials=True)
                return Read(day.isoformat(), day=day)
            if kind is OwnFieldKind.NUMBER:  # with its unit: "25 licences"
                negative = cell.startswith("-")
                digits = "".join(letter for letter in cell if letter in "0123456789.,")
                number = read_number(digits, style.decimal)
                return Read(cell, number=float(-number if negative else number))
            currency = self._hints[column].currency or style.currency
            return read_value(kind, cell, currency=currency, order=style.day_order, decimal=style.decimal)
        except (Unreadable, Invalid):
            return Read(cell)

    # --- the row as a whole

    def _finish_account(self, row: Row) -> None:
        values = row.values
        name = values.get("name")
        if self._feet.is_sum(row.cells):
            said = next(cell.strip() for cell in row.cells if cell.strip())
            row.wrong[:] = [Wrong(self.mapping.column_of("name"), said, text(TOTALS))]
        row.is_title = self._feet.is_title(row.cells)
        if name is None and "external_id" not in values and "domain" not in values and not row.wrong:
            row.wrong.append(Wrong(self.mapping.column_of("name"), "", text(N_("This row names no account."))))
        amount = values.pop("arr", None)
        monthly = values.pop("mrr", None)
        said = amount or monthly
        if said is not None:
            number, in_cell = said
            currency = values.get("currency") or in_cell
            column = self.mapping.column_of("arr" if amount else "mrr")
            if in_cell and values.get("currency") not in (None, in_cell):
                row.wrong.append(
                    Wrong(
                        column,
                        row.cells[column] if column is not None else "",
                        text(
                            N_("The amount is in %(one)s but the currency column says %(other)s."),
                            one=in_cell,
                            other=values["currency"],
                        ),
                    )
                )
            used = currency or self.mapping.style.currency
            values["arr"] = Arr(minor_units(number, used), used, said=currency is not None)
        starts, ends = values.get("starts_on"), values.get("ends_on")
        if starts and ends and ends < starts:
            column = self.mapping.column_of("ends_on")
            row.wrong.append(
                Wrong(
                    column,
                    row.cells[column] if column is not None else "",
                    text(
                        N_("The contract ends on %(ends)s, before it starts on %(starts)s."), ends=ends, starts=starts
                    ),
                )
            )

    def _finish_contact(self, row: Row) -> None:
        values = row.values
        first, last = values.pop("first_name", None), values.pop("last_name", None)
        if "name" not in values and (first or last):
            values["name"] = " ".join(part for part in (first, last) if part)
        if values.keys().isdisjoint(("name", "email", "external_id")) and not row.wrong:
            row.wrong.append(Wrong(self.mapping.column_of("name"), "", text(N_("This row names nobody."))))


def _short_text(cell: str, most: int) -> str:
    value = " ".join(cell.split())
    if len(value) > most:
        raise Unreadable(
            N_("“%(value)s” is too long; %(most)s letters are the most."), value=value[:40] + "…", most=most
        )
    return value


def _tags(cell: str) -> tuple[str, ...]:
    try:
        return tuple(words_of(cell.replace("|", ",")))
    except Invalid as refusal:
        raise Unreadable(refusal.sentence.message, **refusal.sentence.values) from None


def _seats(cell: str) -> int:
    seats = read_whole(cell)
    if seats > LARGEST_SEATS:
        raise Unreadable(N_("“%(value)s” is more seats than anyone has."), value=cell)
    return seats


def _figure(number: Decimal, cell: str) -> Decimal:
    if number < 0:
        raise Unreadable(N_("“%(value)s” is below zero; usage is 0 or more."), value=cell)
    if number > LARGEST_FIGURE:
        raise Unreadable(N_("“%(value)s” is more than we can keep for one day."), value=cell)
    return number


def _score(number: Decimal, cell: str) -> int:
    if not 0 <= number <= 10 or number != number.to_integral_value():
        raise Unreadable(N_("“%(value)s” is not a whole number from 0 to 10."), value=cell)
    return int(number)


def _sum(amount: Amount, hints: Hints, cell: str) -> tuple[Decimal, str | None]:
    if amount.number < 0:
        raise Unreadable(N_("“%(value)s” is below zero; leave credit notes out."), value=cell)
    if amount.number >= 10**13:
        raise Unreadable(N_("“%(value)s” is more than an invoice can be."), value=cell)
    return amount.number * hints.factor, amount.currency or hints.currency


def _known(find: Callable[[str], str | None], cell: str, unknown: str) -> str:
    found = find(cell)
    if found is None:
        raise Unreadable(unknown, value=cell)
    return found


__all__ = ["Arr", "Row", "RowReader", "Wrong"]
