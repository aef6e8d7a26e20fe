"""The first page of an empty installation, and that it is never offered again."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from crm.audit import AuditEntry
from crm.config import Settings
from crm.contracts import Registry
from crm.db import Database
from crm.identity import queries, service
from crm.identity.demo_making import DemoMaker
from crm.identity.models import Installation, Team, User
from crm.viewer import Role, Viewer

ME = {"name": "Nora Blin", "email": "nora@firm.example", "password": "correct horse battery", "team": "Success Paris"}


def count(session: Session, table: type) -> int:
    session.expire_all()
    return len(session.exec(select(table)).all())


def test_every_door_of_an_empty_installation_leads_to_the_welcome(anonymous: TestClient) -> None:
    for path in ("/me", "/search?q=halden", "/settings/users"):
        answer = anonymous.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].partition("?")[0] == "/welcome"
    assert anonymous.get("/sign-in").headers["location"] == "/welcome"


def test_the_welcome_offers_two_things(anonymous: TestClient) -> None:
    page = anonymous.get("/welcome")
    assert page.status_code == 200
    assert "Look at the demo" in page.text
    assert "Bring my accounts" in page.text
    assert "data-role" not in page.text


def test_in_french_it_is_french(anonymous: TestClient) -> None:
    page = anonymous.get("/welcome", headers={"Accept-Language": "fr-CA,fr;q=0.9,en;q=0.5"})
    assert '<html lang="fr"' in page.text


def test_the_first_person_becomes_the_administrator_and_is_signed_in(anonymous: TestClient, session: Session) -> None:
    answer = anonymous.post("/welcome/own", data=ME)
    assert answer.status_code == 303
    user = session.exec(select(User)).one()
    assert (user.name, user.email, user.role) == ("Nora Blin", "nora@firm.example", Role.ADMINISTRATOR)
    assert session.get_one(Team, user.team_id).name == "Success Paris"
    assert queries.installation_value(session, "book") == "own"
    assert anonymous.get("/settings/users").status_code == 200
    assert "user.created" in session.exec(select(AuditEntry.verb)).all()


def test_who_reads_french_begins_in_french(anonymous: TestClient, session: Session) -> None:
    anonymous.post("/welcome/own", data=ME, headers={"Accept-Language": "fr"})
    assert session.exec(select(User)).one().language == "fr"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "nora"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "nora.blin.2026"}, "password"),
        ({"team": ""}, "team"),
        ({"name": ""}, "name"),
    ],
)
def test_what_needs_mending_is_said_at_its_field_and_nothing_is_made(
    anonymous: TestClient, session: Session, wrong: dict[str, str], field: str
) -> None:
    answer = anonymous.post("/welcome/own", data={**ME, **wrong})
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert "correct horse" not in answer.text
    assert (count(session, User), count(session, Team), count(session, Installation)) == (0, 0, 0)


def test_nothing_of_it_is_offered_once_somebody_is_here(anonymous: TestClient, session: Session, ana: Viewer) -> None:
    assert anonymous.get("/welcome").headers["location"] == "/"
    assert anonymous.get("/welcome/own").headers["location"] == "/"
    assert anonymous.post("/welcome/own", data=ME).status_code == 409
    assert anonymous.post("/welcome/demo").status_code == 409
    assert anonymous.get("/welcome/demo").headers["location"] == "/sign-in"
    assert (count(session, User), count(session, Installation)) == (1, 0)


def test_of_two_people_at_the_same_moment_one_is_told_so(anonymous: TestClient, session: Session) -> None:
    together, found = Barrier(4), []

    def begin(number: int) -> None:
        together.wait()
        answer = anonymous.post("/welcome/own", data={**ME, "email": f"nora{number}@firm.example"})
        found.append(answer.status_code)

    threads = [Thread(target=begin, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [303, 409, 409, 409]
    assert count(session, User) == 1


# --- making the demo -------------------------------------------------------------------------------------------------


class SlowDemo:
    """Stands in for ``crm.demo``: waits half-way until it is told to go on."""

    def __init__(self, *, fails: bool = False) -> None:
        self.half_way, self.go_on, self.fails, self.made = Barrier(2), Barrier(2), fails, 0

    def __call__(self, database: Database, registry: Registry, progress: object) -> None:
        self.made += 1
        progress(0.5, "Tickets")  # type: ignore[operator]
        self.half_way.wait(10)
        self.go_on.wait(10)
        if self.fails:
            raise RuntimeError("half a demo")
        with database.unit_of_work() as session:
            service.create_user(session, name="Ana", email="ana@demo.example", role=Role.MANAGER, demo_role=True)


@pytest.fixture
def with_demo(anonymous: TestClient, database: Database, settings: Settings) -> SlowDemo:
    demo = SlowDemo()
    state = anonymous.app.state  # type: ignore[attr-defined]
    state.demo_maker = DemoMaker(database, state.registry, demo)
    return demo


def maker(browser: TestClient) -> DemoMaker:
    found: DemoMaker = browser.app.state.demo_maker  # type: ignore[attr-defined]
    return found


def test_a_page_says_how_far_the_demo_is_and_then_leads_to_its_roles(
    anonymous: TestClient, with_demo: SlowDemo, session: Session
) -> None:
    assert anonymous.post("/welcome/demo").headers["location"] == "/welcome/demo"
    with_demo.half_way.wait(10)
    page = anonymous.get("/welcome/demo")
    assert 'value="50"' in page.text
    assert "Tickets" in page.text
    assert page.headers["refresh"] == "2"
    assert anonymous.get("/welcome").headers["location"] == "/welcome/demo"
    assert anonymous.post("/welcome/demo").status_code == 303  # a second click changes nothing
    with_demo.go_on.wait(10)
    maker(anonymous).wait(10)
    assert anonymous.get("/welcome/demo").headers["location"] == "/sign-in"
    assert 'data-role="manager"' in anonymous.get("/sign-in").text
    assert with_demo.made == 1
    assert queries.is_demo(session)


def test_while_it_is_made_nobody_else_can_begin(anonymous: TestClient, with_demo: SlowDemo, session: Session) -> None:
    anonymous.post("/welcome/demo")
    with_demo.half_way.wait(10)
    assert anonymous.post("/welcome/own", data=ME).status_code == 409
    with_demo.go_on.wait(10)
    maker(anonymous).wait(10)
    assert count(session, User) == 1


def test_a_demo_that_fails_says_so_and_both_choices_are_open_again(
    anonymous: TestClient, with_demo: SlowDemo, session: Session
) -> None:
    with_demo.fails = True
    anonymous.post("/welcome/demo")
    with_demo.half_way.wait(10)
    with_demo.go_on.wait(10)
    maker(anonymous).wait(10)
    page = anonymous.get("/welcome/demo")
    assert "It stopped with an error" in page.text
    assert "half a demo" not in page.text
    assert anonymous.get("/welcome").status_code == 200
    assert anonymous.post("/welcome/own", data=ME).status_code == 303


def test_a_demo_whose_server_was_stopped_says_what_to_do(anonymous: TestClient, database: Database) -> None:
    database.note(service.claim_for_demo)
    page = anonymous.get("/welcome/demo")
    assert "crm demo --remove" in page.text
    assert "refresh" not in page.headers
