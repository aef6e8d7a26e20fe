"""What a slice may contribute to pages, jobs and scores it does not know; one frozen ``Slice`` each, one ``Registry``.

Each kind is named once, with the page or job that reads it. Order is a number; duplicate keys stop the start.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple, Protocol
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import ColumnElement, FromClause, Select
from sqlmodel import Session

from crm.events import Handlers
from crm.text import Text
from crm.viewer import Capability, Viewer

Floats = npt.NDArray[np.float64]
Template = str
AnySelect = Select[*tuple[Any, ...]]  # any columns

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
    shortcut: str | None = None  # the key that opens it, of what stands in the frame of every page


@dataclass(frozen=True)
class ImportDoor:
    """A page on which files of some kinds are brought in; the imports of all doors stand in one list.

    ``kinds``: kind of an ``ImportRun`` → its title (N_). ``show``: the route of one import, by ``run_id``.
    ``told``: what is said of runs (by id) instead of their state, such as that one was taken back.
    """

    key: str
    title: str  # N_(…)
    route: str  # where a file is chosen
    show: str
    kinds: Mapping[str, str]
    order: int
    told: Callable[[Session, Collection[int]], Mapping[int, Text]] | None = None


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


@dataclass(frozen=True)
class Bands:
    """How healthy accounts are and were, contributed by the one slice that scores; each a fixed number of statements.

    A band is "green", "amber", "red" or "unknown". What was never scored is left out.
    """

    now: Callable[[Session, Sequence[int]], Mapping[int, str]]  # of these accounts
    on: Callable[[Session, Sequence[tuple[int, date]]], Mapping[tuple[int, date], str]]  # at the end of those days


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
    """A block of the account page. ``load`` returns what the template gets (and ``account``, ``hands``), or ``None``:
    no panel. The page puts a section with ``title`` around the template, or nothing where the title is empty.

    ``refresh_on``: htmx events after which the panel is fetched again, apart by commas. Writes on an account answer
    with ``interactions-changed``, ``tasks-changed``, ``contacts-changed`` or ``account-changed``.
    ``summary``: the panel is folded into one line, which this template writes from the same values; who opens it finds
    it open on the next account too.
    """

    key: str
    title: str  # N_(…)
    template: Template
    load: Callable[[PanelContext], dict[str, object] | None]
    order: int
    place: Literal["main", "side", "below"] = "main"  # below: what is long, under the main part or after everything
    refresh_on: str = ""
    summary: Template | None = None


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
    private: bool = False  # only its author sees the words
    share_href: str | None = None  # where its author shows it to colleagues, or hides it again


@dataclass(frozen=True)
class TimelineSource:
    """Entries of one account, newest first: at most ``limit`` before the cursor ``(at, id)``, by one statement.

    ``key`` is also the value of the timeline's filter in the URL.
    """

    key: str
    title: str  # N_(…), for the filter
    entries: Callable[[PanelContext, tuple[datetime, int] | None, int], Sequence[TimelineEntry]]
    order: int = 50


# --- About me, and settings ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PersonContext:
    """Whose own page it is."""

    session: Session
    viewer: Viewer
    now: datetime


@dataclass(frozen=True)
class PersonSection:
    """A part of the page "About me". ``load`` returns what the template gets, or ``None``: not for this person."""

    key: str
    title: str  # N_(…)
    template: Template
    load: Callable[[PersonContext], dict[str, object] | None]
    order: int


# --- account list and its CSV ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ColumnContext:
    viewer: Viewer
    now: datetime
    today: date
    later: bool = False  # the book holds something later than ``now``: present columns tell another time


@dataclass(frozen=True)
class ColumnFilter:
    """One quiet select above the list. ``where`` gets the column's source and the chosen values."""

    key: str
    title: str
    choices: Callable[[ColumnContext], Sequence[tuple[str, Text]]]
    where: Callable[[FromClause, Sequence[str], ColumnContext], ColumnElement[bool]]
    choices_from: Callable[[ColumnContext], AnySelect] | None = None  # further (value, title), from the database
    more: bool = False  # behind "more filters" until it is set
    typed: str = ""  # N_(…): it is a field one types in, and this says what; there are no choices then


@dataclass(frozen=True)
class AccountColumn:
    """A column of the account list. The list joins ``source`` only when the column is shown, sorted or filtered.

    ``source``: a Core select with a unique, labelled ``account_id`` and the columns that ``value`` names; columns that
    share one function share one join. For what is shown the list adds ``account_id IN (this page)`` to its WHERE, so
    that it groups 50 accounts and not all. ``None``: columns of the account's own row.
    ``value``: names of source columns handed to ``cell`` and ``csv`` as one row with these names.
    ``sort``: name of a source column that orders the list, unknown (NULL) last; ``None``: not sortable.
    ``cell``: the whole ``<td>`` with its ``data-label``; gets ``value`` (or None: no row), ``account`` (id, name, tier,
    stage, currency, owner_name), ``column`` and ``list`` (the query: scope, sort …).
    """

    key: str
    title: str  # N_(…)
    source: Callable[[ColumnContext], AnySelect] | None
    value: tuple[str, ...]
    cell: Template
    csv: Callable[[Any], object]  # gets the row of ``value``, or None
    order: int
    sort: str | None = None
    sort_first: Literal["asc", "desc"] = "asc"  # what the first click on the heading does
    leads: bool = False  # the list is sorted by the first such column unless the reader says otherwise
    optional: bool = False  # shown when the reader asks for it; always in the file
    file_only: bool = False  # no cell: only in the file
    filters: tuple[ColumnFilter, ...] = ()
    numeric: bool = False
    hidden: bool = False  # for filters and sorting only
    total: Callable[[FromClause, ColumnContext], Mapping[str, ColumnElement[Any]]] | None = None  # aggregates
    total_cell: Template | None = None  # the whole ``<td>``; gets ``total`` (the aggregates), ``count`` and ``column``
    # The total of a company and its subsidiaries, as a line of definitions; gets ``total``, ``count`` (accounts),
    # ``column`` and ``href`` (the list of these accounts, sorted by this column). None: not rolled up.
    rolled: Template | None = None
    needs: Capability | None = None  # the column is there only for those who may


# --- saved views, changes taken back, many accounts at once ---------------------------------------------------------


@dataclass(frozen=True)
class ViewList:
    """A list whose views can be saved: its key in the table of views, and the route that shows it from a query.

    ``counts``: of each query, how many it lists, up to ``most``; one statement however many queries there are.
    """

    key: str
    title: str  # N_(…)
    route: str  # a route name without parameters
    counts: Callable[[ViewCountContext, Sequence[str]], Sequence[int]]


@dataclass(frozen=True)
class ViewCountContext:
    session: Session
    viewer: Viewer
    registry: Registry
    now: datetime
    today: date
    most: int


@dataclass(frozen=True)
class Reversal:
    """How one kind of change is taken back by whoever made it, while nobody has changed the same since.

    Values are what JSON can hold, the same in ``before``, ``after`` and ``current``.
    ``current``: what each subject says now; one that is gone is left out.
    ``put``: subject, what it says, what it shall say again. The rights of the moment are not asked: whoever made a
    change may take it back, also where it took the subject out of their hands.
    It may answer what stays all the same, because somebody has built on it since.
    ``merged``: of before, after and current, what to put where somebody changed the same since; ``None``: nothing.
    """

    key: str  # "account.stage"
    current: Callable[[Session, Sequence[int]], Mapping[int, Any]]
    put: Callable[[Session, Viewer, int, Any, Any], Text | None]
    merged: Callable[[Any, Any, Any], Any] | None = None


class Changed(NamedTuple):
    """What a change found and left, for its ``Reversal``."""

    before: Any
    after: Any


@dataclass(frozen=True)
class BulkAction:
    """Something that can be done to many accounts of the list at once; the list's bar offers it.

    ``fields``: the template of its fields; it gets ``raw``, ``errors`` and what ``choices`` returns.
    ``read``: what was sent as values that JSON can hold; raises ``Invalid``. ``say``: those values in words.
    ``allowed``: the condition on a row of ``account`` under which the viewer may do it.
    ``change``: does it to one account; ``None``: it was so already. Raises a ``Refusal`` where it cannot be done.
    ``reversal``: the key of the ``Reversal`` that takes it back; empty: it cannot be.
    ``own_buttons``: the fields bring the buttons that send the form, one a choice.
    """

    key: str
    title: str  # N_(…): what the button says
    icon: str
    order: int
    fields: Template
    choices: Callable[[Session, Viewer], Mapping[str, Any]]
    read: Callable[[Session, Viewer, Mapping[str, Sequence[str]]], Mapping[str, Any]]
    say: Callable[[Session, Mapping[str, Any]], Text]
    allowed: Callable[[Viewer], ColumnElement[bool]]
    change: Callable[[Session, Viewer, int, Mapping[str, Any]], Changed | None]
    reversal: str = ""
    own_buttons: bool = False
    offered: Callable[[Viewer], bool] = lambda viewer: viewer.may(Capability.CHANGE_ACCOUNT)


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
    # What else "done" means, and taking it back: account, the item's key, its outcome (also when that is said later).
    # For these ``key`` is the kind of the items.
    done: Callable[[DayContext, int, str, str], None] | None = None
    undone: Callable[[DayContext, int, str], None] | None = None


# --- health ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Feature:
    """A numeric column of a feature set; NULL in SQL becomes NaN. Instants are whole epoch seconds (UTC), days the
    number of days since 1970, flags 0/1.

    ``merge="max"``: several sets may contribute to it and the greatest counts, e.g. the last contact of any kind.
    """

    name: str
    unit: str
    merge: Literal["one", "max"] = "one"


class FeatureShape(NamedTuple):
    """What changes the statement of a feature set; everything else is a bound value, so that it is built once."""

    live: bool  # ``t`` is now and nothing later is known: derived columns may be used
    known: bool  # only what was known at ``:known_at``
    some: bool  # only ``:account_ids``


@dataclass(frozen=True)
class FeatureContext:
    """As of when, and for whom. ``known_at=None``: as known now. ``account_ids=None``: every account."""

    t: datetime
    zone: str  # windows and ages count its whole days
    known_at: datetime | None = None
    account_ids: Sequence[int] | None = None
    live: bool = False

    @property
    def shape(self) -> FeatureShape:
        return FeatureShape(self.live, self.known_at is not None, self.account_ids is not None)

    @property
    def day(self) -> date:
        return self.t.astimezone(ZoneInfo(self.zone)).date()

    def since(self, days: int) -> datetime:
        """The instant at which the last ``days`` days began; the day of ``t`` is one of them."""
        first = datetime.combine(self.day - timedelta(days=days - 1), time.min, ZoneInfo(self.zone))
        return first.astimezone(UTC)


@dataclass(frozen=True)
class Segment:
    """Which feature says to what segment an account belongs, and the segments' names by its value."""

    feature: str
    names: Mapping[int, str]


@dataclass(frozen=True)
class FeatureSet:
    """One Core select a shape: a row an account that has any of it (``account_id`` first), then the features in order.

    Binds ``:t``, ``:known_at`` and ``:account_ids`` (expanding) as the shape says, and what ``values`` adds.
    ``whole``: it has a row for every account; the one such set says which accounts are scored, and their segment.
    ``records``: what stands behind features to which other sets contribute as well.
    """

    key: str
    features: tuple[Feature, ...]
    select: Callable[[FeatureShape], AnySelect]
    values: Callable[[FeatureContext], Mapping[str, object]]
    whole: bool = False
    segment: Segment | None = None
    records: Mapping[str, RecordsOf] = field(default_factory=dict)


class Columns(Protocol):
    """Features of n accounts by name, each n float64 (NaN: unknown), and the figures of their segments."""

    def __getitem__(self, feature: str, /) -> Floats: ...
    def prior(self, key: str, /) -> Floats: ...
    def days_since(self, feature: str, /) -> Floats:
        """Whole days of the company's zone from an instant to ``t``."""
        ...

    def midnight_in(self, days: Floats, /) -> Floats:
        """Epoch second at which the day ``days`` after the day of ``t`` begins; NaN stays NaN."""
        ...

    @property
    def t(self) -> float:
        """As-of instant, epoch seconds."""
        ...

    @property
    def day(self) -> float:
        """The day of ``t``, in days since 1970."""
        ...


OfAccounts = Callable[[Columns], Floats]


def feature(name: str) -> OfAccounts:
    """The feature itself, where a figure of accounts is asked for."""
    return lambda columns: columns[name]


@dataclass(frozen=True)
class Prior:
    """A figure of the account's segment, written once a day and read by bulk and single alike, so that one rating never
    moves every peer: Σ ``numerator`` ÷ Σ ``denominator``, or without a denominator the median of ``numerator``.

    A segment whose denominators sum to less than ``least`` takes the whole book's figure, and that one ``default``.
    """

    key: str
    numerator: OfAccounts
    denominator: OfAccounts | None
    default: float
    least: float = 0
    of_book: bool = False  # one figure for everybody


@dataclass(frozen=True)
class LineFacts:
    """What a line of the ledger kept: its figure and what explains it. An absent one is NaN."""

    figure: float
    kept: Mapping[str, float]
    t: datetime
    zone: str

    def __getitem__(self, name: str, /) -> float:
        return self.kept.get(name, math.nan)

    def count(self, name: str, /) -> int:
        found = self[name]
        return 0 if math.isnan(found) else round(found)

    def has(self, name: str, /) -> bool:
        return not math.isnan(self[name])

    def instant(self, name: str, /) -> datetime:
        return datetime.fromtimestamp(self[name], UTC)

    def days(self, name: str, /) -> int:
        """Whole days from the instant ``name`` to ``t``."""
        zone = ZoneInfo(self.zone)
        return (self.t.astimezone(zone).date() - self.instant(name).astimezone(zone).date()).days

    def day(self, name: str, /) -> date:
        """The date of a feature that is a day."""
        return date.fromordinal(round(self[name]) + _ORDINAL_1970)


_ORDINAL_1970 = date(1970, 1, 1).toordinal()


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
    """``features``: as of when; its ``account_ids`` is the one account."""

    session: Session
    viewer: Viewer
    account_id: int
    features: FeatureContext

    @property
    def t(self) -> datetime:
        return self.features.t


RecordsOf = Callable[[RecordsContext], "Sequence[RecordRef]"]


@dataclass(frozen=True)
class Definition:
    """What a measure says of itself on the model page; every sentence N_(…)."""

    counts: str  # what is counted, and how
    window: str
    minimum: str  # the least data with which it is known
    source: str  # table and columns


@dataclass(frozen=True)
class Mend:
    """The button that brings what is missing."""

    title: str  # N_(…)
    href: Callable[[int], str]  # of the account's id


@dataclass(frozen=True)
class Measure:
    """A pure function of features to one figure an account (NaN: not enough data), which a model's curve turns into
    points. Health knows no measure by name.

    ``explained_by``: what the ledger keeps of a line, from which ``explain`` says the reason with numbers and time.
    ``next_at``: earliest epoch second after ``t`` at which the figure changes without an event (NaN: never).
    ``told``: a prior that is above 0 once the book holds any of what is measured. Until then coverage does not ask for
    it: a company that brings no invoices does not know less of its customers from one day to the next.
    """

    key: str
    title: str  # N_(…)
    dimension: str  # "support", "satisfaction", "contact", "relationship", "usage", "commercial", "judgement"
    unit: str  # N_(…), of the figure
    value: OfAccounts
    explained_by: Mapping[str, OfAccounts]
    explain: Callable[[LineFacts], Text]
    records: RecordsOf
    definition: Definition
    missing: str  # N_(…): what is missing and how to bring it
    mend: Mend | None = None
    next_at: OfAccounts | None = None
    priors: tuple[Prior, ...] = ()
    counted: Callable[[LineFacts], Text] | None = None  # how many records: "3 tickets"
    told: str = ""
    shared: tuple[str, ...] = ()  # features of which other sets' records stand behind the figure too


# --- the API for programs --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ApiParameter:
    """Beside the body: of the path, the query or a header. ``schema``: JSON Schema."""

    name: str
    place: Literal["path", "query", "header"]
    title: str  # N_(…)
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class ApiOperation:
    """What a program may ask of us; the description of the API is made of these. ``key`` is also its route's name.

    ``body``: the model of one item; a batch of them is taken as well. ``example``: an item, or the path's values.
    """

    key: str
    method: Literal["GET", "POST"]
    path: str  # /api/v1/…
    title: str  # N_(…)
    explains: str  # N_(…)
    scope: str
    body: type[BaseModel] | None
    answer: type[BaseModel]
    parameters: tuple[ApiParameter, ...]
    example: Mapping[str, Any]
    order: int


# --- reports, search, jobs, commands, demo ---------------------------------------------------------------------------


@dataclass(frozen=True)
class SectionContext:
    session: Session
    viewer: Viewer
    account_id: int
    now: datetime
    language: str
    edition: Literal["internal", "customer"]
    for_own_use: bool = False  # a brief for the viewer alone: what is private to them may stand in it

    def most(self, in_report: int, in_brief: int) -> int:
        """A brief is one page: of each part it shows the first, and says how many more there are."""
        return in_brief if self.for_own_use else in_report


@dataclass(frozen=True)
class ReportSection:
    """A part of the account report. ``load`` returns what the template gets, or ``None``: left out."""

    key: str
    title: str
    template: Template
    load: Callable[[SectionContext], dict[str, object] | None]
    order: int
    editions: tuple[str, ...] = ("internal",)
    in_brief: bool = True  # also on the one page before a talk; statistics stay out


@dataclass(frozen=True)
class SearchSource:
    """One bounded statement; visibility stands inside it. Rows: ``kind, id, title, detail, href``."""

    key: str
    title: str
    min_letters: int
    search: Callable[[Session, Viewer, str, int], Sequence[SearchHit]]
    order: int
    recent: Callable[[Session, Viewer, int], Sequence[SearchHit]] | None = None  # offered before anything is typed


@dataclass(frozen=True)
class PaletteAction:
    """Something to start from anywhere: a line of the palette. ``of_account``: on an account's pages only, for that
    account; its route takes ``account_id``."""

    key: str
    title: str  # N_(…)
    route: str
    icon: str
    order: int
    needs: Capability | None = None
    of_account: bool = False


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
    total: int | None  # set when it is known; shown with the next chunk
    arguments: Mapping[str, Any]

    def chunk(self, *, mark: Any, done: int = 0) -> AbstractContextManager[Session]: ...
    def reading(self) -> AbstractContextManager[Session]: ...


@dataclass(frozen=True)
class Job:
    """Work that the worker does. With ``cron`` it is scheduled: one run a slot, by one process.

    ``period``: strftime of the slot's name, in UTC where slots are shorter than a day, else in the company's zone.
    ``run`` is for short jobs (in the claiming transaction), ``run_long`` for chunked ones.
    """

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
    bands: Bands | None = None
    nav: tuple[NavItem, ...] = ()
    import_doors: tuple[ImportDoor, ...] = ()
    phone_action: NavItem | None = None  # the button in the middle of the phone's bar; of one slice only
    settings: tuple[NavItem, ...] = ()  # further pages of the settings, listed beside the people
    person_sections: tuple[PersonSection, ...] = ()
    quick: tuple[NavItem, ...] = ()  # what is begun from anywhere, in a drawer; on an account's page for that account
    account_panels: tuple[Panel, ...] = ()
    account_facts: tuple[AccountFact, ...] = ()
    account_actions: tuple[AccountAction, ...] = ()
    timeline_sources: tuple[TimelineSource, ...] = ()
    account_columns: tuple[AccountColumn, ...] = ()
    view_lists: tuple[ViewList, ...] = ()
    bulk_actions: tuple[BulkAction, ...] = ()
    reversals: tuple[Reversal, ...] = ()
    today: tuple[TodaySource, ...] = ()
    feature_sets: tuple[FeatureSet, ...] = ()
    measures: tuple[Measure, ...] = ()
    report_sections: tuple[ReportSection, ...] = ()
    search_sources: tuple[SearchSource, ...] = ()
    palette_actions: tuple[PaletteAction, ...] = ()
    api_operations: tuple[ApiOperation, ...] = ()  # their routes stand in ``router``
    jobs: tuple[Job, ...] = ()
    handlers: tuple[tuple[type, Callable[[Session, Any], None]], ...] = ()
    commands: tuple[Callable[[Any], None], ...] = ()  # each gets the Typer app and adds its commands
    demo: tuple[DemoPart, ...] = ()
    installed: Callable[[Registry], None] | None = None  # called once, when the registry with this slice is made
    parts: tuple[Slice, ...] = ()  # of a slice of many nouns: each says itself what it contributes

    def flattened(self) -> Iterator[Slice]:
        """This one, then its parts."""
        yield self
        for part in self.parts:
            yield from part.flattened()


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
        self.slices = tuple(part for one in slices for part in one.flattened())
        _ordered("slice", self.slices, "name")
        self.book: Book | None = self._only("book")
        self.bands: Bands | None = self._only("bands")
        self.phone_action: NavItem | None = self._only("phone_action")
        self.nav: tuple[NavItem, ...] = _ordered("nav", self._all("nav"))
        self.import_doors: tuple[ImportDoor, ...] = _ordered("door of imports", self._all("import_doors"))
        self.settings: tuple[NavItem, ...] = _ordered("settings", self._all("settings"))
        self.person_sections: tuple[PersonSection, ...] = _ordered("person", self._all("person_sections"))
        self.quick: tuple[NavItem, ...] = _ordered("quick", self._all("quick"))
        self.account_panels: tuple[Panel, ...] = _ordered("panel", self._all("account_panels"))
        self.account_facts: tuple[AccountFact, ...] = _ordered("fact", self._all("account_facts"))
        self.account_actions: tuple[AccountAction, ...] = _ordered("action", self._all("account_actions"))
        self.timeline_sources: tuple[TimelineSource, ...] = _ordered("timeline", self._all("timeline_sources"))
        self.account_columns: tuple[AccountColumn, ...] = _ordered("column", self._all("account_columns"))
        self.view_lists: tuple[ViewList, ...] = _ordered("list of views", self._all("view_lists"))
        self.bulk_actions: tuple[BulkAction, ...] = _ordered("bulk action", self._all("bulk_actions"))
        self.reversals: tuple[Reversal, ...] = _ordered("reversal", self._all("reversals"))
        self.today: tuple[TodaySource, ...] = _ordered("today", self._all("today"))
        self.feature_sets: tuple[FeatureSet, ...] = _ordered("feature set", self._all("feature_sets"))
        self.measures: tuple[Measure, ...] = _ordered("measure", self._all("measures"))
        self.report_sections: tuple[ReportSection, ...] = _ordered("report section", self._all("report_sections"))
        self.search_sources: tuple[SearchSource, ...] = _ordered("search source", self._all("search_sources"))
        self.palette_actions: tuple[PaletteAction, ...] = _ordered("palette action", self._all("palette_actions"))
        self.api_operations: tuple[ApiOperation, ...] = _ordered("API operation", self._all("api_operations"))
        self.jobs: tuple[Job, ...] = _ordered("job", self._all("jobs"), "name")
        self.demo: tuple[DemoPart, ...] = _ordered("demo", self._all("demo"))
        for one in self.slices:
            if one.installed:
                one.installed(self)

    def _all(self, kind: str) -> Iterable[Any]:
        return (item for one in self.slices for item in getattr(one, kind))

    def _only(self, kind: str) -> Any:
        given = [item for one in self.slices if (item := getattr(one, kind))]
        if len(given) > 1:
            raise DuplicateContribution(kind)
        return given[0] if given else None

    @property
    def handlers(self) -> Handlers:
        by_fact: dict[type, list[Callable[[Session, Any], None]]] = {}
        for fact, handle in self._all("handlers"):
            by_fact.setdefault(fact, []).append(handle)
        return by_fact

    def reversal(self, key: str) -> Reversal:
        return next(one for one in self.reversals if one.key == key)

    def job(self, name: str) -> Job:
        return next(job for job in self.jobs if job.name == name)
