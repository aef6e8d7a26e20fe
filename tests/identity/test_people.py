"""People and teams: added, changed and disabled by administrators; everybody changes their own page."""

from __future__ import annotations

import re
from threading import Barrier, Thread

import pytest
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from crm.audit import AuditEntry
from crm.clock import machine_now
from crm.db import Database
from crm.errors import Refusal
from crm.identity import passwords, queries, service
from crm.identity.models import Team, User, UserSession
from crm.viewer import Role, Viewer

NEW = {
    "name": "Léa Petit",
    "email": "Lea@Firm.example",
    "role": "manager",
    "team_id": "",
    "language": "fr",
    "password": "",
}


def person(session: Session, email: str) -> User | None:
    session.expire_all()
    return queries.user_by_email(session, email)


# --- adding ----------------------------------------------------------------------------------------------------------


def test_a_person_is_added_with_a_password_that_is_shown_once(as_admin: TestClient, session: Session) -> None:
    page = as_admin.post("/settings/users", data=NEW)
    assert page.status_code == 200
    found = re.search(r"<code>([a-z0-9-]{24})</code>", page.text)
    assert found
    user = person(session, "lea@firm.example")
    assert user is not None
    assert (user.name, user.role, user.language) == ("Léa Petit", Role.MANAGER, "fr")
    assert passwords.matches(found[1], user.password_hash)
    assert found[1] not in as_admin.get("/settings/users").text


def test_a_chosen_password_is_not_shown(as_admin: TestClient, session: Session, teams: dict[str, int]) -> None:
    answer = as_admin.post(
        "/settings/users", data={**NEW, "password": "correct horse battery", "team_id": str(teams["North"])}
    )
    assert answer.status_code == 303
    user = person(session, "lea@firm.example")
    assert user is not None
    assert user.team_id == teams["North"]
    assert passwords.matches("correct horse battery", user.password_hash)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "ADA@tenure.example"}, "email"),
        ({"email": "no address"}, "email"),
        ({"email": "a\r\nBcc: x@y.example"}, "email"),
        ({"password": "leapetit2026"}, "password"),
        ({"role": "boss"}, "role"),
        ({"language": "de"}, "language"),
        ({"name": " "}, "name"),
    ],
)
def test_who_cannot_be_added_is_said_at_the_field(
    as_admin: TestClient, session: Session, wrong: dict[str, str], field: str
) -> None:
    answer = as_admin.post("/settings/users", data={**NEW, **wrong})
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert len(session.exec(select(User)).all()) == 1


def test_a_field_nobody_expects_is_refused(as_admin: TestClient, session: Session) -> None:
    assert as_admin.post("/settings/users", data={**NEW, "demo_role": "true"}).status_code == 422
    assert person(session, "lea@firm.example") is None


def test_addresses_of_a_companys_own_network_are_welcome(session: Session) -> None:
    user = service.create_user(session, name="Root", email="root@intranet", role=Role.EXECUTIVE)
    assert user.email == "root@intranet"


def test_the_same_address_in_other_letters_is_the_same_person(session: Session, ana: Viewer) -> None:
    with pytest.raises(service.AddressTaken):
        service.create_user(session, name="Ana", email="ANA@TENURE.EXAMPLE", role=Role.EXECUTIVE)


# --- changing --------------------------------------------------------------------------------------------------------


def test_role_and_team_are_changed(as_admin: TestClient, session: Session, ana: Viewer, teams: dict[str, int]) -> None:
    answer = as_admin.post(
        f"/settings/users/{ana.user_id}/role", data={"role": "manager", "team_id": str(teams["South"])}
    )
    assert answer.status_code == 303
    session.expire_all()
    user = session.get_one(User, ana.user_id)
    assert (user.role, user.team_id) == (Role.MANAGER, teams["South"])
    [entry] = session.exec(select(AuditEntry).where(AuditEntry.verb == "user.changed")).all()
    assert entry.details["role_before"] == "relationship_manager"


def test_disabling_ends_the_sessions_and_enabling_lets_back_in(
    as_admin: TestClient, as_ana: TestClient, session: Session, ana: Viewer
) -> None:
    assert as_admin.post(f"/settings/users/{ana.user_id}/disablement").status_code == 303
    assert as_ana.get("/me").status_code == 303
    assert session.exec(select(UserSession).where(UserSession.user_id == ana.user_id)).all() == []
    assert as_admin.post(f"/settings/users/{ana.user_id}/disablement").status_code == 409
    assert as_admin.post(f"/settings/users/{ana.user_id}/enablement").status_code == 303
    assert as_admin.post(f"/settings/users/{ana.user_id}/enablement").status_code == 409
    as_ana.sign_in(ana)  # type: ignore[attr-defined]
    assert as_ana.get("/me").status_code == 200


def test_a_new_password_ends_the_sessions_that_the_old_one_had(
    as_admin: TestClient, as_ana: TestClient, session: Session, ana: Viewer
) -> None:
    page = as_admin.post(f"/settings/users/{ana.user_id}/password")
    found = re.search(r"<code>([a-z0-9-]{24})</code>", page.text)
    assert found
    assert as_ana.get("/me").status_code == 303
    session.expire_all()
    assert passwords.matches(found[1], session.get_one(User, ana.user_id).password_hash)


def test_the_last_administrator_stays(as_admin: TestClient, session: Session, admin: Viewer) -> None:
    assert as_admin.post(f"/settings/users/{admin.user_id}/disablement").status_code == 409
    assert as_admin.post(f"/settings/users/{admin.user_id}/role", data={"role": "manager"}).status_code == 409
    session.expire_all()
    user = session.get_one(User, admin.user_id)
    assert (user.role, user.disabled_at) == (Role.ADMINISTRATOR, None)


def test_two_administrators_who_disable_each_other_at_once_leave_one(
    database: Database, session: Session, admin: Viewer
) -> None:
    other = service.create_user(session, name="Otto Grau", email="otto@tenure.example", role=Role.ADMINISTRATOR)
    session.commit()
    together, refused = Barrier(2), []

    def disable(actor: Viewer, user_id: int) -> None:
        together.wait()
        try:
            with database.unit_of_work() as own:
                service.disable_user(own, actor, queries.get_user(own, user_id))
        except Refusal as refusal:
            refused.append(type(refusal))

    threads = [
        Thread(target=disable, args=(admin, other.id)),
        Thread(target=disable, args=(service.as_viewer(other), admin.user_id)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.expire_all()
    left = session.exec(select(User).where(User.role == Role.ADMINISTRATOR, col(User.disabled_at).is_(None))).all()
    assert len(left) == 1
    assert refused == [service.LastAdministrator]


def test_a_team_is_added_once(as_admin: TestClient, session: Session, teams: dict[str, int]) -> None:
    assert as_admin.post("/settings/teams", data={"name": "East"}).status_code == 303
    again = as_admin.post("/settings/teams", data={"name": "EAST"})
    assert again.status_code == 422
    assert "There is a team named EAST already." in again.text
    assert sorted(session.exec(select(Team.name)).all()) == ["East", "North", "South"]


def test_the_page_of_people_asks_as_often_for_two_as_for_forty(
    as_admin: TestClient, session: Session, count_queries
) -> None:
    few = count_queries(lambda: as_admin.get("/settings/users"))
    for number in range(40):
        session.add(User(name=f"Person {number}", email=f"p{number}@x.example", role=Role.MANAGER))
    assert count_queries(lambda: as_admin.get("/settings/users")) == few <= 4


# --- oneself ---------------------------------------------------------------------------------------------------------


def test_a_person_changes_their_name_language_and_zone(as_ana: TestClient, session: Session, ana: Viewer) -> None:
    answer = as_ana.post("/me", data={"name": "Ana D.", "language": "fr", "time_zone": "America/Montreal"})
    assert answer.status_code == 303
    session.expire_all()
    user = session.get_one(User, ana.user_id)
    assert (user.name, user.language, user.time_zone) == ("Ana D.", "fr", "America/Montreal")
    assert '<html lang="fr"' in as_ana.get("/me").text


@pytest.mark.parametrize(
    "wrong", [{"time_zone": "Mars/Olympus"}, {"language": "xx"}, {"name": ""}, {"role": "administrator"}]
)
def test_what_is_wrong_changes_nothing(
    as_ana: TestClient, session: Session, ana: Viewer, wrong: dict[str, str]
) -> None:
    sent = {"name": "Other", "language": "fr", "time_zone": "Europe/Paris", **wrong}
    assert as_ana.post("/me", data=sent).status_code == 422
    session.expire_all()
    user = session.get_one(User, ana.user_id)
    assert (user.name, user.language, user.role) == ("Ana Duarte", "en", Role.RELATIONSHIP_MANAGER)


def test_another_password_signs_out_everywhere_else(as_ana: TestClient, sign_in, session: Session, ana: Viewer) -> None:
    user = session.get_one(User, ana.user_id)
    user.password_hash = passwords.hash_of("correct horse battery")
    session.add(user)
    elsewhere = sign_in(ana)
    before = as_ana.cookies["tenure"]
    answer = as_ana.post("/me/password", data={"current": "correct horse battery", "new": "staple battery horse"})
    assert answer.status_code == 303
    assert as_ana.cookies["tenure"] != before
    assert as_ana.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 303
    session.expire_all()
    assert passwords.matches("staple battery horse", session.get_one(User, ana.user_id).password_hash)


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [("wrong horse battery", "staple battery horse", "current"), ("correct horse battery", "short", "new")],
)
def test_a_password_that_is_not_changed_stays(
    as_ana: TestClient, session: Session, ana: Viewer, current: str, new: str, field: str
) -> None:
    user = session.get_one(User, ana.user_id)
    user.password_hash = kept = passwords.hash_of("correct horse battery")
    session.add(user)
    answer = as_ana.post("/me/password", data={"current": current, "new": new})
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    session.expire_all()
    assert session.get_one(User, ana.user_id).password_hash == kept
    assert as_ana.get("/me").status_code == 200


def test_one_sees_where_one_is_signed_in_and_ends_it(as_ana: TestClient, sign_in, ana: Viewer) -> None:
    elsewhere = sign_in(ana)
    page = as_ana.get("/me").text
    [reference] = re.findall(r'name="session" value="([0-9a-f]{16})"', page)
    assert as_ana.post("/me/sessions/end", data={"session": reference}).status_code == 303
    assert elsewhere.get("/me").status_code == 303
    assert as_ana.get("/me").status_code == 200


def test_all_others_are_ended_at_once(as_ana: TestClient, sign_in, session: Session, ana: Viewer, ben: Viewer) -> None:
    others = [sign_in(ana) for _ in range(3)]
    bens = sign_in(ben)
    assert as_ana.post("/me/sessions/end", data={"session": "others"}).status_code == 303
    assert [other.get("/me").status_code for other in others] == [303] * 3
    assert as_ana.get("/me").status_code == bens.get("/me").status_code == 200


def test_somebody_elses_session_is_not_there(as_ana: TestClient, sign_in, ben: Viewer, session: Session) -> None:
    from crm.identity.routes.me import _reference

    bens = sign_in(ben)
    [kept] = session.exec(select(UserSession).where(UserSession.user_id == ben.user_id)).all()
    assert as_ana.post("/me/sessions/end", data={"session": _reference(kept)}).status_code == 404
    assert bens.get("/me").status_code == 200


def test_the_reference_of_a_session_cannot_open_it(as_ana: TestClient, session: Session) -> None:
    token = as_ana.cookies["tenure"]
    [kept] = session.exec(select(UserSession)).all()
    page = as_ana.get("/me").text
    assert token not in page
    assert kept.token_hash.hex() not in page
    assert machine_now() < kept.until
