"""Our own calendar of a person for other programs: tasks, decisions, colleagues' meetings with their accounts.

Only what stands in a title is told, and a link: no note, no amount. Each entry keeps its UID, and its SEQUENCE rises
with every change that was written down of it.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Select, func, select as core_select
from sqlmodel import Session, col

from accounts.calendars.models import Meeting
from accounts.models import Account, Contract, Task
from accounts.portfolio import portfolio_ids
from accounts.queries import in_sight
from crm import clock
from crm.audit import AuditEntry
from crm.config import get_settings
from crm.i18n.write import Writer
from crm.text import N_, Text, text
from crm.viewer import Viewer

BACK, AHEAD = timedelta(days=30), timedelta(days=365)
MOST = 1_000  # of each kind


def calendar_of(session: Session, viewer: Viewer, writer: Writer) -> bytes:
    """The whole calendar of ``viewer``, as RFC 5545 has it."""
    import icalendar

    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Tenure//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Tenure")
    calendar.add("refresh-interval", timedelta(minutes=30), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT30M")
    for entry in (*_tasks(session, viewer), *_decisions(session, viewer), *_meetings(session, viewer)):
        calendar.add_component(_event(entry, writer))
    return bytes(calendar.to_ical())


Entry = dict[str, Any]


def _event(entry: Entry, writer: Writer) -> Any:
    import icalendar

    base = get_settings().effective_base_url
    event = icalendar.Event()
    event.add("uid", f"{entry['kind']}-{entry['id']}@{urlsplit(base).hostname}")
    event.add("sequence", entry["sequence"])
    event.add("dtstamp", clock.machine_now())
    event.add("dtstart", entry["start"])
    event.add("dtend", entry["end"])
    event.add("summary", writer(entry["title"]))
    event.add("url", base + entry["path"])
    event.add("description", base + entry["path"])
    event.add("transp", "OPAQUE" if isinstance(entry["start"], datetime) else "TRANSPARENT")
    return event


def _whole_day(day: date) -> dict[str, date]:
    return {"start": day, "end": day + timedelta(days=1)}


def _tasks(session: Session, viewer: Viewer) -> list[Entry]:
    """What the viewer is to do, on its day; a late one stays on the day it was due."""
    rows = session.execute(
        core_select(Task, col(Account.name))
        .join(Account, col(Account.id) == col(Task.account_id))
        .where(
            col(Task.assignee_id) == viewer.user_id,
            col(Task.done_at).is_(None),
            col(Task.due_on) <= clock.today() + AHEAD,
            in_sight(col(Task.account_id), viewer),
        )
        .order_by(col(Task.due_on), col(Task.id))
        .limit(MOST)
    ).all()
    changes = _changes(
        session, "task", core_select(col(Task.account_id)).where(col(Task.assignee_id) == viewer.user_id)
    )
    return [
        {
            "kind": "task",
            "id": task.id,
            "sequence": changes[str(task.id)],
            **_whole_day(task.due_on),
            "title": text("%(account)s: %(task)s", account=name, task=task.title),
            "path": f"/accounts/{task.account_id}",
        }
        for task, name in rows
    ]


def _decisions(session: Session, viewer: Viewer) -> list[Entry]:
    """The last day on which the customers of the viewer's portfolio can give notice."""
    today = clock.today()
    rows = session.execute(
        core_select(Contract, col(Account.name))
        .join(Account, col(Account.id) == col(Contract.account_id))
        .where(
            col(Contract.closed_at).is_(None),
            col(Contract.decides_on).between(today - BACK, today + AHEAD),
            col(Account.id).in_(portfolio_ids(viewer)),
            in_sight(col(Account.id), viewer),
        )
        .order_by(col(Contract.decides_on), col(Contract.id))
        .limit(MOST)
    ).all()
    changes = _changes(session, "contract", portfolio_ids(viewer))
    return [
        {
            "kind": "decision",
            "id": contract.id,
            "sequence": changes[str(contract.id)],
            **_whole_day(contract.decides_on),
            "title": text(N_("%(account)s decides by today"), account=name),
            "path": f"/accounts/{contract.account_id}",
        }
        for contract, name in rows
    ]


def _meetings(session: Session, viewer: Viewer) -> list[Entry]:
    """Colleagues' meetings with the viewer's accounts; the viewer's own stand in their calendar already."""
    now = clock.now()
    own = core_select(col(Meeting.uid_key)).where(col(Meeting.user_id) == viewer.user_id)
    rows = session.execute(
        core_select(Meeting, col(Account.name))
        .join(Account, col(Account.id) == col(Meeting.account_id))
        .where(
            col(Meeting.user_id) != viewer.user_id,
            col(Meeting.cancelled_at).is_(None),
            col(Meeting.ends_at) > now - BACK,
            col(Meeting.starts_at) < now + AHEAD,
            col(Meeting.uid_key).not_in(own),
            col(Account.id).in_(portfolio_ids(viewer)),
            in_sight(col(Account.id), viewer),
        )
        .order_by(col(Meeting.starts_at), col(Meeting.id))
        .limit(MOST)
    ).all()
    distinct: dict[tuple[str, str, int], tuple[Meeting, str]] = {}
    for meeting, name in rows:
        distinct.setdefault((meeting.uid_key, meeting.occurrence, meeting.account_id), (meeting, name))
    entries: list[Entry] = []
    for meeting, name in distinct.values():
        if meeting.all_day:
            when = {"start": clock.day_of(meeting.starts_at), "end": clock.day_of(meeting.ends_at)}
        else:
            when = {"start": meeting.starts_at, "end": meeting.ends_at}
        entries.append(
            {
                "kind": "meeting",
                "id": meeting.id,
                "sequence": meeting.sequence,
                **when,
                "title": _title(name, "" if meeting.is_private else meeting.title),
                "path": f"/accounts/{meeting.account_id}/brief?meeting={meeting.id}",
            }
        )
    return entries


def _title(account: str, title: str) -> Text:
    if title:
        return text("%(account)s: %(title)s", account=account, title=title)
    return text(N_("%(account)s: meeting"), account=account)


def _changes(session: Session, noun: str, account_ids: Select[Any]) -> Counter[str]:
    """How many changes of each were written down, by id: a number that only ever rises."""
    about = col(AuditEntry.details)[noun].as_string()
    rows = session.execute(
        core_select(about, func.count())
        .where(col(AuditEntry.account_id).in_(account_ids), col(AuditEntry.verb).like(f"{noun}.%"))
        .group_by(about)
    )
    return Counter({str(found): count for found, count in rows if found is not None})
