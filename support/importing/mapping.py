"""What the columns of a helpdesk's file mean, read from YAML and checked with sentences that say what to mend.

The form is described in ``docs/guide/import-tickets.md``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

import yaml

from accounts.models import Tier
from accounts.names import fold
from crm.errors import Invalid
from crm.text import N_, Text, text
from support.importing.durations import Unit
from support.models import EventKind, TicketKind

EnumT = TypeVar("EnumT", bound=StrEnum)


class MappingWrong(Invalid):
    """The mapping cannot be used as it is; ``place`` is where in it."""

    def __init__(self, place: str, reason: Text) -> None:
        super().__init__(N_("The mapping, at “%(place)s”: %(reason)s"), place=place, reason=reason)


class OneRowPer(StrEnum):
    TICKET = "ticket"
    EVENT = "event"


class Told(StrEnum):
    """Whether a file of events tells the whole of each ticket, or what happened since the file before."""

    WHOLE = "whole"
    PART = "part"


class SourceState(StrEnum):
    OPEN = "open"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"
    DELETED = "deleted"


class Verdict(StrEnum):
    MET = "met"
    MISSED = "missed"


PRIORITIES = {"urgent": 1, "high": 2, "normal": 3, "low": 4}

# What a file of events may name; the others are made from columns.
NAMED_EVENTS = tuple(kind for kind in EventKind if kind is not EventKind.REPEATED)

TIMES = ("opened", "first_answered", "acknowledged", "reopened", "resolved", "closed", "rated", "deleted", "updated")
AFTER = ("first_answered", "resolved")
COUNTS = ("reassigned", "reopened", "escalated")
_NOTHING = ("", "~", "null")
_VERDICTS = tuple(verdict.value for verdict in Verdict)
WORDS_OF: Dict[str, tuple[str, ...]] = {  # our words for what a cell may mean
    "ticket.state": tuple(state.value for state in SourceState),
    "ticket.priority": tuple(PRIORITIES),
    "ticket.kind": tuple(kind.value for kind in TicketKind),
    "verdict.first_answer": _VERDICTS,
    "verdict.resolution": _VERDICTS,
}
_BRACES = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Words:
    """A column, or a text with ``{columns}`` in it, which is empty where one of them is unknown."""

    place: str
    template: str
    columns: tuple[str, ...]
    is_column: bool


@dataclass(frozen=True)
class Choice:
    """A column whose cells mean one of a few things; ``None``: the cell says nothing.

    Cells are compared without case and accents. ``otherwise``: what any other cell means; without it such a row is left
    out and told.
    """

    words: Words
    values: Dict[str, Any]
    otherwise: Any = None
    has_otherwise: bool = False


@dataclass(frozen=True)
class CompanyMapping:
    id: Words | None = None
    domain: Words | None = None
    name: Words | None = None
    create: bool = False
    tier: Tier = Tier.MID


@dataclass(frozen=True)
class RequesterMapping:
    id: Words | None = None
    name: Words | None = None
    email: Words | None = None


@dataclass(frozen=True)
class EventsMapping:
    """Only where one row is one event."""

    at: Words
    sequence: Words | None = None
    kind: Choice | None = None
    value: Words | None = None
    told: Told = Told.WHOLE


@dataclass(frozen=True)
class AfterMapping:
    """How long after the opening something happened, where the file tells no time of it."""

    words: Words
    unit: Unit  # of a bare number


@dataclass(frozen=True)
class Mapping:
    source_key: str
    source_title: str
    zone: str
    one_row_per: OneRowPer
    id: Words
    dates: tuple[str, ...] = ("iso",)
    unknown: frozenset[str] = frozenset()
    url: Words | None = None
    subject: Words | None = None
    topic: Words | None = None
    channel: Words | None = None
    assignee: Words | None = None
    team: Words | None = None
    kind: Choice | None = None
    priority: Choice | None = None
    state: Choice | None = None
    times: Dict[str, Words] = field(default_factory=dict)
    after: Dict[str, AfterMapping] = field(default_factory=dict)
    counts: Dict[str, Words] = field(default_factory=dict)
    resolution_verdict: Choice | None = None
    first_answer_verdict: Choice | None = None
    rating: Words | None = None
    rating_scale: tuple[float, float] = (0, 100)
    rating_words: Choice | None = None  # where cells are words: what each is on the scale
    decimal: str = "."
    company: CompanyMapping = field(default_factory=CompanyMapping)
    requester: RequesterMapping = field(default_factory=RequesterMapping)
    events: EventsMapping | None = None
    answers_told: bool = True


def read_mapping(path: Path) -> Mapping:
    """The mapping in ``path``; raises with a sentence."""
    return mapping_from(load_yaml(path))


def load_yaml(path: Path) -> dict[str, Any]:
    try:
        # The base loader makes texts only: "No", "1" and "on" stay what they are in the file.
        written = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - it can make nothing else
    except OSError as wrong:
        raise Invalid(
            N_("The mapping %(file)s cannot be read: %(reason)s"), file=str(path), reason=wrong.strerror or str(wrong)
        ) from wrong
    except UnicodeDecodeError as wrong:
        raise Invalid(N_("The mapping %(file)s is not written in UTF-8."), file=str(path)) from wrong
    except yaml.YAMLError as wrong:
        mark = getattr(wrong, "problem_mark", None)
        raise Invalid(
            N_("The mapping %(file)s is not YAML: line %(line)s, %(reason)s"),
            file=str(path),
            line=mark.line + 1 if mark else 1,
            reason=getattr(wrong, "problem", None) or str(wrong),
        ) from wrong
    if not isinstance(written, dict):
        raise Invalid(N_("The mapping %(file)s holds no settings."), file=str(path))
    return written


def mapping_from(written: dict[str, Any]) -> Mapping:
    top = _Section("", written)
    source = top.section("source")
    ticket = top.section("ticket")
    one_row_per = top.one_of("one_row_per", OneRowPer)
    times = top.words_by_name("times", TIMES)
    events = _events(top) if one_row_per is OneRowPer.EVENT else None
    if events is None and "events" in written:
        raise MappingWrong("events", text(N_("this is for files with one row per event")))
    if events is None and "opened" not in times:
        raise MappingWrong("times.opened", text(N_("say which column holds the instant of opening")))
    verdict = top.section("verdict", needed=False)
    rating = top.section("rating", needed=False)
    rating_column = rating.maybe_words("column")
    rating_words = rating.rating_words(rating_column) if rating_column is not None else None
    after = _after(top.section("after", needed=False))
    top.take("read")  # how the file itself was read; kept with the run
    answers = top.flag("answers_told")
    source_key = _key(source.text("key"))
    found = Mapping(
        source_key=source_key,
        source_title=source.text("title", source_key),
        zone=_zone(top.text("zone")),
        one_row_per=one_row_per,
        id=ticket.words("id"),
        dates=tuple(top.texts("dates")) or ("iso",),
        unknown=frozenset(top.texts("unknown")),
        url=ticket.maybe_words("url"),
        subject=ticket.maybe_words("subject"),
        topic=ticket.maybe_words("topic"),
        channel=ticket.maybe_words("channel"),
        assignee=ticket.maybe_words("assignee"),
        team=ticket.maybe_words("team"),
        kind=ticket.choice("kind", {kind.value: kind for kind in TicketKind}),
        priority=ticket.choice("priority", PRIORITIES),
        state=ticket.choice("state", {state.value: state for state in SourceState}),
        times=times,
        after=after,
        counts=top.words_by_name("counts", COUNTS),
        resolution_verdict=verdict.choice("resolution", {one.value: one for one in Verdict}),
        first_answer_verdict=verdict.choice("first_answer", {one.value: one for one in Verdict}),
        rating=rating_column,
        rating_scale=_scale(rating),
        rating_words=rating_words,
        decimal=_decimal(top.text("decimal", ".")),
        company=_company(top.section("company", needed=False)),
        requester=_requester(top.section("requester", needed=False)),
        events=events,
        answers_told=_tells_answers(times, after, events) if answers is None else answers,
    )
    for section in (source, ticket, verdict, rating, top):
        section.refuse_rest()
    return found


def _events(top: _Section) -> EventsMapping:
    section = top.section("events")
    found = EventsMapping(
        at=section.words("at"),
        sequence=section.maybe_words("sequence"),
        kind=section.choice("kind", {kind.value: kind for kind in NAMED_EVENTS}),
        value=section.maybe_words("value"),
        told=section.one_of("told", Told, Told.WHOLE),
    )
    section.refuse_rest()
    return found


def _company(section: _Section) -> CompanyMapping:
    found = CompanyMapping(
        id=section.maybe_words("id"),
        domain=section.maybe_words("domain"),
        name=section.maybe_words("name"),
        create=section.flag("create") or False,
        tier=section.one_of("tier", Tier, Tier.MID),
    )
    section.refuse_rest()
    if found.create and found.name is None:
        raise MappingWrong("company.name", text(N_("new accounts need a name; say which column holds it")))
    return found


def _requester(section: _Section) -> RequesterMapping:
    found = RequesterMapping(
        id=section.maybe_words("id"), name=section.maybe_words("name"), email=section.maybe_words("email")
    )
    section.refuse_rest()
    return found


def _after(section: _Section) -> dict[str, AfterMapping]:
    found = {}
    for name in AFTER:
        value = section.take(name)
        if value is None:
            continue
        place = f"after.{name}"
        one = _Section(place, value if isinstance(value, dict) else {"column": value})
        found[name] = AfterMapping(one.words("column"), one.one_of("unit", Unit, Unit.HOURS))
        one.refuse_rest()
    section.refuse_rest()
    return found


def _decimal(written: str) -> str:
    if written not in (".", ","):
        raise MappingWrong("decimal", text(N_("write . or , between quotation marks")))
    return written


def _tells_answers(times: Dict[str, Words], after: Dict[str, AfterMapping], events: EventsMapping | None) -> bool:
    answers = {EventKind.FIRST_ANSWERED, EventKind.AGENT_REPLY}
    named = set(events.kind.values.values()) if events and events.kind else set()
    return "first_answered" in times or "first_answered" in after or bool(answers & named)


def _key(written: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,59}", written):
        raise MappingWrong("source.key", text(N_("small letters, digits, - _ and . only, 60 at most")))
    return written


def _zone(written: str) -> str:
    if written not in available_timezones():
        near = get_close_matches(written, available_timezones(), 1)
        reason = text(N_("there is no time zone “%(zone)s”; write one like Europe/Paris"), zone=written)
        if near:
            reason = text(N_("there is no time zone “%(zone)s”; did you mean %(near)s?"), zone=written, near=near[0])
        raise MappingWrong("zone", reason)
    return ZoneInfo(written).key


def _scale(section: _Section) -> tuple[float, float]:
    written = section.take("scale", ["0", "100"])
    try:
        worst, best = (float(end) for end in written)
    except (TypeError, ValueError):
        worst = best = 0
    if worst == best or not isfinite(worst) or not isfinite(best):
        raise MappingWrong("rating.scale", text(N_("write the worst and the best rating, like [1, 5]")))
    return worst, best


class _Section:
    """A part of the mapping that is read key by key; what is left at the end is not known here."""

    def __init__(self, place: str, written: Dict[str, Any] | None) -> None:
        self.place = place
        self.is_there = written is not None
        self._left = {str(key): value for key, value in (written or {}).items()}
        self._known: list[str] = []

    def _at(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key

    def take(self, key: str, otherwise: Any = None) -> Any:
        self._known.append(key)
        value = self._left.pop(key, None)
        return otherwise if value is None or value in _NOTHING else value

    def section(self, key: str, *, needed: bool = True) -> _Section:
        value = self.take(key)
        if value is None and needed:
            raise MappingWrong(self._at(key), text(N_("this part is missing")))
        if value is not None and not isinstance(value, dict):
            raise MappingWrong(self._at(key), text(N_("this must hold settings, each on a line of its own")))
        return _Section(self._at(key), value)

    def text(self, key: str, otherwise: str | None = None) -> str:
        value = self.take(key, otherwise)
        if value is None:
            raise MappingWrong(self._at(key), text(N_("this is missing")))
        if not isinstance(value, str):
            raise MappingWrong(self._at(key), text(N_("this must be a text")))
        return value

    def texts(self, key: str) -> list[str]:
        value = self.take(key, [])
        some = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) for one in some):
            raise MappingWrong(self._at(key), text(N_("this must be a list of texts")))
        return some

    def flag(self, key: str) -> bool | None:
        value = self.take(key)
        if value is None:
            return None
        if value not in ("true", "false"):
            raise MappingWrong(self._at(key), text(N_("write true or false")))
        return bool(value == "true")

    def one_of(self, key: str, kind: type[EnumT], otherwise: EnumT | None = None) -> EnumT:
        value = self.take(key, otherwise)
        if value is None:
            raise MappingWrong(self._at(key), text(N_("this is missing")))
        return self._meaning(self._at(key), value, {one.value: one for one in kind})  # type: ignore[no-any-return]

    def words(self, key: str) -> Words:
        found = self.maybe_words(key)
        if found is None:
            raise MappingWrong(self._at(key), text(N_("say which column holds this")))
        return found

    def maybe_words(self, key: str) -> Words | None:
        value = self.take(key)
        if value is None:
            return None
        if not isinstance(value, str):
            raise MappingWrong(self._at(key), text(N_("write a column, or a text with {columns} in it")))
        return words_from(self._at(key), str(value))

    def words_by_name(self, key: str, names: tuple[str, ...]) -> dict[str, Words]:
        section = self.section(key, needed=False)
        found = {name: words for name in names if (words := section.maybe_words(name)) is not None}
        section.refuse_rest()
        return found

    def choice(self, key: str, meanings: Dict[str, Any]) -> Choice | None:
        """``column`` alone where the file uses our words, or ``{column, values, otherwise}``."""
        value = self.take(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            value = {"column": value}
        section = _Section(self._at(key), value)
        words = section.words("column")
        has_otherwise = "otherwise" in value
        written = section.take("values", {})
        otherwise = section.take("otherwise")
        section.refuse_rest()
        if not isinstance(written, dict):
            raise MappingWrong(section._at("values"), text(N_("write what each cell means, like “Pending: waiting”")))
        at = section._at("values")
        values = {fold(cell): self._meaning(f"{at}.{cell}", means, meanings) for cell, means in written.items()}
        if not written:
            values = {fold(name): meaning for name, meaning in meanings.items()}
        return Choice(words, values, self._meaning(section._at("otherwise"), otherwise, meanings), has_otherwise)

    def rating_words(self, words: Words) -> Choice | None:
        """``values`` of a rating: words, and what each is on the scale; null says nothing."""
        has_otherwise = "otherwise" in self._left
        written = self.take("values")
        self.take("otherwise")
        if written is None:
            return None
        if not isinstance(written, dict):
            raise MappingWrong(self._at("values"), text(N_("write what each cell means, like “Good: 100”")))
        values: dict[str, float | None] = {}
        for cell, means in written.items():
            try:
                values[fold(cell)] = None if means is None or means in _NOTHING else float(means)
            except (TypeError, ValueError):
                place = self._at(f"values.{cell}")
                raise MappingWrong(place, text(N_("write a number, or null where it says nothing"))) from None
        return Choice(words, values, None, has_otherwise)

    def _meaning(self, place: str, written: Any, meanings: Dict[str, Any]) -> Any:
        if isinstance(written, StrEnum):
            return written
        if written is None or written in _NOTHING:
            return None
        if not isinstance(written, str) or written not in meanings:
            raise MappingWrong(
                place, text(N_("“%(written)s” is not one of: %(known)s"), written=written, known=", ".join(meanings))
            )
        return meanings[written]

    def refuse_rest(self) -> None:
        for key in self._left:
            near = get_close_matches(key, self._known, 1)
            if near:
                raise MappingWrong(
                    self._at(key), text(N_("this is not known here; did you mean “%(near)s”?"), near=near[0])
                )
            raise MappingWrong(
                self._at(key), text(N_("this is not known here; known are: %(known)s"), known=", ".join(self._known))
            )


def words_from(place: str, written: str) -> Words:
    columns = tuple(_BRACES.findall(written))
    return Words(place, written, columns or (written,), is_column=not columns)
