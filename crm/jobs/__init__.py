"""Work that outlives a request: queued where it is needed, or scheduled; done once, resumed when killed."""

from crm.jobs.models import JobRun, JobState, Lease, QueuedJob
from crm.jobs.queue import cancel, enqueue, try_again
from crm.jobs.worker import Worker, run_now, run_waiting

__all__ = [
    "JobRun",
    "JobState",
    "Lease",
    "QueuedJob",
    "Worker",
    "cancel",
    "enqueue",
    "run_now",
    "run_waiting",
    "try_again",
]
