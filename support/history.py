"""A ticket's history as its page reads it: what people wrote, and marks for what happened in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Literal

from crm.text import N_, Text, plural
from support.models import EventKind
from support.queries import TicketView
from support.records import EventRecord
from support.words import EVENT_BANDS, event_words

_THEIRS = (EventKind.OPENED, EventKind.CUSTOMER_REPLY)
_REPLIES = (EventKind.AGENT_REPLY, EventKind.CUSTOMER_REPLY)


@dataclass(frozen=True)
class Line:
    """``text``: what somebody wrote; empty for a mark. ``ticket_id``: another ticket that it speaks of."""

    at: datetime
    words: Text | None
    band: str | None = None
    text: str = ""
    author: str = ""
    side: Literal["them", "us"] = "us"
    ticket_id: int | None = None


def history(view: TicketView) -> list[Line]:
    """Oldest first. A ticket that was passed on again and again says so in one line."""
    lines: list[Line] = []
    for kind, events in groupby(view.events, key=lambda event: event.kind):
        some = list(events)
        if kind is EventKind.REASSIGNED and len(some) > 1:
            lines.append(Line(some[-1].happened_at, _passed_on(some)))
        else:
            lines += [_line(event, view) for event in some]
    return lines


def _line(event: EventRecord, view: TicketView) -> Line:
    said = str(event.data.get("text", ""))
    words = event_words(event.kind, event.value, event.data)
    if not said:
        of = int(event.data["of"]) if event.kind is EventKind.REPEATED else None
        return Line(event.happened_at, words, EVENT_BANDS.get(event.kind), ticket_id=of)
    theirs = event.kind in _THEIRS
    named = view.requester.name if theirs and view.requester else view.ticket.assignee or view.source_title
    return Line(
        event.happened_at,
        None if event.kind in _REPLIES else words,
        text=said,
        author=str(event.data.get("actor") or named),
        side="them" if theirs else "us",
    )


def _passed_on(events: Sequence[EventRecord]) -> Text:
    teams = [str(event.data["to"]) for event in events if event.data.get("to")]
    many = len(events)
    if not teams:
        return plural(N_("Passed on %(n)s time"), N_("Passed on %(n)s times"), many)
    shown = teams if len(teams) <= 6 else [*teams[:2], "…", *teams[-3:]]
    return plural(
        N_("Passed on %(n)s time: %(teams)s"), N_("Passed on %(n)s times: %(teams)s"), many, teams=" → ".join(shown)
    )
