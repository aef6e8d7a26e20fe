"""From a ticket's events to how it stands now and stood at any time. Pure: the same events give the same result."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from crm.hours.calendar import add_working_seconds, working_seconds
from support.clocks import Policy, Stopwatch
from support.models import EventKind, TicketKind, TicketState
from support.models.ticket import NORMAL, OPEN_STATES
from support.records import EventRecord, TicketFields


class Span(NamedTuple):
    """What a ``TicketSpan`` holds, in the order of ``SPAN_COLUMNS``."""

    from_at: datetime
    to_at: datetime | None
    state: TicketState
    priority: int
    kind: TicketKind
    opened_at: datetime
    first_answered_at: datetime | None
    resolved_at: datetime | None
    acknowledged_at: datetime | None
    due_at: datetime | None
    first_answer_due_at: datetime | None
    next_answer_due_at: datetime | None
    first_answer_met: bool | None
    resolution_met: bool | None
    first_answer_s: int | None
    resolution_s: int | None
    reopened: int
    escalated: int
    csat: float | None
    csat_at: datetime | None
    repeat_of_id: int | None


SPAN_COLUMNS = Span._fields


class Projection(NamedTuple):
    """``columns``: of ``Ticket``, those that events decide. ``spans``: gapless from the opening on."""

    columns: dict[str, Any]
    spans: list[Span]


# Of events at one instant that the source does not order, this order counts: a ticket that was reopened and resolved in
# the same minute is resolved.
_RANK = {
    kind: rank
    for rank, kind in enumerate(
        (
            EventKind.OPENED,
            EventKind.REPEATED,
            EventKind.PRIORITY,
            EventKind.REASSIGNED,
            EventKind.ESCALATED,
            EventKind.ACKNOWLEDGED,
            EventKind.REOPENED,
            EventKind.CUSTOMER_REPLY,
            EventKind.WORKING,
            EventKind.AGENT_REPLY,
            EventKind.FIRST_ANSWERED,
            EventKind.WAITING,
            EventKind.RESOLVED,
            EventKind.BREACHED,
            EventKind.RATED,
            EventKind.CLOSED,
            EventKind.DELETED,
        )
    )
}


def in_order(events: Iterable[EventRecord]) -> list[EventRecord]:
    """``events`` as they happened: the opening first, whatever a source's clocks say."""
    return sorted(events, key=lambda e: (e.kind is not EventKind.OPENED, e.happened_at, e.seq, _RANK[e.kind], e.key))


class Reading(NamedTuple):
    """A service clock at an instant. ``used``: seconds on the target's calendar, up to then or to when it was done."""

    used_s: int
    target_s: int
    on_business_hours: bool
    due_at: datetime | None
    done_at: datetime | None
    is_paused: bool
    ours_met: bool | None  # our clock's verdict; ``None`` while it runs
    counts_met: bool | None  # the verdict that counts: the source's where it has one
    source_met: bool | None = None  # the source's own, once the clock is done


class Readings(NamedTuple):
    stands: Span  # how the ticket stands then
    first_answer: Reading | None  # none: the source does not tell first answers
    next_answer: Reading | None  # none: no reply of the customer waits for one
    resolution: Reading
    next_answers: int = 0  # given so far
    next_answers_late: int = 0  # of these


def read_clocks(fields: TicketFields, events: Iterable[EventRecord], policy: Policy, now: datetime) -> Readings:
    """Both clocks at ``now``; later events are not looked at."""
    ordered = [event for event in in_order(events) if event.happened_at <= now]
    if not ordered:
        raise ValueError("The ticket was not there yet.")
    sweep = _Sweep(fields, ordered[0], policy)
    for event in ordered:
        sweep.take(event)
    return sweep.readings(now)


def project(fields: TicketFields, events: Iterable[EventRecord], policy: Policy) -> Projection:
    """How the ticket stands, and its spans. At least one event is needed; without an opening the first one opens it."""
    ordered = in_order(events)
    if not ordered:
        raise ValueError("A ticket without events cannot be placed in time.")
    sweep = _Sweep(fields, ordered[0], policy)
    for event in ordered:
        if sweep.deleted_at is not None:
            break
        sweep.take(event)
    return sweep.end()


class _Sweep:
    """Goes through the events once, cutting a span wherever what it holds changes."""

    def __init__(self, fields: TicketFields, first: EventRecord, policy: Policy) -> None:
        self.fields = fields
        self.policy = policy
        self.opened_at = self.from_at = first.happened_at
        self.priority = _priority(first.value if first.kind is EventKind.OPENED else None, NORMAL)
        self.state = TicketState.OPEN
        self.watch = Stopwatch()
        self.watch.start(self.opened_at)
        self.spans: list[Span] = []

        self.answered_at: datetime | None = None
        self.answer_due_at: datetime | None = None
        self.answer_s: int | None = None
        self.answer_value: float | None = None
        self.answer_missed = False
        self.resolved_at: datetime | None = None
        self.resolution_s: int | None = None
        self.resolution_in_time: bool | None = None
        self.resolution_value: float | None = None
        self.resolution_due_at: datetime | None = None
        self.missed_at: datetime | None = None  # in the source's words
        self.acknowledged_at: datetime | None = None
        self.deleted_at: datetime | None = None
        self.waits_since: datetime | None = None
        self.waiting_s = 0
        self.reopened = self.escalated = self.reassigned = 0
        self.csat: float | None = None
        self.csat_at: datetime | None = None
        self.repeat_of_id: int | None = None
        self.asked_at: datetime | None = None  # the first reply of the customer that waits for an answer
        self.next_due_at: datetime | None = None
        self.next_answers = self.next_answers_late = 0
        self._set_answer_due()

    def take(self, event: EventRecord) -> None:
        at = max(event.happened_at, self.opened_at)
        kind = event.kind
        if kind is EventKind.REASSIGNED:  # in no span
            self.reassigned += 1
            return
        self._cut(at)
        if kind in (EventKind.FIRST_ANSWERED, EventKind.AGENT_REPLY):
            self._answer(at, event.value)
        elif kind is EventKind.WAITING:
            self._reopen(at, counts=False)
            self._wait(at)
        elif kind is EventKind.WORKING:
            self._reopen(at, counts=False)
            self._go_on(at)
        elif kind is EventKind.CUSTOMER_REPLY:
            self._go_on(at)
            self._ask(at)
        elif kind is EventKind.RESOLVED:
            self._resolve(at, event.value)
        elif kind is EventKind.CLOSED:
            self._resolve(at, None)
            self.state = TicketState.CLOSED
        elif kind is EventKind.REOPENED:
            self._reopen(at, counts=True)
        elif kind is EventKind.PRIORITY:
            self.priority = _priority(event.value, self.priority)
            self._set_answer_due()
            self._set_next_due()
        elif kind is EventKind.ESCALATED:
            self.escalated += 1
        elif kind is EventKind.BREACHED:
            self._miss(at, event)
        elif kind is EventKind.ACKNOWLEDGED:
            self.acknowledged_at = self.acknowledged_at or at
        elif kind is EventKind.RATED:
            self.csat, self.csat_at = event.value, at
        elif kind is EventKind.REPEATED:
            self.repeat_of_id = int(event.data["of"])
        elif kind is EventKind.DELETED:
            self.deleted_at = at

    def end(self) -> Projection:
        if self.deleted_at is None:
            self._add(self._span(None))
        span = self._span(None)
        columns = span._asdict()
        del columns["from_at"], columns["to_at"]
        columns.update(
            due_at=None if self.deleted_at else span.due_at,
            resolution_due_at=self._resolution_due(),
            our_first_answer_met=self._our_answer_met(),
            our_resolution_met=self.resolution_in_time,
            source_verdict=self.resolved_at is not None and self._source_verdict() is not None,
            waiting_s=self.waiting_s,
            next_answers=self.next_answers,
            next_answers_late=self.next_answers_late,
            reassigned=self.reassigned,
            deleted_at=self.deleted_at,
        )
        return Projection(columns, self.spans)

    def readings(self, now: datetime) -> Readings:
        target = self.policy.resolution[self.priority]
        stands, due = self._span(None), self._resolution_due()
        is_paused = self.state in OPEN_STATES and not self.watch.is_running
        self.watch.stop(max(now, self.from_at))
        done_at = self.resolved_at
        used = self.watch.used(target.calendar) if done_at is None else self.resolution_s or 0
        resolution = Reading(
            used_s=used,
            target_s=target.seconds,
            on_business_hours=target.calendar is not None,
            due_at=due,
            done_at=done_at,
            is_paused=is_paused,
            ours_met=self.resolution_in_time,
            counts_met=self._resolution_met(),
            source_met=self._source_verdict() if done_at else None,
        )
        return Readings(
            stands,
            self._answer_reading(now),
            self._next_answer_reading(now),
            resolution,
            self.next_answers,
            self.next_answers_late,
        )

    def _answer_reading(self, now: datetime) -> Reading | None:
        if self.answer_due_at is None:
            return None
        target = self.policy.first_answer[self.priority]
        done = self.answered_at or self.resolved_at
        return Reading(
            used_s=working_seconds(self.opened_at, done or now, target.calendar),
            target_s=target.seconds,
            on_business_hours=target.calendar is not None,
            due_at=self.answer_due_at,
            done_at=done,
            is_paused=False,
            ours_met=self._our_answer_met(),
            counts_met=self._answer_met(),
            source_met=self._source_answer_verdict(),
        )

    def _next_answer_reading(self, now: datetime) -> Reading | None:
        if self.asked_at is None:
            return None
        target = self.policy.next_answer[self.priority]
        return Reading(
            used_s=working_seconds(self.asked_at, now, target.calendar),
            target_s=target.seconds,
            on_business_hours=target.calendar is not None,
            due_at=self.next_due_at,
            done_at=None,
            is_paused=False,
            ours_met=None,
            counts_met=None,
        )

    # --- what happens ---

    def _answer(self, at: datetime, value: float | None) -> None:
        self._next_answered(at)
        if self.answered_at is None:
            target = self.policy.first_answer[self.priority]
            self.answered_at = at
            self.answer_s = working_seconds(self.opened_at, at, target.calendar)
            if self.answer_due_at is None:  # told after all
                self.answer_due_at = add_working_seconds(self.opened_at, target.seconds, target.calendar)
        if value is not None and self.answer_value is None:
            self.answer_value = value

    def _wait(self, at: datetime) -> None:
        if self.state is TicketState.OPEN:
            self.state = TicketState.WAITING
            self.watch.stop(at)
            self.waits_since = at
            self._next_answered(at)  # whoever waits for the customer has asked back

    def _go_on(self, at: datetime) -> None:
        if self.state is TicketState.WAITING:
            self._end_wait(at)
            self.state = TicketState.OPEN
            self.watch.start(at)

    def _end_wait(self, at: datetime) -> None:
        if self.waits_since is not None:
            self.waiting_s += int((at - self.waits_since).total_seconds())
            self.waits_since = None

    def _resolve(self, at: datetime, value: float | None) -> None:
        if self.state in OPEN_STATES:
            target = self.policy.resolution[self.priority]
            self.resolution_due_at = self.watch.missed_at(target)
            self._end_wait(at)
            self._next_answered(at)
            self.watch.stop(at)
            self.state = TicketState.RESOLVED
            self.resolved_at = at
            self.resolution_s = self.watch.used(target.calendar)
            self.resolution_in_time = self.resolution_s <= target.seconds
            self.resolution_value = value
        elif value is not None:
            self.resolution_value = value

    def _reopen(self, at: datetime, *, counts: bool) -> None:
        """``counts``: also where we never heard of the resolution. Work on a resolved ticket reopens it anyway."""
        resolved = self.state not in OPEN_STATES
        self.reopened += counts or resolved
        if resolved:
            self.state = TicketState.OPEN
            self.watch.start(at)
            self.resolved_at = self.resolution_s = self.resolution_in_time = self.resolution_value = None
            self.resolution_due_at = None

    def _miss(self, at: datetime, event: EventRecord) -> None:
        taken_back = event.value is not None and event.value >= 0.5
        if event.data.get("target") == "first_answer":
            self.answer_missed = not taken_back
        elif taken_back:
            self.missed_at = None
        else:
            self.missed_at = self.missed_at or at

    def _set_answer_due(self) -> None:
        if self.fields.answers_told and self.answered_at is None:
            target = self.policy.first_answer[self.priority]
            self.answer_due_at = add_working_seconds(self.opened_at, target.seconds, target.calendar)

    def _ask(self, at: datetime) -> None:
        """The clock of the next answer begins where the first was given, and with the first of several replies. It does
        not run where the source does not tell our answers, nor for thanks after the resolution."""
        if self.asked_at is None and self.answered_at and self.fields.answers_told and self.state is TicketState.OPEN:
            self.asked_at = at
            self._set_next_due()

    def _set_next_due(self) -> None:
        if self.asked_at is not None:
            target = self.policy.next_answer[self.priority]
            self.next_due_at = add_working_seconds(self.asked_at, target.seconds, target.calendar)

    def _next_answered(self, at: datetime) -> None:
        if self.next_due_at is not None:
            self.next_answers += 1
            self.next_answers_late += at > self.next_due_at
            self.asked_at = self.next_due_at = None

    # --- what holds ---

    def _our_answer_met(self) -> bool | None:
        """Whoever resolves at once has answered."""
        done_at = self.answered_at or self.resolved_at
        return done_at <= self.answer_due_at if done_at and self.answer_due_at else None

    def _source_answer_verdict(self) -> bool | None:
        if self.answer_missed:
            return False
        if self.answered_at is not None and self.answer_value is not None:
            return self.answer_value >= 0.5
        return None

    def _answer_met(self) -> bool | None:
        theirs = self._source_answer_verdict()
        return self._our_answer_met() if theirs is None else theirs

    def _source_verdict(self) -> bool | None:
        if self.missed_at is not None:
            return False
        if self.resolution_value is not None:
            return self.resolution_value >= 0.5
        return True if self.fields.breaches_told else None

    def _resolution_met(self) -> bool | None:
        if self.resolved_at is None:
            return None
        theirs = self._source_verdict()
        return self.resolution_in_time if theirs is None else theirs

    def _resolution_due(self) -> datetime | None:
        if self.state in OPEN_STATES:
            return self.watch.missed_at(self.policy.resolution[self.priority])
        return self.resolution_due_at

    def _due(self) -> datetime | None:
        if self.state not in OPEN_STATES:
            return None
        answer_due_at = self.next_due_at if self.answered_at else self.answer_due_at
        pending = (answer_due_at, self._resolution_due(), self.missed_at)
        return min((due for due in pending if due), default=None)

    # --- spans ---

    def _cut(self, at: datetime) -> None:
        if at > self.from_at:
            self._add(self._span(at))
            self.from_at = at

    def _add(self, span: Span) -> None:
        if self.spans and self.spans[-1][2:] == span[2:]:
            self.spans[-1] = self.spans[-1]._replace(to_at=span.to_at)
        else:
            self.spans.append(span)

    def _span(self, to_at: datetime | None) -> Span:
        return Span(
            self.from_at,
            to_at,
            self.state,
            self.priority,
            self.fields.kind,
            self.opened_at,
            self.answered_at,
            self.resolved_at,
            self.acknowledged_at,
            self._due(),
            self.answer_due_at,
            self.next_due_at,
            self._answer_met(),
            self._resolution_met(),
            self.answer_s,
            self.resolution_s,
            self.reopened,
            self.escalated,
            self.csat,
            self.csat_at,
            self.repeat_of_id,
        )


def _priority(told: float | None, otherwise: int) -> int:
    return min(max(int(told), 1), 4) if told is not None else otherwise


__all__ = ["SPAN_COLUMNS", "Projection", "Reading", "Readings", "Span", "in_order", "project", "read_clocks"]
