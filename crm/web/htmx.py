"""What htmx 4 asks: a whole page or a part of it."""

from __future__ import annotations

from fastapi import Request


def wants_fragment(request: Request) -> bool:
    """A swap of a part. Boosted and history requests say ``full`` and get the page."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-request-type") == "partial"


def is_htmx(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


def target_id(request: Request) -> str | None:
    """The id of the element to be swapped: htmx 4 sends ``tag#id``."""
    return (request.headers.get("hx-target") or "").partition("#")[2] or None
