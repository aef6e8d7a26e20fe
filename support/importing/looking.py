"""What a file is: its source, how it is written, what its columns become, and what a person must still say."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from accounts.importing.values import decimal_of
from accounts.names import fold
from crm.config import get_settings
from crm.csv_io import Row, UnreadableFile
from crm.errors import Invalid
from crm.text import N_
from support.importing.dates import DatesSeen, Order
from support.importing.directory import DirectoryOnDisk
from support.importing.mapping import WORDS_OF, Mapping as KnownMapping, mapping_from, words_from
from support.importing.sources import BY_KEY, PACKS, recognised
from support.importing.sources.pack import PLACES, Form, Pack, at_place, fitted, wanted_at
from support.importing.tables import Reading, fill_from, first_records, form_of, paths_of
from support.importing.titles import NEEDED, PLACE_TITLES, WANTED, guessed, settings_for

SAMPLES = 5
OTHER = "other"  # a source of no known shape: its columns are guessed by their headings
WORD_PLACES = ("ticket.state", "ticket.priority", "ticket.kind", "verdict.first_answer", "verdict.resolution")
MOST_WORDS = 60  # of a column whose words are translated
_SAMPLED = 500  # rows from which columns are shown and scales are told
_TIME_PLACES = (*(place for place in PLACES if place.startswith("times.")), "events.at")
_NUMBER_PLACES = ("after.first_answered", "after.resolved", "rating", "events.value")


@dataclass(frozen=True)
class Chosen:
    """What a person said about a file; empty: nothing, it is found out.

    ``written``: a whole mapping, as of YAML. ``places``: place (``PLACE_TITLES``) → heading, or ``None`` for no column.
    ``words``: place → cell → our word, where "" says nothing. ``key`` and ``title`` name the helpdesk, where a company
    has two of one kind.
    """

    source: str | None = None
    key: str | None = None
    title: str | None = None
    written: Mapping[str, Any] | None = None
    places: Mapping[str, str | None] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    order: Order | None = None
    zone: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    create: bool | None = None  # whether companies that nobody knows become accounts

    def as_json(self) -> dict[str, Any]:
        return {
            **self.__dict__,
            "places": dict(self.places),
            "words": {place: dict(said) for place, said in self.words.items()},
            "order": self.order.value if self.order else None,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Chosen:
        return cls(**{**kept, "order": Order(kept["order"]) if kept.get("order") else None})


@dataclass(frozen=True)
class Column:
    """A column of the file. ``becomes``: the places (``PLACE_TITLES``) it is mapped to; none: it is left out."""

    title: str
    becomes: tuple[str, ...]
    samples: tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """Everything that was found out about a file. ``missing``: places without which it cannot be brought in.

    ``must_say_order``: whether 3/4/25 is March or April cannot be known from the whole file (``example`` is one such
    cell); nothing is brought in until a person says it.
    """

    reading: Reading
    chosen: Chosen
    written: dict[str, Any]
    columns: tuple[Column, ...]
    missing: tuple[str, ...]
    rows: int
    encoding: str
    delimiter: str
    order: Order | None
    must_say_order: bool
    example: str
    decimal: str | None
    zone: str
    along: tuple[Path, ...] = ()
    repeated_headings: int = 0
    words: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # place → cell → rows that say it

    @property
    def pack(self) -> Pack | None:
        return self.reading.pack

    @property
    def form(self) -> Form:
        return self.reading.form

    @property
    def source_key(self) -> str:
        return str(self.written["source"]["key"])

    @property
    def source_title(self) -> str:
        return str(self.written["source"].get("title") or self.source_key)

    @property
    def creates_accounts(self) -> bool:
        return at_place(self.written, "company.create") in (True, "true")

    def mapping(self) -> KnownMapping:
        """Ready to be used; raises with a sentence where a person must say something first."""
        if self.missing:
            words = ", ".join(str(PLACE_TITLES[place]) for place in self.missing)
            raise Invalid(
                N_("No column could be found for: %(what)s. Say it with a mapping; the file has: %(columns)s"),
                what=words,
                columns=", ".join(column.title for column in self.columns),
            )
        if self.must_say_order:
            raise Invalid(
                N_("“%(cell)s” may be read with the day or with the month first, and no row of the file settles it."),
                cell=self.example,
            )
        return mapping_from(self.written)

    def directory(self, folder: Path) -> DirectoryOnDisk:
        """Of the files given along; to be closed."""
        known = DirectoryOnDisk(folder)
        try:
            for path in self.along:
                fill_from(known, path)
        except BaseException:
            known.close()
            raise
        return known


def look(
    path: Path,
    chosen: Chosen | None = None,
    *,
    along: Sequence[Path] = (),
    remembered: Mapping[str, Any] | None = None,
    whole: bool = True,
) -> Seen:
    """Read ``path`` once; without ``whole`` only its beginning, where nothing more has to be found out.

    ``along``: files of companies and contacts. ``remembered``: the mapping that files with these headings had last
    time, if no pack knows them; see ``headings_of``.
    """
    chosen = chosen or Chosen()
    reading, titles = _reading(path, chosen)
    written = _written(reading, titles, chosen, remembered)
    scan = _Scan(reading, written, whole=whole)
    written = {**written, **_found_out(written, scan, chosen, is_known=reading.pack is not None)}
    if at_place(written, "rating") and not chosen.written and reading.pack is None and not remembered:
        rated = wanted_at(written, "rating")[0]
        written["rating"] = settings_for("rating", rated, scan.cells_of(rated))
    if chosen.create is not None and isinstance(written.get("company"), dict):
        written["company"] = {**written["company"], "create": "true" if chosen.create else "false"}
    order = chosen.order or scan.dates.order
    written["read"] = _read_section(reading, scan, along)
    return Seen(
        reading=replace(reading, encoding=scan.encoding, delimiter=scan.delimiter or None),
        chosen=chosen,
        written=written,
        columns=_columns(scan, written, reading.pack),
        missing=_missing(written),
        rows=scan.rows,
        encoding=scan.encoding,
        delimiter=scan.delimiter,
        order=order if scan.dates.numeric else None,
        must_say_order=scan.dates.must_ask and chosen.order is None,
        example=scan.dates.example,
        decimal=chosen.decimal or scan.decimal,
        zone=str(written["zone"]),
        along=tuple(along),
        repeated_headings=scan.passed_over,
        words={place: dict(said) for place, said in scan.words.items() if said},
    )


def headings_of(path: Path, chosen: Chosen | None = None) -> str | None:
    """What files of this kind are remembered by; ``None``: a known helpdesk's, or one whose mapping is given."""
    chosen = chosen or Chosen()
    reading, titles = _reading(path, chosen)
    if reading.pack is not None or chosen.written is not None:
        return None
    return signature(titles)


def reading_of(path: Path, written: Mapping[str, Any]) -> Reading:
    """How a file was read when ``written`` was made of it."""
    read = written["read"]
    return Reading(
        path,
        Form(read["form"]),
        read["encoding"],
        read["delimiter"] or None,
        pack=BY_KEY[read["pack"]] if read["pack"] else None,
        columns=tuple(read["columns"]),
        is_flat=read["flat"],
    )


def signature(titles: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(fold(title) for title in titles)).encode()).hexdigest()


# --- how it is read ---


def _reading(path: Path, chosen: Chosen) -> tuple[Reading, tuple[str, ...]]:
    form = form_of(path)
    reading = Reading(path, form, chosen.encoding, chosen.delimiter)
    by_hand = chosen.written is not None or chosen.source == OTHER
    if form is Form.CSV:
        with reading.open() as table:
            titles = table.header
        flat = next((pack for pack in PACKS if pack.form is Form.JSON and set(_header(pack)) <= set(titles)), None)
        if flat is not None and not by_hand and chosen.source in (None, flat.source):
            return replace(reading, pack=flat, is_flat=True), titles
        pack = None if by_hand else recognised(form, titles, source=chosen.source)
        _refuse_other(pack, chosen)
        return reading.with_pack(pack), titles
    records = [dict(found.record) for found in first_records(path, encoding=chosen.encoding)]
    if not records:
        raise UnreadableFile(N_("The JSON file holds no records."))
    pack = None if by_hand else _pack_of(records, chosen.source)
    _refuse_other(pack, chosen)
    if pack is not None:
        reading = reading.with_pack(pack)
        return reading, reading.columns
    titles = tuple(dict.fromkeys(path for record in records for path in paths_of(record)))[:500]
    if chosen.written is not None:
        wanted = (words for place in PLACES for words in wanted_at(chosen.written, place))
        titles = tuple(dict.fromkeys((*(c for one in wanted for c in words_from("", one).columns), *titles)))
    return replace(reading, columns=titles), titles


def _header(pack: Pack) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*pack.columns, *pack.added)))


def _pack_of(records: Sequence[Mapping[str, Any]], source: str | None) -> Pack | None:
    votes: Counter[str] = Counter()
    for record in records:
        pack = recognised(Form.JSON, paths_of(record), source=source)
        if pack is not None:
            votes[pack.key] += 1
    return BY_KEY[votes.most_common(1)[0][0]] if votes else None


def _refuse_other(pack: Pack | None, chosen: Chosen) -> None:
    if pack is None and chosen.source not in (None, OTHER):
        raise Invalid(
            N_("This is no file of %(source)s that we know; say what its columns mean with a mapping."),
            source=next(one.title for one in PACKS if one.source == chosen.source),
        )


# --- what it means ---


def _written(
    reading: Reading, titles: Sequence[str], chosen: Chosen, remembered: Mapping[str, Any] | None
) -> dict[str, Any]:
    if chosen.written is not None:
        written = {**chosen.written}
    elif reading.pack is not None:
        there = titles if reading.is_flat else (*titles, *reading.pack.added)
        written = fitted(reading.pack.mapping, there)
    elif remembered is not None:
        written = fitted(remembered, titles)
    else:
        written = _by_titles(titles)
    for place, title in chosen.places.items():
        _set(written, place, title)
    for place, said in chosen.words.items():
        _say_words(written, place, said)
    if chosen.key or chosen.title:
        source = dict(written["source"])
        source["key"] = chosen.key or source["key"]
        source["title"] = chosen.title or (source.get("title") if not chosen.key else chosen.key)
        written["source"] = source
    written.setdefault("zone", chosen.zone or get_settings().time_zone)
    if chosen.zone and not (chosen.written or {}).get("zone"):
        written["zone"] = chosen.zone
    return written


def _by_titles(titles: Sequence[str]) -> dict[str, Any]:
    written: dict[str, Any] = {
        "source": {"key": "helpdesk", "title": "Helpdesk"},
        "one_row_per": "ticket",
        "ticket": {},
    }
    for place, title in guessed(titles).items():
        _set(written, place, title)
    if at_place(written, "company.name"):
        written["company"]["create"] = "true"
    return written


def _set(written: dict[str, Any], place: str, title: str | None) -> None:
    if place not in PLACE_TITLES:
        raise Invalid(N_("There is no place “%(place)s” in a ticket."), place=place)
    section, _, key = place.rpartition(".")
    into = dict(written.get(section) or {}) if section else written
    if title is None:
        into.pop(key, None)
        if section == "company" and key == "name":
            into.pop("create", None)
    elif isinstance(before := into.get(key), dict):
        into[key] = {**before, "column": title}
    else:
        into[key] = settings_for(place, title, ())
    if section:
        if into:
            written[section] = into
        else:
            written.pop(section, None)


def _say_words(written: dict[str, Any], place: str, said: Mapping[str, str]) -> None:
    """What cells at ``place`` mean, over what they meant before; nothing where no column stands there."""
    section, _, key = place.rpartition(".")
    before = at_place(written, place)
    if before is None:
        return
    choice = {**before} if isinstance(before, Mapping) else {"column": before}
    known = choice.get("values") or {word: word for word in WORDS_OF[place]}
    choice["values"] = {**known, **{cell: meaning or None for cell, meaning in said.items()}}
    written[section] = {**written[section], key: choice}


def _found_out(written: Mapping[str, Any], scan: _Scan, chosen: Chosen, *, is_known: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if not written.get("dates") and scan.looked_at_dates:
        found["dates"] = scan.dates.formats(chosen.order)
    decimal = chosen.decimal or scan.decimal
    if decimal and not written.get("decimal"):
        found["decimal"] = decimal
    return found


def _read_section(reading: Reading, scan: _Scan, along: Sequence[Path]) -> dict[str, Any]:
    return {
        "form": reading.form.value,
        "pack": reading.pack.key if reading.pack else None,
        "flat": reading.is_flat,
        "encoding": scan.encoding,
        "delimiter": scan.delimiter,
        "columns": list(reading.columns) if reading.form is Form.JSON else [],
        "along": [_digest(path) for path in along],
    }


def _digest(path: Path) -> str:
    with path.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()


def _missing(written: Mapping[str, Any]) -> tuple[str, ...]:
    if written.get("one_row_per") == "event":
        return ()
    needed = NEEDED if at_place(written, "times.resolved") or at_place(written, "times.closed") else WANTED
    return tuple(place for place in needed if not wanted_at(written, place))


def _columns(scan: _Scan, written: Mapping[str, Any], pack: Pack | None) -> tuple[Column, ...]:
    becomes: dict[str, list[str]] = {}
    for place in PLACES:
        for wanted in wanted_at(written, place):
            for column in words_from(place, wanted).columns:
                becomes.setdefault(column, []).append(place)
    return tuple(
        Column(title, tuple(becomes.get(title, ())), tuple(scan.samples[number]))
        for number, title in enumerate(scan.titles)
        if number < scan.own or title in becomes
    )


class _Scan:
    """One walk over the whole file: how its days and figures are written, and what stands in its columns."""

    def __init__(self, reading: Reading, written: Mapping[str, Any], *, whole: bool) -> None:
        self.dates = DatesSeen()
        self.looked_at_dates = not written.get("dates")
        self.rows = 0
        amounts: list[str] = []
        with reading.open() as table:
            self.titles, self.own = table.header, table.own
            self.encoding = str(getattr(table, "encoding", "utf-8"))
            self.delimiter = str(getattr(table, "delimiter", ""))
            self.samples: list[dict[str, None]] = [{} for _ in self.titles]
            self._sampled: list[Row] = []
            times = self._places(written, _TIME_PLACES) if self.looked_at_dates else []
            numbers = self._places(written, _NUMBER_PLACES)
            self.words: dict[str, Counter[str]] = {place: Counter() for place in WORD_PLACES}
            worded = [
                (number, said) for place, said in self.words.items() for number in self._places(written, (place,))
            ]
            unknown = {"", *(written.get("unknown") or ())}
            for row in table:
                if self.rows >= _SAMPLED and not whole and not self.looked_at_dates:
                    break
                self.rows += 1
                cells = row.values
                if self.rows <= _SAMPLED:
                    self._sample(row)
                for number, said in worded:
                    cell = cells[number].strip()[:120] if number < len(cells) else ""
                    if cell not in unknown and (cell in said or len(said) < MOST_WORDS):
                        said[cell] += 1
                for place in times:
                    if place < len(cells) and (cell := cells[place].strip()) not in unknown:
                        self.dates.see(cell)
                if len(amounts) < 5_000:
                    amounts += [cells[place] for place in numbers if place < len(cells) and ":" not in cells[place]]
            self.passed_over = table.passed_over
        self.decimal = decimal_of(amounts)

    def _places(self, written: Mapping[str, Any], places: Sequence[str]) -> list[int]:
        wanted = {fold(column) for place in places for one in wanted_at(written, place)
                  for column in words_from(place, one).columns}  # fmt: skip
        return [number for number, title in enumerate(self.titles) if fold(title) in wanted]

    def _sample(self, row: Row) -> None:
        self._sampled.append(row)
        for seen, cell in zip(self.samples, row.values, strict=False):
            if len(seen) < SAMPLES and (shown := " ".join(cell.split())[:120]):
                seen[shown] = None

    def cells_of(self, title: str) -> list[str]:
        place = next((number for number, one in enumerate(self.titles) if one == title), None)
        return [] if place is None else [row.values[place] for row in self._sampled if place < len(row.values)]


__all__ = ["OTHER", "Chosen", "Column", "Seen", "headings_of", "look", "reading_of", "signature"]
