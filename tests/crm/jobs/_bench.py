"""Work that can be counted: a table of our own, jobs that write into it, and a worker process that can be killed.

Run as a program it is that process: `_bench.py DATABASE_URL`.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import datetime
from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select
from sqlmodel import Session

from crm.contracts import Job, JobContext, Registry, Slice
from crm.db import Database

WORK = Table("bench", MetaData(), Column("item", String(60)), Column("pid", Integer))


def make_table(database: Database) -> None:
    WORK.drop(database.engine, checkfirst=True)
    WORK.create(database.engine)


def items(database: Database) -> list[str]:
    with database.reading() as session:
        return [row.item for row in session.execute(select(WORK.c.item).order_by(WORK.c.item))]


def pids(database: Database) -> set[int]:
    with database.reading() as session:
        return {row.pid for row in session.execute(select(WORK.c.pid))}


def _write(session: Session, item: str) -> None:
    session.execute(insert(WORK).values(item=item, pid=os.getpid()))


def one_line(session: Session, now: datetime) -> str:
    _write(session, "short")
    return "one line"


def many_lines(context: JobContext) -> str:
    """100 lines in chunks of 10. ``die``: where this process kills itself, the first time it comes there."""
    die, flag = context.arguments.get("die"), Path(context.arguments.get("flag", "/nonexistent"))
    for start in range(context.mark or 0, 100, 10):
        with context.chunk(mark=start + 10, done=10) as session:
            for number in range(start, start + 10):
                _write(session, f"line {number:03d}")
                if die == "inside" and number == 55 and not flag.exists():
                    flag.touch()
                    os.kill(os.getpid(), signal.SIGKILL)
        if die == "between" and start == 50 and not flag.exists():
            flag.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(context.arguments.get("pause_s", 0))
    return f"{context.done} lines"


def fail_at_first(context: JobContext) -> str:
    flag = Path(context.arguments["flag"])
    if not flag.exists():
        flag.touch()
        raise OSError("the line is cut")
    return "better now"


def slow_slot(session: Session, now: datetime) -> str:
    _write(session, f"slot {now:%f}")
    time.sleep(0.01)
    return "done"


REGISTRY = Registry(
    (
        Slice(
            name="bench",
            jobs=(
                Job("bench.short", run=one_line),
                Job("bench.long", run_long=many_lines, lease_s=2),
                Job("bench.flaky", run_long=fail_at_first, attempts=3),
                Job("bench.slot", run=slow_slot, lease_s=2),
                Job("bench.minutely", run=one_line, cron="* * * * *"),
                Job("bench.daily", run=one_line, cron="0 3 * * *", period="%Y-%m-%d"),
            ),
        ),
    )
)


if __name__ == "__main__":
    from crm.jobs import Worker

    worker = Worker(Database(sys.argv[1]), REGISTRY, clock_lease_s=2, keep_s=0.5, poll_s=0.05)
    worker.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    worker.wait()
