"""Sending what is due, and forgetting what was sent long ago."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from crm import net
from crm.clock import machine_now
from crm.contracts import Job, JobContext
from crm.text import N_, Text, text
from crm.webhooks import service
from crm.webhooks.outbox import SEND
from crm.webhooks.service import Due
from crm.webhooks.signing import headers

MOST_ANSWER = 100 << 10
TIMEOUT_S = 15.0


def send_due(context: JobContext) -> str:
    """Each message is held in one transaction, sent outside of any, and marked in another: a kill between the last two
    sends it again with the same id, and nothing is lost."""
    sent = failed = 0
    while True:
        with context.chunk(mark=None) as session:
            due = service.take_due(session, machine_now())
        if due is None:
            return f"{sent} messages sent, {failed} to be tried again"
        trouble, status, wait = _send(due)
        with context.chunk(mark=None, done=1) as session:
            if trouble is None:
                service.mark_sent(session, due, status or 200, machine_now())
                sent += 1
            else:
                service.mark_failed(session, due, trouble, machine_now(), status=status, wait=wait)
                failed += 1


def _send(due: Due) -> tuple[Text | None, int | None, timedelta | None]:
    """What went wrong (None: nothing), the status, and how long to wait at least."""
    signed = headers(due.secrets, due.message_id, int(machine_now().timestamp()), due.body)
    try:
        answer = net.ask(
            due.url,
            method="POST",
            body=due.body,
            headers={"Content-Type": "application/json", **signed},
            most_bytes=MOST_ANSWER,
            timeout_s=TIMEOUT_S,
        )
    except net.Unreachable as problem:
        return problem.sentence, None, None
    if 200 <= answer.status < 300:
        return None, answer.status, None
    said = answer.headers.get("retry-after", "")
    wait = timedelta(seconds=min(int(said), 86_400)) if said.isascii() and said.isdigit() and len(said) < 9 else None
    return text(N_("it answers with %(status)s"), status=answer.status), answer.status, wait


def forget(session: Session, now: datetime) -> str:
    return f"{service.forget_sent(session, now)} sent messages forgotten"


JOBS = (
    Job(name=SEND, run_long=send_due, cron="* * * * *"),
    Job(name="webhooks.forget", run=forget, cron="55 3 * * *", period="%Y-%m-%d"),
)
