from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from crm.clock import machine_now
from crm.contracts import Job, JobContext, Registry, Slice
from crm.db import Database
from crm.errors import Refusal
from crm.jobs import JobState, QueuedJob, Worker, cancel, enqueue, queue, run_now, try_again
from crm.jobs.context import ChunkedWork
from tests.crm.jobs import _bench
from tests.crm.jobs._bench import REGISTRY


@pytest.fixture(autouse=True)
def _table(database: Database) -> None:
    _bench.make_table(database)


@pytest.fixture
def worker(database: Database) -> Worker:
    return Worker(database, REGISTRY)


def row_of(database: Database, job_id: int) -> QueuedJob:
    with database.reading() as session:
        return session.get_one(QueuedJob, job_id)


def test_a_job_is_asked_for_in_the_transaction_that_needs_it(database: Database, worker: Worker) -> None:
    def ask_and_fail() -> None:
        with database.unit_of_work() as session:
            enqueue(session, "bench.short")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask_and_fail()
    assert worker.run_due() == 0


def test_a_short_job_is_done_once(database: Database, worker: Worker) -> None:
    with database.unit_of_work() as session:
        job = enqueue(session, "bench.short", created_by=7)
    assert worker.run_due() == 1
    assert worker.run_due() == 0
    assert _bench.items(database) == ["short"]
    row = row_of(database, job.id)
    assert (row.state, row.result, row.created_by) == (JobState.DONE, "one line", 7)
    assert row.finished_at is not None


def test_a_long_job_keeps_its_progress(database: Database, worker: Worker) -> None:
    with database.unit_of_work() as session:
        job = enqueue(session, "bench.long")
    worker.run_due()
    row = row_of(database, job.id)
    assert (row.state, row.done, row.mark, row.result) == (JobState.DONE, 100, 100, "100 lines")
    assert len(_bench.items(database)) == 100


def test_a_job_for_later_waits(database: Database, worker: Worker) -> None:
    with database.unit_of_work() as session:
        enqueue(session, "bench.short", due_at=machine_now() + timedelta(hours=1))
    assert worker.run_due() == 0


def test_one_waiting_job_a_key(database: Database, worker: Worker) -> None:
    with database.unit_of_work() as session:
        first = enqueue(session, "bench.short", key="acme").id
        assert enqueue(session, "bench.short", key="acme").id == first
        assert enqueue(session, "bench.short", key="other").id != first
    assert worker.run_due() == 2
    with database.unit_of_work() as session:
        assert enqueue(session, "bench.short", key="acme").id != first  # the first has looked already


def test_what_nobody_here_knows_is_left_for_those_who_do(database: Database, worker: Worker) -> None:
    with database.unit_of_work() as session:
        job = enqueue(session, "of.a.newer.version")
    assert worker.run_due() == 0
    assert row_of(database, job.id).state is JobState.WAITING


def test_a_failure_is_tried_again_later_and_says_why(database: Database, worker: Worker, tmp_path: Path) -> None:
    with database.unit_of_work() as session:
        job = enqueue(session, "bench.flaky", {"flag": str(tmp_path / "flag")})
    worker.run_due()
    row = row_of(database, job.id)
    assert row.state is JobState.WAITING
    assert row.error == "OSError: the line is cut"
    assert row.started_at is not None
    assert timedelta(seconds=10) <= row.due_at - row.started_at < timedelta(seconds=20)
    _make_due(database)
    worker.run_due()
    row = row_of(database, job.id)
    assert (row.state, row.error, row.result) == (JobState.DONE, "", "better now")


def test_after_the_last_attempt_it_stays_as_a_dead_letter_until_a_person_says_so(
    database: Database, tmp_path: Path
) -> None:
    def never(context: JobContext) -> str:
        raise ValueError("never")

    worker = Worker(database, _registry(Job("never", run_long=never, attempts=2)))
    with database.unit_of_work() as session:
        job = enqueue(session, "never")
    for _ in range(4):
        worker.run_due()
        _make_due(database)
    row = row_of(database, job.id)
    assert (row.state, row.attempts) == (JobState.FAILED, 2)
    with database.unit_of_work() as session:
        assert try_again(session, row)
    assert worker.run_due() == 1


def test_a_refusal_is_not_tried_again(database: Database) -> None:
    def refuse(session: Session, now: datetime) -> str:
        raise Refusal("The report is too large.")

    worker = Worker(database, _registry(Job("refuse", run=refuse)))
    with database.unit_of_work() as session:
        job = enqueue(session, "refuse")
    worker.run_due()
    row = row_of(database, job.id)
    assert (row.state, row.error) == (JobState.FAILED, "The report is too large.")


def test_progress_counts_as_a_fresh_start(database: Database) -> None:
    """A long job that is killed or fails again and again is only given up when it no longer moves."""

    def one_chunk_then_fail(context: JobContext) -> str:
        if context.done == 6:
            return "arrived"
        with context.chunk(mark=context.done + 1, done=1):
            pass
        raise OSError("again")

    worker = Worker(database, _registry(Job("slowly", run_long=one_chunk_then_fail, attempts=2)))
    with database.unit_of_work() as session:
        job = enqueue(session, "slowly")
    for _ in range(8):
        worker.run_due()
        _make_due(database)
    assert row_of(database, job.id).result == "arrived"


def test_cancelling_stops_at_the_next_chunk(database: Database) -> None:
    def cancel_itself(context: JobContext) -> str:
        with context.chunk(mark=1, done=1):
            pass
        with database.unit_of_work() as session:
            assert cancel(session, row_of(database, job.id))
        with context.chunk(mark=2, done=1) as session:
            _bench._write(session, "must not be")
        return "went on"

    worker = Worker(database, _registry(Job("stop", run_long=cancel_itself)))
    with database.unit_of_work() as session:
        job = enqueue(session, "stop")
        waiting = enqueue(session, "stop", due_at=machine_now() + timedelta(days=1))
    worker.run_due()
    row = row_of(database, job.id)
    assert (row.state, row.done) == (JobState.CANCELLED, 1)
    assert _bench.items(database) == []
    with database.unit_of_work() as session:
        assert cancel(session, waiting)
        assert not cancel(session, row)  # it has ended
    assert row_of(database, waiting.id).state is JobState.CANCELLED


def test_who_lost_the_lease_cannot_write_any_more(database: Database) -> None:
    leases = {"bench.long": 60}
    with database.unit_of_work() as session:
        enqueue(session, "bench.long")
        session.flush()
        first = queue.claim(session, QueuedJob, leases, now=machine_now())
    assert first
    with database.unit_of_work() as session:  # two minutes later, by another process
        second = queue.claim(session, QueuedJob, leases, now=machine_now() + timedelta(minutes=2))
    assert second
    assert second.token == first.token + 1
    slow = ChunkedWork(database, first, 60)
    with pytest.raises(queue.LeaseLost), slow.chunk(mark=1) as session:
        _bench._write(session, "too late")
    with database.unit_of_work() as session:
        assert not queue.finish(session, first, "too late", machine_now())
        assert queue.finish(session, second, "in time", machine_now())
    assert _bench.items(database) == []


def test_stopping_the_worker_puts_a_long_job_back(database: Database) -> None:
    worker = Worker(database, REGISTRY, threads=1, with_clock=False, poll_s=0.01)
    with database.unit_of_work() as session:
        job = enqueue(session, "bench.long", {"pause_s": 0.1})
    worker.start()
    while row_of(database, job.id).done == 0:
        pass
    worker.stop()
    row = row_of(database, job.id)
    assert row.state is JobState.WAITING
    assert 0 < row.done < 100
    Worker(database, REGISTRY).run_due()
    assert len(_bench.items(database)) == len(set(_bench.items(database))) == 100


def test_a_command_does_its_job_itself_and_shows_how_far_it_is(database: Database) -> None:
    seen: list[int] = []
    row = run_now(database, REGISTRY, "bench.long", {}, on_progress=lambda done, total: seen.append(done))
    assert row.state is JobState.DONE
    assert seen == list(range(10, 101, 10))


def test_waits_grow() -> None:
    waits = [queue.wait_after(attempt).total_seconds() for attempt in range(1, 9)]
    assert waits[0] < 13
    assert sorted(waits) == waits
    assert waits[-1] == 3600


def _registry(*jobs: Job) -> Registry:
    return Registry((Slice(name="test", jobs=jobs),))


def _make_due(database: Database) -> None:
    from sqlalchemy import update

    with database.unit_of_work() as session:
        session.execute(update(QueuedJob).values(due_at=datetime(2020, 1, 1, tzinfo=UTC)))


def test_no_job_is_lost_between_two_lists(database: Database, worker: Worker) -> None:
    with database.unit_of_work() as session:
        for _ in range(5):
            enqueue(session, "bench.short")
        queue.insert_slot(session, "bench.slot", "2026-11-23", machine_now())
        assert not queue.insert_slot(session, "bench.slot", "2026-11-23", machine_now())
    assert worker.run_due() == 6
    with database.reading() as session:
        open_jobs = session.exec(select(QueuedJob).where(col(QueuedJob.state) != JobState.DONE)).all()
    assert not open_jobs
