"""Tickets and events that programs send come in by the rules of the import; what is wrong says where and why."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from accounts.models import Account
from crm.api.models import Scope
from crm.viewer import Viewer
from health_scores.models import HealthDirty, HealthScore
from support.models import EventKind, Ticket, TicketEvent, TicketState, UnmatchedTicket
from tests.support._intake import Program, program, ticket


@pytest.fixture
def api(anonymous: TestClient, session: Session, admin: Viewer) -> Program:
    return program(anonymous, session, admin)


def the_ticket(session: Session, external_id: str = "4412") -> Ticket:
    session.expire_all()
    return session.exec(select(Ticket).where(Ticket.external_id == external_id)).one()


def test_a_ticket_comes_in_once(api: Program, session: Session, acme: Account) -> None:
    first = api.post("/tickets", ticket())
    assert (first.status_code, first.json()["new"]) == (200, 1), first.text
    again = api.post("/tickets", [ticket()])
    assert (again.json()["new"], again.json()["updated"], again.json()["unchanged"]) == (0, 0, 1)
    kept = the_ticket(session)
    assert (kept.account_id, kept.subject, kept.priority, kept.source_key) == (acme.id, "Export fails", 2, "helpdesk")


def test_the_newest_version_wins_whatever_the_order(api: Program, session: Session, acme: Account) -> None:
    newer = ticket(updated_at="2026-11-21T08:00:00Z", subject="Export of figures fails")
    api.post("/tickets", newer)
    assert api.post("/tickets", ticket()).json()["new"] == 0
    assert the_ticket(session).subject == "Export of figures fails"


def test_instants_instead_of_events(api: Program, session: Session, acme: Account) -> None:
    sent = ticket(opened_at="2026-11-20T09:30:00Z", resolved_at="2026-11-20T10:00:00+01:00")
    del sent["events"]
    refused = api.post("/tickets", sent)
    assert refused.status_code == 422
    assert "answered and resolved after" in refused.text
    sent["resolved_at"] = "2026-11-20T12:00:00+01:00"
    assert api.post("/tickets", sent).status_code == 200
    assert the_ticket(session).state is TicketState.RESOLVED


def test_an_event_keeps_what_is_known_of_its_ticket(api: Program, session: Session, acme: Account) -> None:
    api.post("/tickets", ticket())
    event = {"source": "helpdesk", "ticket_id": "4412", "kind": "resolved", "at": "2026-11-20T09:55:00Z"}
    assert api.post("/events", event).json()["updated"] == 1
    kept = the_ticket(session)
    assert (kept.state, kept.subject, kept.account_id) == (TicketState.RESOLVED, "Export fails", acme.id)
    assert kept.contact_id is not None
    assert api.post("/events", event).json()["unchanged"] == 1


def test_events_of_a_ticket_that_waits_for_its_account(api: Program, session: Session, acme: Account) -> None:
    assert api.post("/tickets", ticket(account={"name": "Nobody Ltd"})).json()["unmatched"] == 1
    event = {"source": "helpdesk", "ticket_id": "4412", "kind": "resolved", "at": "2026-11-20T09:55:00Z"}
    assert api.post("/events", event).json()["unmatched"] == 1
    waiting = session.exec(select(UnmatchedTicket)).one()
    assert [row[0] for row in waiting.record["events"]] == ["opened", "resolved"]
    said = api.get("/tickets/helpdesk/4412").json()
    assert (said["account_id"], said["waits_because"]) == (None, "No account is known as “Nobody Ltd”.")


def test_an_event_of_nothing_known_is_refused(api: Program, session: Session, acme: Account) -> None:
    event = {"source": "helpdesk", "ticket_id": "9", "kind": "resolved", "at": "2026-11-20T09:55:00Z"}
    answer = api.post("/events", [event])
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    (error,) = answer.json()["errors"]
    assert (error["index"], error["field"], error["value"]) == (0, "ticket_id", "9")
    assert "send the ticket first" in error["reason"]


WRONG: list[tuple[dict[str, Any], str, str, str]] = [
    ({"id": 4412}, "id", "4412", "this must be text in quotation marks"),
    ({"id": ""}, "id", "", "this must not be empty"),
    ({"colour": "red"}, "colour", "red", "there is no such field"),
    ({"updated_at": "2026-11-20T10:05:00"}, "updated_at", "2026-11-20T10:05:00", "an instant needs its zone"),
    ({"updated_at": "yesterday"}, "updated_at", "yesterday", "this is no instant"),
    ({"updated_at": "2027-02-01T00:00:00Z"}, "updated_at", "2027-02-01T00:00:00Z", "this lies in the future"),
    ({"updated_at": "1970-01-01T00:00:00Z"}, "updated_at", "1970-01-01T00:00:00Z", "this lies before 1980"),
    ({"priority": "hot"}, "priority", "hot", "this is none of: 'urgent', 'high', 'normal' or 'low'"),
    ({"source": "Help Desk"}, "source", "Help Desk", "this does not have the form"),
    ({"source": "tenure"}, "source", "tenure", "is the source of tickets opened here"),
    ({"url": "javascript:alert(1)"}, "url", "javascript:alert(1)", "this does not have the form"),
    ({"subject": "a\x00b"}, "subject", "\\u0000", "text holds no NUL"),
    ({"subject": "x" * 301}, "subject", "x" * 80 + "…", "this has more than 300 characters"),
    ({"events": []}, "", "", "a ticket needs events, or at least opened_at"),
    ({"events": [{"kind": "rated", "at": "2026-11-20T09:30:00Z"}]}, "events.0", "", "a rating needs its value"),
]


@pytest.mark.parametrize(("change", "field", "value", "reason"), WRONG)
def test_what_is_wrong_says_where_what_and_why(
    api: Program, session: Session, acme: Account, change: dict[str, Any], field: str, value: str, reason: str
) -> None:
    answer = api.post("/tickets", [ticket("1"), ticket("2", **change)])
    assert answer.status_code == 422
    said = answer.json()
    assert said["detail"] == "1 mistake; nothing was taken in."
    (error,) = said["errors"]
    assert (error["index"], error["field"]) == (1, field)
    assert value in error["value"] or not value
    assert error["reason"].startswith(reason) or reason in error["reason"]
    assert session.exec(select(Ticket)).all() == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "This is not JSON"),
        (b"", "This is not JSON"),
        (b"[]", "A batch holds 1 to 1,000 items"),
        (b"NaN", "This is not JSON"),
        (b"[" * 5_000, "This is not JSON"),
        (b'"\\ud800"', "This is not JSON"),
        (json.dumps([1] * 1_001).encode(), "this one holds 1,001"),
    ],
)
def test_what_is_no_batch_is_refused(api: Program, acme: Account, body: bytes, reason: str) -> None:
    answer = api.post("/tickets", body)
    assert answer.status_code == 422
    assert reason in answer.json()["detail"]


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""]
)
def test_whatever_a_program_calls_it_it_is_read_as_json(api: Program, acme: Account, content_type: str) -> None:
    assert api.post("/tickets", ticket(), Content_Type=content_type).json()["new"] == 1


def test_a_batch_may_be_taken_in_part(api: Program, session: Session, acme: Account) -> None:
    sent = [ticket("1"), ticket("2", priority="hot"), ticket("3")]
    said = api.post("/tickets?partial=true", sent).json()
    assert (said["new"], said["refused"]) == (2, 1)
    assert [(one["index"], one["id"], one["taken"]) for one in said["items"]] == [
        (0, "1", True),
        (1, "", False),
        (2, "3", True),
    ]
    assert said["items"][1]["field"] == "priority"
    assert {one.external_id for one in session.exec(select(Ticket))} == {"1", "3"}


def test_an_address_with_something_else_is_refused(api: Program, acme: Account) -> None:
    assert api.post("/tickets?partial=yes", ticket()).status_code == 422
    assert api.post("/tickets?parital=true", ticket()).status_code == 422


# --- the same key ----------------------------------------------------------------------------------------------------


def test_the_same_key_gets_the_same_answer(api: Program, session: Session, acme: Account) -> None:
    first = api.post("/tickets", ticket(), Idempotency_Key="k-1")
    again = api.post("/tickets", ticket(), Idempotency_Key="k-1")
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert again.json()["new"] == 1
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"


def test_the_same_key_for_something_else_is_refused(api: Program, session: Session, acme: Account) -> None:
    api.post("/tickets", ticket(), Idempotency_Key="k-1")
    for answer in (
        api.post("/tickets", ticket("5"), Idempotency_Key="k-1"),
        api.post("/tickets?partial=true", ticket(), Idempotency_Key="k-1"),
    ):
        assert answer.status_code == 409
        assert "another request" in answer.json()["detail"]
    assert [one.external_id for one in session.exec(select(Ticket))] == ["4412"]


def test_what_was_refused_leaves_its_key_free(api: Program, session: Session, acme: Account) -> None:
    assert api.post("/tickets", ticket(priority="hot"), Idempotency_Key="k-1").status_code == 422
    assert api.post("/tickets", ticket(), Idempotency_Key="k-1").json()["new"] == 1


def test_keys_belong_to_their_token(
    api: Program, anonymous: TestClient, session: Session, admin: Viewer, acme: Account
) -> None:
    api.post("/tickets", ticket(), Idempotency_Key="k-1")
    other = program(anonymous, session, admin)
    assert other.post("/tickets", ticket("5"), Idempotency_Key="k-1").json()["new"] == 1


# --- what it does ----------------------------------------------------------------------------------------------------


def test_the_score_has_moved_before_the_answer_is_sent(
    api: Program, session: Session, acme: Account, as_ana: TestClient
) -> None:
    late = [
        ticket(
            str(number),
            priority="urgent",
            updated_at="2026-11-10T09:30:00Z",
            events=[{"kind": "opened", "at": "2026-11-10T09:30:00Z"}],
        )
        for number in range(3)
    ]
    api.post("/tickets", ticket("calm", priority="low"))
    before = session.get_one(HealthScore, acme.id).score_hundredths
    assert api.post("/tickets", late).json()["new"] == 3
    session.rollback()
    session.expire_all()
    assert session.get_one(HealthScore, acme.id).score_hundredths <= before - 2_200
    assert session.exec(select(HealthDirty)).all() == []  # and nothing is left to a job
    assert "3 urgent" in as_ana.get("/").text


def test_two_events_of_one_instant_are_two(api: Program, session: Session, acme: Account) -> None:
    opened = {"kind": "opened", "at": "2026-11-20T09:30:00Z"}
    reply = {"kind": "agent_reply", "at": "2026-11-20T09:40:00Z"}
    api.post("/tickets", ticket(events=[opened, reply, reply]))
    kinds = [one.kind for one in session.exec(select(TicketEvent).where(TicketEvent.closed_at == None))]  # noqa: E711
    assert kinds.count(EventKind.AGENT_REPLY) == 2


def test_reading_a_ticket(api: Program, session: Session, acme: Account) -> None:
    api.post("/tickets", ticket("a/b c"))
    said = api.get("/tickets/helpdesk/a/b%20c").json()
    assert (said["id"], said["account_id"], said["state"], said["priority"]) == ("a/b c", str(acme.id), "open", "high")
    nothing = api.get("/tickets/helpdesk/nothing")
    assert (nothing.status_code, nothing.json()["title"]) == (404, "Not found")


@pytest.mark.parametrize("scope", list(Scope))
def test_each_scope_opens_its_own(
    anonymous: TestClient, session: Session, admin: Viewer, acme: Account, scope: Scope
) -> None:
    api = program(anonymous, session, admin, scope)
    asked = {
        Scope.TICKETS_WRITE: [api.post("/tickets", ticket()), api.post("/events", [])],
        Scope.TICKETS_READ: [api.get("/tickets/helpdesk/1")],
        Scope.INTERACTIONS_WRITE: [api.post("/interactions", [])],
    }
    for needed, answers in asked.items():
        for answer in answers:
            assert (answer.status_code == 403) == (needed is not scope), (needed, answer.text)
            if needed is not scope:
                assert needed.value in answer.json()["detail"]
    assert api.get("/openapi.json").status_code == 200
    assert (len(session.exec(select(Ticket)).all()) == 1) == (scope is Scope.TICKETS_WRITE)
