"""Today: the page and what is done on it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Request, Response

from accounts.calendars.queries import next_meetings
from accounts.inbox.queries import waiting_count
from accounts.models import DayVerdict
from accounts.queries import get_account
from crm.clock import day_of as company_day
from crm.contracts import DayContext
from crm.dashboard import service
from crm.dashboard.day import Day, find
from crm.dashboard.forms import ItemForm, MarkForm
from crm.dashboard.portfolio import portfolio_of
from crm.dashboard.queries import absences, account_lines, day_of, items_of, source_of
from crm.errors import Conflict, Invalid
from crm.identity.deps import CurrentViewer
from crm.text import N_, text
from crm.web.forms import Submitted, submitted
from crm.web.htmx import wants_fragment
from crm.web.pages import page, see_other
from crm.web.session import AppRegistry, DbSession, Now

router = APIRouter()

OneItem = TypeVar("OneItem", MarkForm, ItemForm)

_AT_FIRST = 20  # rows of a group that stand open
_AT_MOST = 60  # and that are on the page at all: nobody works through more in a day

MarkSubmitted = Annotated[Submitted[MarkForm], Depends(submitted(MarkForm))]
ItemSubmitted = Annotated[Submitted[ItemForm], Depends(submitted(ItemForm))]


@router.get("/", name="dashboard.today")
def show_today(
    request: Request, session: DbSession, viewer: CurrentViewer, registry: AppRegistry, now: Now, marked: str = ""
) -> Response:
    today = company_day(now)
    day = day_of(registry, DayContext(session, viewer, now, today))
    meetings_on, meetings = next_meetings(session, viewer, now)
    groups = (day.now, day.this_week, day.later)
    return page(
        request,
        "dashboard/today.html",
        today=today,
        day=day,
        accounts=account_lines(session, [row.account_id for group in groups for row in group[:_AT_MOST]]),
        later_days=later_days(today),
        portfolio=portfolio_of(session, viewer, today),
        away=absences(session, viewer),
        meetings=meetings,
        meetings_on=meetings_on,
        mails_to_sort=waiting_count(session, viewer),
        at_first=_AT_FIRST,
        at_most=_AT_MOST,
        marked=_marked(marked, day),
    )


@router.post("/today/marks", name="dashboard.marks.create")
def create_mark(
    request: Request, session: DbSession, viewer: CurrentViewer, registry: AppRegistry, now: Now, sent: MarkSubmitted
) -> Response:
    form = _form_of(sent)
    today = company_day(now)
    account = get_account(session, viewer, form.account_id)
    item = find(items_of(registry, DayContext(session, viewer, now, today)), (form.account_id, form.kind, form.key))
    if item is None:
        raise Conflict(N_("This is no longer on your day; nothing was changed."))
    mark = service.mark_item(session, viewer, item, form.verdict, words=form.words, until_on=form.until, today=today)
    source = source_of(registry, item.kind)
    if form.verdict is DayVerdict.DONE and source is not None and source.done is not None:
        source.done(DayContext(session, viewer, now, today), account.id, item.key, form.words)
    if wants_fragment(request):
        return page(request, "dashboard/_marked.html", mark=mark, name=account.name)
    return see_other(request, "dashboard.today", query={"marked": f"{item.account_id}.{item.kind}.{item.key}"})


@router.post("/today/marks/outcome", name="dashboard.outcomes.create")
def create_outcome(
    request: Request, session: DbSession, viewer: CurrentViewer, registry: AppRegistry, now: Now, sent: ItemSubmitted
) -> Response:
    form = _form_of(sent)
    account = get_account(session, viewer, form.account_id)
    mark = service.note_outcome(session, viewer, account.id, form.kind, form.key, form.words)
    source = source_of(registry, form.kind)
    if mark.verdict is DayVerdict.DONE and source is not None and source.done is not None:
        source.done(DayContext(session, viewer, now, company_day(now)), account.id, form.key, form.words)
    if wants_fragment(request):
        return page(request, "dashboard/_marked.html", mark=mark, name=account.name)
    return see_other(request, "dashboard.today")


@router.post("/today/marks/removal", name="dashboard.marks.delete")
def delete_mark(
    request: Request, session: DbSession, viewer: CurrentViewer, registry: AppRegistry, now: Now, sent: ItemSubmitted
) -> Response:
    form = _form_of(sent)
    account = get_account(session, viewer, form.account_id)
    taken_back = service.undo_mark(session, viewer, account.id, form.kind, form.key)
    source = source_of(registry, form.kind)
    if taken_back is DayVerdict.DONE and source is not None and source.undone is not None:
        source.undone(DayContext(session, viewer, now, company_day(now)), account.id, form.key)
    return see_other(request, "dashboard.today")


def later_days(today: date) -> list[tuple[date, str]]:
    """Days offered for "later": tomorrow, the coming Monday, in two weeks."""
    monday = today + timedelta(days=7 - today.weekday())
    days = [(today + timedelta(days=1), N_("Tomorrow"))]
    if monday != days[0][0]:
        days.append((monday, N_("Monday")))
    days.append((today + timedelta(days=14), N_("In two weeks")))
    return days


def _marked(marked: str, day: Day) -> tuple[int, str, str] | None:
    """The item put away by the form of a browser without JavaScript, for its outcome line."""
    account, _, rest = marked.partition(".")
    kind, _, key = rest.partition(".")
    if not (account.isdigit() and kind and key) or len(account) > 19:
        return None
    return int(account), kind, key


def _form_of(sent: Submitted[OneItem]) -> OneItem:
    if sent.form is None:
        raise Invalid(text("%(problem)s", problem=next(iter(sent.errors.values()))))
    return sent.form
