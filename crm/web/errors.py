"""From a refusal or a failure to an answer in the reader's language; none of them touches the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from crm.errors import Conflict, Invalid, NotFound, Refusal, SignInNeeded, TooMany, Unavailable
from crm.text import N_, Text, text
from crm.web.body import FOR_PROGRAMS
from crm.web.htmx import is_htmx
from crm.web.pages import page, path_for, viewer_of, writer_of
from crm.web.routes import closed_path, routes_of

log = structlog.get_logger(__name__)

PAGE = "errors/page.html"
FRAGMENT = "errors/_fragment.html"

_NOT_THERE = N_("There is nothing at this address.")


class DiskFull(Unavailable):
    status = 507
    title = N_("The disk is full, nothing was saved")


def error_page(
    request: Request, status: int, title: str, sentence: Text, headers: dict[str, str] | None = None, **values: Any
) -> Response:
    """The page or, for a swap, the fragment. A stranger gets the page without the frame, a program gets JSON."""
    if is_for_programs(request):
        return problem(request, status, title, sentence, headers, values.get("mistakes", ()))
    return page(
        request,
        PAGE,
        FRAGMENT,
        status=status,
        headers=headers,
        title=title,
        sentence=sentence,
        action=values.pop("action", None),
        request_id=request_id(request) if status >= 500 else None,
        **values,
    )


def is_for_programs(request: Request) -> bool:
    return request.url.path.startswith(FOR_PROGRAMS)


def problem(
    request: Request,
    status: int,
    title: str,
    sentence: Text,
    headers: dict[str, str] | None,
    mistakes: Sequence[Any],
) -> Response:
    """RFC 9457. ``mistakes``: what ``crm.api.items`` found, each with its place in the batch."""
    write = writer_of(request)
    said: dict[str, Any] = {
        "title": write.translations.gettext(title),
        "status": status,
        "detail": write(sentence),
        "request_id": request_id(request),
    }
    if mistakes:
        said["errors"] = [
            {"index": one.index, "field": one.field, "value": one.value, "reason": write(one.reason)}
            for one in mistakes
        ]
    return JSONResponse(said, status, headers, media_type="application/problem+json")


# --- refusals --------------------------------------------------------------------------------------------------------


def refused(request: Request, error: Refusal) -> Response:
    headers = dict(getattr(error, "headers", {}))
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, Unavailable):
        headers["Retry-After"] = "5"
        forget_viewer(request)
    mistakes = getattr(error, "mistakes", ())
    return error_page(request, error.status, error.title, error.sentence, headers, mistakes=mistakes)


def sign_in_needed(request: Request, error: SignInNeeded) -> Response:
    """A browser is sent to the sign-in page and comes back afterwards; htmx is told to go there as a whole."""
    if is_htmx(request):
        current = urlsplit(request.headers.get("hx-current-url", ""))
        wanted = f"{current.path}?{current.query}" if current.query else current.path
        return Response(status_code=401, headers={"HX-Redirect": _sign_in_path(request, error, wanted)})
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(_sign_in_path(request, error, wanted if request.method == "GET" else ""), 303)


def _sign_in_path(request: Request, error: SignInNeeded, wanted: str) -> str:
    back = closed_path(request.app, wanted)
    return path_for(request, error.route, query={"next": back} if back and back != "/" else None)


# --- what the framework refuses --------------------------------------------------------------------------------------


def http_error(request: Request, error: HTTPException) -> Response:
    if error.status_code == 404:
        return _not_found(request)
    if error.status_code == 405:
        return _wrong_method(request)
    title, sentence = _HTTP_SENTENCES.get(error.status_code, (Refusal.title, N_("This request was not understood.")))
    return error_page(request, error.status_code, title, text(sentence), dict(error.headers or {}))


_HTTP_SENTENCES = {
    400: (N_("Not understood"), N_("This request was not understood. Nothing was changed.")),
    413: (N_("Too large"), N_("What you sent is larger than this page takes. Nothing was changed.")),
}


def _not_found(request: Request) -> Response:
    """An address with a slash too many is mended; everything else gets the page."""
    path = request.url.path
    if request.method in ("GET", "HEAD") and path.endswith("/"):
        mended = closed_path(request.app, path.rstrip("/") + (f"?{request.url.query}" if request.url.query else ""))
        if mended:
            return RedirectResponse(mended, 308)
    return error_page(request, 404, NotFound.title, text(_NOT_THERE))


def _wrong_method(request: Request) -> Response:
    allowed = routes_of(request.app).methods_at(request.url.path)
    return error_page(
        request,
        405,
        N_("Not possible here"),
        text(N_("This address does not take that kind of request. Nothing was changed.")),
        {"Allow": ", ".join(sorted(allowed))},
    )


def invalid_request(request: Request, error: RequestValidationError) -> Response:
    """A path that cannot be an id is an address that is not there; the rest names what was not understood."""
    places = [str(found["loc"][0]) for found in error.errors()]
    if "path" in places:
        return error_page(request, 404, NotFound.title, text(_NOT_THERE))
    names = ", ".join(sorted({str(found["loc"][-1]) for found in error.errors()}))
    return error_page(
        request,
        422,
        N_("Not understood"),
        text(N_("This address holds something that was not understood: %(names)s."), names=names[:200]),
    )


# --- what the database could not do ----------------------------------------------------------------------------------


def database_error(request: Request, error: Exception) -> Response:
    """Busy, unreachable or full; a mistake of ours goes on to be a 500."""
    if isinstance(error, IntegrityError):
        log.warning("integrity", request_id=request_id(request), exc_info=error)
        return refused(request, Conflict(_SAME_MOMENT))
    if is_disk_full(error):
        log.error("disk full", request_id=request_id(request))
        return refused(request, DiskFull(_NO_ROOM))
    if isinstance(error, DataError) or "SQLite INTEGER" in str(error):  # a number that no column holds
        log.warning("value out of range", request_id=request_id(request), exc_info=error)
        return refused(request, Invalid(_OUT_OF_RANGE))
    if isinstance(error, (OperationalError, PoolTimeout)):
        log.warning("database busy", request_id=request_id(request), exc_info=error)
        return refused(request, Unavailable(_BUSY))
    raise error


_SAME_MOMENT = N_("Somebody changed the same thing at this very moment.")
_NO_ROOM = N_("There is no room left on the server's disk.")
_OUT_OF_RANGE = N_("This holds a number or a text that is too large.")
_BUSY = N_("The database is busy or cannot be reached; please try again in a moment.")


def is_disk_full(error: BaseException) -> bool:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return "disk is full" in str(cause) or getattr(cause, "sqlstate", None) == "53100"


# --- what nobody expected --------------------------------------------------------------------------------------------


def request_id(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))


def forget_viewer(request: Request) -> None:
    """The page of a failure has no frame: filling one could need what has just failed."""
    request.state.language = getattr(viewer_of(request), "language", None)
    request.state.viewer = None


_TELL_THE_NUMBER = N_("This was not foreseen. The log has it under the number %(id)s.")


def unexpected(request: Request) -> Response:
    """500: names the request, so that who is told about it finds the line in the log."""
    forget_viewer(request)
    number = request_id(request)
    try:
        return error_page(request, 500, N_("Something broke on our side"), text(_TELL_THE_NUMBER, id=number))
    except Exception:
        log.exception("the error page failed", request_id=number)
        return PlainTextResponse(f"Something broke on our side. Request {number}.", 500)


def too_large(request: Request) -> Response:
    title, sentence = _HTTP_SENTENCES[413]
    forget_viewer(request)
    return error_page(request, 413, title, text(sentence))


def add_error_handlers(app: FastAPI) -> None:
    handlers: dict[type[Exception], Callable[[Request, Any], Response]] = {
        SignInNeeded: sign_in_needed,
        Refusal: refused,
        HTTPException: http_error,
        RequestValidationError: invalid_request,
        DBAPIError: database_error,
        PoolTimeout: database_error,
        OverflowError: database_error,
    }
    for kind, handle in handlers.items():
        app.add_exception_handler(kind, handle)
