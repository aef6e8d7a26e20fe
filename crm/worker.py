"""``crm worker``: background work in a process of its own, until it is asked to stop."""

from __future__ import annotations

import signal
import threading

from crm.contracts import Registry
from crm.db import Database
from crm.jobs.worker import Worker
from crm.web.logs import configure_logs


def run_worker(database: Database, registry: Registry) -> None:
    configure_logs()
    worker = Worker(database, registry)
    asked_to_stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: asked_to_stop.set())
    worker.start()
    asked_to_stop.wait()
    worker.stop()
