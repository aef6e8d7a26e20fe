"""Around every request: its id, one line in the log, HEAD, what is done after the answer, the last word on failures."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm.ids import new_id

log = structlog.get_logger("crm.access")

_UNREMARKABLE = ("/static/", "/healthz", "/readyz")


class RequestLog:
    """``failed`` and ``too_large`` make the answers to what nobody caught."""

    def __init__(
        self, app: ASGIApp, *, failed: Callable[[Request], Response], too_large: Callable[[Request], Response]
    ) -> None:
        self.app = app
        self.failed = failed
        self.too_large = too_large

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        request_id = state["request_id"] = f"{new_id():x}"
        began = time.perf_counter()
        status = 0
        swallow = False

        async def send_noted(message: Message) -> None:
            nonlocal status, swallow
            if swallow:
                return
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                if status == 413 and headers.get("content-type", "").startswith("text/plain"):
                    swallow = True  # the framework's bare words; ours follow in the reader's language
                    answer = self.too_large(Request(scope))
                    answer.headers["X-Request-Id"] = request_id
                    await answer(scope, receive, send)
                    return
                headers["X-Request-Id"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, send_noted)
        except Exception as error:
            log.error("failed", request_id=request_id, path=scope["path"], exc_info=error)
            if status == 0:
                status = 500
                answer = self.failed(Request(scope))
                answer.headers["X-Request-Id"] = request_id
                await answer(scope, receive, send)
            raise  # the server, and the client of a test, see it too
        finally:
            say = log.debug if scope["path"].startswith(_UNREMARKABLE) and status < 400 else log.info
            say(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                ms=round(1000 * (time.perf_counter() - began), 1),
                request_id=request_id,
                user=getattr(state.get("viewer"), "user_id", None),
            )
        for call in state.pop("after_answer", ()):
            await run_in_threadpool(_tried, call, request_id)


def _tried(call: Callable[[], object], request_id: str) -> None:
    try:
        call()
    except Exception:
        log.exception("after the answer", request_id=request_id)


class HeadAsGet:
    """HEAD is answered by what answers GET, without its body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET"}, receive, send_head)
