"""Asking the app for pages without a network, and the database for what a page asked it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import anyio
from fastapi import FastAPI
from sqlalchemy import event
from starlette.types import Message

from crm.db import Database
from crm.identity.service import start_session

HEADERS = {"host": "localhost", "accept-encoding": "gzip", "accept-language": "en", "sec-fetch-site": "same-origin"}
_NOT_OF_A_PAGE = ("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")


class Statement(NamedTuple):
    sql: str
    values: Any


class Answer(NamedTuple):
    status: int
    size: int  # bytes of the body as sent


class Timed(NamedTuple):
    median_ms: float
    p95_ms: float


@dataclass(frozen=True)
class Measured:
    """A page beside its floor: its own statements, asked of the driver in the same run."""

    statements: int
    size: int
    page: Timed
    floor: Timed
    cpu_ms: float  # of this process for a page: what a busy machine does not change

    @property
    def ratio(self) -> float:
        return self.page.median_ms / self.floor.median_ms if self.floor.median_ms else 0.0


class Asked(Exception):
    """A page did not answer 200."""


class Browser:
    """Somebody signed in; each call waits for the whole answer."""

    def __init__(self, app: FastAPI, database: Database, user_id: int) -> None:
        self._app = app
        with database.unit_of_work() as session:
            name, token = start_session(session, user_id)
        self._headers = [(b"cookie", f"{name}={token}".encode())]
        self._headers += [(key.encode(), value.encode()) for key, value in HEADERS.items()]

    async def get(self, address: str) -> Answer:
        path, _, query = address.partition("?")
        return await self._ask("GET", path, query.encode(), b"", [])

    async def post(self, address: str, form: bytes) -> Answer:
        sent = [(b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", str(len(form)).encode())]
        path, _, query = address.partition("?")
        return await self._ask("POST", path, query.encode(), form, sent)

    async def _ask(
        self, method: str, path: str, query: bytes, body: bytes, headers: list[tuple[bytes, bytes]]
    ) -> Answer:
        status, size = 0, 0
        sent = False

        async def receive() -> Message:
            nonlocal sent
            if sent:
                await anyio.sleep_forever()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))

        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query,
            "root_path": "",
            "headers": [*self._headers, *headers],
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 80),
        }
        await self._app(scope, receive, send)
        return Answer(status, size)


@contextmanager
def statements_of(database: Database) -> Iterator[list[Statement]]:
    """What is asked of the database within, in order."""
    seen: list[Statement] = []

    def note(_connection: Any, _cursor: Any, sql: str, values: Any, *_rest: Any) -> None:
        if not sql.startswith(_NOT_OF_A_PAGE):
            seen.append(Statement(sql, values))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def ask_again(database: Database, statements: Sequence[Statement]) -> None:
    """The same through the bare driver: every row is fetched and nothing is made of it."""
    connection = database.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("BEGIN" if database.is_sqlite else "SET TRANSACTION READ ONLY")
        for one in statements:
            cursor.execute(one.sql, one.values)
            if cursor.description is not None:
                cursor.fetchall()
        cursor.execute("ROLLBACK")
        cursor.close()
    finally:
        connection.close()


async def measure(database: Database, browser: Browser, address: str, times: int) -> Measured:
    """``times`` answers and as many floors in turn, after one that warms up."""
    with statements_of(database) as seen:
        answer = await browser.get(address)
    if answer.status != 200:
        raise Asked(f"{address}: {answer.status}")
    asked = [one for one in seen if one.sql.lstrip().startswith(("SELECT", "WITH"))]  # no sign that a session is alive
    pages, floors, cpu = [], [], []
    ask_again(database, asked)
    for _ in range(times):
        began, worked = time.perf_counter(), time.process_time()
        await browser.get(address)
        pages.append(time.perf_counter() - began)
        cpu.append(time.process_time() - worked)
        floors.append(_seconds(lambda: ask_again(database, asked)))
    return Measured(len(asked), answer.size, timed(pages), timed(floors), timed(cpu).median_ms)


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def timed(seconds: Sequence[float]) -> Timed:
    ordered = sorted(seconds)
    late = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return Timed(round(1_000 * statistics.median(ordered), 1), round(1_000 * late, 1))
