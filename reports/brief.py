"""The page one reads before a talk: who comes, what stands behind the score, what is open, what was promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from accounts.calendars.queries import MeetingForBrief, coming_meetings, meeting_of
from accounts.models import Account
from accounts.panels.people import Person, people_of
from crm.contracts import Registry
from crm.viewer import Viewer
from reports.account_report import account_report
from reports.document import AccountReport

MOST_PEOPLE = 500


@dataclass(frozen=True)
class Brief:
    report: AccountReport
    meeting: MeetingForBrief | None
    coming: tuple[Person, ...]  # of the customer, who take part and are known
    strangers: tuple[str, ...]  # addresses of those who are not


def brief_of(
    session: Session,
    viewer: Viewer,
    registry: Registry,
    account: Account,
    *,
    now: datetime,
    language: str,
    meeting_id: int | None = None,
) -> Brief:
    """For one meeting, or for the next one with ``account``; without any it is for a call."""
    if meeting_id is None:
        next_ones = coming_meetings(session, viewer, account, now)
        meeting_id = next_ones[0].id if next_ones else None
    meeting = meeting_of(session, viewer, account, meeting_id) if meeting_id else None
    people: list[Person] = []
    if meeting is not None and meeting.people:
        ids = {contact_id for contact_id, _ in meeting.people}
        everybody = people_of(session, viewer, account.id, now, limit=MOST_PEOPLE)
        people = [person for person in everybody if person.contact.id in ids]
    report = account_report(session, viewer, registry, account, now=now, language=language, for_brief=True)
    strangers = tuple(name for contact_id, name in meeting.people if contact_id is None) if meeting else ()
    return Brief(report, meeting, tuple(people), strangers)
