"""From a calendar file to its events within a window. Pure; what cannot be read is counted and left out."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

import structlog

from accounts.inbox.plain import one_line
from crm.errors import Invalid
from crm.text import N_

log = structlog.get_logger(__name__)

MOST_BYTES = 4 << 20
MOST_EVENTS = 4_000  # in the window
MOST_ATTENDEES = 100
TIME_S = 20.0
_EARLIEST = date(1990, 1, 1)  # of a series: one that began long before takes time to count up to now
_TOO_FINE = ("BYHOUR", "BYMINUTE", "BYSECOND")
_ADDRESS = re.compile(r"[^\s<>\"(),;:\\@]{1,64}@[^\s<>\"(),;:\\@]{3,189}")


@dataclass(frozen=True)
class Event:
    uid: str
    occurrence: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    title: str
    place: str
    is_private: bool
    cancelled: bool
    emails: tuple[str, ...]  # organizer and attendees who did not decline
    declined: frozenset[str]


@dataclass(frozen=True)
class CalendarFile:
    events: tuple[Event, ...]
    unreadable: int = 0


class NotACalendar(Invalid):
    def __init__(self) -> None:
        super().__init__(N_("This is not a calendar file (.ics)."))


class TooMuchCalendar(Invalid):
    def __init__(self) -> None:
        super().__init__(N_("This calendar is too large to be read; export fewer months of it."))


def read_calendar(content: bytes, *, since: datetime, until: datetime, zone: tzinfo) -> CalendarFile:
    """Events that touch ``[since, until)``, series expanded. ``zone``: its person's, for times that name none."""
    import icalendar

    if len(content) > MOST_BYTES:
        raise TooMuchCalendar
    if b"BEGIN:VCALENDAR" not in content[:4_096].upper():
        raise NotACalendar
    stop = time.monotonic() + TIME_S
    try:
        calendars = icalendar.Calendar.from_ical(content, multiple=True)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as wrong:
        raise NotACalendar from wrong
    events: list[Event] = []
    unreadable = 0
    for calendar in calendars:
        method = str(calendar.get("METHOD", "")).upper()
        for uid, components in _by_uid(calendar).items():
            if time.monotonic() > stop or len(events) > MOST_EVENTS:
                raise TooMuchCalendar
            try:
                events += [
                    one
                    for component in _occurrences(components, since, until)
                    if (one := _event(uid, component, zone, method)) is not None
                    and one.ends_at >= since
                    and one.starts_at < until
                ]
            except Exception as problem:  # any one event may be broken in ways its library does not foresee
                unreadable += 1
                log.info("calendar.unreadable_event", kind=type(problem).__name__)
    return CalendarFile(_distinct(events), unreadable)


def _by_uid(calendar: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for component in calendar.walk("VEVENT"):
        uid = str(component.get("UID", ""))[:1_000]
        if uid and component.get("DTSTART") is not None:
            found.setdefault(uid, []).append(component)
    return found


def _occurrences(components: list[Any], since: datetime, until: datetime) -> list[Any]:
    import icalendar
    import recurring_ical_events

    for component in components:
        if component.get("RRULE") is not None and not _is_expandable(component):
            del component["RRULE"]
    if len(components) == 1 and components[0].get("RRULE") is None and components[0].get("RDATE") is None:
        return components
    alone = icalendar.Calendar()
    for component in components:
        alone.add_component(component)
    found: list[Any] = recurring_ical_events.of(alone).between(since, until)
    return found[:MOST_EVENTS]


def _is_expandable(component: Any) -> bool:
    rules = component.get("RRULE")
    start = component.get("DTSTART").dt
    day = start.date() if isinstance(start, datetime) else start
    return day >= _EARLIEST and all(
        str((rule.get("FREQ") or [""])[0]).upper() in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
        and not any(name in rule for name in _TOO_FINE)
        for rule in (rules if isinstance(rules, list) else [rules])
    )


def _event(uid: str, component: Any, zone: tzinfo, method: str) -> Event | None:
    starts_at, all_day = _plain(component.get("DTSTART").dt, zone)
    ending, lasting = component.get("DTEND"), component.get("DURATION")
    if ending is not None:
        ends_at = _plain(ending.dt, zone)[0]
    elif lasting is not None:
        ends_at = starts_at + min(max(lasting.dt, timedelta()), timedelta(days=60))
    else:
        ends_at = starts_at + (timedelta(days=1) if all_day else timedelta())
    planned = component.get("RECURRENCE-ID")
    emails, declined = _people(component)
    return Event(
        uid=uid,
        occurrence="" if planned is None else _day_of(planned.dt).isoformat(),
        sequence=_number(component.get("SEQUENCE")),
        starts_at=starts_at,
        ends_at=max(starts_at, ends_at),
        all_day=all_day,
        title=one_line(str(component.get("SUMMARY", "")), 300),
        place=one_line(str(component.get("LOCATION", "")), 300),
        is_private=str(component.get("CLASS", "")).upper() in ("PRIVATE", "CONFIDENTIAL"),
        cancelled=method == "CANCEL" or str(component.get("STATUS", "")).upper() == "CANCELLED",
        emails=emails,
        declined=declined,
    )


def _plain(when: date, zone: tzinfo) -> tuple[datetime, bool]:
    """The instant in UTC, and whether it is a whole day."""
    if not isinstance(when, datetime):
        return datetime(when.year, when.month, when.day, tzinfo=zone).astimezone(UTC), True
    return (when.replace(tzinfo=zone) if when.tzinfo is None else when).astimezone(UTC), False


def _day_of(when: date) -> date:
    return when.date() if isinstance(when, datetime) else when


def _number(value: Any) -> int:
    try:
        return max(0, min(int(value), 2_000_000_000))
    except (TypeError, ValueError):
        return 0


def _people(component: Any) -> tuple[tuple[str, ...], frozenset[str]]:
    """Addresses of those who take part, the organizer first, and of those who declined."""
    going: dict[str, None] = {}
    declined: set[str] = set()
    for name, value in _each(component, "ORGANIZER", "ATTENDEE"):
        params = getattr(value, "params", {})
        if str(params.get("CUTYPE", "")).upper() in ("RESOURCE", "ROOM"):
            continue
        found = _ADDRESS.search(str(value).lower().removeprefix("mailto:")) or _ADDRESS.search(
            str(params.get("EMAIL", "")).lower()
        )
        if found is None:
            continue
        if name == "ATTENDEE" and str(params.get("PARTSTAT", "")).upper() == "DECLINED":
            declined.add(found[0])
        else:
            going.setdefault(found[0])
    return tuple(one for one in going if one not in declined)[:MOST_ATTENDEES], frozenset(declined)


def _each(component: Any, *names: str) -> Iterator[tuple[str, Any]]:
    for name in names:
        values = component.get(name)
        for value in values if isinstance(values, list) else [values] if values is not None else []:
            yield name, value


def _distinct(events: list[Event]) -> tuple[Event, ...]:
    """The newest of those with one identity; two of a series on one day are told apart by their time."""
    found: dict[tuple[str, str], Event] = {}
    for event in sorted(events, key=lambda one: (one.starts_at, one.sequence)):
        key = (event.uid, event.occurrence)
        if key in found and event.occurrence and found[key].starts_at != event.starts_at:
            event = Event(**{**event.__dict__, "occurrence": event.starts_at.isoformat()[:40]})
            key = (event.uid, event.occurrence)
        if key not in found or event.sequence >= found[key].sequence:
            found[key] = event
    return tuple(found.values())
