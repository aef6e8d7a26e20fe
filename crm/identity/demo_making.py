"""Making the demo for somebody who waits before a page: in a thread of the server, told of as it goes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from crm.contracts import Registry
from crm.db import Database
from crm.identity import service

log = structlog.get_logger(__name__)


class MakeDemo(Protocol):
    """``crm.demo.make_demo``: writes the whole demo and says how far it is."""

    def __call__(self, database: Database, registry: Registry, progress: Callable[..., None], /) -> Any: ...


@dataclass(frozen=True)
class DemoState:
    done: float = 0.0  # share, 0–1
    words: str = ""  # what is being made, N_(…)
    failed: bool = False


class DemoMaker:
    """One a server process; the claim in the database keeps it one an installation."""

    def __init__(self, database: Database, registry: Registry, make: MakeDemo) -> None:
        self._database = database
        self._registry = registry
        self._make = make
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self.state = DemoState()

    @property
    def is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def begin(self) -> None:
        """Begin unless it runs already; raises ``AlreadyBegun`` where somebody is here."""
        with self._lock:
            if self.is_running:
                return
            self._database.note(service.claim_for_demo)
            self.state = DemoState()
            self._thread = threading.Thread(target=self._run, name="crm-demo", daemon=True)
            self._thread.start()

    def wait(self, timeout_s: float) -> None:
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            self._make(self._database, self._registry, self._progress)
            self._database.note(service.finish_demo)
        except Exception:
            log.exception("the demo could not be made")
            self.state = DemoState(failed=True)
            self._database.note(service.give_installation_back)

    def _progress(self, done: float, words: str = "") -> None:
        self.state = DemoState(done, words)
