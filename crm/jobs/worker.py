"""Does what is due: a few threads that claim and run, and one that keeps the leases."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlmodel import col

from crm.clock import machine_now
from crm.contracts import Job, Registry
from crm.db import Database
from crm.errors import Refusal
from crm.jobs import queue
from crm.jobs.clock import Clock
from crm.jobs.context import Cancelled, ChunkedWork, Progress, Stopping
from crm.jobs.leases import this_holder
from crm.jobs.models import JobRun, JobState, QueuedJob
from crm.jobs.queue import Claim, LeaseLost
from crm.text import N_

log = structlog.get_logger(__name__)

POLL_S = 0.4  # at most this long until a new job is seen
KEEP_S = 5.0  # between renewals of leases


class Worker:
    """Any number of these, in any number of processes, share the work of one database."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        *,
        threads: int = 3,
        with_clock: bool = True,
        clock_lease_s: float = 15,
        keep_s: float = KEEP_S,
        poll_s: float = POLL_S,
    ) -> None:
        self._database = database
        self._jobs: dict[str, Job] = {job.name: job for job in registry.jobs}
        self._lease_s = {job.name: job.lease_s for job in registry.jobs}
        self._clock = Clock(database, registry, this_holder(), lease_s=clock_lease_s) if with_clock else None
        self._held: dict[tuple[type, int], Claim] = {}
        self._stop = threading.Event()
        self._keep_s = keep_s
        self._poll_s = poll_s
        self._threads = [threading.Thread(target=self._keep, name="crm-clock", daemon=True)]
        self._threads += [
            threading.Thread(target=self._work, name=f"crm-worker-{number}", daemon=True) for number in range(threads)
        ]

    # --- as a service

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, wait_s: float = 20) -> None:
        """Short jobs are finished, long ones put back after their chunk, the clock is handed over."""
        self._stop.set()
        until = time.monotonic() + wait_s
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, until - time.monotonic()))

    def wait(self) -> None:
        """Until somebody calls ``stop``."""
        self._stop.wait()

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                busy = self.run_one()
            except Exception:  # the database is away: wait for it, however long it takes
                log.warning("worker.trouble", exc_info=True)
                busy = False
                self._stop.wait(2)
            if not busy:
                self._stop.wait(self._poll_s)

    def _keep(self) -> None:
        while True:
            try:
                if self._clock:
                    self._clock.keep()
                self._renew()
            except Exception:
                log.warning("worker.lease_trouble", exc_info=True)
            if self._stop.wait(self._keep_s):
                break
        with suppress(Exception):  # if it fails, the lease runs out by itself
            if self._clock:
                self._clock.give_back()

    def _renew(self) -> None:
        """A chunk may compute for longer than its lease; it is ours as long as this process lives."""
        for held in list(self._held.values()):
            with self._database.unit_of_work() as session:
                queue.renew(session, held, machine_now() + timedelta(seconds=self._lease_s[held.name]))

    # --- one after the other, in the caller's thread

    def run_one(self) -> bool:
        """Do one piece of due work; false when there is none."""
        with self._database.reading() as session:
            if not queue.is_anything_due(session, self._lease_s.keys(), machine_now()):
                return False
        for table in (JobRun, QueuedJob):
            held = self._claim(table)
            if held is not None:
                self._run(held)
                return True
        return False

    def run_due(self, limit: int = 1000) -> int:
        """Do all that is due now and say how much it was."""
        done = 0
        while done < limit and self.run_one():
            done += 1
        return done

    def run_now(self, job_id: int, on_progress: Progress | None = None) -> QueuedJob:
        """Do one queued job here and now, or watch it when another worker was quicker; the row at its end."""
        while True:
            held = self._claim(QueuedJob, job_id)
            if held is not None:
                self._run(held, on_progress)
            with self._database.reading() as session:
                row = session.get_one(QueuedJob, job_id)
            if row.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED):
                return row
            if held is not None:  # it will be tried again, later and by a worker
                return row
            if on_progress:
                on_progress(row.done, row.total)
            self._stop.wait(0.2)

    def _claim(self, table: queue.Table, only: int | None = None) -> Claim | None:
        with self._database.unit_of_work() as session:
            return queue.claim(session, table, self._lease_s, now=machine_now(), only=only)

    def _run(self, held: Claim, on_progress: Progress | None = None) -> None:
        job = self._jobs[held.name]
        key = (held.table, held.id)
        self._held[key] = held
        began = time.monotonic()
        try:
            self._do(job, held, on_progress)
        except LeaseLost:
            log.warning("job.taken_over", job=held.name, id=held.id)
        except Cancelled:
            self._end(lambda session: queue.finish_cancelled(session, held, machine_now()))
        except KeyboardInterrupt:
            self._end(lambda session: queue.finish_cancelled(session, held, machine_now()))
            raise
        except Stopping:
            self._end(lambda session: queue.put_back(session, held, machine_now()))
        except Refusal as refusal:  # said in a sentence, and it would be said again
            sentence = str(refusal)
            log.warning("job.refused", job=held.name, id=held.id, why=sentence)
            self._end(lambda session: queue.fail(session, held, sentence, machine_now(), attempts=0, for_good=True))
        except Exception as error:
            said = f"{type(error).__name__}: {error}"[:2000]
            log.warning("job.failed", job=held.name, id=held.id, attempt=held.attempts, exc_info=True)
            self._end(lambda session: queue.fail(session, held, said, machine_now(), attempts=job.attempts))
        else:
            log.info("job.done", job=held.name, id=held.id, seconds=round(time.monotonic() - began, 3))
        finally:
            self._held.pop(key, None)

    def _do(self, job: Job, held: Claim, on_progress: Progress | None) -> None:
        if held.attempts > job.attempts:
            raise Refusal(N_("The process was killed %(n)s times in the middle of this."), n=job.attempts)
        if job.run is not None:
            with self._database.unit_of_work() as session:
                if queue.hold(session, held, machine_now() + timedelta(seconds=job.lease_s)):
                    raise Cancelled
                result = job.run(session, machine_now())
                # In the transaction of the work itself: it is done if and only if the slot says so.
                queue.finish(session, held, result, machine_now())
        elif job.run_long is not None:
            context = ChunkedWork(
                self._database, held, job.lease_s, stopping=self._stop.is_set, on_progress=on_progress
            )
            result = job.run_long(context)
            with self._database.unit_of_work() as session:
                queue.finish(session, held, result, machine_now())
        else:
            raise TypeError(f"{job.name} has neither run nor run_long")

    def _end(self, write: Callable[[Any], bool]) -> None:
        """If this fails as well, the lease runs out and another worker takes over."""
        with suppress(Exception), self._database.unit_of_work() as session:
            write(session)


def run_now(
    database: Database,
    registry: Registry,
    name: str,
    arguments: Mapping[str, Any],
    *,
    created_by: int | None = None,
    on_progress: Progress | None = None,
) -> QueuedJob:
    """For commands: queue a job and do it in this process, with all that a worker promises. A killed command leaves a
    job that any worker goes on with."""
    with database.unit_of_work() as session:
        job_id = queue.enqueue(session, name, arguments, created_by=created_by).id
    worker = Worker(database, registry, threads=0, with_clock=False)
    worker.start()
    try:
        return worker.run_now(job_id, on_progress)
    finally:
        worker.stop()


def run_waiting(database: Database, registry: Registry, *, within_s: float = 5) -> int:
    """For commands: do what they have caused to be queued, so that nobody needs a worker for it; what falls due within
    ``within_s`` is waited for. The answer: how many jobs there were."""
    worker = Worker(database, registry, threads=0, with_clock=False)
    worker.start()
    done = 0
    try:
        while True:
            done += worker.run_due()
            with database.reading() as session:
                due_at = session.execute(
                    select(func.min(col(QueuedJob.due_at))).where(
                        col(QueuedJob.state) == JobState.WAITING,
                        col(QueuedJob.attempts) == 0,
                        col(QueuedJob.name).in_([job.name for job in registry.jobs]),
                    )
                ).scalar()
            left = None if due_at is None else (due_at - machine_now()).total_seconds()
            if left is None or left > within_s:
                return done
            time.sleep(max(0.0, left))
    finally:
        worker.stop()
