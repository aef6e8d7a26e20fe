"""When scheduled work is due, and what its slots are called. No session, no clock: rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from crm.contracts import Job

# How far to look back for the last time; the shortest span that has one is enough.
_SPANS = (timedelta(minutes=3), timedelta(hours=2), timedelta(days=2), timedelta(days=8), timedelta(days=370))


def trigger_of(job: Job, zone: ZoneInfo) -> CronTrigger:
    """``job.cron`` in the company's zone: five fields, as in crontab."""
    if job.cron is None:
        raise ValueError(f"{job.name} is not scheduled")
    return CronTrigger.from_crontab(job.cron, timezone=zone)


def last_due(job: Job, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The latest time up to ``now`` at which ``job`` was due, in UTC."""
    trigger = trigger_of(job, zone)
    for span in _SPANS:
        due: datetime | None = None
        following = trigger.get_next_fire_time(None, now - span)
        while following is not None and following <= now:
            due = following
            following = trigger.get_next_fire_time(due, due + timedelta(microseconds=1))
        if due is not None:
            return due.astimezone(UTC)
    return None


def slot_name(job: Job, due_at: datetime, zone: ZoneInfo) -> str:
    """The slot's name, the same for every process that thinks of it.

    Parts of a day are named in UTC, where no hour comes twice; days and longer in the company's zone, where a job at
    1:30 would otherwise fall on the same UTC day twice when summer time begins.
    """
    finer_than_a_day = "%H" in job.period or "%M" in job.period
    return due_at.astimezone(UTC if finer_than_a_day else zone).strftime(job.period)
