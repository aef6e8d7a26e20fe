"""The parent: keeps up to two warm children, replaces them after a hundred reports, kills one that takes too long."""

from __future__ import annotations

import ctypes.util
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, cast

import structlog

from crm.config import ROOT
from crm.errors import Refusal
from crm.pdf.child import DONE, read_message, write_message
from crm.text import N_, Text, text

log = structlog.get_logger(__name__)

CHILDREN = 2
REPORTS_A_CHILD = 100  # WeasyPrint keeps about a quarter of a megabyte a report
TIME_S = 30
LIBRARIES = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}


class CannotRender(Refusal):
    status = 503
    title = N_("The PDF could not be made")


class TookTooLong(CannotRender):
    def __init__(self) -> None:
        super().__init__(N_("The report is too large to be printed: it took more than %(n)s seconds."), n=TIME_S)


def missing_library() -> Text | None:
    """What to install before PDFs can be made; ``None``: all is there."""
    missing = [package for name, package in LIBRARIES.items() if ctypes.util.find_library(name) is None]
    if not missing:
        return None
    return text(
        N_("PDF reports need system libraries. Install them with: apt-get install %(packages)s"),
        packages=" ".join(missing),
    )


class _Child:
    def __init__(self) -> None:
        self.made = 0
        # No secret of ours reaches it, and no proxy setting.
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "crm.pdf.child"],
            cwd=ROOT,
            env={**kept, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    @property
    def is_usable(self) -> bool:
        return self.process.poll() is None and self.made < REPORTS_A_CHILD

    def render(self, html: str, time_s: float) -> bytes:
        killed = threading.Event()

        def kill() -> None:
            killed.set()
            self.process.kill()

        timer = threading.Timer(time_s, kill)
        timer.start()
        try:
            write_message(cast(IO[bytes], self.process.stdin), DONE, html.encode())
            answer = read_message(cast(IO[bytes], self.process.stdout))
        except BrokenPipeError:
            answer = None
        finally:
            timer.cancel()
        self.made += 1
        if killed.is_set():
            self.end()
            raise TookTooLong
        if answer is None or answer == (b"E", b"memory"):
            self.end()
            log.error("the PDF child ended", code=self.process.poll())
            raise CannotRender(missing_library() or N_("The report is too large to be printed."))
        kind, content = answer
        if kind != DONE:
            log.error("the PDF could not be made", reason=content.decode(errors="replace"))
            raise CannotRender(
                N_("The PDF could not be made. The server's log says why; the page shows the same facts.")
            )
        return content

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # what it was being told when it was killed
                    pipe.close()


class _Pool:
    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(CHILDREN)
        self._idle: list[_Child] = []
        self._lock = threading.Lock()

    @contextmanager
    def child(self) -> Iterator[_Child]:
        if not self._places.acquire(timeout=TIME_S):
            raise CannotRender(N_("Several reports are being printed right now. Please try again in a moment."))
        try:
            with self._lock:
                child = self._idle.pop() if self._idle else None
            if child is None or not child.is_usable:
                if child is not None:
                    child.end()
                child = _Child()
            try:
                yield child
            finally:
                if child.is_usable:
                    with self._lock:
                        self._idle.append(child)
                else:
                    child.end()
        finally:
            self._places.release()

    def forget(self) -> None:
        """After a fork the children belong to the parent."""
        self.__init__()  # type: ignore[misc]


_pool = _Pool()
os.register_at_fork(after_in_child=_pool.forget)


def close_children() -> None:
    """End the idle children; the next report starts a new one."""
    while _pool._idle:
        _pool._idle.pop().end()


def render_pdf(html: str, *, time_s: float = TIME_S) -> bytes:
    """A tagged PDF (PDF/UA-1) of ``html``, whose language, title and assets (``asset:css/report.css``) it names itself.

    Raises ``CannotRender`` with a sentence: too large, too slow, or a system library is missing.
    """
    with _pool.child() as child:
        return child.render(html, time_s)
