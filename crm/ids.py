"""Ids made by the app: 41 bits of milliseconds, then 12 bits of the process and a 10-bit counter."""

from __future__ import annotations

import os
import secrets
import threading
import time

_EPOCH_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z; 41 bits reach the year 2094
_COUNTER_BITS = 10
_PROCESS_BITS = 12


class IdSource:
    """Rising ids, unique in this process; two processes differ by their random bits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reseed()

    def reseed(self) -> None:
        self._process = secrets.randbits(_PROCESS_BITS)
        self._last_ms = 0
        self._counter = 0

    def __call__(self) -> int:
        with self._lock:
            now_ms = time.time_ns() // 1_000_000 - _EPOCH_MS
            if now_ms > self._last_ms:
                self._last_ms = now_ms
                self._counter = 0
            else:  # the same millisecond, or the clock went back: go on from where we were
                self._counter += 1
                if self._counter == 1 << _COUNTER_BITS:
                    self._last_ms += 1
                    self._counter = 0
            return (self._last_ms << (_PROCESS_BITS + _COUNTER_BITS)) | (self._process << _COUNTER_BITS) | self._counter


new_id = IdSource()
os.register_at_fork(after_in_child=new_id.reseed)
