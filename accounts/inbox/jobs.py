"""Looking into the mailbox every minute, and forgetting what nobody sorted."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import structlog
from sqlmodel import Session

from accounts.inbox import service
from accounts.inbox.mailboxes import open_mailbox
from accounts.inbox.models import InboxState
from crm.config import get_settings
from crm.contracts import Job, JobContext

log = structlog.get_logger(__name__)


def poll(context: JobContext) -> str:
    """Each mail is taken in by one transaction and marked as read in the mailbox after it: a kill between the two reads
    it again, and its Message-ID is known by then."""
    settings = get_settings()
    if not service.has_mailbox():
        return "no mailbox is set"
    counted: Counter[str] = Counter()
    with open_mailbox(settings) as waiting:
        for message in waiting:
            raw = message.read()
            with context.chunk(mark=None, done=1) as session:
                state = _receive(session, raw)
            counted[state] += 1
            (message.set_aside if state == "unreadable" else message.done)()
    return ", ".join(f"{count} {what}" for what, count in sorted(counted.items())) or "nothing new"


def _receive(session: Session, raw: bytes) -> str:
    try:
        with session.begin_nested():
            state: InboxState | None = service.receive(session, raw)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as problem:
        # What the reading could not foresee: one mail must not stop all others.
        log.error("inbox.unreadable", kind=type(problem).__name__, exc_info=problem)
        return "unreadable"
    return state.value if state else "nobody's"


def forget(session: Session, _now: datetime) -> str:
    return f"{service.forget_unsorted(session)} unsorted mails forgotten"


POLL = Job(name="inbox.poll", run_long=poll, cron="* * * * *", lease_s=120)
FORGET = Job(name="inbox.forget", run=forget, cron="50 3 * * *", period="%Y-%m-%d")
JOBS = (POLL, FORGET)
