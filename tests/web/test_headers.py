"""Every answer of every route carries what browsers must know."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from crm.web.routes import RouteEntry, routes_of
from crm.web.security import HEADERS


def path_of(entry: RouteEntry) -> str:
    """An address of the route that leads to nothing: what it says then counts as well."""
    return entry.path_for(dict.fromkeys(entry.convertors, "1"))


def routes(browser: TestClient) -> list[tuple[str, str]]:
    return [(method, path_of(entry)) for entry in routes_of(browser.app).entries for method in sorted(entry.methods)]


def test_security_headers_stand_on_every_route_for_everybody(anonymous: TestClient, as_admin: TestClient) -> None:
    missing = []
    for browser in (anonymous, as_admin):
        for method, path in routes(browser):
            answer = browser.request(method, path)
            missing += [(method, path, name) for name, value in HEADERS.items() if answer.headers.get(name) != value]
            assert answer.status_code < 500, (method, path, answer.status_code)
            if not path.startswith("/static/"):
                assert answer.headers["cache-control"] == "no-store", path
    assert missing == []


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/nowhere", {}, 404),
        ("/me/", {}, 308),
        ("/healthz", {"Host": "evil.example"}, 400),
        ("/healthz", {"Host": ""}, 400),
    ],
)
def test_and_on_what_no_route_answers(anonymous: TestClient, path: str, headers: dict[str, str], status: int) -> None:
    answer = anonymous.get(path, headers=headers)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_without_https_browsers_are_not_told_to_insist_on_it(anonymous: TestClient) -> None:
    assert "strict-transport-security" not in anonymous.get("/healthz").headers


@pytest.mark.settings(base_url="https://crm.firm.example", trusted_hosts="testserver, other.firm.example")
def test_with_https_they_are(anonymous: TestClient) -> None:
    answer = anonymous.get("/healthz", headers={"Host": "other.firm.example"})
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


def test_scripts_styles_and_frames_come_from_here_or_not_at_all(anonymous: TestClient) -> None:
    policy = anonymous.get("/healthz").headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == rules["object-src"] == "'none'"
    assert "unsafe" not in policy


def test_every_answer_has_a_number_that_the_log_knows(anonymous: TestClient, capfd: pytest.CaptureFixture[str]) -> None:
    answer = anonymous.get("/nowhere")
    assert answer.headers["x-request-id"] in capfd.readouterr().err
    assert answer.headers["x-request-id"] != anonymous.get("/nowhere").headers["x-request-id"]
