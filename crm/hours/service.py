"""Verbs on calendars. Hours are dated: what is set for a day takes the place of what was set for the same day."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from zoneinfo import available_timezones

from sqlmodel import Session, col, select

from crm.audit import record
from crm.clock import now
from crm.errors import Conflict, Forbidden, Invalid
from crm.events import emit
from crm.hours.calendar import Hours, Week, calendar
from crm.hours.events import WorkingHoursChanged
from crm.hours.holidays import countries
from crm.hours.models import COMPANY, ClosedDay, WorkCalendar, WorkHours
from crm.hours.queries import hours_of
from crm.text import N_
from crm.viewer import Capability, Viewer

EARLIEST, LATEST = date(1990, 1, 1), date(2100, 1, 1)  # beyond it is a slip of the keys


def create_calendar(
    session: Session, actor: Viewer, *, title: str, zone: str, week: Week, country: str = "", region: str = ""
) -> WorkCalendar:
    """Its first hours hold from ever."""
    _ensure_may(actor)
    title = _title(session, title)
    _refuse_nonsense(zone, week, country, region)
    made = WorkCalendar(title=title)
    session.add(made)
    session.flush()
    session.add(_hours(actor, made, date.min, zone, week, country, region))
    session.flush()
    record(session, actor, None, "working_hours.created", calendar=title)
    return made


def rename_calendar(session: Session, actor: Viewer, of: WorkCalendar, title: str) -> None:
    _ensure_may(actor)
    if of.id == COMPANY:
        raise Conflict(N_("The company’s own hours keep their name."))
    of.title = _title(session, title, of.id)
    session.add(of)
    record(session, actor, None, "working_hours.renamed", calendar=of.title)


def set_hours(
    session: Session,
    actor: Viewer,
    of: WorkCalendar,
    *,
    from_on: date | None,
    zone: str,
    week: Week,
    country: str = "",
    region: str = "",
) -> None:
    """From ``from_on`` on; ``None``: from ever, as if it had always been so."""
    _ensure_may(actor)
    if from_on is not None:
        _refuse_far(from_on)
    _refuse_nonsense(zone, week, country, region)
    _keep(session, of)
    day = from_on or date.min
    for held in hours_of(session, of.id):
        if held.from_on == day:
            held.closed_at = now()
            session.add(held)
    session.flush()
    session.add(_hours(actor, of, day, zone, week, country, region))
    session.flush()
    record(session, actor, None, "working_hours.set", calendar=of.title, from_on=from_on, country=country, zone=zone)
    emit(session, WorkingHoursChanged(of.id, day))


def take_back_hours(session: Session, actor: Viewer, of: WorkCalendar, held: WorkHours) -> None:
    """What was set for that day was a mistake: what held before goes on."""
    _ensure_may(actor)
    if of.id != COMPANY and held.from_on == date.min:
        raise Conflict(N_("These are the first hours of this calendar; set others instead."))
    held.closed_at = now()
    session.add(held)
    session.flush()
    record(session, actor, None, "working_hours.taken_back", calendar=of.title, from_on=held.from_on)
    emit(session, WorkingHoursChanged(of.id, held.from_on))


def close_day(session: Session, actor: Viewer, of: WorkCalendar, day: date, *, title: str = "") -> ClosedDay:
    _ensure_may(actor)
    _refuse_far(day)
    _keep(session, of)
    known = select(ClosedDay).where(
        col(ClosedDay.calendar_id) == of.id, col(ClosedDay.day) == day, col(ClosedDay.closed_at).is_(None)
    )
    if session.exec(known).first() is not None:
        raise Conflict(N_("That day is closed already."))
    made = ClosedDay(calendar_id=of.id, day=day, title=" ".join(title.split()), set_by=actor.user_id or None)
    session.add(made)
    session.flush()
    record(session, actor, None, "working_hours.day_closed", calendar=of.title, day=day, title=made.title)
    emit(session, WorkingHoursChanged(of.id, day))
    return made


def open_day(session: Session, actor: Viewer, of: WorkCalendar, closed: ClosedDay) -> None:
    _ensure_may(actor)
    closed.closed_at = now()
    session.add(closed)
    session.flush()
    record(session, actor, None, "working_hours.day_opened", calendar=of.title, day=closed.day)
    emit(session, WorkingHoursChanged(of.id, closed.day))


def _hours(actor: Viewer, of: WorkCalendar, day: date, zone: str, week: Week, country: str, region: str) -> WorkHours:
    kept = [[list(interval) for interval in one] for one in week]
    return WorkHours(
        calendar_id=of.id,
        from_on=day,
        time_zone=zone,
        week=kept,
        country=country,
        region=region,
        set_by=actor.user_id or None,
    )


def _keep(session: Session, of: WorkCalendar) -> None:
    """The company's calendar gets its row with the first thing that is set."""
    if of.id == COMPANY and session.get(WorkCalendar, COMPANY) is None:
        session.add(WorkCalendar(id=COMPANY, title=of.title))
        session.flush()


def _title(session: Session, title: str, but: int | None = None) -> str:
    title = " ".join(title.split())
    if not title:
        raise Invalid(N_("A calendar needs a name."))
    same = session.exec(select(WorkCalendar).where(col(WorkCalendar.title) == title)).first()
    if same is not None and same.id != but:
        raise Conflict(N_("There is a calendar called %(title)s already."), title=title)
    return title


def _refuse_nonsense(zone: str, week: Week, country: str, region: str) -> None:
    if zone not in zones():
        raise Invalid(N_("There is no time zone %(zone)s."), zone=zone)
    if country and country not in countries():
        raise Invalid(N_("No public holidays are known for %(country)s."), country=country)
    if region and region not in countries().get(country, ()):
        raise Invalid(N_("%(region)s is no part of that country with holidays of its own."), region=region)
    if not any(week):
        raise Invalid(N_("A calendar needs hours on at least one day of the week."))
    calendar((Hours(date.min, zone, week),))


def _refuse_far(day: date) -> None:
    if not EARLIEST <= day <= LATEST:
        raise Invalid(N_("That day is too far away."))


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _ensure_may(actor: Viewer) -> None:
    if not actor.may(Capability.MANAGE_TARGETS):
        raise Forbidden(N_("Managers and administrators set working hours; ask one of them."))
