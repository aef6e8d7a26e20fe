"""The review that a meeting is run from, and the same as a file."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from accounts.colleagues import colleagues
from accounts.listing.page import SCOPE_TITLES
from accounts.listing.query import Scope
from accounts.money import major
from accounts.risks import review
from accounts.risks.models import REASON_TITLES, STATUS_TITLES
from accounts.risks.review import RiskQuery
from accounts.risks.routes._shown import reviewed, suffix_of
from crm import clock
from crm.config import get_settings
from crm.csv_io import csv_lines
from crm.db import Database
from crm.i18n.write import Writer
from crm.identity.deps import CurrentViewer, refuse_unless
from crm.text import N_, Text, text
from crm.viewer import Capability, Viewer
from crm.web.htmx import wants_fragment
from crm.web.pages import page, path_for, writer_of
from crm.web.session import AppRegistry, DbSession, Now

router = APIRouter()

FILE_CHUNK = 1_000

STANDS_TITLES = (
    ("", N_("open and accepted")),
    ("open", N_("open")),
    ("accepted", N_("accepted")),
    ("closed", N_("closed")),
    ("any", N_("any")),
)
DUE_TITLES = (
    ("", N_("any")),
    ("late", N_("late")),
    ("week", N_("within 7 days")),
    ("none", N_("nothing planned")),
)
CHANGE_TITLES = (
    ("", N_("any")),
    ("new", N_("new this week")),
    ("moved", N_("changed this week")),
    ("closed", N_("closed this week")),
    ("all", N_("anything")),
)
HELP_TITLES = (("", N_("any")), ("any", N_("needed")), ("mine", N_("needed from me")))


@router.get("/risks", name="risks.index")
def review_risks(
    request: Request, session: DbSession, viewer: CurrentViewer, registry: AppRegistry, now: Now
) -> Response:
    query = review.read_query(request.query_params, viewer)
    found = review.read_page(session, viewer, query)
    path = path_for(request, "risks.index")
    sums = review.read_sums(session, viewer, query)
    headers = {"HX-Push-Url": query.address(path, after=query.after, before=query.before)}
    return page(
        request,
        "accounts/risks/review.html",
        "accounts/risks/_review.html",
        headers=headers if wants_fragment(request) else None,
        query=query,
        path=path,
        lines=reviewed(session, viewer, registry, found.rows),
        sums=sums,
        currency=get_settings().currency,
        tabs=_tabs(query, path, viewer),
        previous=query.address(path, before=found.previous) if found.previous else None,
        next=query.address(path, after=found.next) if found.next else None,
        suffix=suffix_of(query),
        reasons=REASON_TITLES,
        stands=STANDS_TITLES,
        dues=DUE_TITLES,
        changes=CHANGE_TITLES,
        helps=HELP_TITLES,
        people=colleagues(session),
        teams=review.teams(session),
        today=clock.today(),
    )


def _tabs(query: RiskQuery, path: str, viewer: Viewer) -> list[tuple[Text, str, bool]]:
    return [
        (
            text(SCOPE_TITLES[scope]),
            query.address(path, scope="" if scope is query.default_scope else scope.value),
            scope is query.scope,
        )
        for scope in Scope
        if scope is not Scope.TEAM or viewer.team_id is not None
    ]


COLUMNS = (
    N_("Account"),
    N_("Reason"),
    N_("Status"),
    N_("In words"),
    N_("ARR at risk"),
    N_("Currency"),
    N_("Since"),
    N_("Owner"),
    N_("Next step"),
    N_("Next step due"),
    N_("Help needed"),
    N_("Help from"),
    N_("Account owner"),
    N_("Decides by"),
    N_("Closed on"),
    N_("Outcome"),
)


@router.get("/risks.csv", name="risks.csv")
def export_risks(request: Request, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    """Every row of the review as a file; the reader's filters and order hold."""
    refuse_unless(viewer, Capability.EXPORT)
    query = review.read_query(request.query_params, viewer)
    write = writer_of(request)
    database: Database = request.app.state.database
    return StreamingResponse(
        csv_lines([write.translations.gettext(title) for title in COLUMNS], _cells(database, viewer, query, write)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="risks-{clock.today().isoformat()}.csv"'},
    )


def _cells(database: Database, viewer: Viewer, query: RiskQuery, write: Writer) -> Iterator[list[object]]:
    """In a transaction of its own: the request's ends before the file is sent."""
    with database.reading() as session:
        for row in review.all_rows(session, viewer, query, FILE_CHUNK):
            risk = row.risk
            yield [
                row.account_name,
                write(text(REASON_TITLES[risk.reason])),
                write(text(STATUS_TITLES[risk.status])),
                risk.words,
                None if row.arr_minor is None else major(row.arr_minor, row.currency),
                row.currency if row.reads_money else None,
                risk.since_on,
                row.owner,
                risk.next_step,
                risk.next_on,
                risk.help_needed,
                row.help_from,
                row.account_owner,
                row.decides_on,
                risk.closed_on,
                risk.outcome,
            ]
