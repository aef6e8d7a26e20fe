"""Calendars as they stand in the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from crm.clock import company_zone
from crm.errors import NotFound
from crm.hours.calendar import Calendar, Hours, calendar, plain_calendar
from crm.hours.models import COMPANY, ClosedDay, WorkCalendar, WorkHours
from crm.text import N_

COMPANY_TITLE = N_("The company’s hours")


@dataclass(frozen=True)
class Calendars:
    """Every calendar by its id; who names none gets the company's."""

    by_id: Mapping[int, Calendar]
    titles: Mapping[int, str]  # as written; the company's own may have none

    @property
    def default(self) -> Calendar:
        return self.by_id[COMPANY]

    def of(self, calendar_id: int | None) -> Calendar:
        return self.by_id[calendar_id or COMPANY]


def built_in_hours() -> Calendar:
    """Monday to Friday, 9 to 17, holidays too: the company's until somebody sets its hours."""
    return plain_calendar(company_zone().key)


def calendars_now(session: Session) -> Calendars:
    """Two statements. The built-in hours hold until the first day for which a calendar has its own."""
    titles: dict[int, str] = {COMPANY: COMPANY_TITLE}
    hours: dict[int, list[Hours]] = {COMPANY: []}
    rows = session.execute(
        select(
            col(WorkCalendar.id),
            col(WorkCalendar.title),
            col(WorkHours.from_on),
            col(WorkHours.time_zone),
            col(WorkHours.week),
            col(WorkHours.country),
            col(WorkHours.region),
        )
        .outerjoin(WorkHours, (col(WorkHours.calendar_id) == col(WorkCalendar.id)) & col(WorkHours.closed_at).is_(None))
        .order_by(col(WorkCalendar.title), col(WorkCalendar.id))
    )
    for id_, title, from_on, zone, week, country, region in rows:
        titles[id_] = title
        some = hours.setdefault(id_, [])
        if from_on is not None:
            some.append(Hours(from_on, zone, as_week(week), country, region))
    closed: dict[int, set[date]] = {}
    for id_, day in session.execute(
        select(col(ClosedDay.calendar_id), col(ClosedDay.day)).where(col(ClosedDay.closed_at).is_(None))
    ):
        closed.setdefault(id_, set()).add(day)
    first = built_in_hours().hours[0]
    by_id = {
        id_: calendar(tuple(sorted([*([] if _from_ever(some) else [first]), *some])), frozenset(closed.get(id_, ())))
        for id_, some in hours.items()
    }
    return Calendars(by_id, titles)


def _from_ever(hours: Sequence[Hours]) -> bool:
    return any(one.from_on == date.min for one in hours)


def as_week(kept: Sequence[Sequence[Sequence[int]]]) -> tuple[tuple[tuple[int, int], ...], ...]:
    return tuple(tuple((from_, to) for from_, to in day) for day in kept)


def get_calendar(session: Session, calendar_id: int) -> WorkCalendar:
    """The company's is always there, also before anything is set."""
    found = session.get(WorkCalendar, calendar_id) if 0 < calendar_id < 2**63 else None
    if found is None and calendar_id == COMPANY:
        return WorkCalendar(id=COMPANY, title=COMPANY_TITLE)
    if found is None:
        raise NotFound(N_("There is no such calendar."))
    return found


def hours_of(session: Session, calendar_id: int) -> Sequence[WorkHours]:
    """Newest first."""
    return session.scalars(
        select(WorkHours)
        .where(col(WorkHours.calendar_id) == calendar_id, col(WorkHours.closed_at).is_(None))
        .order_by(col(WorkHours.from_on).desc())
    ).all()


def closed_days_of(session: Session, calendar_id: int) -> Sequence[ClosedDay]:
    """Latest first."""
    return session.scalars(
        select(ClosedDay)
        .where(col(ClosedDay.calendar_id) == calendar_id, col(ClosedDay.closed_at).is_(None))
        .order_by(col(ClosedDay.day).desc())
    ).all()


def get_closed_day(session: Session, calendar_id: int, day_id: int) -> ClosedDay:
    found = session.get(ClosedDay, day_id) if 0 < day_id < 2**63 else None
    if found is None or found.closed_at is not None or found.calendar_id != calendar_id:
        raise NotFound(N_("There is no such day."))
    return found


__all__ = [
    "COMPANY",
    "COMPANY_TITLE",
    "Calendars",
    "as_week",
    "calendars_now",
    "closed_days_of",
    "get_calendar",
    "get_closed_day",
    "hours_of",
]
