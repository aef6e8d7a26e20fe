"""The command line as an administrator or a script meets it: its answer, its last line and its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from crm import migrate
from crm.config import ROOT, Settings
from crm.db import Database
from crm.identity.models import User

pytestmark = pytest.mark.slow

needs_migration = pytest.mark.skipif(migrate.head() is None, reason="there is no migration yet")

Crm = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def crm(settings: Settings) -> Crm:
    def run(*words: str, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "crm.cli", *words],
            cwd=ROOT,
            env={**os.environ, **environment},
            input=typed,
            capture_output=True,
            text=True,
            timeout=180,
        )

    return run


def last_line(answer: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


def test_a_wrong_word_ends_with_2_and_a_sentence(crm: Crm) -> None:
    answer = crm("serv")
    assert answer.returncode == 2
    assert "serv" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_help_names_the_commands(crm: Crm) -> None:
    answer = crm("--help")
    assert answer.returncode == 0
    for name in ("init", "migrate", "serve", "worker", "doctor", "user", "demo"):
        assert name in answer.stdout


@needs_migration
def test_a_colleague_is_let_in(crm: Crm, database: Database, session: Session) -> None:
    words = ("user", "add", "lea@tenure.example", "Léa Martin", "--role", "manager", "--password-stdin", "--json")
    answer = crm(*words, typed="correct horse battery staple\n")
    assert answer.returncode == 0, answer.stderr
    found = last_line(answer)
    user = session.exec(select(User)).one()
    assert (found["id"], found["role"], user.name) == (str(user.id), "manager", "Léa Martin")
    assert "horse" not in answer.stdout + answer.stderr
    again = crm(*words, typed="correct horse battery staple\n")
    assert again.returncode == 2
    assert len(again.stderr.strip().splitlines()) == 1


@needs_migration
def test_init_makes_everything_once(crm: Crm, settings: Settings, empty_database: Database) -> None:
    url = empty_database.url.render_as_string(hide_password=False)
    with ThreadPoolExecutor(2) as both:  # two at once do not get in each other's way
        answers = list(both.map(lambda _: crm("init", "--json", CRM_DATABASE_URL=url), range(2)))
    assert [answer.returncode for answer in answers] == [0, 0], answers
    key = settings.data_dir / "secret.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(key.read_bytes()) == 32
    assert [path.name for path in settings.data_dir.glob(".secret*")] == []
    assert migrate.is_current(empty_database)
    assert last_line(crm("init", "--json", CRM_DATABASE_URL=url))["created"] is False


@needs_migration
def test_a_database_of_a_newer_tenure_ends_with_3(crm: Crm, empty_database: Database) -> None:
    migrate.upgrade(empty_database)
    with empty_database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from_next_year'"))
    for command in ("migrate", "serve", "worker"):
        answer = crm(command, CRM_DATABASE_URL=empty_database.url.render_as_string(hide_password=False))
        assert answer.returncode == 3
        assert "newer Tenure" in answer.stderr
        assert len(answer.stderr.strip().splitlines()) == 1


@needs_migration
def test_the_doctor_says_what_is_wrong_and_ends_with_1(crm: Crm, empty_database: Database) -> None:
    answer = crm("doctor", "--json", CRM_DATABASE_URL=empty_database.url.render_as_string(hide_password=False))
    assert answer.returncode == 1
    schema = next(one for one in last_line(answer)["findings"] if one["check"] == "schema")
    assert schema["ok"] is False
    assert "crm migrate" in schema["words"]
