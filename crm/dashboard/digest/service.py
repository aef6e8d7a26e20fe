"""Making a person's digest: the same ranked day as on Today, by account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from accounts.calendars.queries import MeetingLine, meetings_of_day
from accounts.inbox.queries import waiting_count
from crm import clock
from crm.audit import record
from crm.config import get_settings
from crm.contracts import DayContext, Registry
from crm.dashboard.day import DayRow
from crm.dashboard.digest.models import DigestChoice, Rhythm
from crm.dashboard.queries import AccountLine, account_lines, day_of
from crm.i18n.write import Writer
from crm.identity.keys import Purpose, ensure_key
from crm.identity.models import User
from crm.identity.service import as_viewer
from crm.mail import queue_mail
from crm.text import N_, Text, plural, text
from crm.viewer import Viewer, system_viewer

MOST_ACCOUNTS = 25
LATEST_HOURS = 6  # after the chosen hour; what could not be sent by then is no morning's reading any more


@dataclass(frozen=True)
class Digest:
    rows: tuple[tuple[DayRow, AccountLine], ...]
    more: int
    meetings: tuple[MeetingLine, ...]
    to_sort: int

    @property
    def is_empty(self) -> bool:
        return not (self.rows or self.meetings)


def choice_of(session: Session, user_id: int) -> DigestChoice:
    return session.get(DigestChoice, user_id) or DigestChoice(user_id=user_id)


def choose(session: Session, viewer: Viewer, *, rhythm: Rhythm, hour: int) -> None:
    chosen = choice_of(session, viewer.user_id)
    chosen.rhythm, chosen.hour = rhythm, hour
    session.add(chosen)
    record(session, viewer, None, "digest.chosen", rhythm=rhythm, hour=hour)


def switch_off(session: Session, user: User) -> None:
    chosen = choice_of(session, user.id)
    chosen.rhythm = Rhythm.OFF
    session.add(chosen)
    record(session, as_viewer(user), None, "digest.chosen", rhythm=Rhythm.OFF, by="link")


def due_day(choice: DigestChoice, zone: str, now: datetime) -> date | None:
    """The person's own day whose digest is due at ``now``; ``None``: none is."""
    local = now.astimezone(ZoneInfo(zone))
    day = local.date()
    wanted = {Rhythm.OFF: False, Rhythm.DAILY: day.weekday() < 5, Rhythm.WEEKLY: day.weekday() == 0}[choice.rhythm]
    in_time = choice.hour <= local.hour < choice.hour + LATEST_HOURS
    return day if wanted and in_time and choice.seen_to_on != day else None


def people_with_digest(session: Session) -> list[tuple[int, str]]:
    """Id and zone of everybody who wants one."""
    rows = session.exec(
        select(User.id, User.time_zone)
        .join(DigestChoice, col(DigestChoice.user_id) == col(User.id))
        .where(col(DigestChoice.rhythm) != Rhythm.OFF, col(User.disabled_at).is_(None))
        .order_by(col(User.id))
    )
    return [(user_id, zone) for user_id, zone in rows]


def see_to(session: Session, registry: Registry, user_id: int) -> bool:
    """Queue the digest that is due, if there is anything to say. The day is marked in the same transaction, and the
    mail's key names it as well: whatever is killed or done twice, a day has one digest at most."""
    user = session.get(User, user_id)
    choice = session.exec(select(DigestChoice).where(col(DigestChoice.user_id) == user_id).with_for_update()).first()
    if user is None or user.disabled_at is not None or choice is None:
        return False
    day = due_day(choice, user.time_zone, clock.now())
    if day is None:
        return False
    choice.seen_to_on = day
    viewer = as_viewer(user)
    book = registry.book
    now = book.time(session, clock.now()).now if book else clock.now()
    digest = make_digest(session, registry, viewer, now, weekly=choice.rhythm is Rhythm.WEEKLY)
    if digest.is_empty:
        return False
    token = ensure_key(session, system_viewer(), user.id, Purpose.DIGEST)
    address = f"{get_settings().effective_base_url}/unsubscribe/{token}"
    queue_mail(
        session,
        Writer(user.language, ZoneInfo(user.time_zone), now),
        key=f"digest:{user.id}:{day.isoformat()}",
        recipient=user.email,
        subject=_subject(digest, choice.rhythm),
        template="digest",
        headers={"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        digest=digest,
        weekly=choice.rhythm is Rhythm.WEEKLY,
        day=day,
        off=address,
    )
    return True


def make_digest(session: Session, registry: Registry, viewer: Viewer, now: datetime, *, weekly: bool) -> Digest:
    day = day_of(registry, DayContext(session, viewer, now, clock.day_of(now)))
    rows = day.rows if weekly else day.now + day.this_week
    shown = rows[:MOST_ACCOUNTS]
    lines = account_lines(session, [row.account_id for row in shown])
    return Digest(
        tuple((row, lines[row.account_id]) for row in shown),
        len(rows) - len(shown),
        tuple(meetings_of_day(session, viewer, now)),
        waiting_count(session, viewer),
    )


def _subject(digest: Digest, rhythm: Rhythm) -> Text:
    count = len(digest.rows) + digest.more
    if rhythm is Rhythm.WEEKLY:
        return plural(N_("Your week: %(n)s account needs you"), N_("Your week: %(n)s accounts need you"), count)
    if not count:
        return text(N_("Your day: meetings"))
    return plural(N_("Your day: %(n)s account needs you"), N_("Your day: %(n)s accounts need you"), count)
