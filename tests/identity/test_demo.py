"""The demo's buttons: one click for each role, and never outside the demo."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from crm.audit import AuditEntry
from crm.identity import service
from crm.identity.models import Installation, User, UserSession
from crm.viewer import Role, Viewer


@pytest.fixture
def demo(session: Session) -> None:
    service.mark_as_demo(session)
    for role in Role:
        service.create_user(
            session, name=f"The {role.value}", email=f"{role.value}@demo.example", role=role, demo_role=True
        )
    service.create_user(session, name="Another one", email="other@demo.example", role=Role.MANAGER)
    session.commit()


def test_the_sign_in_page_has_one_button_for_each_role(anonymous: TestClient, demo: None) -> None:
    page = anonymous.get("/sign-in").text
    assert [page.count(f'data-role="{role.value}"') for role in Role] == [1] * len(Role)
    assert "Enter as a relationship manager" in page


@pytest.mark.parametrize("role", list(Role))
def test_one_click_is_enough_for(anonymous: TestClient, demo: None, session: Session, role: Role) -> None:
    answer = anonymous.post("/demo/enter", data={"role": role.value})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    me = anonymous.get("/me").text
    assert f"The {role.value}" in me
    assert "rail__demo" in me


def test_one_may_change_eyes_and_the_session_before_ends(anonymous: TestClient, demo: None, session: Session) -> None:
    anonymous.post("/demo/enter", data={"role": "manager"})
    assert 'data-role="executive"' in anonymous.get("/sign-in").text
    anonymous.post("/demo/enter", data={"role": "executive"})
    assert "The executive" in anonymous.get("/me").text
    assert len(session.exec(select(UserSession)).all()) == 1
    assert session.exec(select(AuditEntry.verb)).all().count("demo.entered") == 2


@pytest.mark.parametrize("role", ["nobody", "", "manager'--"])
def test_a_role_that_is_not_there_is_not_found(anonymous: TestClient, demo: None, role: str) -> None:
    assert anonymous.post("/demo/enter", data={"role": role}).status_code == 404


@pytest.mark.parametrize("book", [None, "own"])
def test_outside_the_demo_there_are_no_buttons_and_nobody_gets_in(
    anonymous: TestClient, session: Session, ana: Viewer, book: str | None
) -> None:
    user = session.get_one(User, ana.user_id)
    user.demo_role = True  # even where such a person was left behind
    session.add(user)
    if book:
        session.add(Installation(key="book", value=book))
    page = anonymous.get("/sign-in").text
    assert "data-role" not in page
    assert "/demo/enter" not in page
    assert anonymous.post("/demo/enter", data={"role": ana.role.value}).status_code == 404
    assert session.exec(select(UserSession)).all() == []


def test_a_disabled_person_of_the_demo_has_no_button(anonymous: TestClient, demo: None, session: Session) -> None:
    user = session.exec(select(User).where(User.email == "executive@demo.example")).one()
    service.disable_user(session, service.as_viewer(user), user)
    assert 'data-role="executive"' not in anonymous.get("/sign-in").text
    assert anonymous.post("/demo/enter", data={"role": "executive"}).status_code == 404
