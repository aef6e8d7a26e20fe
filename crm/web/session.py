"""One transaction per request: it commits before the answer is sent; a GET only reads and is rolled back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from crm import clock
from crm.contracts import BookTime, Registry
from crm.db import Database
from crm.web.body import receive_body

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


async def take_turn(request: Request) -> AsyncIterator[None]:
    """On SQLite writers queue here, in order and without holding a thread; the database would let them fight.

    The body is received before, so that nobody who sends slowly holds a transaction open.
    """
    if request.method in SAFE_METHODS:
        yield
        return
    await receive_body(request)
    turns = request.app.state.write_turns
    if turns is None:
        yield
    else:
        async with turns:
            yield


def open_session(request: Request, _turn: Annotated[None, Depends(take_turn, scope="function")]) -> Iterator[Session]:
    database: Database = request.app.state.database
    opened = database.reading() if request.method in SAFE_METHODS else database.unit_of_work()
    with opened as session:
        request.state.session = session
        try:
            yield session
        finally:
            request.state.session = None  # an error page must not begin another transaction in it


def after_answer(request: Request, call: Callable[[], object]) -> None:
    """Do ``call`` when the answer is sent and the request's transaction has ended."""
    calls: list[Callable[[], object]] = request.scope.setdefault("state", {}).setdefault("after_answer", [])
    calls.append(call)


DbSession = Annotated[Session, Depends(open_session, scope="function")]


def registry_of(request: Request) -> Registry:
    registry: Registry = request.app.state.registry
    return registry


def book_time(request: Request, session: DbSession) -> BookTime:
    """As of when this book speaks; found once a request."""
    registry = registry_of(request)
    now = clock.now()
    found = registry.book.time(session, now) if registry.book else BookTime(now, None)
    request.state.book_time = found
    return found


def _now(book: Annotated[BookTime, Depends(book_time)]) -> datetime:
    return book.now


AppRegistry = Annotated[Registry, Depends(registry_of)]
TheBookTime = Annotated[BookTime, Depends(book_time)]
Now = Annotated[datetime, Depends(_now)]
