"""Calendars in: a file or an address of a person, kept up to date; what has taken place becomes a talk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select as core_select
from sqlmodel import Session, col, select

from accounts import service as accounts
from accounts.calendars.models import CalendarFeed, Meeting
from accounts.calendars.queries import feeds_of
from accounts.calendars.reading import CalendarFile, Event, read_calendar
from accounts.models import Account, Channel, Contact, ContactAccount, ContactRole, Direction, Interaction
from accounts.models.contact import KEY_ROLES
from accounts.participants import Match, SeveralAccounts, accounts_by_domain, colleagues_among, matches, settle
from accounts.queries import get_account
from accounts.rights import ensure_may_note
from crm.audit import record
from crm.clock import machine_now, now, today
from crm.errors import Conflict, NotFound
from crm.identity.models import User
from crm.net import target_of
from crm.text import N_, Text, kept_values
from crm.viewer import Viewer, system_viewer

SOURCE = "calendar"
BACK, AHEAD = timedelta(days=90), timedelta(days=180)
EVERY = timedelta(minutes=30)
LONGEST_PAUSE = timedelta(days=1)
MOST_FEEDS = 5


class TooManyFeeds(Conflict):
    def __init__(self) -> None:
        super().__init__(N_("Five calendars are the most; remove one first."))


@dataclass(frozen=True)
class Taken:
    """What a calendar brought: meetings that are new, changed, gone, and events that have nobody of a customer."""

    new: int = 0
    changed: int = 0
    gone: int = 0
    others: int = 0
    unreadable: int = 0


# --- addresses -------------------------------------------------------------------------------------------------------


def add_feed(session: Session, viewer: Viewer, *, url: str, title: str = "") -> CalendarFeed:
    """It is read within minutes, and every half hour from then on."""
    ensure_may_note(viewer)
    target = target_of(url)
    if len(feeds_of(session, viewer.user_id)) >= MOST_FEEDS:
        raise TooManyFeeds
    address = target.origin + target.path
    if any(one.url == address for one in feeds_of(session, viewer.user_id)):
        raise Conflict(N_("This calendar is read already."))
    feed = CalendarFeed(user_id=viewer.user_id, title=title.strip() or target.host, url=address)
    session.add(feed)
    session.flush()
    record(session, viewer, None, "calendar.added", feed=str(feed.id), host=target.host)
    return feed


def remove_feed(session: Session, viewer: Viewer, feed: CalendarFeed) -> None:
    """Its coming meetings go; what has taken place stays."""
    for meeting in session.exec(select(Meeting).where(col(Meeting.feed_id) == feed.id)):
        if meeting.starts_at > now() and meeting.interaction_id is None:
            session.delete(meeting)
        else:
            meeting.feed_id = None
    session.flush()
    session.delete(feed)
    record(session, viewer, None, "calendar.removed", feed=str(feed.id))


def due_feeds(session: Session, at: datetime) -> Sequence[tuple[int, str]]:
    """Id and address of those to be read, of people who still work here."""
    rows = session.execute(
        core_select(col(CalendarFeed.id), col(CalendarFeed.url))
        .join(User, col(User.id) == col(CalendarFeed.user_id))
        .where(col(CalendarFeed.next_try_at) <= at, col(User.disabled_at).is_(None))
        .order_by(col(CalendarFeed.next_try_at), col(CalendarFeed.id))
        .limit(500)
    )
    return [(feed_id, url) for feed_id, url in rows]


def feed_answered(session: Session, viewer: Viewer, feed: CalendarFeed, file: CalendarFile) -> Taken:
    feed.read_at, feed.failures, feed.error, feed.error_values = machine_now(), 0, "", {}
    feed.next_try_at = machine_now() + EVERY
    return take_events(session, viewer, file, feed=feed)


def feed_failed(feed: CalendarFeed, reason: Text) -> None:
    """Asked again after 1, 2, 4 … hours, at most a day."""
    feed.failures += 1
    feed.error, feed.error_values = reason.message[:300], kept_values(reason)
    feed.next_try_at = machine_now() + min(EVERY * 2 ** min(feed.failures, 8), LONGEST_PAUSE)


# --- events ----------------------------------------------------------------------------------------------------------


def window() -> tuple[datetime, datetime]:
    return now() - BACK, now() + AHEAD


def take_file(session: Session, viewer: Viewer, content: bytes) -> Taken:
    """A calendar file that the viewer hands over; it takes nothing away that it does not name."""
    ensure_may_note(viewer)
    since, until = window()
    taken = take_events(
        session, viewer, read_calendar(content, since=since, until=until, zone=ZoneInfo(viewer.time_zone))
    )
    record(session, viewer, None, "calendar.uploaded", new=taken.new, changed=taken.changed, gone=taken.gone)
    return taken


def take_events(session: Session, viewer: Viewer, file: CalendarFile, *, feed: CalendarFeed | None = None) -> Taken:
    """Bring the viewer's meetings in line with ``file``. A feed is the truth about what is to come: what it no longer
    holds is cancelled. An older version of an event changes nothing."""
    known = _known(session, viewer, [key_of(event.uid) for event in file.events])
    wanted = _wanted(session, viewer, file.events)
    new = changed = gone = 0
    seen: set[int] = set()
    for event, places in wanted:
        there = known.get((key_of(event.uid), event.occurrence), [])
        if event.cancelled:
            gone += _cancel(session, [one for one in there if one.sequence <= event.sequence])
            seen |= {one.id for one in there}
            continue
        by_account = {one.account_id: one for one in there}
        for account_id, emails in places.items():
            meeting = by_account.pop(account_id, None)
            if meeting is None:
                meeting = _made(viewer, event, account_id, emails, feed)
                session.add(meeting)
                seen.add(meeting.id)
                new += 1
                continue
            seen.add(meeting.id)
            if event.sequence >= meeting.sequence:
                changed += _bring_up_to_date(session, meeting, event, emails, feed)
        left = [one for one in by_account.values() if event.sequence >= one.sequence]
        gone += _cancel(session, left)  # nobody of that account takes part any more
        seen |= {one.id for one in by_account.values()}
    if feed is not None:
        gone += _cancel(session, _vanished(session, feed, seen))
    session.flush()
    return Taken(new, changed, gone, sum(not places for _, places in wanted), file.unreadable)


def _known(session: Session, viewer: Viewer, keys: Sequence[str]) -> dict[tuple[str, str], list[Meeting]]:
    found: dict[tuple[str, str], list[Meeting]] = {}
    distinct = list(dict.fromkeys(keys))
    for start in range(0, len(distinct), 500):
        rows = session.exec(
            select(Meeting).where(
                col(Meeting.user_id) == viewer.user_id, col(Meeting.uid_key).in_(distinct[start : start + 500])
            )
        )
        for meeting in rows:
            found.setdefault((meeting.uid_key, meeting.occurrence), []).append(meeting)
    return found


def _wanted(
    session: Session, viewer: Viewer, events: Iterable[Event]
) -> list[tuple[Event, dict[int, tuple[str, ...]]]]:
    """Each event with the accounts it concerns and who of them attends; two or three statements for all."""
    listed = list(events)
    emails = sorted({email for event in listed for email in event.emails})
    ours = viewer_domain = ""
    own = session.get(User, viewer.user_id)
    if own is not None:
        ours = own.email.lower()
        viewer_domain = ours.rpartition("@")[2]
    colleagues: set[str] = {ours}
    people: list[Match] = []
    for start in range(0, len(emails), 400):
        part = emails[start : start + 400]
        colleagues |= colleagues_among(session, part)
        people += matches(session, viewer, part)
    domains = sorted({email.rpartition("@")[2] for email in emails})
    by_domain: dict[str, list[Account]] = {}
    for start in range(0, len(domains), 400):
        by_domain.update(accounts_by_domain(session, viewer, domains[start : start + 400]))
    by_email: dict[str, list[Match]] = {}
    for match in people:
        by_email.setdefault(match.email, []).append(match)

    def places(event: Event) -> dict[int, tuple[str, ...]]:
        if ours in event.declined:
            return {}
        others = [one for one in event.emails if one not in colleagues and one.rpartition("@")[2] != viewer_domain]
        named = {account.id for one in others for account in by_domain.get(one.rpartition("@")[2], [])}
        try:
            settled = settle([match for one in others for match in by_email.get(one, [])], named)
        except SeveralAccounts:
            return {}
        found: dict[int, list[str]] = {account_id: [] for account_id in settled}
        for one in others:
            at = {match.account.id for match in by_email.get(one, [])}
            if not at:  # nobody we know, of a company that we know
                of_domain = by_domain.get(one.rpartition("@")[2], [])
                at = {of_domain[0].id} if len(of_domain) == 1 else set()
                for account_id in at:
                    found.setdefault(account_id, [])
            for account_id in at & found.keys():
                found[account_id].append(one)
        return {account_id: tuple(attending) for account_id, attending in found.items()}

    return [(event, places(event)) for event in listed]


def _made(viewer: Viewer, event: Event, account_id: int, emails: tuple[str, ...], feed: CalendarFeed | None) -> Meeting:
    return Meeting(
        account_id=account_id,
        user_id=viewer.user_id,
        feed_id=feed.id if feed else None,
        uid_key=key_of(event.uid),
        occurrence=event.occurrence,
        sequence=event.sequence,
        title=event.title,
        place=event.place,
        is_private=event.is_private,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        all_day=event.all_day,
        attendees=list(emails),
    )


def _bring_up_to_date(
    session: Session, meeting: Meeting, event: Event, emails: tuple[str, ...], feed: CalendarFeed | None
) -> bool:
    told = {
        "sequence": event.sequence,
        "title": event.title,
        "place": event.place,
        "is_private": event.is_private,
        "starts_at": event.starts_at,
        "ends_at": event.ends_at,
        "all_day": event.all_day,
        "attendees": list(emails),
        "cancelled_at": None,
        "feed_id": feed.id if feed else meeting.feed_id,
    }
    before = {name: getattr(meeting, name) for name in told}
    if before == told:
        return False
    if meeting.starts_at != event.starts_at and event.ends_at > now():
        _take_talk_back(session, meeting)  # it was put off: it has not taken place yet
    for name, value in told.items():
        setattr(meeting, name, value)
    meeting.changed_at = now()
    return True


def _vanished(session: Session, feed: CalendarFeed, seen: set[int]) -> list[Meeting]:
    """What is still to come and the feed no longer holds; calendars forget what is past, and that means nothing."""
    coming = session.exec(
        select(Meeting).where(
            col(Meeting.feed_id) == feed.id, col(Meeting.cancelled_at).is_(None), col(Meeting.starts_at) > now()
        )
    ).all()
    return [one for one in coming if one.id not in seen and one.starts_at < window()[1]]


def _cancel(session: Session, meetings: Iterable[Meeting]) -> int:
    count = 0
    for meeting in meetings:
        if meeting.cancelled_at is None:
            meeting.cancelled_at = meeting.changed_at = now()
            _take_talk_back(session, meeting)
            count += 1
    return count


def _take_talk_back(session: Session, meeting: Meeting) -> None:
    talk = session.get(Interaction, meeting.interaction_id) if meeting.interaction_id else None
    meeting.interaction_id = None
    if talk is not None and talk.closed_at is None:
        talk.external_id = None  # so that the meeting can become a talk when it has taken place after all
        account = session.get_one(Account, meeting.account_id)
        accounts.close_interaction(session, system_viewer(), account, talk, reason="the meeting was cancelled or moved")


# --- what has taken place --------------------------------------------------------------------------------------------


def held_meetings(session: Session, limit: int = 200) -> Sequence[tuple[Meeting, User]]:
    """Those that have ended and are no talk yet."""
    rows = session.execute(
        core_select(Meeting, User)
        .join(User, col(User.id) == col(Meeting.user_id))
        .where(
            col(Meeting.ends_at) <= now(),
            col(Meeting.ends_at) > now() - BACK,
            col(Meeting.cancelled_at).is_(None),
            col(Meeting.interaction_id).is_(None),
            col(Meeting.all_day).is_(False),
            col(User.disabled_at).is_(None),
        )
        .order_by(col(Meeting.ends_at), col(Meeting.id))
        .limit(limit)
    )
    return [(meeting, user) for meeting, user in rows]


def hold_meeting(session: Session, viewer: Viewer, meeting: Meeting) -> bool:
    """``meeting`` has taken place: it stands on the timeline as a talk of both sides. Its author corrects or removes it
    where nobody came. A meeting that stands in two calendars is one talk."""
    try:
        account = get_account(session, viewer, meeting.account_id)
    except NotFound:
        meeting.cancelled_at = now()  # its account is no longer theirs to read, or was merged away
        return False
    external_id = f"{meeting.uid_key}:{meeting.occurrence}:{account.id}"
    known = session.exec(
        select(Interaction).where(col(Interaction.source_key) == SOURCE, col(Interaction.external_id) == external_id)
    ).first()
    if known is not None:
        meeting.interaction_id = known.id
        return False
    lasted = round((meeting.ends_at - meeting.starts_at).total_seconds() / 60)
    talk = accounts.log_interaction(
        session,
        viewer,
        account,
        channel=Channel.MEETING,
        direction=Direction.BOTH,
        subject=meeting.title or "–",
        body="",
        contact=_whom(session, account, meeting.attendees),
        happened_at=meeting.starts_at,
        duration_minutes=lasted if 0 < lasted <= 24 * 60 else None,
        private=meeting.is_private,
        source=(SOURCE, external_id),
    )
    meeting.interaction_id = talk.id
    return True


def _whom(session: Session, account: Account, emails: Sequence[str]) -> Contact | None:
    """Of those who attended, somebody who decides first."""
    day = today()
    has_key_role = (
        core_select(col(ContactRole.id))
        .where(
            col(ContactRole.contact_id) == col(Contact.id),
            col(ContactRole.account_id) == account.id,
            col(ContactRole.role).in_(KEY_ROLES),
            col(ContactRole.closed_at).is_(None),
            col(ContactRole.from_on) <= day,
            col(ContactRole.to_on).is_(None) | (col(ContactRole.to_on) > day),
        )
        .correlate(Contact)
        .exists()
    )
    return session.exec(
        select(Contact)
        .join(ContactAccount, col(ContactAccount.contact_id) == col(Contact.id))
        .where(
            col(ContactAccount.account_id) == account.id,
            func.lower(col(Contact.email)).in_(list(emails)),
            col(Contact.closed_at).is_(None),
        )
        .order_by(has_key_role.desc(), col(Contact.name_folded), col(Contact.id))
        .limit(1)
    ).first()


def key_of(uid: str) -> str:
    return hashlib.sha256(uid.encode(errors="replace")).hexdigest()
