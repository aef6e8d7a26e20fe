"""One transaction per request: it commits before the answer is sent; a GET only reads and is rolled back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from crm import clock
from crm.contracts import BookTime, Registry
from crm.db import Database

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


async def take_turn(request: Request) -> AsyncIterator[None]:
    """On SQLite writers queue here, in order and without holding a thread; the database would let them fight."""
    turns = request.app.state.write_turns
    if request.method in SAFE_METHODS or turns is None:
        yield
    else:
        async with turns:
            yield


def open_session(
    request: Request, _turn: Annotated[None, Depends(take_turn, scope="function")]
) -> Iterator[Session]:
    database: Database = request.app.state.database
    opened = database.reading() if request.method in SAFE_METHODS else database.unit_of_work()
    with opened as session:
        request.state.session = session
        yield session


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
