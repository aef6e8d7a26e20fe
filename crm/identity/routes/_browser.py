"""A browser's side of being signed in: the cookie, and where to go next."""

from __future__ import annotations

from fastapi import Request, Response

from crm.config import Settings
from crm.identity import queries
from crm.identity.service import cookie_name
from crm.web.pages import go_to
from crm.web.routes import closed_path

LANGUAGE_S = 365 * 86_400


def keep_session(request: Request, answer: Response, token: str) -> None:
    settings: Settings = request.app.state.settings
    answer.set_cookie(
        cookie_name(settings),
        token,
        max_age=int(queries.ABSOLUTE.total_seconds()),
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def drop_session(request: Request, answer: Response) -> None:
    settings: Settings = request.app.state.settings
    answer.delete_cookie(cookie_name(settings), path="/", secure=settings.secure_cookies, httponly=True, samesite="lax")


def keep_language(request: Request, answer: Response, language: str) -> None:
    """For the pages that are read before signing in."""
    settings: Settings = request.app.state.settings
    answer.set_cookie(
        "language",
        language,
        max_age=LANGUAGE_S,
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def go_next(request: Request, wanted: str | None) -> Response:
    """To the page that was wanted, if it is one of ours; else to the first."""
    return go_to(request, closed_path(request.app, wanted) or "/")


def agent_of(request: Request) -> str:
    return request.headers.get("user-agent", "")[:200]


def ip_of(request: Request) -> str:
    return request.client.host if request.client else "unknown"
