"""Meetings of a day, of an account, and what our own calendar tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select as core_select
from sqlmodel import Session, col, select

from accounts.calendars.models import CalendarFeed, Meeting
from accounts.models import Account, Contact, ContactAccount
from accounts.queries import in_sight
from accounts.workdays import workday_from
from crm.errors import NotFound
from crm.identity.models import User
from crm.text import N_
from crm.viewer import Viewer

MOST_OF_DAY, MOST_OF_ACCOUNT = 12, 5


@dataclass(frozen=True)
class MeetingLine:
    """A meeting as ``viewer`` may read it."""

    id: int
    account_id: int
    account: str
    title: str  # empty where its calendar says that it is private
    place: str
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    who: tuple[str, ...]  # of us


def _line(meeting: Meeting, account: str, names: Sequence[str], viewer: Viewer) -> MeetingLine:
    open_ = not meeting.is_private or meeting.user_id == viewer.user_id
    return MeetingLine(
        meeting.id,
        meeting.account_id,
        account,
        meeting.title if open_ else "",
        meeting.place if open_ else "",
        meeting.starts_at,
        meeting.ends_at,
        meeting.all_day,
        tuple(names),
    )


def next_meetings(session: Session, viewer: Viewer, now: datetime) -> tuple[date | None, list[MeetingLine]]:
    """The viewer's own of today (``None``); on a free weekend those of the next working day, and which it is."""
    today = now.astimezone(ZoneInfo(viewer.time_zone)).date()
    found = meetings_of_day(session, viewer, now)
    coming = workday_from(today)
    if found or coming == today:
        return None, found
    return coming, meetings_of_day(session, viewer, now, coming)


def meetings_of_day(session: Session, viewer: Viewer, now: datetime, day: date | None = None) -> list[MeetingLine]:
    """The viewer's own, of ``day`` where they are, by default of the day that it is there."""
    zone = ZoneInfo(viewer.time_zone)
    day = day or now.astimezone(zone).date()
    first, after = (datetime.combine(one, time.min, zone) for one in (day, day + timedelta(days=1)))
    rows = session.execute(
        core_select(Meeting, col(Account.name))
        .join(Account, col(Account.id) == col(Meeting.account_id))
        .where(
            col(Meeting.user_id) == viewer.user_id,
            col(Meeting.cancelled_at).is_(None),
            col(Meeting.starts_at) < after,
            (col(Meeting.starts_at) >= first) | (col(Meeting.ends_at) > first),
            in_sight(col(Meeting.account_id), viewer),
        )
        .order_by(col(Meeting.starts_at), col(Meeting.id))
        .limit(MOST_OF_DAY)
    )
    return [_line(meeting, name, (), viewer) for meeting, name in rows]


def coming_meetings(session: Session, viewer: Viewer, account: Account, now: datetime) -> list[MeetingLine]:
    """Of everybody here with one account; a meeting that stands in several calendars is one. The caller has made sure
    that the account may be read."""
    rows = session.execute(
        core_select(Meeting, col(User.name))
        .join(User, col(User.id) == col(Meeting.user_id))
        .where(col(Meeting.account_id) == account.id, col(Meeting.cancelled_at).is_(None), col(Meeting.ends_at) > now)
        .order_by(col(Meeting.starts_at), col(Meeting.id))
        .limit(8 * MOST_OF_ACCOUNT)
    )
    together: dict[tuple[str, str], tuple[Meeting, list[str]]] = {}
    for meeting, name in rows:
        kept, names = together.setdefault((meeting.uid_key, meeting.occurrence), (meeting, []))
        names.append(name)
        if meeting.user_id == viewer.user_id and kept.user_id != viewer.user_id:
            together[meeting.uid_key, meeting.occurrence] = (meeting, names)
    return [_line(meeting, account.name, names, viewer) for meeting, names in together.values()][:MOST_OF_ACCOUNT]


@dataclass(frozen=True)
class MeetingForBrief:
    line: MeetingLine
    people: tuple[tuple[int | None, str], ...]  # contact's id, and name or address


def meeting_of(session: Session, viewer: Viewer, account: Account, meeting_id: int) -> MeetingForBrief:
    found = session.execute(
        core_select(Meeting, col(User.name))
        .join(User, col(User.id) == col(Meeting.user_id))
        .where(col(Meeting.id) == meeting_id, col(Meeting.account_id) == account.id)
    ).first()
    if found is None:
        raise NotFound(N_("There is no such meeting here."))
    meeting, name = found
    rows = session.execute(
        core_select(func.lower(col(Contact.email)), col(Contact.id), col(Contact.name))
        .join(ContactAccount, col(ContactAccount.contact_id) == col(Contact.id))
        .where(
            func.lower(col(Contact.email)).in_(meeting.attendees),
            col(ContactAccount.account_id) == account.id,
            col(Contact.closed_at).is_(None),
        )
    )
    known = {email: (contact_id, contact) for email, contact_id, contact in rows}
    shown = tuple(known.get(email, (None, email)) for email in meeting.attendees)
    if meeting.is_private and meeting.user_id != viewer.user_id:
        shown = ()
    return MeetingForBrief(_line(meeting, account.name, [name], viewer), shown)


def feeds_of(session: Session, user_id: int) -> Sequence[CalendarFeed]:
    return session.exec(
        select(CalendarFeed).where(col(CalendarFeed.user_id) == user_id).order_by(col(CalendarFeed.id))
    ).all()


def get_feed(session: Session, viewer: Viewer, feed_id: int) -> CalendarFeed:
    found = session.exec(
        select(CalendarFeed).where(col(CalendarFeed.id) == feed_id, col(CalendarFeed.user_id) == viewer.user_id)
    ).first()
    if found is None:
        raise NotFound(N_("There is no such calendar."))
    return found


def day_in(zone: str, at: datetime) -> date:
    return at.astimezone(ZoneInfo(zone)).date()
