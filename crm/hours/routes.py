"""Working hours, for managers and administrators."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Any

from babel import Locale
from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from crm import clock
from crm.errors import Conflict, Invalid, NotFound
from crm.hours import service
from crm.hours.calendar import Calendar, Hours
from crm.hours.forms import (
    WEEKDAYS,
    ButtonSubmitted,
    ClosedDaySubmitted,
    HoursSubmitted,
    NewCalendarSubmitted,
    TitleSubmitted,
)
from crm.hours.holidays import countries, holidays_of
from crm.hours.models import COMPANY, WorkCalendar, WorkHours
from crm.hours.queries import (
    calendars_now,
    closed_days_of,
    get_calendar,
    get_closed_day,
    hours_of,
)
from crm.hours.writing import write_hours
from crm.identity.deps import CurrentViewer, refuse_unless, requires
from crm.text import N_
from crm.viewer import Capability, Viewer
from crm.web.forms import Submitted
from crm.web.pages import language_of, page, see_other
from crm.web.session import DbSession

router = APIRouter(prefix="/settings/hours")

INDEX, SHOW = "hours/index.html", "hours/show.html"
LOOKED_AHEAD = timedelta(days=366)

DAY_TITLES = dict(
    zip(
        WEEKDAYS,
        (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday")),
        strict=True,
    )
)

WhoSetsHours = Annotated[Viewer, Depends(requires(Capability.MANAGE_TARGETS), scope="function")]


def _calendar(session: DbSession, viewer: CurrentViewer, calendar_id: int) -> WorkCalendar:
    refuse_unless(viewer, Capability.MANAGE_TARGETS)
    return get_calendar(session, calendar_id)


CalendarInScope = Annotated[WorkCalendar, Depends(_calendar, scope="function")]


@router.get("", name="hours.index")
def list_calendars(request: Request, session: DbSession, viewer: WhoSetsHours) -> Response:
    return _index(request, session)


@router.post("", name="hours.create")
def create_calendar(request: Request, session: DbSession, viewer: WhoSetsHours, sent: NewCalendarSubmitted) -> Response:
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = _attempt(
            session,
            sent,
            lambda: service.create_calendar(
                session,
                viewer,
                title=form.title,
                zone=form.zone,
                week=form.week,
                country=form.country,
                region=form.region,
            ),
        )
    return see_other(request, "hours.index") if refused is None else _index(request, session, refused)


@router.get("/{calendar_id:int}", name="hours.show")
def show_calendar(request: Request, session: DbSession, of: CalendarInScope) -> Response:
    return _show(request, session, of)


@router.post("/{calendar_id:int}", name="hours.set")
def set_hours(
    request: Request, session: DbSession, viewer: CurrentViewer, of: CalendarInScope, sent: HoursSubmitted
) -> Response:
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = _attempt(
            session,
            sent,
            lambda: service.set_hours(
                session,
                viewer,
                of,
                from_on=form.from_on,
                zone=form.zone,
                week=form.week,
                country=form.country,
                region=form.region,
            ),
        )
    return _back(request, of) if refused is None else _show(request, session, of, refused)


@router.post("/{calendar_id:int}/title", name="hours.title.update")
def rename(
    request: Request, session: DbSession, viewer: CurrentViewer, of: CalendarInScope, sent: TitleSubmitted
) -> Response:
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = _attempt(session, sent, lambda: service.rename_calendar(session, viewer, of, form.title))
    return _back(request, of) if refused is None else _show(request, session, of, refused)


@router.post("/{calendar_id:int}/versions/{hours_id:int}/removal", name="hours.take_back")
def take_back(
    request: Request,
    session: DbSession,
    viewer: CurrentViewer,
    of: CalendarInScope,
    hours_id: int,
    sent: ButtonSubmitted,
) -> Response:
    held = next((one for one in hours_of(session, of.id) if one.id == hours_id), None)
    if held is None:
        raise NotFound(N_("There are no such hours."))
    service.take_back_hours(session, viewer, of, held)
    return _back(request, of)


@router.post("/{calendar_id:int}/days", name="hours.days.create")
def close_day(
    request: Request, session: DbSession, viewer: CurrentViewer, of: CalendarInScope, sent: ClosedDaySubmitted
) -> Response:
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = _attempt(session, sent, lambda: service.close_day(session, viewer, of, form.day, title=form.title))
    return _back(request, of) if refused is None else _show(request, session, of, refused, closing=True)


@router.post("/{calendar_id:int}/days/{day_id:int}/removal", name="hours.days.delete")
def open_day(
    request: Request,
    session: DbSession,
    viewer: CurrentViewer,
    of: CalendarInScope,
    day_id: int,
    sent: ButtonSubmitted,
) -> Response:
    service.open_day(session, viewer, of, get_closed_day(session, of.id, day_id))
    return _back(request, of)


def _attempt(session: Session, sent: Submitted[Any], verb: Callable[[], object]) -> Submitted[Any] | None:
    try:
        with session.begin_nested():
            verb()
    except (Conflict, Invalid) as refusal:
        return Submitted(None, sent.raw, {**sent.errors, "form": refusal.sentence})
    return None


def _index(request: Request, session: Session, refused: Submitted[Any] | None = None) -> Response:
    known = calendars_now(session)
    today = clock.today()
    return page(
        request,
        INDEX,
        status=422 if refused else 200,
        lines=[
            (id_, known.titles[id_], of.hours_on(today), _week(of.hours_on(today))) for id_, of in known.by_id.items()
        ],
        company=COMPANY,
        **_form(request, known.default, refused),
    )


def _show(
    request: Request,
    session: Session,
    of: WorkCalendar,
    refused: Submitted[Any] | None = None,
    *,
    closing: bool = False,
) -> Response:
    calendar = calendars_now(session).of(of.id)
    today = clock.today()
    held = hours_of(session, of.id)
    return page(
        request,
        SHOW,
        status=422 if refused else 200,
        of=of,
        is_company=of.id == COMPANY,
        held=[(one, _week(one)) for one in held],
        days=closed_days_of(session, of.id),
        holidays=_holidays_ahead(calendar, today, language_of(request)),
        now_held=calendar.hours_on(today),
        today=today,
        closing=closing,
        always=date.min,
        **_form(request, calendar, refused),
    )


def _form(request: Request, calendar: Calendar, refused: Submitted[Any] | None) -> dict[str, Any]:
    now_held = calendar.hours_on(clock.today())
    names = Locale.parse(language_of(request)).territories
    known = [(code, names.get(code, code)) for code in countries()]
    return {
        "weekdays": DAY_TITLES,
        "shown": {
            **{day: write_hours(now_held.week[place]) for place, day in enumerate(WEEKDAYS)},
            "zone": now_held.zone,
            "country": now_held.country,
            "region": now_held.region,
        },
        "countries": sorted(known, key=lambda one: one[1]),
        "country_names": names,
        "regions": countries().get(now_held.country, ()),
        "zones": sorted(service.zones()),
        "raw": refused.raw if refused else {},
        "errors": refused.errors if refused else {},
    }


def _week(hours: Hours | WorkHours) -> list[tuple[list[str], str]]:
    """Days that share their hours, together: Monday to Friday 9:00–17:00."""
    found: list[tuple[list[str], str]] = []
    for place, day in enumerate(WEEKDAYS):
        written = write_hours(hours.week[place])
        if found and found[-1][1] == written:
            found[-1][0].append(DAY_TITLES[day])
        else:
            found.append(([DAY_TITLES[day]], written))
    return [(days, written) for days, written in found if written]


def _holidays_ahead(calendar: Calendar, today: date, language: str) -> list[tuple[date, str]]:
    """On which somebody would else work."""
    found = []
    for year in (today.year, today.year + 1):
        hours = calendar.hours_on(max(today, date(year, 1, 1)))
        if hours.country:
            found += list(holidays_of(hours.country, hours.region, year, language).items())
    return sorted(
        (day, name)
        for day, name in found
        if today <= day < today + LOOKED_AHEAD and calendar.hours_on(day).week[day.weekday()]
    )


def _back(request: Request, of: WorkCalendar) -> Response:
    return see_other(request, "hours.show", calendar_id=of.id)
