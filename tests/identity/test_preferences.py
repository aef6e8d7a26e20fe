"""How one wants to see things, and in which language one is spoken to."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlmodel import Session, select
from starlette.testclient import TestClient

from crm.identity import service
from crm.identity.models import User
from crm.viewer import Viewer


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("theme", "dark", 'data-theme="dark"'),
        ("density", "comfortable", 'data-density="comfortable"'),
        ("rail", "collapsed", 'data-rail="collapsed"'),
        ("language", "fr", '<html lang="fr"'),
        ("shortcuts", "false", 'data-shortcuts="off"'),
    ],
)
def test_a_preference_is_kept_and_seen(as_ana: TestClient, name: str, value: str, shown: str) -> None:
    assert shown not in as_ana.get("/me").text
    answer = as_ana.post("/preferences", data={name: value, "next": "/me"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    assert shown in as_ana.get("/me").text


@pytest.mark.parametrize("wrong", [{"theme": "pink"}, {"language": "xx"}, {"role": "administrator"}, {"density": "'"}])
def test_what_is_no_preference_is_refused(
    as_ana: TestClient, session: Session, ana: Viewer, wrong: dict[str, str]
) -> None:
    assert as_ana.post("/preferences", data={"rail": "collapsed", **wrong}).status_code == 422
    session.expire_all()
    assert session.get_one(User, ana.user_id).rail == "open"


def test_before_the_door_only_the_language_is_kept_and_in_the_browser(
    anonymous: TestClient, session: Session, ana: Viewer
) -> None:
    answer = anonymous.post("/preferences", data={"language": "fr", "theme": "dark", "next": "/sign-in"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    page = anonymous.get("/sign-in", headers={"Accept-Language": "en"}).text
    assert '<html lang="fr"' in page
    session.expire_all()
    assert [user.theme for user in session.exec(select(User)).all()] == ["auto"]


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("fr", "fr"),
        ("fr-BE,fr;q=0.9", "fr"),
        ("de,fr;q=0.4,en;q=0.2", "fr"),
        ("en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("de,es", "en"),
        ("", "en"),
        ("*;q=nonsense,,;;", "en"),
    ],
)
def test_the_browser_says_the_language_of_whoever_is_not_known(
    anonymous: TestClient, ana: Viewer, accept: str, language: str
) -> None:
    page = anonymous.get("/sign-in", headers={"Accept-Language": accept}).text
    assert f'<html lang="{language}"' in page


@pytest.mark.settings(language="fr")
def test_the_companys_language_counts_where_nothing_else_is_said(anonymous: TestClient, ana: Viewer) -> None:
    assert '<html lang="fr"' in anonymous.get("/sign-in", headers={"Accept-Language": "de"}).text


@pytest.mark.parametrize("odd", ["xx", "../../etc", "EN"])
def test_a_language_that_is_not_spoken_falls_back(as_ana: TestClient, session: Session, odd: str) -> None:
    session.execute(update(User).values(language=odd[:8]))
    page = as_ana.get("/me", headers={"Accept-Language": "fr"})
    assert page.status_code == 200
    assert '<html lang="fr"' in page.text
    as_ana.cookies.clear()
    as_ana.cookies.set("language", odd)
    assert as_ana.get("/sign-in", headers={"Accept-Language": "fr"}).text.count('<html lang="fr"') == 1


def test_no_preference_can_be_made_up(session: Session, ana: Viewer) -> None:
    with pytest.raises(ValueError, match="role"):
        service.keep_preferences(session, session.get_one(User, ana.user_id), role="administrator")
