"""What is said of a ticket's clocks and events, in words and signs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from crm.hours.calendar import HOUR
from crm.i18n.write import Duration, Moment
from crm.text import N_, Text, plural, text
from support.channels import TicketChannel
from support.clocks import Clock
from support.list_query import NOBODY, WRITTEN_CHANNELS, TicketQuery
from support.models import EventKind, TicketState
from support.models.event import EVENT_TITLES
from support.models.ticket import PRIORITY_TITLES, STATE_TITLES
from support.projection import Reading

SOON = timedelta(hours=2)
Sign = Literal["late", "soon", "running", "paused", "met", "missed", "done", "none"]

_BANDS: Mapping[Sign, str | None] = {"late": "red", "soon": "amber", "missed": "red"}


@dataclass(frozen=True)
class ClockState:
    """How a ticket stands against its targets. ``at``: since when it is late, or when its next target falls."""

    sign: Sign
    at: datetime | None = None
    days: int = 0  # whole days late
    hours: int = 0  # left, up to two days
    minutes: int = 0
    clock: Clock | None = None  # whose target it is

    @property
    def band(self) -> str | None:
        return _BANDS.get(self.sign)

    @property
    def words(self) -> Text:
        match self.sign:
            case "late":
                return text(_LATE_SINCE[self.clock], day=Moment(self.at) if self.at else "")
            case "soon" | "running" if self.clock in (Clock.FIRST_ANSWER, Clock.NEXT_ANSWER):
                if self.at is not None and self.hours >= 48:
                    return text(N_("answer due %(day)s"), day=Moment(self.at))
                if self.hours:
                    return text(N_("%(hours)s h left to answer"), hours=self.hours)
                return text(N_("%(minutes)s min left to answer"), minutes=self.minutes)
            case "soon" | "running":
                if self.at is not None and self.hours >= 48:
                    return text(N_("due %(day)s"), day=Moment(self.at))
                if self.hours:
                    return text(N_("%(hours)s h left"), hours=self.hours)
                return text(N_("%(minutes)s min left"), minutes=self.minutes)
            case "paused":
                return text(N_("waiting for the customer"))
            case "met":
                return text(N_("in time"))
            case "missed":
                return text(N_("too late"))
            case "done":
                return text(N_("resolved"))
            case _:
                return text(N_("no target"))


_LATE_SINCE = {
    None: N_("late since %(day)s"),
    Clock.FIRST_ANSWER: N_("answer late since %(day)s"),
    Clock.NEXT_ANSWER: N_("answer late since %(day)s"),
    Clock.RESOLUTION: N_("late since %(day)s"),
}


def clock_state(
    now: datetime,
    state: TicketState,
    due_at: datetime | None,
    resolution_met: bool | None,
    clock: Clock | None = None,
) -> ClockState:
    """From the columns of a row: what a list says beside a ticket."""
    if state in (TicketState.RESOLVED, TicketState.CLOSED):
        return ClockState({True: "met", False: "missed", None: "done"}[resolution_met])  # type: ignore[arg-type]
    if due_at is not None and due_at < now:
        return ClockState("late", due_at, days=(now - due_at).days, clock=clock)
    if due_at is not None:
        left = due_at - now
        minutes = max(1, int(left.total_seconds() // 60))
        return ClockState(
            "soon" if left <= SOON else "running", due_at, hours=minutes // 60, minutes=minutes, clock=clock
        )
    return ClockState("paused" if state is TicketState.WAITING else "none")


@dataclass(frozen=True)
class Bar:
    """A clock of the ticket's page: a thin bar that fills."""

    name: Text
    used: float  # share of the target
    state: Literal["running", "met", "late", "paused"]
    words: Text
    target: Text
    due_at: datetime | None
    beside: Text | None = None  # our clock's verdict, where the source has one of its own


def bar(name: str, reading: Reading, now: datetime, source: str = "") -> Bar:
    used = reading.used_s / reading.target_s
    counts = reading.counts_met
    state: Literal["running", "met", "late", "paused"]
    if reading.done_at is not None:
        state = "late" if counts is False else "met"
        words = text(N_("too late")) if counts is False else text(N_("in time"))
        if counts is None:
            words = text(N_("done"))
    elif reading.due_at is not None and reading.due_at < now:
        state, words = "late", text(N_("late since %(day)s"), day=Moment(reading.due_at))
    elif reading.is_paused:
        state, words = "paused", text(N_("stands still: waiting for the customer"))
    else:
        state, words = "running", clock_state(now, TicketState.OPEN, reading.due_at, None).words
    target = target_words(reading.target_s, business=reading.on_business_hours)
    return Bar(text(name), used, state, words, target, reading.due_at, _beside(reading, source))


def _beside(reading: Reading, source: str) -> Text | None:
    """Zendesk says: too late. Our clock: in time, by 2 h 10."""
    if reading.source_met is None or reading.ours_met is None:
        return None
    theirs, ours, apart = reading.source_met, reading.ours_met, _apart(reading)
    if theirs and ours:
        return text(N_("%(source)s says: in time. Our clock: in time, by %(apart)s."), source=source, apart=apart)
    if theirs:
        return text(N_("%(source)s says: in time. Our clock: too late, by %(apart)s."), source=source, apart=apart)
    if ours:
        return text(N_("%(source)s says: too late. Our clock: in time, by %(apart)s."), source=source, apart=apart)
    return text(N_("%(source)s says: too late. Our clock: too late, by %(apart)s."), source=source, apart=apart)


def _apart(reading: Reading) -> Text | Duration:
    seconds = abs(reading.target_s - reading.used_s)
    if not reading.on_business_hours:
        return Duration(seconds)
    if seconds >= 10 * HOUR:
        return target_words(round(seconds / HOUR) * HOUR, business=True)
    return text(N_("%(span)s of working time"), span=Duration(seconds))


def target_words(seconds: int, *, business: bool) -> Text:
    """40 working hours; 8 hours around the clock; 30 minutes."""
    if seconds % 3600:
        minutes = round(seconds / 60)
        if business:
            return plural(N_("%(n)s working minute"), N_("%(n)s working minutes"), minutes)
        return plural(N_("%(n)s minute, around the clock"), N_("%(n)s minutes, around the clock"), minutes)
    hours = seconds // 3600
    if business:
        return plural(N_("%(n)s working hour"), N_("%(n)s working hours"), hours)
    return plural(N_("%(n)s hour, around the clock"), N_("%(n)s hours, around the clock"), hours)


def event_words(kind: EventKind, value: float | None, data: Mapping[str, Any]) -> Text:
    """One line of a ticket's history."""
    if kind is EventKind.PRIORITY and value is not None:
        return text(N_("Priority is now %(priority)s"), priority=text(PRIORITY_TITLES[int(value)]))
    if kind is EventKind.OPENED and value is not None:
        return text(N_("Opened, priority %(priority)s"), priority=text(PRIORITY_TITLES[int(value)]))
    if kind is EventKind.REASSIGNED and data.get("to"):
        return text(N_("Passed on to %(team)s"), team=str(data["to"]))
    if kind is EventKind.ESCALATED and data.get("to"):
        return text(N_("Escalated to %(team)s"), team=str(data["to"]))
    if kind is EventKind.RATED and value is not None:
        return text(N_("Rated %(rating)s of 100"), rating=round(value))
    if kind is EventKind.BREACHED:
        if value:
            return text(N_("The source takes back that the target was missed"))
        if data.get("target") == "first_answer":
            return text(N_("First answer too late, says the source"))
        return text(N_("Target missed, says the source"))
    if kind in (EventKind.RESOLVED, EventKind.FIRST_ANSWERED) and value is not None:
        verdict = text(N_("in time")) if value >= 0.5 else text(N_("too late"))
        return text(N_("%(what)s (%(verdict)s, says the source)"), what=text(EVENT_TITLES[kind]), verdict=verdict)
    return text(EVENT_TITLES[kind])


EVENT_BANDS: Mapping[EventKind, str] = {
    EventKind.ESCALATED: "red",
    EventKind.BREACHED: "red",
    EventKind.REOPENED: "amber",
    EventKind.REPEATED: "amber",
    EventKind.RESOLVED: "green",
    EventKind.DELETED: "unknown",
}


def state_words(state: TicketState) -> Text:
    return text(STATE_TITLES[state])


def priority_words(priority: int) -> Text:
    return text(PRIORITY_TITLES[priority])


def channel_words(channel: str) -> Text:
    """A ``TicketChannel``, or all that are written."""
    return text(N_("written channels")) if channel == WRITTEN_CHANNELS else text(TicketChannel(channel).words)


def narrowed_words(query: TicketQuery) -> list[tuple[str, Text | str]]:
    """What a list is narrowed to beyond its selects: the address's parameter, and in words."""
    nobody = text(N_("nobody"))
    said: dict[str, Callable[[str], Text | str]] = {
        "channel": channel_words,
        "assignee": lambda name: text(N_("handled by %(name)s"), name=nobody if name == NOBODY else name),
        "group": lambda name: text(N_("group %(name)s"), name=nobody if name == NOBODY else name),
        "due": lambda hours: text(N_("due within %(hours)s h"), hours=int(hours)),
        "risk": lambda hours: text(N_("likely to miss a target within %(hours)s h"), hours=int(hours)),
        "opened": lambda days: text(N_("opened in the last %(days)s days"), days=int(days)),
        "answer": lambda how: text(N_("answered too late") if how == "late" else N_("answered in time")),
        "rated": lambda _: text(N_("with a rating")),
        "reopened": lambda _: text(N_("reopened")),
        "no_step": lambda _: text(N_("without an open task on the account")),
        "unacknowledged": lambda _: text(N_("complaint not acknowledged")),
    }
    return [(name, said[name](value)) for name, value in query.narrowed_by().items()]
