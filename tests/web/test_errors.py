"""Refusals and failures as pages: in the reader's language, with the right status, and without a second failure."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import psycopg.errors
import pytest
from fastapi import FastAPI, Request
from sqlalchemy.exc import IntegrityError, OperationalError, TimeoutError as PoolTimeout
from sqlmodel import Session, select

from crm import errors
from crm.config import Settings
from crm.db import Database
from crm.identity.deps import CurrentViewer, MaybeViewer
from crm.identity.models import Team
from crm.main import create_app
from crm.text import N_
from crm.viewer import Viewer
from crm.web.session import DbSession
from tests._browser import Browser


class Raises:
    """A route that fails as it is told, after it has written."""

    def __init__(self) -> None:
        self.error: Callable[[], BaseException] = lambda: RuntimeError("unset")

    def add_to(self, app: FastAPI) -> None:
        @app.get("/fails", name="test.fails")
        @app.post("/fails", name="test.fails.create")
        def fails(request: Request, session: DbSession, viewer: MaybeViewer) -> None:
            if request.method == "POST":
                session.add(Team(name="Half-done"))
                session.flush()
            raise self.error()

        @app.get("/inside/{team_id}", name="test.inside")
        def inside(team_id: int, session: DbSession, viewer: CurrentViewer, day: int = 0) -> dict[str, str]:
            session.exec(select(Team).where(Team.id == day)).all()
            return {"team": str(session.get(Team, team_id))}


@pytest.fixture
def raises() -> Raises:
    return Raises()


@pytest.fixture
def browser(settings: Settings, database: Database, session: Session, raises: Raises) -> Iterator[Browser]:
    app = create_app(settings, database)
    raises.add_to(app)
    with Browser(app, session) as browser:
        browser._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
        yield browser


@pytest.fixture
def anas(browser: Browser, ana: Viewer) -> Browser:
    browser.sign_in(ana)
    return browser


def operational(text: str) -> OperationalError:
    return OperationalError("UPDATE x", {}, sqlite3.OperationalError(text))


BUSY = "Busy, nothing was saved"
CASES: list[tuple[Callable[[], BaseException], int, str]] = [
    (lambda: errors.NotFound(N_("There is no such account.")), 404, "There is no such account."),
    (lambda: errors.Forbidden(N_("Ask Ana.")), 403, "Not yours to change"),
    (lambda: errors.Conflict(N_("It is done already.")), 409, "It is done already."),
    (lambda: errors.Invalid(N_("100%% wrong.")), 422, "100% wrong."),
    (lambda: errors.TooMany(N_("Wait."), retry_after_s=90), 429, "Too many tries"),
    (lambda: errors.Unavailable(N_("Not now.")), 503, BUSY),
    (lambda: operational("database is locked"), 503, BUSY),
    (lambda: OperationalError("SELECT 1", {}, psycopg.OperationalError("server closed the connection")), 503, BUSY),
    (lambda: OperationalError("SELECT 1", {}, psycopg.errors.DeadlockDetected("deadlock")), 503, BUSY),
    (lambda: PoolTimeout("QueuePool limit"), 503, BUSY),
    (lambda: operational("database or disk is full"), 507, "The disk is full"),
    (
        lambda: OperationalError("INSERT", {}, psycopg.errors.DiskFull("no space left on device")),
        507,
        "The disk is full",
    ),
    (lambda: IntegrityError("INSERT", {}, sqlite3.IntegrityError("UNIQUE")), 409, "Somebody changed the same thing"),
    (lambda: RuntimeError("secret words"), 500, "Something broke on our side"),
]
IDS = [f"{status} {says[:20]}" for _, status, says in CASES]


@pytest.mark.parametrize(("make", "status", "says"), CASES, ids=IDS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_each_failure_has_its_page_and_changes_nothing(
    anas: Browser,
    raises: Raises,
    session: Session,
    make: Callable[[], BaseException],
    status: int,
    says: str,
    method: str,
) -> None:
    raises.error = make
    answer = anas.request(method, "/fails")
    assert answer.status_code == status
    assert says in answer.text
    assert "<!doctype html>" in answer.text
    assert "secret words" not in answer.text
    assert answer.headers["content-security-policy"]
    session.expire_all()
    assert "Half-done" not in session.exec(select(Team.name)).all()


@pytest.mark.parametrize(("make", "status", "says"), CASES, ids=IDS)
def test_after_any_of_them_the_next_write_is_done(
    anas: Browser, raises: Raises, make: Callable[[], BaseException], status: int, says: str
) -> None:
    raises.error = make
    anas.post("/fails")
    assert anas.post("/preferences", data={"theme": "dark"}).status_code == 303


@pytest.mark.parametrize(("make", "status", "says"), CASES, ids=IDS)
def test_htmx_gets_a_part_and_not_a_page(
    anas: Browser, raises: Raises, make: Callable[[], BaseException], status: int, says: str
) -> None:
    raises.error = make
    answer = anas.get("/fails", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert answer.status_code == status
    assert f'data-status="{status}"' in answer.text
    assert "<html" not in answer.text


@pytest.mark.parametrize(("make", "status", "says"), CASES, ids=IDS)
def test_a_page_of_a_failing_database_does_not_ask_it(
    anas: Browser,
    raises: Raises,
    count_queries: Callable[[Callable[[], object]], int],
    make: Callable[[], BaseException],
    status: int,
    says: str,
) -> None:
    raises.error = make
    assert count_queries(lambda: anas.get("/fails")) == 1  # who is asking, before it failed
    # Whoever gets a page without a frame sees that the database was not asked for one.
    frame = 'class="rail__nav"' in anas.get("/fails").text
    assert frame == (status < 500)


def test_a_stranger_gets_them_without_the_frame(browser: Browser, raises: Raises) -> None:
    raises.error = lambda: errors.Conflict(N_("It is done already."))
    answer = browser.get("/fails")
    assert answer.status_code == 409
    assert 'class="bare"' in answer.text


def test_they_speak_the_readers_language(anas: Browser, raises: Raises, session: Session, ana: Viewer) -> None:
    for make, status, _ in CASES:
        raises.error = make
        anas.post("/preferences", data={"language": "fr"})
        answer = anas.get("/fails", headers={"Accept-Language": "en"})
        assert answer.status_code == status
        assert '<html lang="fr"' in answer.text


def test_waiting_times_are_said_to_programs_too(anas: Browser, raises: Raises) -> None:
    raises.error = lambda: errors.TooMany(N_("Wait."), retry_after_s=90)
    assert anas.get("/fails").headers["retry-after"] == "90"
    raises.error = lambda: operational("database is locked")
    assert int(anas.get("/fails").headers["retry-after"]) > 0


def test_what_nobody_foresaw_is_found_in_the_log_by_its_number(
    anas: Browser, raises: Raises, capfd: pytest.CaptureFixture[str]
) -> None:
    raises.error = lambda: RuntimeError("the reason")
    answer = anas.get("/fails")
    number = answer.headers["x-request-id"]
    assert number in answer.text
    lines = [line for line in capfd.readouterr().err.splitlines() if number in line]
    assert any("the reason" in line for line in lines)


def test_a_broken_error_page_still_answers(anas: Browser, raises: Raises, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: Any, **_kw: Any) -> Any:
        raise RuntimeError("no template")

    monkeypatch.setattr("crm.web.errors.page", broken)
    raises.error = lambda: RuntimeError("x")
    answer = anas.get("/fails")
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.text


# --- addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/inside/x",
        "/inside/1.5",
        "/inside/9223372036854775808",
        "/inside/-99999999999999999999999",
        "/inside/99999999999999999999.0",
        "/inside/9999_9999_9999_9999_9999",
        "/inside/%00",
        "/inside/1?q=%00",
        "/inside/%F0%9F",
        "/static/x/../../etc/passwd",
        "/static/x/%2e%2e/%2e%2e/pyproject.toml",
    ],
)
def test_an_address_of_nothing_is_not_found(anas: Browser, path: str) -> None:
    assert anas.get(path).status_code == 404


def test_the_largest_number_an_id_can_be_is_looked_up(anas: Browser) -> None:
    assert anas.get("/inside/9223372036854775807").json() == {"team": "None"}


def test_a_question_that_is_not_understood_is_named(anas: Browser) -> None:
    answer = anas.get("/inside/1?day=x")
    assert answer.status_code == 422
    assert "not understood: day" in answer.text


def test_a_number_that_no_column_holds_is_refused_on_both_databases(anas: Browser) -> None:
    answer = anas.get("/inside/1?day=" + "9" * 30)
    assert answer.status_code == 422
    assert "too large" in answer.text


@pytest.mark.parametrize("path", ["/fails", "/sign-in"])
def test_a_method_nobody_takes_says_which_are_taken(anas: Browser, path: str) -> None:
    answer = anas.request("DELETE", path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"
    assert "Nothing was changed" in answer.text
