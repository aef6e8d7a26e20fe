"""When scheduled work is due, and what its slots are called. No session, no clock: rules.

A job whose ``period`` names hours or minutes goes by UTC, where no hour comes twice. Daily and longer ones go by the
company's zone: once a day at the local time, also on the days when the clocks change.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from apscheduler.triggers.cron import CronTrigger

from crm.contracts import Job

# How far to look back for the last time; the shortest span that has one is enough.
_SPANS = (timedelta(minutes=3), timedelta(hours=2), timedelta(days=2), timedelta(days=8), timedelta(days=370))


def _zone_of(job: Job, company: tzinfo) -> tzinfo:
    return UTC if "%H" in job.period or "%M" in job.period else company


def slot_name(job: Job, due_at: datetime, company: tzinfo) -> str:
    """The slot's name, the same for every process that thinks of it."""
    return due_at.astimezone(_zone_of(job, company)).strftime(job.period)


def last_due(job: Job, company: tzinfo, now: datetime) -> datetime | None:
    """The latest time up to ``now`` at which ``job`` was due, in UTC; ``None`` within the first year of a rare one.

    The trigger is asked in wall-clock time, called UTC: its own arithmetic across a change of the clocks skips days
    (30 March 2026, 0:30 in Paris) or answers with the same hour without end.
    """
    if job.cron is None:
        raise ValueError(f"{job.name} is not scheduled")
    zone = _zone_of(job, company)
    trigger = CronTrigger.from_crontab(job.cron, timezone=UTC)
    wall_now = now.astimezone(zone).replace(tzinfo=UTC)
    for span in _SPANS:
        due: datetime | None = None
        wall = trigger.get_next_fire_time(None, wall_now - span)
        while wall is not None and wall <= wall_now:
            # A time that the spring change left out is due an hour later.
            instant = wall.replace(tzinfo=zone).astimezone(UTC)
            if instant <= now:
                due = instant
            wall = trigger.get_next_fire_time(None, wall + timedelta(minutes=1))
        if due is not None:
            return due
    return None
