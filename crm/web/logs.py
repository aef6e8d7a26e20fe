"""The log of a served process: one JSON object a line, in UTC; colours on a terminal."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

_SECRET = frozenset({"password", "token", "cookie", "authorization", "secret"})


def _without_secrets(_logger: Any, _method: str, event: Any) -> Any:
    for name in event.keys() & _SECRET:
        event[name] = "…"
    return event


class _OurOwnLineIsThere(logging.Filter):
    """uvicorn repeats what our line with the request's id has said already."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "Exception in ASGI application" not in record.getMessage()


def configure_logs() -> None:
    """Tracebacks are plain: with the values of variables they would hold secrets, and take seconds to write."""
    if structlog.is_configured():
        return
    on_terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_secrets,
            *(
                (structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),)
                if on_terminal
                else (structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str))
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_args: structlog.PrintLogger(sys.stderr),  # as it is now, not as it was at the start
    )
    logging.getLogger("uvicorn.error").addFilter(_OurOwnLineIsThere())
