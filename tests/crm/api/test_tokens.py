"""Tokens: shown once, kept as a hash, limited, revoked; worth nothing on pages, as cookies are on the API."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from accounts.models import Account
from crm.api import tokens
from crm.api.models import ApiAnswer, ApiToken, Scope
from crm.api.service import add_token, forget_answers
from crm.clock import machine_now
from crm.viewer import Viewer
from tests.support._intake import program, ticket


def test_a_token_has_a_prefix_256_bits_and_a_checksum() -> None:
    made = {tokens.new_token() for _ in range(50)}
    assert len(made) == 50
    for one in made:
        assert re.fullmatch(r"tnr_[0-9A-Za-z]{49}", one)
        assert tokens.is_well_formed(one)
        changed = one[:20] + ("x" if one[20] != "x" else "y") + one[21:]
        assert not tokens.is_well_formed(changed)


@pytest.mark.parametrize("written", ["", "tnr_", "tnr_é" + "0" * 48, "x" * 53, "tnr_" + "0" * 49])
def test_what_is_no_token_is_none(written: str) -> None:
    assert not tokens.is_well_formed(written)


def shown_secret(page: str) -> str:
    return re.findall(r"tnr_[0-9A-Za-z]{49}", html.unescape(page))[0]


def test_it_is_shown_once_and_kept_as_a_hash(as_admin: TestClient, session: Session) -> None:
    answer = as_admin.post("/settings/api", data={"title": "Export", "scopes": ["tickets:write"], "days": "90"})
    secret = shown_secret(answer.text)
    assert secret not in as_admin.get("/settings/api").text
    (kept,) = session.exec(select(ApiToken)).all()
    assert kept.token_hash == tokens.hash_of(secret)
    assert secret not in repr(kept)
    assert kept.scopes == ["tickets:write"]
    assert kept.expires_at is not None
    assert timedelta(days=89) < kept.expires_at - machine_now() <= timedelta(days=90)


@pytest.mark.parametrize(
    "form", [{"title": "", "scopes": ["tickets:write"]}, {"title": "X"}, {"title": "X", "scopes": ["everything"]}]
)
def test_half_a_token_is_refused(as_admin: TestClient, session: Session, form: dict[str, Any]) -> None:
    assert as_admin.post("/settings/api", data=form).status_code == 422
    assert session.exec(select(ApiToken)).all() == []


def test_revoked_and_run_out_tokens_open_nothing(
    as_admin: TestClient, anonymous: TestClient, session: Session, admin: Viewer, acme: Account
) -> None:
    api = program(anonymous, session, admin)
    assert api.get("/openapi.json").status_code == 200
    token = session.exec(select(ApiToken)).one()
    assert as_admin.post(f"/settings/api/{token.id}/revocation").status_code == 303
    refused = api.post("/tickets", ticket())
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert refused.json()["title"] == "A token is needed"
    old = program(anonymous, session, admin, days=1)
    session.expire_all()
    for one in session.exec(select(ApiToken)):
        one.expires_at = machine_now() - timedelta(seconds=1)
    session.commit()
    assert old.get("/openapi.json").status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic dG5yOg==", "Bearer tnr_" + "0" * 49])
def test_nobody_without_a_token(anonymous: TestClient, acme: Account, header: str) -> None:
    del anonymous.headers["Sec-Fetch-Site"]
    headers = {"Authorization": header} if header else {}
    answer = anonymous.post("/api/v1/tickets", json=ticket(), headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


def test_cookies_open_no_api_and_tokens_no_page(
    as_admin: TestClient, anonymous: TestClient, session: Session, admin: Viewer, acme: Account
) -> None:
    assert as_admin.post("/api/v1/tickets", json=ticket()).status_code == 401
    assert as_admin.get("/api/v1/openapi.json").status_code == 401
    _, secret = add_token(session, admin, title="X", scopes=list(Scope), days=None)
    session.commit()
    with_token = {"Authorization": f"Bearer {secret}"}
    assert anonymous.get("/accounts", headers=with_token).status_code == 303
    assert anonymous.get("/settings/api", headers=with_token).status_code == 303
    assert anonymous.get("/api-reference", headers=with_token).status_code == 303


def test_a_token_with_a_cookie_from_another_site_is_refused(
    as_admin: TestClient, session: Session, admin: Viewer, acme: Account
) -> None:
    del as_admin.headers["Sec-Fetch-Site"]
    _, secret = add_token(session, admin, title="X", scopes=list(Scope), days=None)
    session.commit()
    answer = as_admin.post("/api/v1/tickets", json=ticket(), headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 403


def test_last_used_is_noted_and_not_every_time(
    anonymous: TestClient, session: Session, admin: Viewer, acme: Account
) -> None:
    api = program(anonymous, session, admin)
    api.get("/openapi.json")
    session.expire_all()
    first = session.exec(select(ApiToken)).one().last_used_at
    assert first is not None
    api.get("/openapi.json")
    session.expire_all()
    assert session.exec(select(ApiToken)).one().last_used_at == first


@pytest.mark.settings(api_requests_a_minute=3)
def test_each_token_has_its_limit(anonymous: TestClient, session: Session, admin: Viewer, acme: Account) -> None:
    api, other = program(anonymous, session, admin), program(anonymous, session, admin)
    allowed = [api.post("/tickets", ticket()).status_code for _ in range(6)]
    assert set(allowed) <= {200, 429}
    assert allowed.count(200) <= 3 + 3  # a minute may have begun in between
    refused = api.post("/tickets", ticket()) if allowed[-1] == 429 else None
    if refused is not None and refused.status_code == 429:
        assert int(refused.headers["retry-after"]) >= 1
        assert refused.json()["status"] == 429
    assert 429 in allowed
    assert other.post("/tickets", ticket()).status_code == 200


def test_answers_are_forgotten_after_a_week(
    anonymous: TestClient, session: Session, admin: Viewer, acme: Account
) -> None:
    api = program(anonymous, session, admin)
    api.post("/tickets", ticket(), Idempotency_Key="k")
    assert forget_answers(session, machine_now() + timedelta(days=6)) == 0
    assert forget_answers(session, machine_now() + timedelta(days=8)) == 1
    assert session.exec(select(ApiAnswer)).all() == []
