"""The clock: one process at a time turns times into slots, and does nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlmodel import Session

from crm.clock import company_zone, machine_now
from crm.contracts import Job, Registry
from crm.db import Database
from crm.jobs import leases
from crm.jobs.models import Lease
from crm.jobs.queue import insert_slot
from crm.jobs.schedule import last_due, slot_name

log = structlog.get_logger(__name__)

LEASE = "clock"


def insert_due_slots(session: Session, jobs: tuple[Job, ...], now: datetime) -> int:
    """Note the last due time of each scheduled job, unless it is known. That is also how what was missed is caught up:
    once, however long the pause was. What was due before this installation had a clock is not owed."""
    zone = company_zone()
    clock = session.get(Lease, LEASE)
    began = clock.since if clock else now
    added = 0
    for job in jobs:
        due_at = last_due(job, zone, now) if job.cron else None
        if due_at is not None and due_at >= began.replace(second=0, microsecond=0):
            added += insert_slot(session, job.name, slot_name(job, due_at, zone), due_at)
    return added


class Clock:
    """Kept by a thread of the worker; ``keep`` is called again and again and never waits for anybody."""

    def __init__(self, database: Database, registry: Registry, holder: str, *, lease_s: float = 15) -> None:
        self._database = database
        self._jobs = tuple(job for job in registry.jobs if job.cron)
        self._holder = holder
        self._lease_s = lease_s
        self._scheduler: Any = None

    @property
    def is_ours(self) -> bool:
        return self._scheduler is not None

    def keep(self) -> None:
        """Take or renew the lease; start ticking when it became ours, stop when it is not."""
        with self._database.unit_of_work() as session:
            ours = leases.take(session, LEASE, self._holder, now=machine_now(), seconds=self._lease_s)
        if ours and self._scheduler is None:
            self._tick()  # what fell due while nobody was the clock
            self._start()
        elif not ours and self._scheduler is not None:
            self._stop()

    def give_back(self) -> None:
        if self._scheduler is None:
            return
        self._stop()
        with self._database.unit_of_work() as session:
            leases.give_back(session, LEASE, self._holder, now=machine_now())

    def _tick(self) -> None:
        # A tick of a process that has just lost the lease does no harm: a slot's name is unique.
        with self._database.unit_of_work() as session:
            insert_due_slots(session, self._jobs, machine_now())

    def _start(self) -> None:
        # One tick a minute, in UTC: a trigger in a zone whose clocks go back would fire without end in that hour.
        scheduler = BackgroundScheduler(timezone=UTC)
        scheduler.add_job(
            self._tick, CronTrigger(minute="*", timezone=UTC), coalesce=True, misfire_grace_time=3600, max_instances=1
        )
        scheduler.start()
        self._scheduler = scheduler
        log.info("clock.taken", holder=self._holder, jobs=len(self._jobs))

    def _stop(self) -> None:
        self._scheduler.shutdown(wait=False)
        self._scheduler = None
        log.info("clock.given_up", holder=self._holder)
