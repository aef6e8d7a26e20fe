"""PDF from our own pages: tagged, reaching nothing, and never hanging a request."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pikepdf
import pytest

from crm.pdf import CannotRender, TookTooLong, missing_library, render_pdf
from crm.pdf.rendering import close_children

pytestmark = pytest.mark.skipif(missing_library() is not None, reason="Pango is not installed")


@pytest.fixture(autouse=True, scope="module")
def _no_child_stays() -> Iterator[None]:
    yield
    close_children()


@pytest.fixture
def requests_made() -> Iterator[tuple[str, list[str]]]:
    """An address on this machine, and every request that reaches it."""
    seen: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    server.server_close()


def a_page(body: str, head: str = "") -> str:
    return f'<html lang="fr"><head><title>Rapport</title>{head}</head><body>{body}</body></html>'


def test_a_report_is_tagged_and_names_its_language_and_title() -> None:
    with pikepdf.open(io.BytesIO(render_pdf(a_page("<h1>Bonjour</h1><p>à tous</p>")))) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "fr"
        assert str(pdf.docinfo["/Title"]) == "Rapport"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle


def test_own_type_is_in_it() -> None:
    with pikepdf.open(
        io.BytesIO(render_pdf(a_page("<p>x</p>", '<link rel="stylesheet" href="asset:css/report.css">')))
    ) as pdf:
        fonts = {str(font.BaseFont) for page in pdf.pages for font in page.Resources.Font.values()}
    assert any("Inter" in name for name in fonts)


def test_hostile_html_reaches_nothing_and_attaches_nothing(requests_made: tuple[str, list[str]]) -> None:
    address, seen = requests_made
    targets = (address, "file:///etc/hostname", "ftp://127.0.0.1/x", "asset:../config.py", "asset:/etc/hostname")
    for target in targets:
        head = (
            f'<link rel="stylesheet" href="{target}"><link rel="attachment" href="{target}"><base href="{address}">'
            f'<style>@import "{target}"; @font-face {{ font-family: x; src: url("{target}") }}'
            f' p {{ font-family: x; background: url("{target}") }}</style>'
        )
        body = (
            f'<p>x</p><img src="{target}"><object data="{target}"></object><embed src="{target}">'
            f'<svg><image href="{target}"/></svg><a rel="attachment" href="{target}">x</a>'
        )
        with pikepdf.open(io.BytesIO(render_pdf(a_page(body, head)))) as pdf:
            assert dict(pdf.attachments) == {}
    assert seen == []


def test_a_page_that_takes_too_long_is_given_up_and_the_next_one_works() -> None:
    with pytest.raises(TookTooLong):
        render_pdf(a_page("<table>" + "<tr><td>x</td><td>y</td></tr>" * 50_000 + "</table>"), time_s=1)
    assert render_pdf(a_page("<p>x</p>")).startswith(b"%PDF")


def test_a_child_that_was_killed_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    from crm.pdf import rendering

    render_pdf(a_page("<p>x</p>"))
    rendering._pool._idle[-1].process.kill()
    rendering._pool._idle[-1].process.wait()
    assert render_pdf(a_page("<p>x</p>")).startswith(b"%PDF")
    rendering._pool._idle[-1].process.kill()
    monkeypatch.setattr(rendering._Child, "is_usable", True)  # it dies between the look and the letter
    with pytest.raises(CannotRender):
        render_pdf(a_page("<p>x</p>"))
