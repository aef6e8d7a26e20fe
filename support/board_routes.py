"""The manager's boards of tickets: on time, and complete."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from accounts.listing.query import Scope
from crm.identity.deps import CurrentViewer
from crm.text import N_, text
from crm.viewer import Viewer
from crm.web.pages import page, path_for
from crm.web.session import DbSession, Now
from support.asof import tickets_now
from support.clocks import Clock
from support.complete import read_complete
from support.forecast import FEWEST, LIKELY, PAST, look_ahead, read_paces
from support.list_query import NOBODY, TicketQuery, read_query
from support.models.ticket import PRIORITY_TITLES
from support.on_time import MOST_GROUPS, PARITY_DAYS, parity_words, read_board, read_parity
from support.policies.queries import ticket_policies
from support.words import channel_words

router = APIRouter()

HOURS = (4, 24, 72)
USUAL_HOURS = 24
SHOWN_AHEAD = 50
SCOPES = ((Scope.MINE, N_("Mine")), (Scope.TEAM, N_("My team")), (Scope.ALL, N_("All")))


@router.get("/tickets/on-time", name="support.on_time")
def show_on_time(
    request: Request,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    scope: str = "",
    hours: str = "",
    sort: str = "",
) -> Response:
    query = read_query({"scope": scope}, viewer)
    chosen = next((one for one in HOURS if str(one) == hours), USUAL_HOURS)
    by_due = sort == "due"
    at = tickets_now(session, now)
    board = read_board(session, viewer, at, query, chosen)
    paces = read_paces(session, viewer, at)
    ahead = look_ahead(session, viewer, at, query, chosen, ticket_policies(session), paces)
    likely = sum(one.is_likely for one in ahead)
    if by_due:
        ahead.sort(key=lambda one: (one.row.due_at or now, one.row.id))
    parity = read_parity(session, viewer, at, query)
    path, list_path = path_for(request, "support.on_time"), path_for(request, "support.tickets.list")
    return page(
        request,
        "support/on_time.html",
        query=query,
        board=board,
        hours=chosen,
        hour_links=[(one, _address(path, query, hours=one, sort=sort), one == chosen) for one in HOURS],
        tabs=_tabs(viewer, query, path),
        list=list_path,
        ahead=[(one, one.row.clock(now)) for one in ahead[:SHOWN_AHEAD]],
        ahead_count=len(ahead),
        likely=likely,
        by_due=by_due,
        sort_links={
            "chance": _address(path, query, hours=chosen) + "#ahead",
            "due": _address(path, query, hours=chosen, sort="due") + "#ahead",
        },
        medians=[
            (PRIORITY_TITLES[priority], pace.median(Clock.FIRST_ANSWER), pace.median(Clock.RESOLUTION))
            for priority, pace in sorted(paces.items())
        ],
        parity=parity,
        parity_sentence=parity_words(parity),
        parity_days=PARITY_DAYS,
        channel_words=channel_words,
        priorities=PRIORITY_TITLES,
        most=MOST_GROUPS,
        fewest=FEWEST,
        likely_from=LIKELY,
        past_days=PAST.days,
        nobody=NOBODY,
        now=now,
    )


@router.get("/tickets/complete", name="support.complete")
def show_complete(request: Request, session: DbSession, viewer: CurrentViewer, now: Now, scope: str = "") -> Response:
    query = read_query({"scope": scope}, viewer)
    path = path_for(request, "support.complete")
    return page(
        request,
        "support/complete.html",
        query=query,
        tabs=_tabs(viewer, query, path),
        list=path_for(request, "support.tickets.list"),
        parts=read_complete(session, viewer, tickets_now(session, now), query),
        priorities=PRIORITY_TITLES,
        now=now,
    )


def _tabs(viewer: Viewer, query: TicketQuery, path: str) -> list[tuple[Any, str, bool]]:
    return [
        (text(title), _address(path, TicketQuery(scope, default_scope=query.default_scope)), scope is query.scope)
        for scope, title in SCOPES
        if scope is not Scope.TEAM or viewer.team_id is not None
    ]


def _address(path: str, query: TicketQuery, *, hours: int = USUAL_HOURS, sort: str = "") -> str:
    return query.address(path, hours="" if hours == USUAL_HOURS else hours, sort=sort)
