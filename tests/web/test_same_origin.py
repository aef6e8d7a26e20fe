"""What another site makes a browser send writes nothing."""

from __future__ import annotations

import pytest
from sqlmodel import Session, SQLModel, select
from starlette.testclient import TestClient

from crm.web.routes import routes_of
from tests.web._corpora import FOREIGN_HEADERS
from tests.web.test_headers import path_of


def rows_of_all_tables(session: Session) -> dict[str, list[tuple[object, ...]]]:
    session.rollback()
    return {
        table.name: sorted((tuple(row) for row in session.execute(select(table)).all()), key=repr)
        for table in SQLModel.metadata.sorted_tables
    }


def test_every_unsafe_route_refuses_all_foreign_requests(as_admin: TestClient, session: Session) -> None:
    del as_admin.headers["Sec-Fetch-Site"]
    before = rows_of_all_tables(session)
    tried = 0
    for entry in routes_of(as_admin.app).entries:
        for method in entry.methods - {"GET", "HEAD", "OPTIONS"}:
            for headers in FOREIGN_HEADERS:
                answer = as_admin.request(method, path_of(entry), headers=headers, data={"name": "x"})
                assert answer.status_code == 403, (method, entry.path, headers)
                assert "another site" in answer.text
                assert answer.headers["vary"] == "Sec-Fetch-Site, Origin"
                tried += 1
    assert tried >= 12 * len(FOREIGN_HEADERS)
    assert rows_of_all_tables(session) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"},
        {"Origin": "http://testserver"},
    ],
)
def test_our_own_pages_write(as_ana: TestClient, headers: dict[str, str]) -> None:
    del as_ana.headers["Sec-Fetch-Site"]
    assert as_ana.post("/preferences", data={"theme": "dark"}, headers=headers).status_code == 303


@pytest.mark.parametrize("headers", FOREIGN_HEADERS)
def test_reading_is_open_to_links_from_elsewhere(as_ana: TestClient, headers: dict[str, str]) -> None:
    del as_ana.headers["Sec-Fetch-Site"]
    allowed = {name: value for name, value in headers.items() if name != "Cookie"}
    assert as_ana.get("/me", headers=allowed).status_code == 200


@pytest.mark.settings(base_url="http://testserver", trusted_hosts="crm.firm.example")
def test_a_further_name_of_ours_is_an_origin_of_ours_only_for_itself(as_ana: TestClient) -> None:
    del as_ana.headers["Sec-Fetch-Site"]
    own = {
        "Host": "crm.firm.example",
        "Origin": "http://crm.firm.example",
        "Cookie": f"tenure={as_ana.cookies['tenure']}",
    }
    assert as_ana.post("/preferences", data={"theme": "dark"}, headers=own).status_code == 303
    other = {**own, "Host": "testserver"}
    assert as_ana.post("/preferences", data={"theme": "dark"}, headers=other).status_code == 403
