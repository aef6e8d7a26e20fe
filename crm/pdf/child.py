"""The child: reads HTML on standard input, writes PDF on standard output, until it is told to stop or killed.

Each message is one byte of kind, eight bytes of length, then the content. It has no network: its fetcher knows only
``data:`` and, under ``asset:``, the names of our own static files. Its memory and processor time are limited.
"""

from __future__ import annotations

import resource
import struct
import sys
from pathlib import Path
from typing import IO, Any

HEAD = struct.Struct(">cQ")
DONE, FAILED = b"P", b"E"
MEMORY_BYTES = 1_500_000_000  # of address space: Pango and the fonts map some 500 MB before the first page
_MEDIA = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".png": "image/png"}
STATIC = Path(__file__).resolve().parents[1] / "static"


def write_message(pipe: IO[bytes], kind: bytes, content: bytes) -> None:
    pipe.write(HEAD.pack(kind, len(content)) + content)
    pipe.flush()


def read_message(pipe: IO[bytes]) -> tuple[bytes, bytes] | None:
    """The next message, or ``None`` when the other side is gone."""
    head = pipe.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    kind, length = HEAD.unpack(head)
    content = pipe.read(length)
    return (kind, content) if len(content) == length else None


def _renderer() -> Any:
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    assets = {path.relative_to(STATIC).as_posix(): path for path in STATIC.rglob("*") if path.is_file()}

    class OwnAssets(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
            scheme, _, name = url.partition(":")
            if scheme == "asset" and name in assets:
                media = {"Content-Type": _MEDIA.get(assets[name].suffix, "application/octet-stream")}
                return URLFetcherResponse(url, assets[name].read_bytes(), media)
            return super().fetch(url, headers)  # refuses every scheme but data

    fetcher = OwnAssets(allowed_protocols={"data"}, allow_redirects=False)
    fonts = FontConfiguration()

    def render(html: str) -> bytes:
        document = HTML(string=html, base_url=None, url_fetcher=fetcher)
        pdf: bytes = document.write_pdf(font_config=fonts, pdf_variant="pdf/ua-1", pdf_tags=True, custom_metadata=False)
        return pdf

    return render


def main() -> None:
    received, sent = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing but messages may reach the pipe
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    render = _renderer()
    while (message := read_message(received)) is not None:
        try:
            write_message(sent, DONE, render(message[1].decode()))
        except MemoryError:
            write_message(sent, FAILED, b"memory")
        except Exception as failed:
            write_message(sent, FAILED, f"{type(failed).__name__}: {failed}".encode()[:2000])


if __name__ == "__main__":
    main()
