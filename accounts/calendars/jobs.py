"""Reading people's calendars, and putting what has taken place on the timelines."""

from __future__ import annotations

from collections import Counter
from zoneinfo import ZoneInfo

import structlog

from accounts.calendars import service
from accounts.calendars.models import CalendarFeed, Meeting
from accounts.calendars.reading import MOST_BYTES, CalendarFile, read_calendar
from crm import net
from crm.clock import machine_now
from crm.contracts import Job, JobContext
from crm.errors import Refusal
from crm.identity.models import User
from crm.identity.service import as_viewer
from crm.text import N_, Text, text
from crm.viewer import Capability

log = structlog.get_logger(__name__)

TIMEOUT_S = 20.0


def fetch(context: JobContext) -> str:
    """Each calendar is asked outside of any transaction, and what it says is written in one."""
    with context.reading() as session:
        due = service.due_feeds(session, machine_now())
    counted: Counter[str] = Counter()
    for feed_id, url in due:
        answer = _ask(url)
        with context.chunk(mark=None, done=1) as session:
            feed = session.get(CalendarFeed, feed_id)
            if feed is None:
                continue  # removed meanwhile
            user = session.get_one(User, feed.user_id)
            viewer = as_viewer(user)
            file = answer if isinstance(answer, Text) else _read(answer, user.time_zone)
            if isinstance(file, Text):
                service.feed_failed(feed, file)
                counted["failed"] += 1
            else:
                if viewer.may(Capability.NOTE):
                    service.feed_answered(session, viewer, feed, file)
                counted["read"] += 1
    return ", ".join(f"{count} {what}" for what, count in sorted(counted.items())) or "nothing due"


def _ask(url: str) -> bytes | Text:
    """The calendar, or in words why there is none; never with the address, which is a secret."""
    try:
        answer = net.ask(url, headers={"Accept": "text/calendar"}, most_bytes=MOST_BYTES, timeout_s=TIMEOUT_S)
    except net.Unreachable as problem:
        return problem.sentence
    if 300 <= answer.status < 400:
        return text(N_("it answers with a redirect (%(status)s); give the final address"), status=answer.status)
    if answer.status != 200:
        return text(N_("it answers with %(status)s"), status=answer.status)
    return answer.body


def _read(content: bytes, zone: str) -> CalendarFile | Text:
    since, until = service.window()
    try:
        return read_calendar(content, since=since, until=until, zone=ZoneInfo(zone))
    except Refusal as refused:
        return refused.sentence


def hold(context: JobContext) -> str:
    """A meeting that has ended becomes a talk, each in its own transaction."""
    with context.reading() as session:
        waiting = [(meeting.id, user.id) for meeting, user in service.held_meetings(session)]
    talks = 0
    for meeting_id, user_id in waiting:
        with context.chunk(mark=None, done=1) as session:
            meeting = session.get(Meeting, meeting_id)
            viewer = as_viewer(session.get_one(User, user_id))
            if meeting is not None and meeting.interaction_id is None and viewer.may(Capability.NOTE):
                talks += service.hold_meeting(session, viewer, meeting)
    return f"{talks} meetings noted as talks"


FETCH = Job(name="calendars.fetch", run_long=fetch, cron="*/5 * * * *", lease_s=120)
HOLD = Job(name="meetings.hold", run_long=hold, cron="*/10 * * * *")
JOBS = (FETCH, HOLD)
