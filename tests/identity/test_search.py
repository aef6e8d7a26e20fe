"""The search page asks every source that slices contribute, each within its bound, and shows only what was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from accounts.models import Account
from crm.config import Settings
from crm.contracts import Registry, SearchHit, SearchSource, Slice
from crm.db import Database
from crm.identity.slice import SLICE
from crm.main import create_app
from crm.text import N_
from crm.viewer import Viewer
from tests._browser import Browser


class Asked:
    def __init__(self) -> None:
        self.calls: list[tuple[str, str, str, int]] = []

    def source(self, key: str, min_letters: int, hits: int) -> SearchSource:
        def search(session: Session, viewer: Viewer, words: str, limit: int) -> Sequence[SearchHit]:
            self.calls.append((key, viewer.name, words, limit))
            return [
                SearchHit(key, n, f"{key} {n} <b>", "detail & more", f"/{key}/{n}") for n in range(min(hits, limit))
            ]

        return SearchSource(key, N_("Accounts") if key == "things" else N_("Tickets"), min_letters, search, order=1)


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def browser(settings: Settings, database: Database, session: Session, asked: Asked, ana: Viewer) -> Iterator[Browser]:
    extra = Slice(name="extra", search_sources=(asked.source("things", 2, 3), asked.source("papers", 3, 99)))
    with Browser(create_app(settings, database, Registry([SLICE, extra])), session) as browser:
        browser.sign_in(ana)
        yield browser


def test_it_asks_each_source_once_and_shows_what_was_found(browser: TestClient, asked: Asked) -> None:
    page = browser.get("/search?q=  Halden x ").text
    assert asked.calls == [("things", "Ana Duarte", "Halden x", 10), ("papers", "Ana Duarte", "Halden x", 10)]
    assert page.count('href="/things/') == 3
    assert page.count('href="/papers/') == 10
    assert "things 0 &lt;b&gt;" in page
    assert 'value="Halden x"' in page


def test_a_source_is_not_asked_for_fewer_letters_than_it_wants(browser: TestClient, asked: Asked) -> None:
    browser.get("/search?q=ha")
    assert [key for key, *_ in asked.calls] == ["things"]
    asked.calls.clear()
    page = browser.get("/search?q=h").text
    assert asked.calls == []
    assert "A few letters more" in page


@pytest.mark.parametrize("query", ["", "?q=", "?q=%20%20", "?other=1"])
def test_without_words_it_says_what_can_be_found(browser: TestClient, asked: Asked, query: str) -> None:
    answer = browser.get(f"/search{query}")
    assert answer.status_code == 200
    assert asked.calls == []


def test_endless_words_are_cut(browser: TestClient, asked: Asked) -> None:
    browser.get("/search?q=" + "x" * 5_000)
    assert {len(words) for _, _, words, _ in asked.calls} == {80}


def test_htmx_gets_the_results_alone(browser: TestClient) -> None:
    answer = browser.get("/search?q=halden", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert answer.text.lstrip().startswith('<div id="search-results">')


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", '"><img src=x onerror=1>', "%(q)s", "{{ 7*7 }}"])
def test_what_was_typed_is_text(browser: TestClient, words: str) -> None:
    page = browser.get("/search", params={"q": words})
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert "49" not in page.text.partition("<main")[0].partition("<title>")[2].partition("</title>")[0]


def test_strangers_find_nothing(browser: TestClient, asked: Asked) -> None:
    browser.cookies.clear()
    assert browser.get("/search?q=halden").status_code == 303
    assert asked.calls == []


def test_the_palette_offers_what_was_worked_on_and_where_to_go(as_ana: TestClient, acme: Account) -> None:
    page = as_ana.get("/palette").text
    assert f'href="/accounts/{acme.id}"' in page
    assert 'href="/tickets"' in page
    assert "Write a note about an account" in page
    assert "Write a note here" not in page


def test_the_palette_finds_actions_of_the_account_one_looks_at(as_ana: TestClient, acme: Account) -> None:
    page = as_ana.get(f"/palette?q=task&account={acme.id}").text
    assert f'href="/accounts/{acme.id}/tasks/new"' in page
    assert page.index("Plan a task here") < page.index('href="/tasks"')


def test_the_palette_finds_accounts_and_offers_nobody_what_they_may_not(as_exec: TestClient, acme: Account) -> None:
    page = as_exec.get("/palette?q=acm").text
    assert f'href="/accounts/{acme.id}"' in page
    page = as_exec.get(f"/palette?account={acme.id}").text
    assert "Write a note" not in page
    assert "Report of this account" in page


def test_the_palette_speaks_the_readers_language(as_ana: TestClient) -> None:
    as_ana.post("/preferences", data={"language": "fr", "next": "/"})
    assert 'href="/tasks"' in as_ana.get("/palette?q=tach").text
    assert 'href="/tasks"' not in as_ana.get("/palette?q=task").text
