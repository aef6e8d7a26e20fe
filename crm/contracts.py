"""What a slice may contribute to pages, jobs and scores it does not know; one frozen ``Slice`` each, one ``Registry``.

Each kind is named once, with the page or job that reads it. Order is a number; duplicate keys stop the start.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
from fastapi import APIRouter
from sqlalchemy import ColumnElement, FromClause, Row, Select
from sqlmodel import Session

from crm.events import Handlers
from crm.text import Text
from crm.viewer import Capability, Viewer

Floats = npt.NDArray[np.float64]
Template = str

# --- navigation: the rail and the phone's bar ------------------------------------------------------------------------


@dataclass(frozen=True)
class NavItem:
    """A place in the left rail. ``needs``: shown only to those who may."""

    key: str
    title: str  # N_(…)
    route: str  # route name without parameters
    icon: str
    order: int
    needs: Capability | None = None
    on_phone: bool = False


@dataclass(frozen=True)
class BookTime:
    """As of when the book speaks: now, or the newest event where that is over 7 days old."""

    now: datetime  # what pages, scores and ages count from
    data_until: datetime | None  # the newest event or last sync; None: an empty book
    is_old: bool = False  # ``now`` is ``data_until``, not the clock


@dataclass(frozen=True)
class Freshness:
    """A line in the frame: "Zendesk, 4 min ago", amber when ``late``."""

    title: str  # the source's own name
    at: datetime
    late: bool


@dataclass(frozen=True)
class Book:
    """The state of the data, contributed by the one slice that keeps its sources."""

    time: Callable[[Session, datetime], BookTime]
    freshness: Callable[[Session, datetime], Sequence[Freshness]]


# --- account page ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PanelContext:
    """What a contributed panel may read; the account is readable to the viewer (the page has made sure)."""

    session: Session
    viewer: Viewer
    account_id: int
    now: datetime
    params: Mapping[str, str] = field(default_factory=dict)  # the page's query string, e.g. a timeline filter
    shared: dict[str, Any] = field(default_factory=dict)  # what one part of a page found and another need not ask again


@dataclass(frozen=True)
class Panel:
    """A block of the account page. ``load`` returns what the template gets, or ``None``: no panel."""

    key: str
    title: str  # N_(…)
    template: Template
    load: Callable[[PanelContext], dict[str, object] | None]
    order: int
    place: Literal["main", "side"] = "main"
    refresh_on: str = ""  # htmx event after which the panel is fetched again


@dataclass(frozen=True)
class AccountFact:
    """A piece of the account page's two-line header: a sentence, or what its template gets as ``fact``."""

    key: str
    load: Callable[[PanelContext], object | None]  # a ``Text`` where there is no template; ``None``: nothing to say
    order: int
    place: Literal["title", "facts"] = "facts"
    template: Template | None = None


@dataclass(frozen=True)
class AccountAction:
    """A button of the account page's title line, or a line of its "More" menu. The template gets ``account``."""

    key: str
    template: Template
    order: int
    place: Literal["bar", "more"] = "bar"
    needs: Capability | None = None


@dataclass(frozen=True)
class TimelineEntry:
    """Something that happened on an account. ``kind`` chooses the sign: call, meeting, email, chat, letter, social,
    person, note, ticket, escalation, contract, score, task, report, system."""

    kind: str
    id: int
    at: datetime
    title: Text
    body: str = ""
    href: str | None = None
    meta: Text | None = None
    band: str | None = None
    external_url: str | None = None
    correct_href: str | None = None  # where a mistake in it is mended, for those who may


@dataclass(frozen=True)
class TimelineSource:
    """Entries of one account, newest first: at most ``limit`` before the cursor ``(at, id)``, by one statement.

    ``key`` is also the value of the timeline's filter in the URL.
    """

    key: str
    title: str  # N_(…), for the filter
    entries: Callable[[PanelContext, tuple[datetime, int] | None, int], Sequence[TimelineEntry]]
    order: int = 50


# --- account list and its CSV ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ColumnContext:
    viewer: Viewer
    now: datetime
    today: date


@dataclass(frozen=True)
class ColumnFilter:
    """One quiet select above the list. ``where`` gets the column's source and the chosen values."""

    key: str
    title: str
    choices: Callable[[ColumnContext], Sequence[tuple[str, Text]]]
    where: Callable[[FromClause, Sequence[str], ColumnContext], ColumnElement[bool]]
    choices_from: Callable[[ColumnContext], Select[Any]] | None = None  # further (value, title), from the database


@dataclass(frozen=True)
class AccountColumn:
    """A column of the account list. The list joins ``source`` only when the column is shown, sorted or filtered.

    ``source``: a Core select with a unique ``account_id`` and the columns that ``value`` names.
    ``value``: names of source columns handed to ``cell`` and ``csv`` as one row.
    ``sort``: name of a source column that orders the list, unknown (NULL) last; ``None``: not sortable.
    """

    key: str
    title: str  # N_(…)
    source: Callable[[ColumnContext], Select[Any]]
    value: tuple[str, ...]
    cell: Template  # a fragment; gets ``value`` (the row of source columns, or None) and ``account``
    csv: Callable[[Row[Any] | None], object]
    order: int
    sort: str | None = None
    sort_first: Literal["asc", "desc"] = "asc"  # what the first click on the heading does
    filters: tuple[ColumnFilter, ...] = ()
    numeric: bool = False
    hidden: bool = False  # for filters and sorting only
    total: Callable[[FromClause, ColumnContext], Mapping[str, ColumnElement[Any]]] | None = None  # aggregates
    total_cell: Template | None = None  # gets ``total``: a mapping of the aggregates
    needs: Capability | None = None  # the column is there only for those who may


# --- Today, the ranked day -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DayContext:
    session: Session
    viewer: Viewer
    now: datetime
    today: date


@dataclass(frozen=True)
class TodayAction:
    """The one thing to do: a link, or a form's page."""

    title: Text
    href: str


@dataclass(frozen=True)
class TodayItem:
    """A reason to do something about an account today.

    ``urgency`` 0–100 on one scale: 90 harm is happening (an urgent ticket past target), 75 a decision or promise falls
    within two weeks, 60 something got worse, 45 owed this week, 30 worth doing, under 20 can wait. ``condition``: how
    bad it is now; a dismissed item returns only when this number has risen since.
    """

    key: str  # unique within kind and account, e.g. the contract's id
    account_id: int
    kind: str  # "decision_coming", "band_drop", …
    reason: Text  # one sentence with numbers and time
    since: datetime | None
    due: date | None
    minutes: int  # what it will take
    money_minor: int | None  # at stake, home currency
    urgency: float
    condition: float
    action: TodayAction
    records_href: str | None = None  # opens what stands behind the reason


@dataclass(frozen=True)
class TodaySource:
    """``items``: everything of this kind for the viewer's own portfolio, in a fixed number of statements."""

    key: str
    title: str  # N_(…), for settings and filters
    items: Callable[[DayContext], Sequence[TodayItem]]


# --- health ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Feature:
    """A numeric column of a feature set; NULL in SQL becomes NaN. Instants are epoch seconds (UTC), flags 0/1."""

    name: str
    unit: str


@dataclass(frozen=True)
class FeatureContext:
    """As of when, and for whom. ``known_at=None``: as known now; else only what was known then.

    ``account_ids=None``: every account. ``live``: ``t`` is now and nothing later is known, so derived columns
    may be used.
    """

    t: datetime
    known_at: datetime | None
    account_ids: Sequence[int] | None
    live: bool
    zone: str


@dataclass(frozen=True)
class FeatureSet:
    """One Core select: a row an account that has any of it (``account_id`` first), with the named columns."""

    key: str
    features: tuple[Feature, ...]
    select: Callable[[FeatureContext], Select[Any]]


@dataclass(frozen=True)
class Prior:
    """A segment figure written once a day, read by bulk and single alike: the mean of a feature ratio."""

    key: str  # e.g. "csat_mean"
    numerator: str  # feature name, summed over the segment
    denominator: str
    default: float  # when the segment has nothing


class Columns(Protocol):
    """Features of n accounts by name, each n float64 (NaN: unknown), and priors by key, each n float64."""

    def __getitem__(self, feature: str, /) -> Floats: ...
    def prior(self, key: str, /) -> Floats: ...
    @property
    def t(self) -> float:
        """As-of instant, epoch seconds."""
        ...


@dataclass(frozen=True)
class RecordRef:
    """One record behind a point: a ticket, an interaction, a contact."""

    kind: str
    id: int
    title: str
    href: str
    at: datetime | None
    note: Text | None = None
    external_url: str | None = None


@dataclass(frozen=True)
class RecordsContext:
    session: Session
    viewer: Viewer
    account_id: int
    t: datetime
    known_at: datetime | None = None


@dataclass(frozen=True)
class Measure:
    """A pure function of features to one figure an account (NaN: not enough data), which a model's curve turns into
    points. Health knows no measure by name.

    ``explain`` gets one account's features by name and says the reason in words with numbers and time.
    ``next_at``: earliest epoch second after ``t`` at which the figure changes without an event (NaN: never).
    """

    key: str
    title: str  # N_(…)
    dimension: str  # "support", "relationship", "satisfaction", "usage", "commercial"
    unit: str  # N_(…), of the figure
    value: Callable[[Columns], Floats]
    explain: Callable[[Mapping[str, float]], Text]
    records: Callable[[RecordsContext], Sequence[RecordRef]]
    definition: str  # N_(…): window, minimum data and source fields, for the model page
    missing: str  # N_(…): what is missing and how to bring it
    next_at: Callable[[Columns], Floats] | None = None
    priors: tuple[Prior, ...] = ()


# --- reports, search, jobs, commands, demo ---------------------------------------------------------------------------


@dataclass(frozen=True)
class SectionContext:
    session: Session
    viewer: Viewer
    account_id: int
    now: datetime
    language: str
    edition: Literal["internal", "customer"]


@dataclass(frozen=True)
class ReportSection:
    """A part of the account report. ``load`` returns what the template gets, or ``None``: left out."""

    key: str
    title: str
    template: Template
    load: Callable[[SectionContext], dict[str, object] | None]
    order: int
    editions: tuple[str, ...] = ("internal",)


@dataclass(frozen=True)
class SearchSource:
    """One bounded statement; visibility stands inside it. Rows: ``kind, id, title, detail, href``."""

    key: str
    title: str
    min_letters: int
    search: Callable[[Session, Viewer, str, int], Sequence[SearchHit]]
    order: int


@dataclass(frozen=True)
class SearchHit:
    kind: str
    id: int
    title: str
    detail: str
    href: str


class JobContext(Protocol):
    """A long job's hold on its work: each chunk is one transaction that checks the fencing token and keeps a mark."""

    mark: Any
    done: int
    arguments: Mapping[str, Any]

    def chunk(self, *, mark: Any, done: int = 0) -> AbstractContextManager[Session]: ...
    def reading(self) -> AbstractContextManager[Session]: ...


@dataclass(frozen=True)
class Job:
    """Work that the worker does. With ``cron`` it is scheduled: one run a slot (``period``: strftime of the slot's
    name, in UTC), by one process. ``run`` is for short jobs (in the claiming transaction), ``run_long`` for chunked
    ones."""

    name: str
    run: Callable[[Session, datetime], str] | None = None
    run_long: Callable[[JobContext], str] | None = None
    cron: str | None = None
    period: str = "%Y-%m-%dT%H:%M"
    lease_s: int = 60
    attempts: int = 5


@dataclass(frozen=True)
class DemoContext:
    session: Session
    now: datetime
    seed: int


@dataclass(frozen=True)
class DemoPart:
    """Makes its slice's part of the demo, in slice order, through the slice's own service verbs where speed allows."""

    key: str
    order: int
    make: Callable[[DemoContext], None]


@dataclass(frozen=True)
class Slice:
    name: str
    router: APIRouter | None = None
    book: Book | None = None
    nav: tuple[NavItem, ...] = ()
    account_panels: tuple[Panel, ...] = ()
    account_facts: tuple[AccountFact, ...] = ()
    account_actions: tuple[AccountAction, ...] = ()
    timeline_sources: tuple[TimelineSource, ...] = ()
    account_columns: tuple[AccountColumn, ...] = ()
    today: tuple[TodaySource, ...] = ()
    feature_sets: tuple[FeatureSet, ...] = ()
    measures: tuple[Measure, ...] = ()
    report_sections: tuple[ReportSection, ...] = ()
    search_sources: tuple[SearchSource, ...] = ()
    jobs: tuple[Job, ...] = ()
    handlers: tuple[tuple[type, Callable[[Session, Any], None]], ...] = ()
    commands: tuple[Callable[[Any], None], ...] = ()  # each gets the Typer app and adds its commands
    demo: tuple[DemoPart, ...] = ()


class DuplicateContribution(RuntimeError):
    """Two slices contributed the same key; the start stops."""


def _ordered(kind: str, items: Iterable[Any], key: str = "key") -> tuple[Any, ...]:
    listed = list(items)
    twice = [name for name, count in Counter(getattr(item, key) for item in listed).items() if count > 1]
    if twice:
        raise DuplicateContribution(f"{kind}: {', '.join(map(str, twice))}")
    return tuple(sorted(listed, key=lambda item: getattr(item, "order", 0)))


class Registry:
    """All contributions, ordered and without duplicates; made once at the start and not changed."""

    def __init__(self, slices: Sequence[Slice]) -> None:
        self.slices = tuple(slices)
        _ordered("slice", self.slices, "name")
        books = [one.book for one in self.slices if one.book]
        if len(books) > 1:
            raise DuplicateContribution("book")
        self.book: Book | None = books[0] if books else None
        self.nav: tuple[NavItem, ...] = _ordered("nav", self._all("nav"))
        self.account_panels: tuple[Panel, ...] = _ordered("panel", self._all("account_panels"))
        self.account_facts: tuple[AccountFact, ...] = _ordered("fact", self._all("account_facts"))
        self.account_actions: tuple[AccountAction, ...] = _ordered("action", self._all("account_actions"))
        self.timeline_sources: tuple[TimelineSource, ...] = _ordered("timeline", self._all("timeline_sources"))
        self.account_columns: tuple[AccountColumn, ...] = _ordered("column", self._all("account_columns"))
        self.today: tuple[TodaySource, ...] = _ordered("today", self._all("today"))
        self.feature_sets: tuple[FeatureSet, ...] = _ordered("feature set", self._all("feature_sets"))
        self.measures: tuple[Measure, ...] = _ordered("measure", self._all("measures"))
        self.report_sections: tuple[ReportSection, ...] = _ordered("report section", self._all("report_sections"))
        self.search_sources: tuple[SearchSource, ...] = _ordered("search source", self._all("search_sources"))
        self.jobs: tuple[Job, ...] = _ordered("job", self._all("jobs"), "name")
        self.demo: tuple[DemoPart, ...] = _ordered("demo", self._all("demo"))

    def _all(self, kind: str) -> Iterable[Any]:
        return (item for one in self.slices for item in getattr(one, kind))

    @property
    def handlers(self) -> Handlers:
        by_fact: dict[type, list[Callable[[Session, Any], None]]] = {}
        for fact, handle in self._all("handlers"):
            by_fact.setdefault(fact, []).append(handle)
        return by_fact

    def job(self, name: str) -> Job:
        return next(job for job in self.jobs if job.name == name)
