"""What is around every request: HEAD, sizes, turns of writers, health."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, MutableMapping
from typing import Annotated, Any

import anyio
import pytest
from fastapi import Depends, FastAPI
from sqlmodel import Session, select
from starlette.datastructures import FormData
from starlette.testclient import TestClient

from crm.config import Settings
from crm.db import Database
from crm.identity.models import Team
from crm.main import create_app
from crm.viewer import Viewer
from crm.web.body import MAX_BODY_BYTES, receive_form
from crm.web.session import DbSession
from tests._browser import Browser


def app_of(browser: TestClient) -> FastAPI:
    found: FastAPI = browser.app  # type: ignore[assignment]
    return found


# --- health ----------------------------------------------------------------------------------------------------------


def test_the_process_is_there(anonymous: TestClient, count_queries: Callable[[Callable[[], object]], int]) -> None:
    assert count_queries(lambda: anonymous.get("/healthz")) == 0
    answer = anonymous.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")


def test_it_is_ready_with_its_whole_schema(anonymous: TestClient) -> None:
    assert anonymous.get("/readyz").json() == {"ready": True, "database": "ok", "schema": "ok"}


def test_without_tables_it_is_alive_but_not_ready(settings: Settings, empty_database: Database) -> None:
    with TestClient(create_app(settings, empty_database), base_url="http://testserver") as browser:
        assert browser.get("/healthz").status_code == 200
        answer = browser.get("/readyz")
        assert answer.status_code == 503
        assert "crm migrate" in answer.json()["schema"]


def test_without_a_database_it_is_alive_but_not_ready(settings: Settings) -> None:
    gone = Database("postgresql://nobody@127.0.0.1:9/none")
    try:
        with TestClient(create_app(settings, gone), base_url="http://testserver") as browser:
            assert browser.get("/healthz").status_code == 200
            assert browser.get("/readyz").json() == {
                "ready": False,
                "database": "cannot be reached",
                "schema": "unknown",
            }
            page = browser.get("/sign-in")
            assert page.status_code == 503
            assert "Busy, nothing was saved" in page.text
    finally:
        gone.dispose()


def test_nothing_of_it_is_for_search_engines(anonymous: TestClient) -> None:
    assert "Disallow: /" in anonymous.get("/robots.txt").text


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/styleguide"])
def test_a_company_shows_no_plans_of_the_house(anonymous: TestClient, path: str) -> None:
    assert anonymous.get(path).status_code == 404


@pytest.mark.settings(mode="development")
def test_while_developing_every_component_stands_on_one_page(anonymous: TestClient) -> None:
    assert anonymous.get("/styleguide").status_code == 200


# --- HEAD, compression -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/sign-in", "/healthz", "/nowhere", "/me"])
def test_head_says_what_get_says_without_its_body(anonymous: TestClient, ana: Viewer, path: str) -> None:
    get, head = anonymous.get(path), anonymous.head(path)
    assert head.status_code == get.status_code
    assert head.text == ""
    different = {"x-request-id"}
    assert {k: v for k, v in head.headers.items() if k not in different} == {
        k: v for k, v in get.headers.items() if k not in different
    }


def test_pages_are_sent_packed(anonymous: TestClient, ana: Viewer) -> None:
    answer = anonymous.get("/sign-in", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in answer.headers["vary"].lower()
    assert "hx-request" in answer.headers["vary"].lower()


# --- sizes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["form", "file", "stream"])
def test_too_much_is_refused_in_words(as_ana: TestClient, kind: str) -> None:
    big = "x" * (MAX_BODY_BYTES + 1)
    if kind == "form":
        answer = as_ana.post("/preferences", data={"theme": big})
    elif kind == "file":
        answer = as_ana.post("/preferences", files={"theme": ("a.csv", big.encode())})
    else:  # without saying before how long it will be
        pieces = (big[:100_000].encode() for _ in range(1 + MAX_BODY_BYTES // 100_000))
        answer = as_ana.post(
            "/preferences", content=pieces, headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
    assert answer.status_code == 413
    assert "larger than this page takes" in answer.text
    assert answer.headers["content-security-policy"]


def test_a_form_of_too_many_fields_is_refused(as_ana: TestClient) -> None:
    answer = as_ana.post("/preferences", data={f"field{n}": "x" for n in range(2_500)})
    assert answer.status_code == 400
    assert "not understood" in answer.text


def test_a_body_that_is_no_form_is_one_without_fields(as_ana: TestClient) -> None:
    answer = as_ana.post("/sign-in", content=b"\xff\xfe{}", headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


# --- turns -----------------------------------------------------------------------------------------------------------


SentForm = Annotated[FormData, Depends(receive_form)]


@pytest.fixture
def writers(settings: Settings, database: Database, session: Session) -> Iterator[Browser]:
    app = create_app(settings, database)

    @app.post("/writes/{number}", name="test.writes")
    def writes(number: int, session: DbSession, sent: SentForm) -> dict[str, int]:
        session.add(Team(name=f"Team {number}"))
        session.flush()
        time.sleep(0.005)
        return {"number": number}

    with Browser(app, session) as browser:
        yield browser


def test_forty_writers_at_once_all_get_their_turn(writers: Browser, session: Session) -> None:
    found: list[int] = []

    def write(number: int) -> None:
        answer = TestClient.request(writers, "POST", f"/writes/{number}")
        found.append(answer.status_code)

    session.commit()
    threads = [threading.Thread(target=write, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [200] * 40
    assert len(session.exec(select(Team)).all()) == 40


def test_whoever_sends_slowly_holds_nobody_up(writers: Browser, session: Session) -> None:
    """A body that comes in drops is received before its transaction begins."""
    session.commit()
    app = app_of(writers)
    answered: list[str] = []

    async def post(number: int, rest_of_body: anyio.Event) -> None:
        parts = iter((b"a=", b"b"))
        headers = {"host": "testserver", "sec-fetch-site": "same-origin"}
        headers["content-type"] = "application/x-www-form-urlencoded"
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": f"/writes/{number}",
            "raw_path": f"/writes/{number}".encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("testserver", 80),
        }

        async def receive() -> dict[str, Any]:
            part = next(parts)
            if part == b"b":
                await rest_of_body.wait()
            return {"type": "http.request", "body": part, "more_body": part == b"a="}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answered.append(f"{number}: {message['status']}")

        await app(scope, receive, send)

    async def both() -> None:
        never_yet, at_once = anyio.Event(), anyio.Event()
        at_once.set()
        with anyio.fail_after(20):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(post, 1, never_yet)
                await anyio.wait_all_tasks_blocked()
                await post(2, at_once)
                never_yet.set()

    anyio.run(both)
    assert answered == ["2: 200", "1: 200"]


def test_a_get_writes_nothing_whatever_it_tries(settings: Settings, database: Database, session: Session) -> None:
    app = create_app(settings, database)

    @app.get("/sneaky", name="test.sneaky")
    def sneaky(session: DbSession) -> dict[str, str]:
        session.add(Team(name="Sneaked in"))
        session.flush()
        return {}

    with Browser(app, session) as browser:
        browser._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
        browser.get("/sneaky")
    session.expire_all()
    assert session.exec(select(Team)).all() == []
