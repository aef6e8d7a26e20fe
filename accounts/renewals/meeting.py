"""The pages of the weekly round: the board by month, and what changed in a week."""

from __future__ import annotations

from datetime import date, timedelta

from fastapi import APIRouter, Request, Response

from accounts.renewals import page as view
from accounts.renewals.board import choices, read_board
from accounts.renewals.changes import last_days, read_changes, read_transitions, week_of
from accounts.renewals.models import BY_HAND
from accounts.renewals.query import read_query
from crm import clock
from crm.identity.deps import CurrentViewer, refuse_unless
from crm.viewer import Capability
from crm.web.pages import page, path_for
from crm.web.session import DbSession, Now

router = APIRouter()

CHANGES_SIZE = 100


@router.get("/renewals/board", name="renewals.board")
def show_board(request: Request, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    refuse_unless(viewer, Capability.READ_MONEY)
    query = read_query(request.query_params, viewer)
    today = clock.day_of(now)
    path = path_for(request, "renewals.board")
    return page(
        request,
        "renewals/board.html",
        query=query,
        tabs=view.tabs(query, viewer, path),
        columns=read_board(session, viewer, query, today),
        months=choices(today),
        forecasts=BY_HAND,
        today=today,
        home=view.home_money,
    )


@router.get("/renewals/changes", name="renewals.changes")
def show_changes(request: Request, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    """What changed in the last seven days, or in the week of ``?week=2026-11-16``."""
    refuse_unless(viewer, Capability.READ_MONEY)
    query = read_query(request.query_params, viewer)
    monday = _monday(request.query_params.get("week", ""))
    span = week_of(monday) if monday else last_days()
    transitions = read_transitions(session, viewer, query.scope, span)
    change, said = view.week_in_words(transitions)
    found = read_changes(session, viewer, query.scope, span, CHANGES_SIZE, query.after)
    path = path_for(request, "renewals.changes")
    week = monday.isoformat() if monday else ""
    today = clock.today()
    this = today - timedelta(days=today.weekday())
    earlier = (monday or this + timedelta(days=7)) - timedelta(days=7)
    later = monday + timedelta(days=7) if monday and monday < this else None
    return page(
        request,
        "renewals/changes.html",
        query=query,
        tabs=[(one[0], one[1] + ("&" if "?" in one[1] else "?") + f"week={week}" if week else one[1], one[2])
              for one in view.tabs(query, viewer, path)],
        monday=monday,
        sunday=monday + timedelta(days=6) if monday else None,
        earlier_href=query.address(path, week=earlier.isoformat()),
        later_href=query.address(path, week=later.isoformat()) if later else None,
        now_href=query.address(path) if monday else None,
        transitions=[(one, view.word_of(one.before), view.word_of(one.after)) for one in transitions],
        change_minor=change,
        change_said=said,
        rows=found.rows,
        word_of=view.word_of,
        next_href=query.address(path, week=week, after=found.next) if found.next else None,
        home=view.home_money,
    )  # fmt: skip


def _monday(written: str) -> date | None:
    """The Monday of the week that the address names; what cannot be read means the last seven days."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day - timedelta(days=day.weekday()) if 1990 <= day.year <= 2200 else None
