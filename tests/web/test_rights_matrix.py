"""Every route × every role × four ownerships × three settings: who may, may; who may not changes and learns nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from fastapi import FastAPI
from sqlmodel import Session
from starlette.testclient import TestClient

from crm.config import Settings
from crm.db import Database
from crm.identity import passwords
from crm.viewer import Books, Capability, Role, Viewer
from crm.web.routes import RouteEntry, routes_of
from tests._browser import Browser, the_app
from tests.web._samples import LATER, SAMPLES, Policy, Sample, Value, assigners, nobody, readers
from tests.web._world import UNMATCHED, Ownership, Scene, World, contents, differences, make_world, nothing_is_kept


def entries(app: FastAPI) -> dict[str, RouteEntry]:
    return {f"{method} {entry.name}": entry for entry in routes_of(app).entries for method in entry.methods}


def route_of(key: str) -> str:
    return key.partition(" · ")[0]


def test_every_route_has_its_entry(anonymous: TestClient) -> None:
    missing = sorted(entries(anonymous.app).keys() - set(map(route_of, SAMPLES)) - LATER)
    assert missing == [], "Say who may use these routes in tests/web/_samples.py."


def test_every_entry_has_its_route(anonymous: TestClient) -> None:
    assert sorted((set(map(route_of, SAMPLES)) | LATER) - entries(anonymous.app).keys()) == []


def test_names_of_routes_are_unique(anonymous: TestClient) -> None:
    names = [entry.name for entry in routes_of(anonymous.app).entries]
    assert sorted({name for name in names if names.count(name) > 1}) == []


@pytest.fixture
def app(settings: Settings, database: Database) -> FastAPI:
    return the_app(settings, database)


@pytest.fixture
def quick_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", hasher)
    monkeypatch.setattr(passwords, "_nobody", hasher.hash("nobody"))


@pytest.fixture
def readable_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report's page instead of its PDF: what it tells can be read there, and it takes no second."""
    monkeypatch.setattr("reports.printing.render_pdf", lambda html, **_kw: html.encode())


def says(text: str, word: str) -> bool:
    """Whether ``word`` stands there; digits within a longer number or a token (an id, a nonce) say nothing."""
    if word not in text:  # much faster than the pattern, and true of nearly all
        return False
    if word[0].isdigit():
        return re.search(rf"(?<![0-9a-z]){re.escape(word)}(?![0-9A-Za-z])", text) is not None
    return True


class Matrix:
    """One viewer's walk through all routes."""

    def __init__(self, app: FastAPI, database: Database, session: Session, world: World) -> None:
        self.app, self.database, self.session, self.world = app, database, session, world
        self.browser = Browser(app, session)
        self.browser._transport.raise_server_exceptions = False  # type: ignore[attr-defined]  # a 500 is one more finding
        self.wrong: list[str] = []
        self.sent = 0
        self.told: set[str] = set()

    def walk(self, samples: Mapping[str, Sample] = SAMPLES) -> None:
        self.browser.cookies.clear()
        self.browser.sign_in(self.world.viewer)
        cookies = list(self.browser.cookies.jar)
        found = entries(self.app)
        cases = [
            (key, found[route_of(key)], sample, ownership)
            for key, sample in samples.items()
            if route_of(key) in found
            for ownership in (list(Ownership) if sample.is_about_an_account else [Ownership.OWN])
        ]
        allowed = [case for case in cases if case[2].policy(self.world, case[3]) is None]
        with nothing_is_kept(self.database):
            for case in allowed:
                self._try(*case)
                self.browser.cookies.clear()
                for cookie in cookies:
                    self.browser.cookies.jar.set_cookie(cookie)
        before = contents(self.session)
        for case in cases:
            if case not in allowed:
                self._try(*case)
        self.wrong += [f"a refusal changed {change}" for change in differences(before, contents(self.session))]

    def _try(self, key: str, entry: RouteEntry, sample: Sample, ownership: Ownership) -> None:
        scene = self.world.scenes[ownership]
        status, text, headers = self._send(key, entry, sample, scene)
        case = f"{key} on {ownership.value} account"
        refused = sample.policy(self.world, ownership)
        if refused is None and status not in sample.ok:
            self.wrong.append(f"{case}: allowed, but got {status}")
        if refused is not None and status != refused:
            self.wrong.append(f"{case}: expected {refused}, got {status}")
        said = text + headers
        known = [UNMATCHED, *(word for one in self.world.scenes.values() for word in one.words)]
        self.told |= {word for word in known if says(said, word)}
        self.wrong += [f"{case}: told {secret!r}" for secret in self.world.secrets() if says(said, secret)]
        self.sent += 1

    def _send(self, key: str, entry: RouteEntry, sample: Sample, scene: Scene) -> tuple[int, str, str]:
        params: dict[str, object] = {name: getattr(scene, what).id for name, what in sample.params.items()}
        for name, word in sample.words.items():
            params[name] = self.world.ids[word[1:]] if word.startswith("@") else word
        answer = self.browser.request(
            key.partition(" ")[0],  # the method
            entry.path_for(params),
            params={name: self._value(value, scene) for name, value in sample.query.items()},
            data=None if sample.form is None else {n: self._value(v, scene) for n, v in sample.form.items()},
        )
        return answer.status_code, answer.text, str(answer.headers)

    def _value(self, value: Value, scene: Scene) -> str:
        return value(self.world, scene) if callable(value) else value


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("books", [pytest.param(book, marks=pytest.mark.settings(books=book.value)) for book in Books])
def test_who_may_may_and_who_may_not_does_not(
    app: FastAPI,
    database: Database,
    session: Session,
    make_person: Callable[..., Viewer],
    quick_hashing: None,
    readable_reports: None,
    role: Role,
    books: Books,
) -> None:
    world = make_world(session, make_person, role, with_password=passwords.hash_of("correct horse battery"))
    assert world.viewer.books is books
    matrix = Matrix(app, database, session, world)
    matrix.walk()
    assert matrix.wrong == []
    assert matrix.sent >= len(SAMPLES)
    # That nothing was told means something only where it would have been recognised.
    for ownership, scene in world.scenes.items():
        if world.sees(ownership):
            assert set(scene.canaries) <= matrix.told
            if world.reads_money(ownership):
                assert set(scene.money_canaries) & matrix.told
    assert (UNMATCHED in matrix.told) == world.viewer.may(Capability.READ_UNMATCHED)


def test_the_walk_notices_a_policy_that_does_not_hold(
    app: FastAPI, database: Database, session: Session, make_person: Callable[..., Viewer]
) -> None:
    def wrong_about(key: str, policy: Policy) -> list[str]:
        matrix.wrong = []
        matrix.walk({key: replace(SAMPLES[key], policy=policy)})
        return matrix.wrong

    matrix = Matrix(app, database, session, make_world(session, make_person, Role.RELATIONSHIP_MANAGER))
    too_strict = wrong_about("GET accounts.tasks.new", assigners)
    assert "GET accounts.tasks.new on own account: expected 403, got 200" in too_strict
    too_lax = wrong_about("GET accounts.owner.edit", readers)
    assert "GET accounts.owner.edit on other team's account: allowed, but got 403" in too_lax
    changed = wrong_about("POST identity.preferences.update", nobody(303))
    assert changed == ["a refusal changed user_account: 1 rows gone, 1 new"]


@pytest.mark.settings(books="own")
def test_the_walk_notices_a_page_that_tells_too_much(
    app: FastAPI, database: Database, session: Session, make_person: Callable[..., Viewer]
) -> None:
    world = make_world(session, make_person, Role.SUPPORT_AGENT)
    matrix = Matrix(app, database, session, world)
    world.viewer = replace(world.viewer, books=Books.OPEN)  # all is on the page now, and nothing is a secret
    matrix.walk({"GET accounts.list": SAMPLES["GET accounts.list"]})
    assert matrix.wrong == []
    secret = world.scenes[Ownership.OWN].account.name
    world.secrets = lambda: [secret]  # type: ignore[method-assign]
    matrix.walk({"GET accounts.list": SAMPLES["GET accounts.list"]})
    assert matrix.wrong == [f"GET accounts.list on own account: told {secret!r}"]


def test_strangers_are_sent_to_the_door_and_change_nothing(
    app: FastAPI, database: Database, session: Session, make_person: Callable[..., Viewer]
) -> None:
    world = make_world(session, make_person, Role.RELATIONSHIP_MANAGER)
    scene = world.scenes[Ownership.OWN]
    matrix = Matrix(app, database, session, world)
    found = entries(app)
    before = contents(session)
    for key, sample in SAMPLES.items():
        if route_of(key) not in found:
            continue
        status, text, headers = matrix._send(key, found[route_of(key)], sample, scene)
        if status != sample.strangers:
            matrix.wrong.append(f"{key}: expected {sample.strangers}, got {status}")
        told = [secret for one in world.scenes.values() for secret in one.canaries if secret in text + headers]
        matrix.wrong += [f"{key}: told {secret!r}" for secret in told]
        matrix.browser.cookies.clear()
    assert matrix.wrong == []
    left_a_trace = {"audit_entry", "rate_counter"}  # a failed sign-in
    changes = [
        change for change in differences(before, contents(session)) if change.partition(":")[0] not in left_a_trace
    ]
    assert changes == []
