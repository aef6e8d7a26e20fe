"""A long job's hold on its work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from crm.clock import machine_now
from crm.db import Database
from crm.jobs import queue
from crm.jobs.queue import Claim

Progress = Callable[[int, int | None], None]  # done, of how many


class Cancelled(Exception):
    """Somebody asked this job to stop; what its chunks committed stays."""


class Stopping(Exception):
    """The worker is being stopped; the job goes on elsewhere, at its mark."""


class ChunkedWork:
    """What ``run_long`` gets. ``mark`` is where the chunk before this ended; a job that was killed starts there."""

    def __init__(
        self,
        database: Database,
        held: Claim,
        lease_s: float,
        *,
        stopping: Callable[[], bool] = lambda: False,
        on_progress: Progress | None = None,
    ) -> None:
        self._database = database
        self._held = held
        self._lease = timedelta(seconds=lease_s)
        self._stopping = stopping
        self._on_progress = on_progress
        self.mark: Any = held.mark
        self.done: int = held.done
        self.total: int | None = held.total  # set it when it is known; shown with the next chunk
        self.arguments: Mapping[str, Any] = held.arguments

    @contextmanager
    def chunk(self, *, mark: Any, done: int = 0) -> Iterator[Session]:
        """One transaction: a kill at any point leaves all of the chunk, mark included, or none of it."""
        if self._stopping():
            raise Stopping
        with self._database.unit_of_work() as session:
            if queue.hold(session, self._held, machine_now() + self._lease):
                raise Cancelled
            yield session
            session.flush()
            queue.keep_progress(
                session,
                self._held,
                mark=mark,
                done=self.done + done,
                total=self.total,
                until=machine_now() + self._lease,
            )
        self.mark = mark
        self.done += done
        if self._on_progress:
            self._on_progress(self.done, self.total)

    def reading(self) -> AbstractContextManager[Session]:
        return self._database.reading()
