"""The app's routes as a table: by name for links, by path for what a refusal or a closed redirect needs to know."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from fastapi import FastAPI, Request
from fastapi.routing import iter_route_contexts
from starlette.convertors import PathConvertor

from crm.errors import NotFound
from crm.text import N_

_UNSAFE_IN_PATHS = re.compile(r"[\x00-\x20\x7f\\]|^//")
_NUMBER = re.compile(r"[-+]?[\d_.]{19,}")
_IN_QUERIES = "%=&+?/:;,@!*'()~-._$"


@dataclass(frozen=True)
class RouteEntry:
    """One route: what its links are made of and which requests it takes."""

    name: str
    path: str  # /accounts/{account_id}
    methods: frozenset[str]
    pattern: re.Pattern[str]
    convertors: Mapping[str, Any]

    def path_for(self, params: Mapping[str, object]) -> str:
        path = self.path
        if params.keys() != self.convertors.keys():
            raise LookupError(f"{self.name} takes {sorted(self.convertors)}, not {sorted(params)}")
        for key, value in params.items():
            convertor = self.convertors[key]
            written = quote(convertor.to_string(value), safe="/" if isinstance(convertor, PathConvertor) else "")
            path = path.replace(f"{{{key}}}", written)
        return path


class RouteTable:
    """Made on first use, when every router is in."""

    def __init__(self, app: FastAPI) -> None:
        self.entries = tuple(_entries(app))
        self._by_name: dict[str, RouteEntry] = {}
        for entry in self.entries:
            self._by_name.setdefault(entry.name, entry)

    def path_for(self, name: str, params: Mapping[str, object]) -> str:
        entry = self._by_name.get(name)
        if entry is None:
            raise LookupError(f"there is no route named {name}")
        return entry.path_for(params)

    def has(self, name: str) -> bool:
        return name in self._by_name

    def methods_at(self, path: str) -> frozenset[str]:
        """Every method that some route takes at ``path``; where one may GET one may also HEAD."""
        found = frozenset[str]().union(*(entry.methods for entry in self.entries if entry.pattern.match(path)))
        return found | {"HEAD"} if "GET" in found else found


def _entries(app: FastAPI) -> Iterator[RouteEntry]:
    for route in iter_route_contexts(app.routes):
        if route.methods and route.path_format is not None:
            yield RouteEntry(
                route.name or "",
                route.path_format,
                frozenset(route.methods),
                route.path_regex,
                route.param_convertors,
            )


def routes_of(app: FastAPI) -> RouteTable:
    table: RouteTable | None = getattr(app.state, "routes", None)
    if table is None:
        table = app.state.routes = RouteTable(app)
    return table


def closed_path(app: FastAPI, wanted: str | None) -> str | None:
    """``wanted`` if it is a page of ours, else ``None``: a path that the router knows, never a host or a scheme."""
    if not wanted or len(wanted) > 2_000 or not wanted.startswith("/") or _UNSAFE_IN_PATHS.search(wanted):
        return None
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return None
    path = unquote(parts.path)
    if parts.scheme or parts.netloc or _UNSAFE_IN_PATHS.search(path) or "/../" in f"{path}/" or "/./" in f"{path}/":
        return None
    if "GET" not in routes_of(app).methods_at(path):
        return None
    return quote(path, safe="/") + (f"?{quote(parts.query, safe=_IN_QUERIES)}" if parts.query else "")


async def possible_address(request: Request) -> None:
    """Before every route: an address with a NUL or an id beyond 63 bits is of nothing; no database takes it."""
    path: str = request.scope["path"]
    if "\x00" in path or b"%00" in request.scope["query_string"] or any(map(_is_too_big, path.split("/"))):
        raise NotFound(N_("There is nothing at this address."))


def _is_too_big(part: str) -> bool:
    return bool(_NUMBER.fullmatch(part)) and int(re.sub(r"\D", "", part)) >= 1 << 63
