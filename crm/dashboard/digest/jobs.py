"""Four times an hour: whose morning is it?"""

from __future__ import annotations

from crm.contracts import Job, JobContext, Registry
from crm.dashboard.digest import service

_installed: list[Registry] = []


def use_registry(registry: Registry) -> None:
    """What the digest is made of: every slice's reasons."""
    _installed[:] = [registry]


def send(context: JobContext) -> str:
    """Each person in a transaction of their own, so that one trouble is nobody else's."""
    with context.reading() as session:
        people = service.people_with_digest(session)
    queued = 0
    for user_id, _zone in people:
        with context.chunk(mark=None, done=1) as session:
            queued += service.see_to(session, _installed[0], user_id)
    return f"{queued} digests queued"


SEND = Job(name="digest.send", run_long=send, cron="*/15 * * * *")
JOBS = (SEND,)
