"""What a request carries: received whole, within limits, before a transaction begins."""

from __future__ import annotations

from fastapi import Request
from starlette.datastructures import FormData

FORM_LIMITS = {"max_files": 4, "max_fields": 2_000, "max_part_size": 1 << 20}
MAX_BODY_BYTES = 4 << 20  # what a route takes that says nothing else; uploads say ``max_body_size``


async def receive_form(request: Request) -> FormData:
    """The form, parsed once a request; files wait on disk and are closed when the answer is sent."""
    first = not hasattr(request.state, "form")
    form = await request.form(**FORM_LIMITS)
    if first:
        request.state.form = form
        request.scope["fastapi_middleware_astack"].push_async_callback(form.close)
    return form


# What programs send: a token or a signature says who they are, and no cookie counts there. Their bodies are read as
# they are, whatever they call them.
FOR_PROGRAMS = ("/api/v1/", "/in/")


async def receive_body(request: Request) -> None:
    if request.url.path.startswith(FOR_PROGRAMS):
        await request.body()
        return
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type in ("multipart/form-data", "application/x-www-form-urlencoded"):
        await receive_form(request)
    else:
        await request.body()
