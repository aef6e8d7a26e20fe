"""What holds when a worker is killed with -9: nothing twice, nothing lost, and another one goes on in time."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from crm.clock import machine_now
from crm.config import ROOT
from crm.db import Database
from crm.jobs import JobRun, JobState, Lease, QueuedJob, Worker, enqueue, queue
from tests.crm.jobs import _bench
from tests.crm.jobs._bench import REGISTRY

pytestmark = pytest.mark.slow

Spawn = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def spawn(database: Database) -> Iterator[Spawn]:
    _bench.make_table(database)
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        url = database.url.render_as_string(hide_password=False)
        command = [sys.executable, "-m", "tests.crm.jobs._bench", url]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def wait_for(what: Callable[[], bool], seconds: float) -> float:
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds, "it did not come to pass"
        time.sleep(0.02)
    return time.monotonic() - began


def row_of(database: Database, job_id: int) -> QueuedJob:
    with database.reading() as session:
        return session.get_one(QueuedJob, job_id)


def lines(database: Database) -> list[str]:
    """What the long job wrote; the clock of a worker process makes short ones besides."""
    return [item for item in _bench.items(database) if item.startswith("line")]


@pytest.mark.parametrize(("where", "kept"), [("between", 60), ("inside", 50)])
def test_a_killed_import_goes_on_where_it_was(
    database: Database, spawn: Spawn, tmp_path: Path, where: str, kept: int
) -> None:
    with database.unit_of_work() as session:
        job = enqueue(session, "bench.long", {"die": where, "flag": str(tmp_path / "flag")})
    first = spawn()
    first.wait(10)
    row = row_of(database, job.id)
    assert (row.state, row.done) == (JobState.RUNNING, kept)
    assert len(lines(database)) == kept  # half a chunk is no chunk

    worker = Worker(database, REGISTRY, threads=1, with_clock=False, poll_s=0.05)
    worker.start()
    waited = wait_for(lambda: row_of(database, job.id).state is JobState.DONE, 10)
    worker.stop()
    assert waited < 2 + 2  # the lease, and two seconds
    assert lines(database) == [f"line {number:03d}" for number in range(100)]
    assert row_of(database, job.id).result == "100 lines"


def test_many_workers_do_every_slot_once(database: Database, spawn: Spawn) -> None:
    spawn()
    spawn()
    with database.unit_of_work() as session:
        for number in range(60):
            queue.insert_slot(session, "bench.slot", f"slot-{number}", machine_now())

    def all_done() -> bool:
        with database.reading() as session:
            open_runs = select(JobRun).where(col(JobRun.name) == "bench.slot", col(JobRun.state) != JobState.DONE)
            return session.exec(open_runs).first() is None

    wait_for(all_done, 20)
    assert len([item for item in _bench.items(database) if item.startswith("slot")]) == 60
    assert len(_bench.pids(database)) == 2  # and they shared the work


def test_slots_survive_kills_of_everybody(database: Database, spawn: Spawn) -> None:
    with database.unit_of_work() as session:
        for number in range(60):
            queue.insert_slot(session, "bench.slot", f"slot-{number}", machine_now())
    for _ in range(3):
        process = spawn()
        time.sleep(0.15)
        process.kill()
        process.wait()
    spawn()

    def done() -> int:
        return len([item for item in _bench.items(database) if item.startswith("slot")])

    wait_for(lambda: done() >= 60, 20)
    time.sleep(0.3)
    assert done() == 60


def test_another_process_becomes_the_clock_in_time(database: Database, spawn: Spawn) -> None:
    def holder() -> str:
        with database.reading() as session:
            lease = session.exec(select(Lease)).first()
            return lease.holder if lease and lease.until > machine_now() else ""

    first = spawn()
    wait_for(lambda: bool(holder()), 5)
    held = holder()
    spawn()
    first.kill()
    waited = wait_for(lambda: holder() not in ("", held), 10)
    assert waited < 2 + 2


def test_the_clock_makes_the_slots(database: Database, session: Session, spawn: Spawn) -> None:
    long_ago = machine_now() - timedelta(days=3)
    session.add(Lease(name="clock", holder="gone", until=long_ago, since=long_ago))
    session.commit()
    spawn()
    wait_for(lambda: len(_bench.items(database)) >= 2, 10)  # the daily one it had missed, and this minute's
    with database.reading() as reading:
        assert {run.name for run in reading.exec(select(JobRun))} == {"bench.daily", "bench.minutely"}
