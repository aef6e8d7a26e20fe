"""Facts that other slices may react to, in the same transaction and in registry order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlmodel import Session

Handlers = Mapping[type, Sequence[Callable[[Session, Any], None]]]

HANDLERS = "tenure.handlers"
_HANDLING = "tenure.handling"


class NoHandlers(RuntimeError):
    """The session was not opened by ``unit_of_work``, so nobody would hear the fact."""


class HandlerEmitted(RuntimeError):
    """A handler emitted a fact; chains of reactions cannot be followed, so there are none."""


def emit(session: Session, fact: object) -> None:
    """Tell every handler of ``type(fact)``. Facts are plural, one a chunk."""
    handlers: Handlers | None = session.info.get(HANDLERS)
    if handlers is None:
        raise NoHandlers(type(fact).__name__)
    if session.info.get(_HANDLING):
        raise HandlerEmitted(type(fact).__name__)
    session.info[_HANDLING] = True
    try:
        for handle in handlers.get(type(fact), ()):
            handle(session, fact)
    finally:
        session.info[_HANDLING] = False
