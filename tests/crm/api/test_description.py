"""What is described is what is there, and nothing that is sent to it makes the server fail."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings as examples
from sqlmodel import Session
from starlette.testclient import TestClient

from accounts.models import Account
from crm.api.description import document
from crm.slices import REGISTRY
from crm.viewer import Viewer
from crm.web.routes import routes_of
from tests.support._intake import program

DOCUMENT = document(REGISTRY.api_operations, "http://testserver")


def test_every_route_of_the_api_is_described_and_no_other(anonymous: TestClient) -> None:
    there = {
        (method, entry.path.replace(":path}", "}"), entry.name)
        for entry in routes_of(anonymous.app).entries
        for method in entry.methods - {"HEAD", "OPTIONS"}
        if entry.path.startswith("/api/v1/") and entry.name != "api.openapi"
    }
    told = {
        (method.upper(), path, one["operationId"])
        for path, methods in DOCUMENT["paths"].items()
        for method, one in methods.items()
    }
    assert told == there


def test_every_field_is_named_by_the_page(as_ana: TestClient) -> None:
    page = as_ana.get("/api-reference").text
    for words in ("POST /api/v1/tickets", "account.domain", "events[].kind", "curl http://testserver/api/v1/events"):
        assert words in page
    assert "http://" not in page.replace("http://testserver", "")
    assert "https://" not in page
    assert as_ana.get("/api-reference/openapi.json").json() == DOCUMENT


def test_the_examples_are_taken_as_they_stand(
    anonymous: TestClient, session: Session, admin: Viewer, acme: Account
) -> None:
    acme.external_id = "C-17"
    session.commit()
    api = program(anonymous, session, admin)
    for one in REGISTRY.api_operations:
        if one.body is not None:
            answer = api.post(one.path.removeprefix("/api/v1"), dict(one.example))
            if one.key == "support.intake.interactions":
                answer = api.post("/interactions", {**one.example, "account": {"external_id": "C-17"}})
        else:
            answer = api.get("/tickets/helpdesk/4412")
        assert answer.status_code == 200, (one.key, answer.text)


@pytest.mark.slow
@pytest.mark.settings(api_requests_a_minute=100_000)
@pytest.mark.parametrize("operation", [one.key for one in REGISTRY.api_operations])
def test_nothing_that_is_sent_makes_it_fail(
    anonymous: TestClient, session: Session, admin: Viewer, acme: Account, operation: str
) -> None:
    api = program(anonymous, session, admin)
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    found = schema.find_operation_by_id(operation)
    seen: list[int] = []

    def send(case: Any) -> None:
        sent = case.as_transport_kwargs(base_url="http://testserver")
        headers = {
            name: value
            for name, value in dict(sent.get("headers") or {}).items()
            if value.isascii() and value.isprintable() and name.lower() not in ("authorization", "cookie")
        }
        body: Any = {"json": sent["json"]} if "json" in sent else {"content": sent.get("data") or b""}
        answer = anonymous.request(
            sent["method"],
            sent["url"],
            params=sent.get("params"),
            headers={**headers, "Authorization": f"Bearer {api.token}"},
            **body,
        )
        seen.append(answer.status_code)
        assert answer.status_code < 500, (case.body, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["status"] == answer.status_code
        else:
            assert answer.headers["content-type"] == "application/json"

    quick = examples(
        max_examples=10,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
        quick(given(case=found.as_strategy(generation_mode=mode))(send))()
    assert len(seen) >= 10
