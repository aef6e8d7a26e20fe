"""Pages of tickets: the list, one ticket, and those without an account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlmodel import Session

from accounts.listing.query import Scope
from accounts.queries import get_account
from crm import clock
from crm.csv_io import csv_lines
from crm.db import Database
from crm.i18n.write import Writer
from crm.identity.deps import CurrentViewer, refuse_unless
from crm.text import N_, text
from crm.viewer import Capability, Viewer
from crm.web.htmx import wants_fragment
from crm.web.pages import page, path_for, writer_of
from crm.web.session import DbSession, Now
from support import listing
from support.asof import TicketsAt, tickets_now
from support.clocks import Clock
from support.forecast import likely_ids, look_ahead, read_paces
from support.history import history
from support.listing import TicketQuery, TicketRow, read_page, read_query, read_totals
from support.models.ticket import KIND_TITLES, PRIORITY_TITLES
from support.policies.queries import ticket_policies
from support.policies.words import why_words
from support.projection import read_clocks
from support.queries import count_unmatched, get_ticket, unmatched_page
from support.wishes.queries import of_ticket
from support.words import bar, narrowed_words, priority_words, state_words

router = APIRouter()

PAGE_SIZE = 50
FILE_CHUNK = 1_000

SCOPES = ((Scope.MINE, N_("Mine")), (Scope.TEAM, N_("My team")), (Scope.ALL, N_("All")))
STATE_CHOICES = (
    ("open", N_("open")),
    ("waiting", N_("waiting for the customer")),
    ("resolved", N_("resolved")),
    ("any", N_("any")),
)


@router.get("/tickets", name="support.tickets.list")
def list_tickets(request: Request, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    query = read_query(request.query_params, viewer)
    at = tickets_now(session, now)
    query = _with_forecast(session, viewer, at, query)
    found = read_page(session, viewer, at, query, PAGE_SIZE)
    path = path_for(request, "support.tickets.list")
    account = get_account(session, viewer, query.account_id) if query.account_id is not None else None
    headers = {"HX-Push-Url": query.address(path, after=query.after, before=query.before)}
    return page(
        request,
        "support/list.html",
        "support/_list.html",
        headers=headers if wants_fragment(request) else None,
        query=query,
        path=path,
        account=account,
        rows=[(row, row.clock(now)) for row in found.rows],
        totals=read_totals(session, viewer, at, query),
        previous=query.address(path, before=found.previous) if found.previous else None,
        next=query.address(path, after=found.next) if found.next else None,
        tabs=_tabs(query, path, viewer),
        unmatched=count_unmatched(session, viewer),
        state_choices=STATE_CHOICES,
        priorities=PRIORITY_TITLES,
        kinds=KIND_TITLES,
        counted=listing.COUNTED,
        chips=narrowed_words(query),
        now=now,
        csv_query=query.address("").removeprefix("?"),
    )


def _with_forecast(session: Session, viewer: Viewer, at: TicketsAt, query: TicketQuery) -> TicketQuery:
    """Whom the forecast counts as likely to miss a target is listed by id."""
    if query.risk_hours is None:
        return query
    paces, policies = read_paces(session, viewer, at), ticket_policies(session)
    return replace(query, among=likely_ids(look_ahead(session, viewer, at, query, query.risk_hours, policies, paces)))


def _tabs(query: TicketQuery, path: str, viewer: Viewer) -> list[tuple[str, str, bool]]:
    return [
        (title, query.address(path, scope="" if scope is query.default_scope else scope.value), scope is query.scope)
        for scope, title in SCOPES
        if scope is not Scope.TEAM or viewer.team_id is not None
    ]


COLUMNS = (
    N_("Ticket"),
    N_("Subject"),
    N_("Account"),
    N_("Priority"),
    N_("State"),
    N_("Clock"),
    N_("Due"),
    N_("Opened"),
    N_("Resolved"),
    N_("Kind"),
    N_("Topic"),
    N_("Requester"),
    N_("Assignee"),
    N_("Group"),
    N_("Channel"),
    N_("Address"),
)


@router.get("/tickets.csv", name="support.tickets.list.csv")
def export_tickets(request: Request, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    """Every row of the list as a file; the reader's filters and order hold."""
    refuse_unless(viewer, Capability.EXPORT)
    query = read_query(request.query_params, viewer)
    write = writer_of(request)
    database: Database = request.app.state.database
    header = [write.translations.gettext(title) for title in COLUMNS]
    name = f"tickets-{clock.day_of(now).isoformat()}.csv"
    return StreamingResponse(
        csv_lines(header, _all_rows(database, viewer, query, now, write)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _all_rows(
    database: Database, viewer: Viewer, query: TicketQuery, now: datetime, write: Writer
) -> Iterator[list[object]]:
    """In a transaction of its own: the request's ends before the file is sent."""
    with database.reading() as session:
        at = tickets_now(session, now)
        query = _with_forecast(session, viewer, at, query)
        for row in listing.all_rows(session, viewer, at, query, FILE_CHUNK):
            yield _cells(row, now, write)


def _cells(row: TicketRow, now: datetime, write: Writer) -> list[object]:
    return [
        row.external_id,
        row.subject,
        row.account_name,
        write(priority_words(row.priority)),
        write(state_words(row.state)),
        write(row.clock(now).words),
        row.due_at,
        row.opened_at,
        row.resolved_at,
        write(text(KIND_TITLES[row.kind])),
        row.topic,
        row.requester,
        row.assignee,
        row.team,
        row.channel,
        row.external_url,
    ]


@router.get("/tickets/unmatched", name="support.tickets.unmatched")
def list_unmatched(
    request: Request, session: DbSession, viewer: CurrentViewer, now: Now, after: str = "", before: str = ""
) -> Response:
    found = unmatched_page(session, viewer, after=after, before=before, size=PAGE_SIZE)
    path = path_for(request, "support.tickets.unmatched")
    return page(
        request,
        "support/unmatched.html",
        rows=found.rows,
        count=count_unmatched(session, viewer),
        previous=f"{path}?before={found.previous}" if found.previous else None,
        next=f"{path}?after={found.next}" if found.next else None,
        now=now,
    )


@router.get("/tickets/{ticket_id:int}", name="support.tickets.show")
def show_ticket(request: Request, ticket_id: int, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    view = get_ticket(session, viewer, ticket_id, now)
    rule = ticket_policies(session).rule_for(view.account.id, view.ticket.opened_at, view.ticket.channel)
    readings = read_clocks(view.fields, view.events, rule.held, now)
    clocks = (
        (Clock.FIRST_ANSWER, readings.first_answer),
        (Clock.NEXT_ANSWER, readings.next_answer),
        (Clock.RESOLUTION, readings.resolution),
    )
    source = writer_of(request)(text(view.source_title))
    bars = [bar(clock_.words, reading, now, source) for clock_, reading in clocks if reading is not None]
    return page(
        request,
        "support/show.html",
        view=view,
        bars=bars,
        readings=readings,
        why=why_words(rule),
        stands=readings.stands,
        lines=history(view),
        wish=of_ticket(session, view.ticket.id, now),
        priority_words=priority_words,
        state_words=state_words,
        kinds=KIND_TITLES,
        now=now,
    )
