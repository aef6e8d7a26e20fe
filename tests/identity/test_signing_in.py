"""Signing in and out, and everything that ends a session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from crm.audit import AuditEntry
from crm.clock import machine_now
from crm.db import Database
from crm.identity import passwords, service
from crm.identity.jobs import tidy
from crm.identity.models import RateCounter, User, UserSession
from crm.viewer import Viewer

PASSWORD = "correct horse battery"
WRONG = "This address and this password do not belong together."


@pytest.fixture(autouse=True)
def quick_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real settings take a tenth of a second each; ``test_passwords`` has them."""
    hasher = passwords.PasswordHasher(time_cost=2, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", hasher)
    monkeypatch.setattr(passwords, "_nobody", hasher.hash("nobody"))


@pytest.fixture
def ana_with_password(session: Session, ana: Viewer) -> User:
    user = session.get_one(User, ana.user_id)
    user.password_hash = passwords.hash_of(PASSWORD)
    session.add(user)
    session.commit()
    return user


def sign_in(browser: TestClient, email: str, password: str = PASSWORD, **more: str) -> int:
    return int(browser.post("/sign-in", data={"email": email, "password": password, **more}).status_code)


def sessions(session: Session) -> list[UserSession]:
    session.expire_all()
    return list(session.exec(select(UserSession)).all())


def verbs(session: Session) -> list[str]:
    session.expire_all()
    return list(session.exec(select(AuditEntry.verb).order_by(col(AuditEntry.at), col(AuditEntry.id))).all())


# --- signing in ------------------------------------------------------------------------------------------------------


def test_address_and_password_sign_in(anonymous: TestClient, ana_with_password: User, session: Session) -> None:
    answer = anonymous.post("/sign-in", data={"email": " ANA@Tenure.example ", "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert anonymous.get("/me").status_code == 200
    assert verbs(session)[-1] == "sign_in.done"


def test_the_cookie_can_be_read_by_no_script_and_sent_by_no_other_site(
    anonymous: TestClient, ana_with_password: User
) -> None:
    answer = anonymous.post("/sign-in", data={"email": "ana@tenure.example", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("tenure=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie


@pytest.mark.settings(base_url="https://testserver")
def test_with_https_the_cookie_belongs_to_this_very_host(anonymous: TestClient, ana_with_password: User) -> None:
    answer = anonymous.post("/sign-in", data={"email": "ana@tenure.example", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-tenure=")
    assert "Secure" in cookie
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")


def test_only_a_hash_of_the_cookie_is_kept(anonymous: TestClient, ana_with_password: User, session: Session) -> None:
    sign_in(anonymous, "ana@tenure.example")
    token = anonymous.cookies["tenure"]
    assert len(token) >= 43  # 256 bits
    [kept] = sessions(session)
    assert kept.token_hash == service.hash_of_token(token)
    assert token.encode() not in kept.token_hash


def test_a_wrong_password_an_unknown_address_and_a_disabled_person_get_the_same_answer(
    anonymous: TestClient, ana_with_password: User, session: Session, ben: Viewer, zoe: Viewer
) -> None:
    disabled = session.get_one(User, zoe.user_id)
    disabled.password_hash, disabled.disabled_at = ana_with_password.password_hash, machine_now()
    session.add(disabled)
    pages = set()
    for email, password in (
        ("ana@tenure.example", "wrong horse battery"),
        ("nobody@tenure.example", PASSWORD),
        ("ben@tenure.example", PASSWORD),  # has no password
        ("zoe@tenure.example", PASSWORD),
    ):
        answer = anonymous.post("/sign-in", data={"email": email, "password": password})
        assert answer.status_code == 422
        assert WRONG in answer.text
        assert "set-cookie" not in answer.headers
        pages.add(answer.text.replace(email, "…"))
    assert len(pages) == 1
    assert sessions(session) == []


def test_what_was_typed_stays_except_the_password(anonymous: TestClient, ana_with_password: User) -> None:
    answer = anonymous.post("/sign-in", data={"email": "ana@tenure.example", "password": "wrong horse battery"})
    assert 'value="ana@tenure.example"' in answer.text
    assert "wrong horse" not in answer.text


def test_a_failed_try_leaves_its_trace(anonymous: TestClient, ana_with_password: User, session: Session) -> None:
    sign_in(anonymous, "ana@tenure.example", "wrong horse battery")
    [entry] = session.exec(select(AuditEntry).where(AuditEntry.verb == "sign_in.failed")).all()
    assert entry.details == {"email": "ana@tenure.example", "ip": "testclient"}
    assert "horse" not in str(entry.details)


def test_a_password_kept_by_weaker_settings_is_kept_anew(
    anonymous: TestClient, ana_with_password: User, session: Session
) -> None:
    weak = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    ana_with_password.password_hash = weak
    session.add(ana_with_password)
    assert sign_in(anonymous, "ana@tenure.example") == 303
    session.expire_all()
    kept = session.get_one(User, ana_with_password.id).password_hash
    assert kept != weak
    assert not passwords.is_outdated(str(kept))


def test_spaces_around_a_password_belong_to_it(anonymous: TestClient, ana_with_password: User) -> None:
    assert sign_in(anonymous, "ana@tenure.example", f" {PASSWORD}") == 422


# --- limits ----------------------------------------------------------------------------------------------------------


def test_ten_wrong_tries_are_followed_by_a_wait(
    anonymous: TestClient, ana_with_password: User, session: Session
) -> None:
    found = [sign_in(anonymous, "ana@tenure.example", f"wrong horse {n}") for n in range(10)]
    assert found == [422] * 10
    answer = anonymous.post("/sign-in", data={"email": "ana@tenure.example", "password": PASSWORD})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 2 * 15 * 60
    assert "Too many tries" in answer.text
    assert 'value="ana@tenure.example"' in answer.text
    assert sessions(session) == []
    assert verbs(session)[-1] == "sign_in.limited"


def test_whether_somebody_is_here_cannot_be_told_from_the_limit(anonymous: TestClient, ana_with_password: User) -> None:
    def all_of(email: str) -> list[str]:
        sent = [anonymous.post("/sign-in", data={"email": email, "password": "wrong horse"}) for _ in range(12)]
        return [answer.text.replace(email, "…") for answer in sent]

    assert all_of("ana@tenure.example") == all_of("nobody@tenure.example")


def test_the_limit_is_exact_for_four_threads(
    anonymous: TestClient, ana_with_password: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "matches", lambda *_: False)  # the limit is what is measured here
    together = Barrier(4)
    found: list[int] = []

    def hammer() -> None:
        together.wait()
        for _ in range(5):
            found.append(sign_in(anonymous, "ana@tenure.example", "wrong horse"))  # noqa: PERF401 - one by one

    threads = [Thread(target=hammer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [422] * 10 + [429] * 10


def test_signing_in_rightly_is_never_limited(anonymous: TestClient, ana_with_password: User) -> None:
    assert [sign_in(anonymous, "ana@tenure.example") for _ in range(15)] == [303] * 15


def test_a_network_has_a_limit_of_its_own(
    anonymous: TestClient, ana_with_password: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.identity.signing_in.TRIES_PER_NETWORK", 3)
    monkeypatch.setattr(passwords, "matches", lambda *_: False)
    assert [sign_in(anonymous, f"somebody{n}@tenure.example") for n in range(5)] == [422] * 3 + [429] * 2


# --- sessions --------------------------------------------------------------------------------------------------------


def test_signing_in_again_ends_the_session_before(
    anonymous: TestClient, ana_with_password: User, session: Session
) -> None:
    sign_in(anonymous, "ana@tenure.example")
    first = anonymous.cookies["tenure"]
    sign_in(anonymous, "ana@tenure.example")
    second = anonymous.cookies["tenure"]
    assert first != second
    assert [kept.token_hash for kept in sessions(session)] == [service.hash_of_token(second)]
    anonymous.cookies.set("tenure", first, domain="testserver.local", path="/")


def test_a_token_somebody_made_up_is_nobodys(anonymous: TestClient, ana: Viewer) -> None:
    anonymous.cookies.set("tenure", "x" * 43)
    assert anonymous.get("/me").status_code == 303


@pytest.mark.parametrize(
    ("column", "ago"),
    [("seen_at", timedelta(hours=8)), ("until", timedelta(0))],
    ids=["eight hours without a request", "fourteen days in any case"],
)
def test_a_session_ends_by_itself(as_ana: TestClient, session: Session, column: str, ago: timedelta) -> None:
    assert as_ana.get("/me").status_code == 200
    almost = {column: machine_now() - ago + timedelta(minutes=1)}
    session.execute(update(UserSession).values(**almost))
    assert as_ana.get("/me").status_code == 200
    session.execute(update(UserSession).values(**{column: machine_now() - ago}))
    assert as_ana.get("/me").status_code == 303


def test_a_new_session_lasts_fourteen_days(as_ana: TestClient, session: Session) -> None:
    [kept] = sessions(session)
    assert kept.until - kept.created_at == timedelta(days=14)


def test_being_seen_is_noted_at_most_once_a_minute(
    as_ana: TestClient, session: Session, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    def seen() -> datetime:
        [kept] = sessions(session)
        return kept.seen_at

    before = seen()
    fresh = count_queries(lambda: as_ana.get("/me"))
    assert seen() == before
    session.execute(update(UserSession).values(seen_at=machine_now() - timedelta(minutes=2)))
    assert count_queries(lambda: as_ana.get("/me")) == fresh + 1
    assert machine_now() - seen() < timedelta(seconds=30)


def test_being_seen_is_noted_even_when_the_page_is_refused(as_ana: TestClient, session: Session) -> None:
    session.execute(update(UserSession).values(seen_at=machine_now() - timedelta(hours=1)))
    assert as_ana.get("/settings/users").status_code == 403
    [kept] = sessions(session)
    assert machine_now() - kept.seen_at < timedelta(seconds=30)


def test_signing_out_ends_it_here_and_not_only_in_the_browser(as_ana: TestClient, session: Session) -> None:
    token = as_ana.cookies["tenure"]
    answer = as_ana.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert "storage" in answer.headers["clear-site-data"]
    assert sessions(session) == []
    as_ana.cookies.set("tenure", token)
    assert as_ana.get("/me").status_code == 303


def test_signing_out_twice_is_no_error(anonymous: TestClient, ana: Viewer) -> None:
    assert anonymous.post("/sign-out").status_code == 303


def test_who_is_disabled_is_out_at_the_next_request(as_ana: TestClient, session: Session, ana: Viewer) -> None:
    session.execute(update(User).where(col(User.id) == ana.user_id).values(disabled_at=machine_now()))
    assert as_ana.get("/me").status_code == 303
    assert as_ana.post("/me", data={"name": "X", "language": "en", "time_zone": "Europe/Paris"}).status_code == 303
    session.expire_all()
    assert session.get_one(User, ana.user_id).name == "Ana Duarte"


def test_another_role_counts_from_the_next_request_on(as_ana: TestClient, session: Session, ana: Viewer) -> None:
    assert as_ana.get("/settings/users").status_code == 403
    session.execute(update(User).where(col(User.id) == ana.user_id).values(role="administrator"))
    assert as_ana.get("/settings/users").status_code == 200


def test_what_has_ended_is_forgotten_every_hour(as_ana: TestClient, session: Session, database: Database) -> None:
    now = machine_now()
    service.start_session(session, sessions(session)[0].user_id)
    session.flush()
    session.execute(
        update(UserSession).where(col(UserSession.token_hash) == sessions(session)[0].token_hash).values(until=now)
    )
    session.add(RateCounter(key="old", window_at=now - timedelta(days=2), tries=3))
    session.add(RateCounter(key="new", window_at=now, tries=3))
    session.commit()
    with database.unit_of_work() as own:
        assert tidy(own, now) == "1 ended sessions forgotten"
    assert len(sessions(session)) == 1
    assert session.exec(select(RateCounter.key)).all() == ["new"]
