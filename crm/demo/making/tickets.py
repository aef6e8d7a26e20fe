"""Tickets, through the verb that every source uses, and how fresh the sources are."""

from __future__ import annotations

from datetime import timedelta

from accounts.service import touch_source
from accounts.service.sources import touch_by_hand
from crm.demo.making.writing import Progress, Writing
from crm.demo.tickets import SOURCE, SOURCE_TITLE, Made
from crm.text import N_
from support.records import TicketFields, TicketRecord
from support.service import apply_tickets

HELPDESK = "https://tenure-demo.zendesk.example/agent/tickets/"
_PARTS = 4


def write_tickets(w: Writing, progress: Progress) -> None:
    # Each part has tickets of nearly everybody: scores wait until all are there.
    records = [_record(w, ticket) for ticket in w.history.tickets]
    for part in range(_PARTS):
        progress(0.2 + 0.34 * part / _PARTS, N_("Tickets of two years"))
        apply_tickets(w.session, records[part::_PARTS], source_title=SOURCE_TITLE)


def _record(w: Writing, ticket: Made) -> TicketRecord:
    return TicketRecord(
        source_key=SOURCE,
        external_id=str(ticket.number),
        updated_at=ticket.updated_at,
        events=tuple(ticket.events),
        fields=TicketFields(
            external_url=f"{HELPDESK}{ticket.number}",
            subject=ticket.subject,
            topic=ticket.topic,
            kind=ticket.kind,
            channel=ticket.channel,
            assignee=ticket.assignee,
            team=ticket.team,
        ),
        account_id=w.accounts[ticket.company],
        contact_id=w.contact(ticket.contact),
    )


def write_sources(w: Writing) -> None:
    now = w.book.now
    touch_source(w.session, SOURCE, title=SOURCE_TITLE, kind="tickets", synced_at=now - timedelta(minutes=4), live=True)
    touch_by_hand(w.session, max(talk.at for talk in w.history.talks))
