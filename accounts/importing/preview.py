"""What the page shows before anything is written: how the file was read, what its columns become, what would happen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlmodel import Session

from accounts.importing import service
from accounts.importing.days import DayOrder, FoundOrder, day_order_of
from accounts.importing.facts import FactPlan
from accounts.importing.feet import repeats_headings
from accounts.importing.files import Source
from accounts.importing.mapping import LEFT_OUT, Mapping, Sample
from accounts.importing.planning import NOTE_SENTENCES, AccountPlan, Outcome
from accounts.importing.rows import Wrong
from accounts.importing.running import Plan, RawRow, colleagues_of, count, in_chunks, make_importer
from accounts.importing.targets import TARGETS, Kind, Part, Shape
from accounts.importing.telling import ProblemLine, grouped
from accounts.importing.unreadable import shortened
from accounts.importing.words import NOBODY, Colleagues, meaning_of
from accounts.models import Contract, OwnFieldKind
from accounts.models.account import STAGE_TITLES, TIER_TITLES
from accounts.models.contact import CONSENT_TITLES, CONTACT_ROLE_TITLES, INFLUENCE_TITLES, SENTIMENT_TITLES
from accounts.names import fold
from crm.csv_io import ImportRun
from crm.i18n.write import Money
from crm.text import N_, Text, plural, text
from crm.viewer import Viewer

CHECKED_ROWS = 2_000
SHOWN_ROWS = 8
SHOWN_PROBLEMS = 25

EITHER_WAY: dict[DayOrder, Callable[[int], Text]] = {
    DayOrder.DAY_FIRST: lambda n: plural(
        N_("%(n)s date could be read either way; it is read with the day first."),
        N_("%(n)s dates could be read either way; they are read with the day first."),
        n,
    ),
    DayOrder.MONTH_FIRST: lambda n: plural(
        N_("%(n)s date could be read either way; it is read with the month first."),
        N_("%(n)s dates could be read either way; they are read with the month first."),
        n,
    ),
    DayOrder.YEAR_FIRST: lambda n: plural(
        N_("%(n)s date could be read either way; it is read with the year first."),
        N_("%(n)s dates could be read either way; they are read with the year first."),
        n,
    ),
}
_TITLES: dict[Shape, dict[Any, str]] = {
    Shape.TIER: {tier.value: title for tier, title in TIER_TITLES.items()},
    Shape.STAGE: {stage.value: title for stage, title in STAGE_TITLES.items()},
    Shape.ROLE: {role.value: title for role, title in CONTACT_ROLE_TITLES.items()},
    Shape.INFLUENCE: {influence.value: title for influence, title in INFLUENCE_TITLES.items()},
    Shape.SENTIMENT: {sentiment.value: title for sentiment, title in SENTIMENT_TITLES.items()},
    Shape.CONSENT: {consent.value: title for consent, title in CONSENT_TITLES.items()},
}


@dataclass(frozen=True)
class ColumnLine:
    """One column of the file in the list of columns."""

    number: int
    title: str
    examples: tuple[str, ...]
    becomes: str
    filled: int  # of the first rows
    wrong: int  # cells of the checked rows that cannot be read


@dataclass(frozen=True)
class WordLine:
    """A word of a tier, stage, owner or role, and what it is taken for (empty: not understood)."""

    name: str  # of the form's field
    column: str
    word: str
    times: int
    meaning: str
    options: tuple[tuple[str, Text | str], ...]


@dataclass(frozen=True)
class Head:
    title: Text | str  # a heading of the file is shown as it is
    numeric: bool = False


@dataclass(frozen=True)
class Cell:
    value: Any  # a string, or what a ``Writer`` writes
    before: Any = None
    changed: bool = False
    wrong: Text | None = None


@dataclass(frozen=True)
class ShownRow:
    line: int
    outcome: Outcome
    cells: tuple[Cell, ...]
    wrong: tuple[Wrong, ...]


@dataclass
class Preview:
    mapping: Mapping
    source: Source
    columns: list[ColumnLine]
    words: list[WordLine]
    order: FoundOrder
    dated: bool  # there are dates at all
    counts: dict[str, int] = field(default_factory=dict)
    checked: int = 0
    rows: int = 0
    heads: list[Head] = field(default_factory=list)
    shown: list[ShownRow] = field(default_factory=list)
    problems: list[ProblemLine] = field(default_factory=list)
    bad_rows: int = 0
    notes: list[Text] = field(default_factory=list)
    refusal: Text | None = None

    @property
    def left_out(self) -> list[str]:
        return [line.title for line in self.columns if line.becomes == LEFT_OUT and line.filled]

    @property
    def not_understood(self) -> int:
        return sum(not line.meaning for line in self.words)

    @property
    def is_partial(self) -> bool:
        return self.checked < self.rows

    @property
    def will_write(self) -> int:
        return self.counts.get("new", 0) + self.counts.get("updated", 0)


def look(session: Session, viewer: Viewer, run: ImportRun) -> Preview:
    """Plans the first rows with the very hands that would write them."""
    mapping, source = service.mapping_of(run), service.source_of(run)
    raw = list(islice(source.rows(), CHECKED_ROWS))
    rows = (tuple(cells) for _line, cells in raw if not repeats_headings(cells, source.headings))
    sample = Sample(source.headings, tuple(islice(rows, service.SAMPLE_ROWS)))
    colleagues = colleagues_of(session)
    preview = Preview(
        mapping=mapping,
        source=source,
        columns=[],
        words=_words(mapping, sample, colleagues),
        order=_order(mapping, sample),
        dated=any(_is_dated(mapping, column) for column in range(len(mapping.columns))),
        rows=run.mapping["rows"],
    )
    wrong: Counter[int] = Counter()
    try:
        service.ensure_names_rows(mapping)
    except service.NothingToGoBy as nothing:
        preview.refusal = nothing.sentence
    else:
        plans = _plan(session, viewer, mapping, source, raw)
        wrong.update(each.column for plan in plans for each in plan.wrong if each.column is not None)
        _tell(preview, plans, colleagues)
    preview.columns = [
        ColumnLine(
            number=column,
            title=sample.title(column),
            examples=_examples(sample.cells(column)),
            becomes=mapping.columns[column],
            filled=len(sample.cells(column)),
            wrong=wrong[column],
        )
        for column in range(len(mapping.columns))
    ]
    return preview


def _plan(session: Session, viewer: Viewer, mapping: Mapping, source: Source, raw: Sequence[RawRow]) -> list[Plan]:
    importer = make_importer(session, viewer, mapping, source.headings, dry=True)
    return [plan for chunk in in_chunks(raw) for plan in importer.plan(session, chunk)]


def _tell(preview: Preview, plans: Sequence[Plan], colleagues: Colleagues) -> None:
    mapping, headings = preview.mapping, preview.source.headings
    preview.counts, preview.checked = count(plans), len(plans)
    bad = [plan for plan in plans if plan.outcome is Outcome.REJECTED]
    preview.bad_rows = len(bad)
    preview.problems = grouped(
        (plan.row.line, headings[wrong.column] if wrong.column is not None else "", wrong.value, wrong.reason)
        for plan in bad
        for wrong in plan.wrong
    )[:SHOWN_PROBLEMS]
    noted = Counter(note for plan in plans if isinstance(plan, AccountPlan) and plan.outcome is not Outcome.REJECTED
                    for note in plan.notes)  # fmt: skip
    preview.notes = [NOTE_SENTENCES[note](number) for note, number in noted.items()]
    if preview.dated and preview.order.open and not preview.order.sure:
        preview.notes.insert(0, EITHER_WAY[mapping.style.day_order](preview.order.open))
    shown = _Shown(mapping, preview.source.headings, colleagues)
    preview.heads = shown.heads
    preview.shown = [shown.row(plan) for plan in _worth_showing(plans)]


def _worth_showing(plans: Sequence[Plan]) -> list[Plan]:
    """The first rows of the file, and one of each outcome that is not among them."""
    first = list(plans[:SHOWN_ROWS])
    for outcome in Outcome:
        if not any(plan.outcome is outcome for plan in first):
            first += [plan for plan in plans[SHOWN_ROWS:] if plan.outcome is outcome][:1]
    return first


def _examples(cells: Sequence[str]) -> tuple[str, ...]:
    different = list(dict.fromkeys(" ".join(cell.split()) for cell in cells))[:3]
    return tuple(cell if len(cell) <= 40 else cell[:39] + "…" for cell in different)


def _is_dated(mapping: Mapping, column: int) -> bool:
    target = mapping.target(column)
    return (target is not None and target.shape is Shape.DAY) or mapping.own_kind(column) is OwnFieldKind.DATE


def _order(mapping: Mapping, sample: Sample) -> FoundOrder:
    dated = [column for column in range(len(mapping.columns)) if _is_dated(mapping, column)]
    return day_order_of(cell for column in dated for cell in sample.cells(column))


def _words(mapping: Mapping, sample: Sample, colleagues: Colleagues) -> list[WordLine]:
    lines = []
    for column in range(len(mapping.columns)):
        target = mapping.target(column)
        if target is None or not target.shape.asks_words:
            continue
        told = mapping.words.get(target.key, {})
        options = word_options(target.shape, colleagues)
        known = {value for value, _title in options}
        for word, times in sample.words(column, target.shape):
            offered = options
            if target.shape is Shape.OWNER:
                meaning = told.get(fold(word)) or str(colleagues.find(word) or "")
                offered = options if meaning in known else word_options(target.shape, colleagues, word)
            else:
                meaning = told.get(fold(word)) or meaning_of(target.shape, word) or ""
            name = f"word.{target.key}.{fold(word)}"
            lines.append(
                WordLine(name, sample.title(column), word, times, meaning if meaning in known else "", offered)
            )
    return sorted(lines, key=lambda line: bool(line.meaning))  # what is not understood comes first


def word_options(shape: Shape, colleagues: Colleagues, word: str = "") -> tuple[tuple[str, Text | str], ...]:
    """Whom or what ``word`` may mean; colleagues who are written much like it come first, and none is chosen."""
    if shape is Shape.OWNER:
        ordered = colleagues.alike(word) if word else colleagues.people
        people: list[tuple[str, Text | str]] = [(str(person.id), person.name) for person in ordered]
        return (*people, (NOBODY, text(N_("nobody yet"))))
    return (*((value, text(title)) for value, title in _TITLES[shape].items()), (NOBODY, text(N_("leave empty"))))


class _Shown:
    """Rows as they would become, in the reader's way of writing."""

    def __init__(self, mapping: Mapping, headings: Sequence[str], colleagues: Colleagues) -> None:
        self._mapping = mapping
        self._colleagues = colleagues
        keys = [target.key for target in TARGETS[mapping.kind] if target.key in mapping.columns]
        if mapping.kind is Kind.ACCOUNTS:
            if "mrr" in keys:
                keys = [key for key in keys if key != "arr"]
                keys[keys.index("mrr")] = "arr"
            keys = [key for key in keys if key not in ("currency", "notice", *Part)]
            if any(part in mapping.columns for part in Part):
                keys.append(Part.NAME)
            if "ends_on" in keys:
                keys.insert(keys.index("ends_on") + 1, "decides_on")
        elif "first_name" in keys or "last_name" in keys:
            keys = ["name", *(key for key in keys if key not in ("name", "first_name", "last_name"))]
        self._keys = keys
        titles = {target.key: target.title for target in TARGETS[mapping.kind]}
        titles |= {"decides_on": N_("Decides by"), Part.NAME: N_("Contacts")}
        self._own = [column for column in range(len(mapping.columns)) if mapping.own_kind(column)]
        self.heads = [Head(text(titles[key]), key in ("arr", "seats", "value", "score", "amount")) for key in keys]
        self.heads += [Head(headings[column], mapping.own_kind(column) is OwnFieldKind.NUMBER) for column in self._own]

    def row(self, plan: Plan) -> ShownRow:
        cells = [self._cell(plan, key) for key in self._keys]
        for column in self._own:
            own_cell = plan.row.own.get(column)
            changed = isinstance(plan, AccountPlan) and column in plan.own and plan.outcome is Outcome.UPDATED
            value: Any = "" if own_cell is None else own_cell.day or shortened(own_cell.text, 200)
            cells.append(Cell(value, changed=changed))
        return ShownRow(plan.row.line, plan.outcome, tuple(cells), tuple(plan.wrong))

    def _cell(self, plan: Plan, key: str) -> Cell:
        column = self._mapping.column_of(key)
        wrong = next((wrong for wrong in plan.wrong if column is not None and wrong.column == column), None)
        if wrong is not None:
            return Cell(shortened(wrong.value, 200), wrong=wrong.reason)
        value = self._value(plan, key)
        changed = plan.outcome is Outcome.UPDATED and key in self._changed(plan)
        return Cell(value, changed=changed)

    def _changed(self, plan: Plan) -> set[str]:
        if isinstance(plan, FactPlan):
            return set(plan.changed)
        changed = {"owner" if key == "owner_id" else key for key in plan.values}
        if isinstance(plan, AccountPlan):
            if plan.arr is not None:
                changed.add("arr")
            if plan.tags:
                changed.add("tags")
            if plan.people:
                changed.add(Part.NAME)
            if plan.deal is not None:
                changed |= {"starts_on", "ends_on", "decides_on"}
        else:
            changed |= {"position"} if plan.position is not None else set()
            changed |= {"role"} if plan.roles else set()
            changed |= {"account"} if plan.joins else set()
            changed |= plan.standing.keys() | ({"note"} if plan.note else set())
        return changed

    def _value(self, plan: Plan, key: str) -> Any:
        values = plan.row.values
        if isinstance(plan, AccountPlan):
            if key == "owner":
                owner = plan.values.get("owner_id", values.get("owner"))
                person = self._colleagues.by_id.get(owner) if isinstance(owner, int) else None
                return person.name if person else ""
            if key in ("starts_on", "ends_on", "decides_on") and plan.deal:
                deal = plan.deal
                return {
                    "starts_on": deal.starts_on,
                    "ends_on": deal.ends_on,
                    "decides_on": Contract.decision_day(deal.ends_on, deal.notice_days),
                }[key]
            if key == "decides_on" and plan.known and plan.known.terms:
                term = plan.known.terms[0]
                return Contract.decision_day(term.ends_on, term.notice_days)
        value = values.get(key, "")
        if key == Part.NAME and isinstance(plan, AccountPlan):
            return ", ".join(person.name for person in plan.row.people)
        if key == "note":
            return " · ".join(plan.row.notes)
        if key in ("influence", "sentiment", "consent") and value:
            return text(_TITLES[Shape(key)][value.value])
        if key == "arr" and value:
            return Money(value.minor, value.currency, short=False)
        if key == "tags":
            return ", ".join(value)
        if key == "amount" and value:
            return Money(value.minor, value.currency, short=False)
        if key in ("tier", "stage") and value:
            return text(_TITLES[Shape(key)][value.value])
        if key == "role" and value:
            return tuple(text(CONTACT_ROLE_TITLES[role]) for role in value)
        if key == "account" and not isinstance(plan, AccountPlan) and plan.account:
            return plan.account.name
        return value
