"""Reading what waits, and forgetting what was read."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session

from crm.clock import machine_now
from crm.contracts import Job, JobContext
from crm.errors import Refusal
from crm.text import N_, Text, text
from support.inbound import service
from support.inbound.payloads import BadPayload

log = structlog.get_logger(__name__)


def process_waiting(context: JobContext) -> str:
    """Each message in a transaction of its own, in the order in which they came. One that cannot be read is marked with
    the reason in another, and does not stop those behind it."""
    read = failed = after = 0
    while True:
        with context.reading() as session:
            waiting = service.next_waiting(session, after)
        if waiting is None:
            return f"{read} messages read, {failed} failed"
        after = waiting.id
        problem = _tried(context, waiting.id)
        if problem is None:
            read += 1
            continue
        failed += 1
        reason, for_good = problem
        with context.chunk(mark=None) as session:
            service.mark_failed(session, waiting.id, reason, for_good=for_good)


def _tried(context: JobContext, message_id: int) -> tuple[Text, bool] | None:
    try:
        with context.chunk(mark=None, done=1) as session:
            service.process(session, message_id)
    except BadPayload as bad:
        return bad.reason, True
    except Refusal as refused:
        return refused.sentence, True
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, DataError, IntegrityError) as problem:
        # What the reading did not foresee: one message must not stop all others, and it is not lost.
        log.error("inbound.unreadable", message=str(message_id), kind=type(problem).__name__, exc_info=problem)
        return text(N_("It could not be read (%(problem)s). The log has more."), problem=type(problem).__name__), False
    return None


def forget(session: Session, _now: datetime) -> str:
    return f"{service.forget_read(session, machine_now())} messages forgotten"


JOBS = (
    Job(name=service.PROCESS, run_long=process_waiting, cron="* * * * *"),
    Job(name="inbound.forget", run=forget, cron="57 3 * * *", period="%Y-%m-%d"),
)
