"""Where a page says where to go next, it never leads out of the house."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from sqlmodel import Session
from starlette.testclient import TestClient

from crm.identity import passwords, service
from crm.identity.models import User
from crm.viewer import Role, Viewer
from crm.web.routes import closed_path
from tests.web._corpora import OUTSIDE


def app_of(browser: TestClient) -> FastAPI:
    found: FastAPI = browser.app  # type: ignore[assignment]
    return found


@pytest.mark.parametrize("wanted", [*OUTSIDE, "/me\x00", ""])
def test_what_leads_outside_or_nowhere_is_dropped(anonymous: TestClient, wanted: str) -> None:
    assert closed_path(app_of(anonymous), wanted) is None


@pytest.mark.parametrize(
    "wanted",
    ["/me", "/search?q=halden", "/search?q=caf%C3%A9&x=%2F%2Fevil.example", "/settings/users/17", "/?day=2026-11-23"],
)
def test_a_page_of_ours_is_kept(anonymous: TestClient, wanted: str) -> None:
    assert closed_path(app_of(anonymous), wanted) == wanted


def test_odd_letters_are_kept_in_a_form_that_headers_can_carry(anonymous: TestClient) -> None:
    kept = closed_path(app_of(anonymous), "/search?q=日本 x".replace(" ", "+"))
    assert kept == "/search?q=%E6%97%A5%E6%9C%AC+x"


@pytest.mark.parametrize("wanted", OUTSIDE)
def test_every_form_with_a_next_goes_home_instead(anonymous: TestClient, session: Session, wanted: str) -> None:
    service.mark_as_demo(session)
    user = service.create_user(session, name="A", email="a@x.example", role=Role.MANAGER, demo_role=True)
    user.password_hash = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse")
    session.commit()
    for path, form in (
        ("/sign-in", {"email": "a@x.example", "password": "correct horse"}),
        ("/demo/enter", {"role": "manager"}),
        ("/preferences", {"language": "en"}),
    ):
        answer = anonymous.post(path, data={**form, "next": wanted})
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), path


def test_who_is_sent_to_sign_in_comes_back_to_the_page_they_wanted(
    anonymous: TestClient, session: Session, ana: Viewer
) -> None:
    sent = anonymous.get("/search?q=halden+x")
    assert sent.headers["location"] == "/sign-in?next=%2Fsearch%3Fq%3Dhalden%2Bx"
    page = anonymous.get(sent.headers["location"])
    assert 'name="next" value="/search?q=halden+x"' in page.text
    user = session.get_one(User, ana.user_id)
    user.password_hash = passwords.hash_of("correct horse battery")
    session.add(user)
    back = anonymous.post(
        "/sign-in",
        data={"email": "ana@tenure.example", "password": "correct horse battery", "next": "/search?q=halden+x"},
    )
    assert back.headers["location"] == "/search?q=halden+x"


def test_a_write_that_needed_signing_in_is_not_repeated(anonymous: TestClient, ana: Viewer) -> None:
    answer = anonymous.post("/me", data={"name": "X"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_htmx_is_told_to_go_as_a_whole(anonymous: TestClient, ana: Viewer) -> None:
    htmx = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": "http://testserver/search?q=x"}
    answer = anonymous.get("/me", headers=htmx)
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/sign-in?next=%2Fsearch%3Fq%3Dx"
    evil = {**htmx, "HX-Current-URL": "https://evil.example//evil.example"}
    assert anonymous.get("/me", headers=evil).headers["hx-redirect"] == "/sign-in"


@pytest.mark.parametrize("path", ["/me/", "/search/?q=a", "/settings/users///"])
def test_a_slash_too_many_is_mended_within_the_house(anonymous: TestClient, path: str) -> None:
    answer = anonymous.get(path)
    assert answer.status_code == 308
    target = urlsplit(answer.headers["location"])
    assert (target.scheme, target.netloc) == ("", "")
    assert target.path == path.partition("?")[0].rstrip("/")


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/", "//evil.example/me/", "/nowhere/"])
def test_a_slash_too_many_leads_nowhere_else(anonymous: TestClient, path: str) -> None:
    answer = anonymous.get(f"http://testserver{path}")
    assert answer.status_code == 404
    assert "location" not in answer.headers
