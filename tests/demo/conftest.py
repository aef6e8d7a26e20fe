"""One demo for all tests of a file: it is read, and never changed."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import Session, select

from accounts.models import Account
from crm import clock
from crm.config import get_settings
from crm.db import Database
from crm.demo import make_demo
from crm.slices import REGISTRY
from tests._databases import make_schema, new_postgres_database


@dataclass(frozen=True)
class Demo:
    database: Database
    made: dict[str, int]
    words: list[str]  # what whoever waited was told

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self.database.reading() as session:
            yield session

    def account(self, session: Session, name: str) -> Account:
        return session.exec(select(Account).where(Account.name == name)).one()


MakeDemo = Callable[[str], Demo]


@pytest.fixture(scope="module")
def make(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeDemo]:
    """``make(now)``: the demo as of that instant, in a database of its own."""
    with ExitStack() as opened:

        def made(now: str) -> Demo:
            folder = tmp_path_factory.mktemp("demo")
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("CRM_NOW", now)
                patch.setenv("CRM_DATA_DIR", str(folder))
                get_settings.cache_clear()
                clock._shift.cache_clear()
                database = _new_database(request, folder)
                opened.callback(database.dispose)
                make_schema(database)
                words: list[str] = []
                figures = make_demo(database, REGISTRY, lambda done, said="": words.append(str(said)))
            get_settings.cache_clear()
            clock._shift.cache_clear()
            return Demo(database, figures, words)

        yield made


def _new_database(request: pytest.FixtureRequest, folder: Path) -> Database:
    if request.config.getoption("--database") == "sqlite":
        return Database(f"sqlite:///{folder / 'tenure.db'}", synchronous="OFF")
    url = request.getfixturevalue("postgres_url")
    return Database(new_postgres_database(url, f"tenure_demo_{secrets.token_hex(4)}"), pool_size=5)


TODAY = date(2026, 11, 23)
