"""Own and vendored assets under one content digest, cached for ever; the style sheet is its parts in order."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

from crm.config import ROOT, get_settings

STATIC = ROOT / "crm" / "static"
_IMPORT = re.compile(r'^@import\s+"\./([\w/.-]+)";\s*$', re.MULTILINE)
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}

router = APIRouter(include_in_schema=False)


@lru_cache(maxsize=1)
def digest() -> str:
    """Changes when any asset does; found once a process."""
    found = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            found.update(path.relative_to(STATIC).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:12]


def asset(path: str) -> str:
    """The address of ``crm/static/<path>``."""
    version = digest() if get_settings().mode == "production" else "dev"
    return f"/static/{version}/{path}"


def _style_sheet(path: Path) -> bytes:
    def inline(found: re.Match[str]) -> str:
        return (path.parent / found[1]).read_text("utf-8")

    return _IMPORT.sub(inline, path.read_text("utf-8")).encode()


@lru_cache(maxsize=256)
def _content(path: str) -> tuple[bytes, bytes] | None:
    """The asset and its compressed form; only names that are there, so no path can climb out."""
    known = {found.relative_to(STATIC).as_posix(): found for found in STATIC.rglob("*") if found.is_file()}
    if path not in known:
        return None
    content = _style_sheet(known[path]) if path.endswith("app.css") else known[path].read_bytes()
    return content, gzip.compress(content, 9, mtime=0)


@router.get("/static/{version}/{path:path}", name="assets.show")
async def show_asset(request: Request, version: str, path: str) -> Response:
    development = get_settings().mode == "development"
    if development:
        _content.cache_clear()
    found = _content(path)
    if found is None:
        return Response("There is no such asset.", 404, media_type="text/plain")
    plain, packed = found
    suffix = Path(path).suffix
    headers = {
        "Cache-Control": "no-store" if development else "public, max-age=31536000, immutable",
        "Vary": "Accept-Encoding",
    }
    media = _TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    if suffix != ".woff2" and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=media)
    return Response(plain, headers=headers, media_type=media)
