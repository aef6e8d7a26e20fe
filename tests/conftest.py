"""People and a company we know, on a fresh database of the kind that `--database` names.

Ana owns Acme, Ben is her team-mate, Mia manages their team, Zoe is in another one. It is 23 November 2026, 10:00 in
Paris, unless a test says `@pytest.mark.settings(now="…")`.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session

from crm import clock
from crm.config import Settings, get_settings
from crm.db import Database
from crm.events import HANDLERS
from crm.viewer import Books, Role, Viewer
from crm.web.logs import configure_logs
from tests._databases import PostgresDatabases, PostgresServer, SqliteDatabases, new_postgres_database

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from accounts.models import Account, Contact
    from support.models import Ticket

NOW = "2026-11-23T10:00:00+01:00"
TODAY = date(2026, 11, 23)
SERVER = pytest.StashKey[PostgresServer]()


# --- which database --------------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite", help="what the tests run on")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", 'settings(**values): this test\'s CRM_… settings, e.g. books="team"')
    one_for_all = config.getoption("--database") == "postgresql" and not hasattr(config, "workerinput")
    if one_for_all and not os.environ.get("CRM_TEST_POSTGRES_URL"):
        config.stash[SERVER] = PostgresServer()
        os.environ["CRM_TEST_POSTGRES_URL"] = config.stash[SERVER].url


def pytest_unconfigure(config: pytest.Config) -> None:
    if server := config.stash.get(SERVER, None):
        del os.environ["CRM_TEST_POSTGRES_URL"]
        server.stop()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["postgres_url"] = os.environ.get("CRM_TEST_POSTGRES_URL")


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> str:
    """The server's, not a database of a test."""
    given = getattr(request.config, "workerinput", {}).get("postgres_url") or os.environ.get("CRM_TEST_POSTGRES_URL")
    if not given:
        pytest.skip("needs --database postgresql")
    return str(given)


@pytest.fixture(scope="session")
def _databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SqliteDatabases | PostgresDatabases]:
    if request.config.getoption("--database") == "sqlite":
        yield SqliteDatabases(tmp_path_factory.mktemp("template"))
    else:
        databases = PostgresDatabases(request.getfixturevalue("postgres_url"))
        yield databases
        databases.close()


@pytest.fixture(scope="session", autouse=True)
def _logs() -> None:
    configure_logs()  # as served: with the values of variables in it, a traceback takes seconds to write


@pytest.fixture(autouse=True)
def settings(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Nothing of the machine's own settings or data gets into a test."""
    for name in [name for name in os.environ if name.startswith("CRM_") and not name.startswith("CRM_TEST_")]:
        monkeypatch.delenv(name)
    values = {"now": NOW, "data_dir": tmp_path / "var", "worker": "none", "base_url": "http://testserver"}
    for marker in reversed(list(request.node.iter_markers("settings"))):
        values.update(marker.kwargs)
    for name, value in values.items():
        monkeypatch.setenv(f"CRM_{name.upper()}", str(value))
    Path(str(values["data_dir"])).mkdir(parents=True, exist_ok=True)
    get_settings.cache_clear()
    clock._shift.cache_clear()  # each test begins at the full hour
    yield get_settings()
    get_settings.cache_clear()


@pytest.fixture
def database(
    settings: Settings, _databases: SqliteDatabases | PostgresDatabases, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    """A fresh one, and the one that commands and new processes of this test find."""
    with _databases.fresh(settings.data_dir) as database:
        if not database.is_sqlite:
            monkeypatch.setenv("CRM_DATABASE_URL", database.url.render_as_string(hide_password=False))
            get_settings.cache_clear()
        try:
            from crm.slices import REGISTRY
        except ImportError:  # before the first slice is there
            pass
        else:
            database.handlers = REGISTRY.handlers
        yield database


@pytest.fixture
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Without a single table: what a migration begins with."""
    if request.config.getoption("--database") == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        url = new_postgres_database(request.getfixturevalue("postgres_url"), f"tenure_empty_{secrets.token_hex(6)}")
    database = Database(url, synchronous="OFF")
    yield database
    database.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """The test's own session. Facts emitted in it are heard. Pages see what it has committed, and a request of
    ``as_ana`` and the others commits it first; after one, ``session.expire_all()`` shows what the request did."""
    # It takes no write lock for reading, so that it never stands in the way of what is tested.
    engine = database.engine.execution_options(tenure_begin="BEGIN", tenure_of_the_test=True)
    with Session(engine, expire_on_commit=False) as session:
        session.info[HANDLERS] = database.handlers
        yield session
        session.rollback()


@pytest.fixture
def count_queries(database: Database) -> Callable[[Callable[[], object]], int]:
    """How many statements ``call`` runs; those of the test's own session do not count."""

    def count(call: Callable[[], object]) -> int:
        seen: list[str] = []

        def note(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            own = connection.get_execution_options().get("tenure_of_the_test")
            if not own and not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
                seen.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            call()
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        return len(seen)

    return count


# --- people ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def teams(session: Session) -> dict[str, int]:
    """Ids of the team North (Ana, Ben, Mia) and the team South (Zoe)."""
    from crm.identity.models import Team

    made = {name: Team(name=name) for name in ("North", "South")}
    session.add_all(made.values())
    session.commit()
    return {name: team.id for name, team in made.items()}


MakePerson = Callable[..., Viewer]


@pytest.fixture
def make_person(session: Session, teams: dict[str, int], settings: Settings) -> MakePerson:
    """A user of the company; ``team`` is a team's name or None."""

    def make(name: str, role: Role, team: str | None = None, **values: Any) -> Viewer:
        from crm.identity.models import User

        user = User(
            name=name,
            email=values.pop("email", f"{name.split()[0].lower()}@tenure.example"),
            role=role,
            team_id=teams[team] if team else None,
            **values,
        )
        session.add(user)
        session.commit()
        return Viewer(
            user_id=user.id,
            name=user.name,
            role=user.role,
            books=Books(settings.books),
            team_id=user.team_id,
            language=user.language,
            time_zone=user.time_zone,
        )

    return make


@pytest.fixture
def ana(make_person: MakePerson) -> Viewer:
    """Relationship manager; owns Acme."""
    return make_person("Ana Duarte", Role.RELATIONSHIP_MANAGER, "North")


@pytest.fixture
def ben(make_person: MakePerson) -> Viewer:
    """Relationship manager in Ana's team."""
    return make_person("Ben Okafor", Role.RELATIONSHIP_MANAGER, "North")


@pytest.fixture
def mia(make_person: MakePerson) -> Viewer:
    """Manages Ana's team."""
    return make_person("Mia Lindqvist", Role.MANAGER, "North")


@pytest.fixture
def zoe(make_person: MakePerson) -> Viewer:
    """Relationship manager in another team."""
    return make_person("Zoe Marchand", Role.RELATIONSHIP_MANAGER, "South")


@pytest.fixture
def admin(make_person: MakePerson) -> Viewer:
    return make_person("Ada Roux", Role.ADMINISTRATOR)


@pytest.fixture
def exec_(make_person: MakePerson) -> Viewer:
    return make_person("Eva Stein", Role.EXECUTIVE)


@pytest.fixture
def agent(make_person: MakePerson) -> Viewer:
    return make_person("Gil Moreau", Role.SUPPORT_AGENT)


@pytest.fixture
def sales(make_person: MakePerson) -> Viewer:
    return make_person("Sam Keller", Role.SALES_REPRESENTATIVE)


@pytest.fixture
def specialist(make_person: MakePerson) -> Viewer:
    return make_person("Ines Petit", Role.IMPLEMENTATION_SPECIALIST, "North")


# --- browsers --------------------------------------------------------------------------------------------------------

SignIn = Callable[[Viewer | None], "TestClient"]


@pytest.fixture
def sign_in(database: Database, settings: Settings, session: Session) -> Iterator[SignIn]:
    """A browser of the person; ``None``: nobody's."""
    from contextlib import ExitStack

    from tests._browser import Browser, the_app

    with ExitStack() as opened:
        app = the_app(settings, database)

        def browser_of(viewer: Viewer | None) -> TestClient:
            browser = Browser(app, session)
            opened.enter_context(browser)
            if viewer is not None:
                browser.sign_in(viewer)
            return browser

        yield browser_of


@pytest.fixture
def anonymous(sign_in: SignIn) -> TestClient:
    return sign_in(None)


@pytest.fixture
def as_ana(sign_in: SignIn, ana: Viewer) -> TestClient:
    return sign_in(ana)


@pytest.fixture
def as_ben(sign_in: SignIn, ben: Viewer) -> TestClient:
    return sign_in(ben)


@pytest.fixture
def as_mia(sign_in: SignIn, mia: Viewer) -> TestClient:
    return sign_in(mia)


@pytest.fixture
def as_zoe(sign_in: SignIn, zoe: Viewer) -> TestClient:
    return sign_in(zoe)


@pytest.fixture
def as_admin(sign_in: SignIn, admin: Viewer) -> TestClient:
    return sign_in(admin)


@pytest.fixture
def as_exec(sign_in: SignIn, exec_: Viewer) -> TestClient:
    return sign_in(exec_)


@pytest.fixture
def as_agent(sign_in: SignIn, agent: Viewer) -> TestClient:
    return sign_in(agent)


@pytest.fixture
def as_sales(sign_in: SignIn, sales: Viewer) -> TestClient:
    return sign_in(sales)


@pytest.fixture
def as_specialist(sign_in: SignIn, specialist: Viewer) -> TestClient:
    return sign_in(specialist)


# --- customers -------------------------------------------------------------------------------------------------------


@pytest.fixture
def make_account(session: Session, ana: Viewer) -> Callable[..., Account]:
    """An account owned by Ana, or by ``owner`` (a Viewer; None: nobody), with its assignment and access."""

    def make(name: str = "Acme", *, owner: Viewer | None = ana, **values: Any) -> Account:
        from accounts.models import AccessKind, Account, AccountAccess, Assignment
        from accounts.names import fold

        since = values.pop("since", date(2025, 1, 6))
        account = Account(
            name=name,
            name_folded=values.pop("name_folded", fold(name)),
            owner_id=owner.user_id if owner else None,
            team_id=values.pop("team_id", owner.team_id if owner else None),
            stage_entered_on=values.pop("stage_entered_on", since),
            **values,
        )
        session.add(account)
        session.flush()
        if owner:
            session.add(Assignment(account_id=account.id, user_id=owner.user_id, from_on=since, reason="first owner"))
            session.add(
                AccountAccess(account_id=account.id, user_id=owner.user_id, kind=AccessKind.OWNER, from_on=since)
            )
        session.commit()
        return account

    return make


@pytest.fixture
def acme(make_account: Callable[..., Account]) -> Account:
    """Ana's."""
    return make_account("Acme", arr_minor=18_400_000)


@pytest.fixture
def make_contact(session: Session, acme: Account) -> Callable[..., Contact]:
    """A person at Acme, or at ``account``."""

    def make(name: str = "Iris Weber", *, account: Account = acme, **values: Any) -> Contact:
        from accounts.models import Contact, ContactAccount
        from accounts.names import fold

        position = values.pop("position", "")
        contact = Contact(name=name, name_folded=fold(name), **values)
        session.add(contact)
        session.flush()
        session.add(ContactAccount(contact_id=contact.id, account_id=account.id, position=position))
        session.commit()
        return contact

    return make


@pytest.fixture
def make_ticket(session: Session, acme: Account) -> Callable[..., Ticket]:
    """A ticket of Acme, or of ``account``; ``values`` are the columns of the ticket."""
    numbers = iter(range(1, 1_000_000))

    def make(subject: str = "Export fails", *, account: Account = acme, **values: Any) -> Ticket:
        from support.models import Ticket

        number = next(numbers)
        values.setdefault("external_id", f"T-{number}")
        values.setdefault("source_key", "zendesk")
        values.setdefault("opened_at", clock.now())
        values.setdefault("updated_at", values["opened_at"])
        ticket = Ticket(subject=subject, account_id=account.id, **values)
        session.add(ticket)
        session.commit()
        return ticket

    return make
