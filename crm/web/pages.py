"""From a template and its values to an answer: the frame around every page is filled here, once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from crm import clock
from crm.config import get_settings
from crm.contracts import NavItem
from crm.i18n import LANGUAGES, best_language
from crm.i18n.write import Writer
from crm.templating import render
from crm.text import N_, text
from crm.undo import SHOWN, UndoEntry, fresh_entry
from crm.viewer import Viewer
from crm.web.assets import asset
from crm.web.htmx import is_htmx, wants_fragment
from crm.web.routes import routes_of
from crm.web.session import registry_of

UNDO = "undo"  # the cookie that names what was just done
_ID = re.compile(r"[0-9]{1,18}|[1-8][0-9]{18}")


@dataclass(frozen=True)
class NavLink:
    title: str
    href: str
    icon: str
    current: bool
    on_phone: bool
    key: str
    shortcut: str | None = None


@dataclass(frozen=True)
class FreshnessLine:
    title: str
    text: str
    late: bool


def viewer_of(request: Request) -> Viewer | None:
    return getattr(request.state, "viewer", None)


def language_of(request: Request) -> str:
    viewer = viewer_of(request)
    said = viewer.language if viewer is not None else getattr(request.state, "language", None)
    if said in LANGUAGES:
        return str(said)
    chosen = request.cookies.get("language", "")
    if chosen in LANGUAGES:
        return chosen
    return best_language(request.headers.get("accept-language"), get_settings().language)


def writer_of(request: Request) -> Writer:
    """Writes in the reader's language and zone, as of the book's time."""
    viewer = viewer_of(request)
    zone = viewer.time_zone if viewer else get_settings().time_zone
    book = getattr(request.state, "book_time", None)
    return Writer(language_of(request), ZoneInfo(zone), book.now if book else clock.now())


def path_for(request: Request, name: str, /, query: Mapping[str, object] | None = None, **params: object) -> str:
    """The path of a route by its name; never a host, so no header can bend a link."""
    path = routes_of(request.app).path_for(name, params)
    return f"{path}?{urlencode(query, doseq=True)}" if query else path


def page(
    request: Request,
    template: str,
    fragment: str | None = None,
    /,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """The whole page, or only ``fragment`` when htmx swaps a part and the page has such a part."""
    part_only = wants_fragment(request)
    chosen = fragment if fragment and part_only else template
    content = render(chosen, writer_of(request), **_frame(request), status=status, **values)
    answer = HTMLResponse(content, status, headers={"Vary": "HX-Request, HX-Request-Type", **(headers or {})})
    if UNDO in request.cookies and not part_only:
        answer.delete_cookie(UNDO, path="/", httponly=True, samesite="lax")
    return answer


def part(request: Request, template: str, /, **values: Any) -> Markup:
    """A piece for this reader, made on its own and put into a page: what a slice contributes to another's page."""
    return Markup(render(template, writer_of(request), **_basics(request), **values))  # noqa: S704 - escaped by Jinja


def see_other(request: Request, name: str, /, query: Mapping[str, object] | None = None, **params: object) -> Response:
    """After a write: 303 for a browser, ``HX-Redirect`` for htmx."""
    return go_to(request, path_for(request, name, query=query, **params))


def go_to(request: Request, path: str) -> Response:
    if is_htmx(request):
        return Response(status_code=204, headers={"HX-Redirect": path})
    return RedirectResponse(path, status_code=303)


def offering_undo(request: Request, answer: Response, entry: UndoEntry) -> Response:
    """``answer``, after which the page it leads to says what was done and offers to take it back."""
    secure = request.app.state.settings.secure_cookies
    answer.set_cookie(
        UNDO, str(entry.id), max_age=int(SHOWN.total_seconds()), path="/", secure=secure, httponly=True, samesite="lax"
    )
    return answer


def _just_done(request: Request, viewer: Viewer | None) -> UndoEntry | None:
    """What the write before this page has left to say, once."""
    said, session = request.cookies.get(UNDO, ""), getattr(request.state, "session", None)
    if viewer is None or session is None or not session.is_active or not _ID.fullmatch(said):
        return None
    return fresh_entry(session, viewer, int(said))


def _basics(request: Request) -> dict[str, Any]:
    """What every template may count on."""
    return {
        "request": request,
        "viewer": viewer_of(request),
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "mode": get_settings().mode,
        "url_for": lambda name, **params: path_for(request, name, **params),
        "asset": asset,
    }


def _frame(request: Request) -> dict[str, Any]:
    viewer = viewer_of(request)
    writer = writer_of(request)
    frame: dict[str, Any] = {
        **_basics(request),
        "theme": viewer.theme if viewer else "auto",
        "density": viewer.density if viewer else "compact",
        "rail": viewer.rail if viewer else "open",
        "shortcuts": viewer.shortcuts if viewer else True,
        "demo": getattr(request.state, "demo", False),
        "nav": [],
        "quick": [],
        "phone_action": None,
        "freshness": [],
        "banners": [],
        "flash": getattr(request.state, "flash", None),
        "just_done": None,
    }
    if viewer is not None:
        registry = registry_of(request)
        frame["nav"] = _only_nearest([_link(request, item, writer) for item in registry.nav if _shown(item, viewer)])
        frame["quick"] = [_link(request, item, writer) for item in registry.quick if _shown(item, viewer)]
        if registry.phone_action and _shown(registry.phone_action, viewer):
            frame["phone_action"] = _link(request, registry.phone_action, writer)
        frame["freshness"] = _freshness(request, writer)
        frame["banners"] = _banners(request, writer)
        if UNDO in request.cookies and not wants_fragment(request):
            frame["just_done"] = _just_done(request, viewer)
    return frame


def _shown(item: NavItem, viewer: Viewer) -> bool:
    return item.needs is None or viewer.may(item.needs)


def _link(request: Request, item: NavItem, writer: Writer) -> NavLink:
    href = path_for(request, item.route)
    path = request.url.path
    current = path == href or (href != "/" and path.startswith(href.rstrip("/") + "/"))
    title = writer.translations.gettext(item.title)
    return NavLink(title, href, item.icon, current, item.on_phone, item.key, item.shortcut)


def _only_nearest(links: list[NavLink]) -> list[NavLink]:
    """Of two places of which one lies below the other, the lower is where the reader is."""
    nearest = max((len(link.href) for link in links if link.current), default=0)
    return [replace(link, current=link.current and len(link.href) == nearest) for link in links]


def _freshness(request: Request, writer: Writer) -> list[FreshnessLine]:
    book, session = registry_of(request).book, getattr(request.state, "session", None)
    if book is None or session is None or not session.is_active:
        return []
    return [FreshnessLine(line.title, writer.ago(line.at), line.late) for line in book.freshness(session, writer.now)]


def _banners(request: Request, writer: Writer) -> list[str]:
    said = []
    if get_settings().now is not None:
        said.append(writer(text(N_("This page pretends that today is %(day)s."), day=writer.day_full(clock.now()))))
    book = getattr(request.state, "book_time", None)
    if book is not None and book.is_old:
        day = writer.day_full(book.data_until)  # with its year: for the writer it is the current one
        said.append(writer(text(N_("Everything here is as of %(day)s, the newest event of this book."), day=day)))
    return said
