"""Rows to ticket records: one row that is a ticket, or the rows of its events, compared one with the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from accounts.importing.values import FREE_MAIL
from crm.csv_io import Row, RowProblem
from crm.text import N_, text
from support.importing.cells import BadCell, Cells, Header
from support.importing.mapping import AFTER, COUNTS, TIMES, Mapping, SourceState, Told, Verdict
from support.models import EventKind, TicketKind
from support.models.ticket import NORMAL
from support.records import AccountHint, EventRecord, Requester, TicketFields, TicketRecord

_MOST = 1000  # times that anything believable happens to one ticket
_DONE = (SourceState.RESOLVED, SourceState.CLOSED)
_COUNTED = {"reassigned": EventKind.REASSIGNED, "reopened": EventKind.REOPENED, "escalated": EventKind.ESCALATED}


@dataclass
class Derived:
    """What rows gave: a record unless none of them could be read, and what was wrong with the others."""

    record: TicketRecord | None = None
    problems: list[RowProblem] = field(default_factory=list)


class _Common:
    """What both forms of file have: everything about the ticket that is not an event."""

    def __init__(self, mapping: Mapping, titles: Sequence[str]) -> None:
        self.mapping = mapping
        self.width = len(titles)
        header = self.header = Header(titles, mapping)
        self.ticket_id = header.words(mapping.id)
        self._url = header.words(mapping.url)
        self._subject = header.words(mapping.subject)
        self._topic = header.words(mapping.topic)
        self._channel = header.words(mapping.channel)
        self._assignee = header.words(mapping.assignee)
        self.team = header.words(mapping.team)
        self._kind = header.choice(mapping.kind)
        self.priority = header.choice(mapping.priority)
        self.state = header.choice(mapping.state)
        self.times = {name: header.instant(mapping.times.get(name)) for name in TIMES}
        self.counts = {name: header.whole(mapping.counts.get(name), _MOST) for name in COUNTS}
        self.resolution_verdict = header.choice(mapping.resolution_verdict)
        self.first_answer_verdict = header.choice(mapping.first_answer_verdict)
        self._rating = header.number(None if mapping.rating_words else mapping.rating)
        self._rating_word = header.choice(mapping.rating_words)
        company, requester = mapping.company, mapping.requester
        self._company = [header.words(words) for words in (company.id, company.domain, company.name)]
        self._requester = [header.words(words) for words in (requester.id, requester.name, requester.email)]

    def cells(self, row: Row) -> Cells:
        """As many as the header has titles; a row with more has its cells in the wrong columns."""
        cells = row.values
        if len(cells) > self.width and any(cell.strip() for cell in cells[self.width :]):
            reason = text(
                N_("this row has %(n)s cells where the heading has %(width)s; is a quotation mark missing?"),
                n=len(cells),
                width=self.width,
            )
            raise BadCell("", "", reason)
        return cells if len(cells) >= self.width else cells + ("",) * (self.width - len(cells))

    def id_in(self, cells: Cells) -> str:
        found = self.ticket_id(cells)
        if not found:
            raise BadCell(self.mapping.id.template, "", text(N_("the ticket has no id")))
        if len(found) > 120:
            raise BadCell(self.mapping.id.template, found, text(N_("an id has 120 characters at most")))
        return found

    def rating(self, cells: Cells) -> float | None:
        told = self._rating_word(cells) if self.mapping.rating_words else self._rating(cells)
        if told is None or self.mapping.rating is None:
            return None
        return self.scaled(told, self.mapping.rating.template)

    def scaled(self, told: float, column: str) -> float:
        """A rating as 0–100."""
        worst, best = self.mapping.rating_scale
        found = 100 * (told - worst) / (best - worst)
        if not 0 <= found <= 100:
            reason = text(N_("a rating lies between %(worst)s and %(best)s"), worst=worst, best=best)
            raise BadCell(column, f"{told:g}", reason)
        return found

    def record(self, cells: Cells, events: list[EventRecord], updated_at: datetime, *, complete: bool) -> TicketRecord:
        mapping = self.mapping
        company_id, domain, company = (read(cells) for read in self._company)
        requester_id, name, email = (read(cells) for read in self._requester)
        url = self._url(cells)
        if not (company_id or domain or company):
            domain = _domain_of(email)
        return TicketRecord(
            source_key=mapping.source_key,
            external_id=self.id_in(cells),
            updated_at=updated_at,
            events=tuple(events),
            complete=complete,
            fields=TicketFields(
                external_url=url if url.startswith(("https://", "http://")) else None,
                subject=self._subject(cells),
                topic=self._topic(cells),
                kind=self._kind(cells) or TicketKind.OTHER,
                channel=self._channel(cells),
                assignee=self._assignee(cells),
                team=self.team(cells),
                answers_told=mapping.answers_told,
                breaches_told=mapping.events is not None and mapping.resolution_verdict is not None,
            ),
            account=AccountHint(company_id, domain, company, mapping.company.create),
            requester=Requester(requester_id, name, email if "@" in email else ""),
        )


def _domain_of(email: str) -> str:
    """Where the source names no company, the requester's address may; not where anybody may have one."""
    domain = email.rpartition("@")[2].strip().lower() if "@" in email else ""
    return "" if domain in FREE_MAIL else domain


class TicketRows(_Common):
    """One row is one ticket, whole: what happened to it is made from its columns. Of several rows the newest counts.

    ``newest``: of all instants in the file. It is the version of rows that name none, so that a later export wins over
    an earlier one also where the ticket has lost a time, as one that was reopened has.
    """

    def __init__(self, mapping: Mapping, titles: Sequence[str], newest: datetime | None = None) -> None:
        super().__init__(mapping, titles)
        self._newest = newest
        self._after = {name: self.header.duration(mapping.after.get(name)) for name in AFTER}

    def derive(self, rows: Iterable[Row]) -> Derived:
        derived = Derived()
        best: tuple[datetime, int, tuple[str, ...]] | None = None
        for row in rows:
            try:
                record = self._record(self.cells(row))
            except BadCell as bad:
                derived.problems.append(RowProblem(row.line, bad.column, bad.value, bad.reason, row.values))
                continue
            # Of two rows of one version, whatever their order, the one that tells more, and else the greater.
            rank = (record.updated_at, len(record.events), row.values)
            if best is None or rank > best:
                best, derived.record = rank, record
        return derived

    def _record(self, cells: Cells) -> TicketRecord:
        self.id_in(cells)
        at = {name: read(cells) for name, read in self.times.items()}
        opened = at["opened"]
        if opened is None:
            raise BadCell(self.mapping.times["opened"].template, "", text(N_("the ticket was opened at no time")))
        for name, read in self._after.items():
            if at[name] is None and (took := read(cells)) is not None and took >= timedelta(0):
                at[name] = opened + took
        newest = max(found for found in at.values() if found is not None)
        updated = at["updated"] or newest
        state, verdict = self.state(cells), _verdict(self.resolution_verdict(cells))
        reopened = self.counts["reopened"](cells)
        told = reopened is not None
        reopened = reopened or 0
        done_at = at["resolved"] or at["closed"] or (updated if state in _DONE else None)
        is_open_again = done_at is not None and state in (SourceState.OPEN, SourceState.WAITING)
        if is_open_again and at["reopened"] is None and told and not reopened:
            done_at, is_open_again = None, False  # it says that it was never reopened: then it was not done either
        events = [_told(EventKind.OPENED, opened, self.priority(cells) or NORMAL)]
        if at["first_answered"]:
            first_verdict = _verdict(self.first_answer_verdict(cells))
            events.append(_told(EventKind.FIRST_ANSWERED, at["first_answered"], first_verdict))
        elif _verdict(self.first_answer_verdict(cells)) == 0:
            events.append(
                EventRecord(
                    EventKind.BREACHED, "breached:first", updated, data={"target": "first_answer"}, derived=True
                )
            )
        if at["acknowledged"]:
            events.append(_told(EventKind.ACKNOWLEDGED, at["acknowledged"]))
        # When it happened is not told; it cannot have been after the last resolution.
        by_then = done_at or updated
        for name in ("reassigned", "escalated"):
            events += _counted(_COUNTED[name], self.counts[name](cells) or 0, by_then)
        if at["reopened"] is not None:
            when = at["reopened"] if is_open_again or done_at is None else min(at["reopened"], done_at)
            key = "reopened:now" if is_open_again else "reopened:1"
            when = max(when, done_at) if is_open_again and done_at else when
            events.append(EventRecord(EventKind.REOPENED, key, when, seq=1 if is_open_again else -1, derived=True))
            events += _counted(EventKind.REOPENED, reopened - 1, when, first=2)
        else:
            events += _counted(EventKind.REOPENED, reopened - is_open_again, by_then)
        if done_at:
            events.append(_told(EventKind.RESOLVED, done_at, verdict))
            if is_open_again and at["reopened"] is None:
                events.append(EventRecord(EventKind.REOPENED, "reopened:now", max(updated, done_at), derived=True))
        if verdict == 0 and (done_at is None or is_open_again):
            events.append(_told(EventKind.BREACHED, updated))
        if state is SourceState.WAITING:
            events.append(_told(EventKind.WAITING, max(updated, done_at or updated, at["reopened"] or updated)))
        if not is_open_again and done_at and (at["closed"] or state is SourceState.CLOSED):
            events.append(_told(EventKind.CLOSED, max(at["closed"] or done_at, done_at)))
        rating = self.rating(cells)
        if rating is not None:
            events.append(_told(EventKind.RATED, at["rated"] or done_at or updated, rating))
        if at["deleted"] or state is SourceState.DELETED:
            events.append(_told(EventKind.DELETED, at["deleted"] or updated))
        return self.record(cells, events, at["updated"] or self._newest or newest, complete=True)


def _counted(kind: EventKind, times: int, at: datetime, *, first: int = 1) -> list[EventRecord]:
    return [
        EventRecord(kind, f"{kind}:{number}", at, seq=-1, derived=True)
        for number in range(first, first + max(times, 0))
    ]


class _Read(NamedTuple):
    """A row of a file of events, in the order of time."""

    at: datetime
    seq: int
    line: int
    cells: Cells
    state: SourceState | None
    kind: EventKind | None
    value: float | None
    priority: int | None
    verdict: Verdict | None
    counts: dict[str, int | None]
    rating: float | None
    opened: datetime | None


class EventRows(_Common):
    """Rows are what happened to a ticket: named events, or its columns after each update, of which changes are events.

    The last row in time tells what the ticket is, its last verdict counts.
    """

    def __init__(self, mapping: Mapping, titles: Sequence[str]) -> None:
        super().__init__(mapping, titles)
        if mapping.events is None:
            raise ValueError("This mapping is for one row per ticket.")
        self.events = mapping.events
        self._at = self.header.instant(self.events.at)
        self._sequence = self.header.whole(self.events.sequence)
        self._event_kind = self.header.choice(self.events.kind)
        self._value = self.header.number(self.events.value)

    def derive(self, rows: Iterable[Row]) -> Derived:
        derived = Derived()
        read = []
        for row in rows:
            try:
                read.append(self._read(row))
            except BadCell as bad:
                derived.problems.append(RowProblem(row.line, bad.column, bad.value, bad.reason, row.values))
        if read:
            read.sort(key=lambda one: one[:3])
            events = list(self._changes(read))
            if events:  # a part may tell nothing new
                complete = self.events.told is Told.WHOLE
                derived.record = self.record(read[-1].cells, events, self._version(read), complete=complete)
        return derived

    def _read(self, row: Row) -> _Read:
        cells = self.cells(row)
        self.id_in(cells)
        at = self._at(cells)
        if at is None:
            raise BadCell(self.events.at.template, "", text(N_("the event happened at no time")))
        kind, value, priority = self._event_kind(cells), self._value(cells), self.priority(cells)
        column = self.events.value.template if self.events.value else ""
        if kind is EventKind.PRIORITY and priority is None:
            if value not in (1, 2, 3, 4):
                raise BadCell(column, "", text(N_("the new priority is not told, 1 to 4")))
            priority = int(value)
        if kind is EventKind.RATED:
            if value is None:
                raise BadCell(column, "", text(N_("the rating is not told")))
            value = self.scaled(value, column)
        return _Read(
            at,
            self._sequence(cells) or 0,
            row.line,
            cells,
            self.state(cells),
            kind,
            value if kind in _WITH_VALUE else None,
            priority,
            self.resolution_verdict(cells),
            {name: read(cells) for name, read in self.counts.items()},
            self.rating(cells),
            self.times["opened"](cells),
        )

    def _version(self, read: list[_Read]) -> datetime:
        last = read[-1]
        return self.times["updated"](last.cells) or last.at

    def _changes(self, read: list[_Read]) -> Iterable[EventRecord]:
        """The events between one row and the next, keyed so that the same rows give the same events again."""
        first, whole, version = read[0], self.events.told is Told.WHOLE, self._version(read)
        taken: dict[str, int] = {}

        def event(kind: EventKind, row: _Read, value: float | None = None, to: str = "") -> EventRecord:
            key = f"{kind}:{row.at:%Y%m%dT%H%M%S}:{row.seq}"
            taken[key] = again = taken.get(key, 0) + 1
            data = {"to": to} if to else {}
            key = key if again == 1 else f"{key}:{again}"
            return EventRecord(kind, key, row.at, value, data, row.seq, version_at=version)

        named = next((row for row in read if row.kind is EventKind.OPENED), None)
        opened = next((row.opened for row in read if row.opened), named.at if named else first.at if whole else None)
        if opened is not None:
            yield _told(EventKind.OPENED, opened, (first.priority or NORMAL) if whole else None)

        # Of a part we do not know what was before, so that its first row tells the state and the priority.
        state: SourceState | None = SourceState.OPEN if whole else None
        priority, missed, rating = first.priority if whole else None, False, None
        counted = {name: 0 if whole else (first.counts[name] or 0) for name in COUNTS}
        for row in read:
            if row.kind is not None and row.kind not in (EventKind.OPENED, EventKind.PRIORITY):
                yield event(row.kind, row, row.value)
            if row.priority is not None and row.priority != priority:
                priority = row.priority
                yield event(EventKind.PRIORITY, row, priority)
            for name in ("reassigned", "escalated"):
                for _ in range((row.counts[name] or 0) - counted[name]):
                    counted[name] += 1
                    yield event(_COUNTED[name], row, to=self.team(row.cells) if name == "reassigned" else "")
            reopens = max((row.counts["reopened"] or 0) - counted["reopened"], 0)
            if not reopens and state in _DONE and row.state in (SourceState.OPEN, SourceState.WAITING):
                reopens = 1
            for _ in range(reopens):
                counted["reopened"] += 1
                yield event(EventKind.REOPENED, row)
                state = SourceState.OPEN
            if row.state is not None and row.state is not state:
                if (changed := _STATE_EVENTS.get((state in _DONE, row.state))) is not None:
                    yield event(changed, row)
                state = row.state
            if row.verdict is not None and (row.verdict is Verdict.MISSED) is not missed:
                missed = not missed
                yield event(EventKind.BREACHED, row, None if missed else 1)
            if row.rating is not None and row.rating != rating:
                rating = row.rating
                yield event(EventKind.RATED, row, rating)


_WITH_VALUE = (EventKind.FIRST_ANSWERED, EventKind.RESOLVED, EventKind.BREACHED, EventKind.RATED)

# (was it done before, what it is now) → what happened
_STATE_EVENTS = {
    (False, SourceState.OPEN): EventKind.WORKING,
    (False, SourceState.WAITING): EventKind.WAITING,
    (False, SourceState.RESOLVED): EventKind.RESOLVED,
    (False, SourceState.CLOSED): EventKind.CLOSED,
    (False, SourceState.DELETED): EventKind.DELETED,
    (True, SourceState.CLOSED): EventKind.CLOSED,
    (True, SourceState.DELETED): EventKind.DELETED,
}


def _told(kind: EventKind, at: datetime, value: float | None = None) -> EventRecord:
    """An event of which a ticket has one, so that its kind names it."""
    return EventRecord(kind, kind.value, at, value, derived=True)


def _verdict(told: Verdict | None) -> float | None:
    return None if told is None else float(told is Verdict.MET)
