"""What wishes for a person contribute: to Today, to the timeline, and to what hears of new talks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.events import InteractionsChanged
from crm.contracts import (
    DayContext,
    PanelContext,
    Slice,
    TimelineEntry,
    TimelineSource,
    TodayAction,
    TodayItem,
    TodaySource,
)
from crm.text import N_, Text, plural, text
from support.events import TicketsChanged
from support.wishes.queries import of_account, waiting
from support.wishes.service import follow_tickets, notice_talks

MOST_ITEMS = 500


def urgency(count: int, hours: float) -> float:
    """Somebody waits to be spoken with: 86, and up to 89.5 with every further wish and every day."""
    return min(89.5, 86.0 + (count - 1) * 0.5 + min(hours / 24, 5) * 0.5)


def asked_for_a_person(context: DayContext) -> Sequence[TodayItem]:
    return [
        TodayItem(
            key="human_wish",
            account_id=row.account_id,
            kind="human_wish",
            reason=_reason(row.wishes, row.words),
            since=row.since,
            due=None,
            minutes=15,
            money_minor=None,
            urgency=urgency(row.wishes, (context.now - row.since).total_seconds() / 3600),
            condition=float(row.wishes),
            action=TodayAction(text(N_("Call them")), f"/accounts/{row.account_id}/notes/new?channel=call"),
            records_href=f"/tickets/{row.ticket_id}"
            if row.ticket_id is not None
            else f"/accounts/{row.account_id}?channel=wishes#panel-timeline",
        )
        for row in waiting(context, MOST_ITEMS)
    ]


def _reason(count: int, words: str) -> Text:
    if count == 1 and words:
        return text(N_("Asked to speak with a person: “%(words)s”"), words=words)
    return plural(N_("Asked %(n)s time to speak with a person"), N_("Asked %(n)s times to speak with a person"), count)


def entries(context: PanelContext, before: tuple[datetime, int] | None, limit: int) -> Sequence[TimelineEntry]:
    return [
        TimelineEntry(
            kind="escalation",
            id=row.id,
            at=row.happened_at,
            title=text(N_("Asked to speak with a person")),
            href=f"/tickets/{row.ticket_id}" if row.ticket_id is not None else None,
            meta=text(N_("found: “%(words)s”"), words=row.words) if row.words else None,
            band="amber",
        )
        for row in of_account(context, before, limit)
    ]


PART = Slice(
    name="support.wishes",
    timeline_sources=(TimelineSource("wishes", N_("Wishes for a person"), entries, order=25),),
    today=(TodaySource("human_wish", N_("Asked to speak with a person"), asked_for_a_person),),
    handlers=((InteractionsChanged, notice_talks), (TicketsChanged, follow_tickets)),
)
