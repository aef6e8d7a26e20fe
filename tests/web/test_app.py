"""The app as a server runs it: it opens its own database and, where it is told to, does the work that is due."""

from __future__ import annotations

import time

import pytest
from sqlmodel import Session, func, select
from starlette.testclient import TestClient

from crm.config import get_settings
from crm.db import Database
from crm.identity.models import Team
from crm.jobs.models import JobRun
from crm.main import THREADS, create_app
from crm.slices import REGISTRY


def count(session: Session, table: type) -> int:
    return int(session.exec(select(func.count()).select_from(table)).one())


def served() -> TestClient:
    return TestClient(create_app(get_settings()), base_url="http://testserver")


def test_it_opens_the_database_of_its_settings(database: Database, session: Session) -> None:
    session.add(Team(name="North"))
    session.commit()
    with served() as browser:
        assert browser.get("/readyz").json()["ready"] is True
        own = browser.app.state.database  # type: ignore[attr-defined]
        assert own is not database
        assert own.handlers == REGISTRY.handlers
        with own.reading() as reading:
            assert count(reading, Team) == 1


@pytest.mark.settings(worker="inline")
def test_with_an_inline_worker_due_work_is_done(database: Database, session: Session) -> None:
    with served() as browser:
        assert browser.get("/healthz").status_code == 200
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            session.rollback()
            if count(session, JobRun):
                break
            time.sleep(0.2)
    session.rollback()
    assert count(session, JobRun) > 0


def test_without_one_it_is_left_to_others(database: Database, session: Session) -> None:
    with served() as browser:
        assert browser.get("/healthz").status_code == 200
        time.sleep(1)
    assert count(session, JobRun) == 0


def test_a_given_database_is_not_closed_with_the_app(database: Database) -> None:
    with TestClient(create_app(get_settings(), database), base_url="http://testserver") as browser:
        assert browser.get("/readyz").status_code == 200
    with database.reading() as session:
        assert count(session, Team) == 0


def test_sqlite_takes_turns_and_postgresql_does_not(database: Database) -> None:
    app = create_app(get_settings(), database)
    assert (app.state.write_turns is not None) == database.is_sqlite


def test_there_is_a_connection_for_nearly_every_thread(database: Database) -> None:
    assert THREADS <= 64
    if database.is_sqlite:
        pool = database.engine.pool
        assert pool.size() + pool._max_overflow >= THREADS - 4  # type: ignore[attr-defined]


def test_making_the_app_twice_makes_it_anew(database: Database) -> None:
    one, two = create_app(get_settings(), database), create_app(get_settings(), database)
    assert one.state.write_turns is not two.state.write_turns or not database.is_sqlite
    assert [route.path for route in one.routes if hasattr(route, "path")] == [
        route.path for route in two.routes if hasattr(route, "path")
    ]
