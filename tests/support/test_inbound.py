"""Helpdesks' webhooks: only what they signed is kept, all that is kept is read once, and what fails says why."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from accounts.models import Account
from crm.clock import machine_now
from crm.config import get_settings
from crm.db import Database
from crm.jobs.worker import run_now
from crm.sealing import Unsealable, seal, unseal
from crm.slices import REGISTRY
from crm.viewer import Viewer
from crm.webhooks.signing import headers as standard_headers
from support.inbound import service
from support.inbound.models import InboundEndpoint, InboundMessage, InboundState, Sender
from support.models import EventKind, Ticket, TicketEvent, TicketState, UnmatchedTicket
from support.wishes.models import HumanWish

GIVEN = "a-secret-that-the-helpdesk-made"
ZENDESK = {
    "type": "zen:event-type:ticket.created",
    "time": "2026-11-20T09:30:00Z",
    "detail": {
        "id": "4412",
        "subject": "Export fails",
        "description": "Please let me speak to a person.",
        "status": "NEW",
        "priority": "HIGH",
        "created_at": "2026-11-20T09:30:00Z",
        "via": {"channel": "email"},
        "organization": {"id": "77", "name": "Acme"},
        "requester": {"id": "5", "name": "Iris Weber", "email": "iris@acme.example"},
    },
    "event": {},
}


def signed(sender: Sender, secret: str, body: bytes, address: str, *, ago: timedelta = timedelta()) -> dict[str, str]:
    """As the helpdesk signs."""
    at, key = machine_now() - ago, secret.encode()
    match sender:
        case Sender.ZENDESK:
            stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
            made = base64.b64encode(hmac.digest(key, stamp.encode() + body, "sha256")).decode()
            return {"X-Zendesk-Webhook-Signature": made, "X-Zendesk-Webhook-Signature-Timestamp": stamp}
        case Sender.INTERCOM:
            return {"X-Hub-Signature": "sha1=" + hmac.new(key, body, hashlib.sha1).hexdigest()}
        case Sender.JIRA:
            return {"X-Hub-Signature": "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()}
        case Sender.HUBSPOT:
            stamp = str(int(at.timestamp() * 1000))
            made = hmac.digest(key, b"POST" + address.encode() + body + stamp.encode(), "sha256")
            return {
                "X-HubSpot-Signature-v3": base64.b64encode(made).decode(),
                "X-HubSpot-Request-Timestamp": stamp,
            }
        case _:
            return standard_headers([secret], f"msg_{len(body)}", int(at.timestamp()), body)


class Helpdesk:
    """One of them, sending to its address."""

    def __init__(self, browser: TestClient, endpoint: InboundEndpoint, secret: str) -> None:
        browser.headers.pop("Sec-Fetch-Site", None)
        self.browser, self.endpoint, self.secret = browser, endpoint, secret

    def send(
        self, payload: Any, *, secret: str | None = None, headers: dict[str, str] | None = None, **how: Any
    ) -> Any:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        address = f"http://testserver/in/{self.endpoint.id}"
        if headers is None:
            headers = signed(self.endpoint.sender, secret or self.secret, body, address, **how)
        return self.browser.post(f"/in/{self.endpoint.id}", content=body, headers=headers)


@pytest.fixture
def helpdesk(anonymous: TestClient, session: Session, admin: Viewer) -> Callable[[Sender], Helpdesk]:
    def make(sender: Sender) -> Helpdesk:
        endpoint, secret = service.add_endpoint(session, admin, sender=sender, title="", secret=GIVEN)
        session.commit()
        return Helpdesk(anonymous, endpoint, secret or GIVEN)

    return make


@pytest.fixture
def read(session: Session, database: Database) -> Callable[[], list[InboundMessage]]:
    """Let the job read what waits."""

    def read() -> list[InboundMessage]:
        session.commit()
        assert run_now(database, REGISTRY, "inbound.process", {}).error == ""
        session.expire_all()
        return list(session.exec(select(InboundMessage).order_by(col(InboundMessage.id))).all())

    return read


# --- who sent it -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sender", list(Sender))
def test_only_what_is_signed_is_kept(helpdesk: Callable[[Sender], Helpdesk], session: Session, sender: Sender) -> None:
    one = helpdesk(sender)
    assert one.send({"a": 1}, secret="whsec_" + base64.b64encode(b"x" * 32).decode()).status_code == 401
    assert one.send({"a": 1}, headers={}).status_code == 401
    body = json.dumps({"a": 1}).encode()
    of_another = signed(sender, one.secret, b'{"a": 2}', f"http://testserver/in/{one.endpoint.id}")
    assert one.send(body, headers=of_another).status_code == 401
    assert session.exec(select(InboundMessage)).all() == []
    answer = one.send({"a": 1})
    assert (answer.status_code, answer.json()) == (202, {"kept": True, "new": True})
    session.expire_all()
    assert session.exec(select(InboundMessage)).one().body == '{"a": 1}'


@pytest.mark.parametrize("sender", [Sender.ZENDESK, Sender.HUBSPOT, Sender.FRESHDESK, Sender.SALESFORCE])
@pytest.mark.parametrize("ago", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_what_is_too_old_is_played_again(
    helpdesk: Callable[[Sender], Helpdesk], session: Session, sender: Sender, ago: timedelta
) -> None:
    assert helpdesk(sender).send({"a": 1}, ago=ago).status_code == 401
    assert session.exec(select(InboundMessage)).all() == []


@pytest.mark.parametrize("sender", list(Sender))
def test_the_same_message_is_one_row(helpdesk: Callable[[Sender], Helpdesk], session: Session, sender: Sender) -> None:
    one = helpdesk(sender)
    body = json.dumps({"a": 1}).encode()
    headers = signed(sender, one.secret, body, f"http://testserver/in/{one.endpoint.id}")
    assert [one.send(body, headers=headers).status_code for _ in range(3)] == [202, 200, 200]
    assert len(session.exec(select(InboundMessage)).all()) == 1


def test_our_secret_in_a_header(helpdesk: Callable[[Sender], Helpdesk], session: Session) -> None:
    one = helpdesk(Sender.FRESHDESK)
    assert one.send({"a": 1}, headers={"X-Tenure-Secret": one.secret}).status_code == 202
    assert one.send({"a": 1}, headers={"X-Tenure-Secret": one.secret}).status_code == 202  # nothing says it is the same
    assert one.send({"a": 1}, headers={"X-Tenure-Secret": one.secret[:-1]}).status_code == 401


def test_the_secret_before_counts_for_a_day(
    helpdesk: Callable[[Sender], Helpdesk], session: Session, admin: Viewer
) -> None:
    for sender in (Sender.JIRA, Sender.ZENDESK):
        one = helpdesk(sender)
        newer = service.renew_secret(session, admin, one.endpoint, secret="another-secret-of-theirs")
        session.commit()
        assert one.send({"a": sender}).status_code == 202
        assert one.send({"b": sender}, secret=newer or "another-secret-of-theirs").status_code == 202
        one.endpoint.renewed_at = machine_now() - timedelta(days=1, minutes=1)
        session.add(one.endpoint)
        session.commit()
        assert one.send({"c": sender}).status_code == 401
        assert one.send({"c": sender}, secret=newer or "another-secret-of-theirs").status_code == 202


def test_switched_off_and_gone_addresses_are_not_there(
    helpdesk: Callable[[Sender], Helpdesk], session: Session, admin: Viewer
) -> None:
    one = helpdesk(Sender.JIRA)
    service.switch(session, admin, one.endpoint, on=False)
    session.commit()
    assert one.send({"a": 1}).status_code == 404
    service.remove_endpoint(session, admin, one.endpoint)
    session.commit()
    assert one.send({"a": 1}).status_code == 404
    assert one.send(b"x" * (5 << 20)).status_code == 413


def test_too_long_a_message_is_refused(helpdesk: Callable[[Sender], Helpdesk]) -> None:
    assert helpdesk(Sender.JIRA).send(b"x" * ((1 << 20) + 1)).status_code == 422


def test_what_is_sealed_is_read_with_its_key_and_place_only() -> None:
    key = b"k" * 32
    sealed = seal(key, "inbound:1", GIVEN)
    assert GIVEN.encode() not in sealed
    assert seal(key, "inbound:1", GIVEN) != sealed
    assert unseal(key, "inbound:1", sealed) == GIVEN
    long = "é" * 300
    assert unseal(key, "x", seal(key, "x", long)) == long
    changed = bytes([sealed[0] ^ 1]) + sealed[1:]
    for wrong in (
        (b"j" * 32, "inbound:1", sealed),
        (key, "inbound:2", sealed),
        (key, "inbound:1", changed),
        (key, "", b""),
    ):
        with pytest.raises(Unsealable):
            unseal(*wrong)


def test_with_another_key_the_secret_must_be_entered_again(
    helpdesk: Callable[[Sender], Helpdesk], session: Session
) -> None:
    one = helpdesk(Sender.ZENDESK)
    (get_settings().data_dir / "secret.key").write_bytes(b"another key, of 32 bytes and so on")
    answer = one.send(ZENDESK)
    assert (answer.status_code, "entered again" in answer.json()["detail"]) == (401, True)


# --- what becomes of it ----------------------------------------------------------------------------------------------


def test_a_ticket_comes_in_changes_and_is_done(
    helpdesk: Callable[[Sender], Helpdesk], session: Session, acme: Account, read: Any
) -> None:
    one = helpdesk(Sender.ZENDESK)
    one.send(ZENDESK)
    (message,) = read()
    assert (message.state, message.new, message.tries) == (InboundState.DONE, 1, 1)
    ticket = session.exec(select(Ticket)).one()
    assert (ticket.source_key, ticket.external_id, ticket.account_id) == ("zendesk", "4412", acme.id)
    assert (ticket.subject, ticket.priority, ticket.channel, ticket.state) == ("Export fails", 2, "email", "open")
    assert session.exec(select(HumanWish)).one().ticket_id == ticket.id

    reply = {
        "type": "zen:event-type:ticket.comment_added",
        "time": "2026-11-20T10:00:00Z",
        "detail": {"id": "4412", "status": "OPEN"},
        "event": {"comment": {"id": "1", "body": "We look into it.", "is_public": True, "author": {"is_staff": True}}},
    }
    solved = {
        "type": "zen:event-type:ticket.status_changed",
        "time": "2026-11-20T11:00:00Z",
        "detail": {"id": "4412", "status": "SOLVED", "priority": "URGENT"},
        "event": {"current": "SOLVED", "previous": "OPEN"},
    }
    for payload in (solved, reply):  # in the wrong order
        one.send(payload)
    assert [message.state for message in read()] == [InboundState.DONE] * 3
    ticket = session.exec(select(Ticket)).one()
    assert (ticket.state, ticket.priority, ticket.subject) == (TicketState.RESOLVED, 1, "Export fails")
    assert ticket.first_answered_at is not None
    assert ticket.account_id == acme.id


def test_a_ticket_is_opened_again(
    helpdesk: Callable[[Sender], Helpdesk], session: Session, acme: Account, read: Any
) -> None:
    one = helpdesk(Sender.SALESFORCE)
    case = {
        "Id": "5003X00002abCDe",
        "Subject": "Export fails",
        "Status": "New",
        "Priority": "High",
        "CreatedDate": "2026-11-19T08:00:00.000+0000",
        "LastModifiedDate": "2026-11-19T08:00:00.000+0000",
        "Account": {"Name": "Acme"},
    }
    for day, status, closed in (("19", "New", False), ("20", "Closed", True), ("21", "Working", False)):
        changed = {"Status": status, "IsClosed": closed, "LastModifiedDate": f"2026-11-{day}T09:00:00.000+0000"}
        one.send({**case, **changed})
        read()
    ticket = session.exec(select(Ticket)).one()
    assert ticket.external_id == "5003X00002abCDeQAM"[:15] + ticket.external_id[15:]
    assert len(ticket.external_id) == 18
    assert (ticket.state, ticket.reopened, ticket.priority) == (TicketState.OPEN, 1, 2)


OTHERS: list[tuple[Sender, Any, dict[str, Any]]] = [
    (
        Sender.INTERCOM,
        {
            "type": "notification_event",
            "topic": "conversation.admin.closed",
            "created_at": 1_795_170_000,
            "data": {
                "item": {
                    "type": "conversation",
                    "id": "21",
                    "created_at": 1_795_160_000,
                    "updated_at": 1_795_170_000,
                    "state": "closed",
                    "source": {
                        "type": "conversation",
                        "body": "<p>It <b>stops</b>.</p>",
                        "author": {"type": "user", "id": "u1", "name": "Iris Weber", "email": "iris@acme.example"},
                    },
                    "conversation_rating": {"rating": 2, "created_at": 1_795_170_000},
                }
            },
        },
        {"external_id": "21", "channel": "chat", "state": TicketState.RESOLVED, "csat": 25.0},
    ),
    (
        Sender.HUBSPOT,
        [
            {"subscriptionType": "ticket.creation", "objectId": 91, "occurredAt": 1_795_160_000_000},
            {
                "subscriptionType": "ticket.propertyChange",
                "objectId": 91,
                "propertyName": "subject",
                "propertyValue": "Export fails",
                "occurredAt": 1_795_160_001_000,
            },
            {
                "subscriptionType": "ticket.propertyChange",
                "objectId": 91,
                "propertyName": "hs_primary_company_name",
                "propertyValue": "Acme",
                "occurredAt": 1_795_160_002_000,
            },
            {
                "subscriptionType": "object.propertyChange",
                "objectTypeId": "0-5",
                "objectId": 91,
                "propertyName": "hs_ticket_priority",
                "propertyValue": "HIGH",
                "occurredAt": 1_795_160_003_000,
            },
            {"subscriptionType": "contact.creation", "objectId": 5, "occurredAt": 1_795_160_003_000},
        ],
        {"external_id": "91", "subject": "Export fails", "priority": 2, "state": TicketState.OPEN},
    ),
    (
        Sender.JIRA,
        {
            "timestamp": 1_795_160_000_000,
            "webhookEvent": "jira:issue_updated",
            "issue": {
                "id": "1",
                "key": "SUP-7",
                "fields": {
                    "summary": "Export fails",
                    "created": "2026-11-19T10:00:00.000+0100",
                    "updated": "2026-11-20T10:00:00.000+0100",
                    "status": {"name": "Waiting for customer", "statusCategory": {"key": "indeterminate"}},
                    "priority": {"name": "Highest"},
                    "issuetype": {"name": "Bug"},
                    "reporter": {"accountId": "x", "displayName": "Iris", "emailAddress": "iris@acme.example"},
                },
            },
        },
        {"external_id": "SUP-7", "priority": 1, "kind": "defect", "state": TicketState.WAITING},
    ),
    (
        Sender.FRESHDESK,
        {
            "freshdesk_webhook": {
                "ticket_id": 12,
                "ticket_subject": "Export fails",
                "ticket_status": "Resolved",
                "ticket_priority": "Urgent",
                "ticket_requester_email": "iris@acme.example",
                "ticket_company_name": "Acme",
                "ticket_updated_at": "2026-11-20T10:00:00Z",
            }
        },
        {"external_id": "12", "priority": 1, "state": TicketState.RESOLVED, "subject": "Export fails"},
    ),
]


@pytest.mark.parametrize(("sender", "payload", "expected"), OTHERS, ids=[one[0].value for one in OTHERS])
def test_each_helpdesk_speaks_its_own_way(
    helpdesk: Callable[[Sender], Helpdesk],
    session: Session,
    acme: Account,
    read: Any,
    sender: Sender,
    payload: Any,
    expected: dict[str, Any],
) -> None:
    acme.domain = "acme.example"
    session.add(acme)
    one = helpdesk(sender)
    one.send(payload)
    (message,) = read()
    assert (message.state, str(message.why)) == (InboundState.DONE, "")
    ticket = session.exec(select(Ticket)).one()
    assert (ticket.source_key, ticket.account_id) == (sender.value, acme.id)
    assert {name: getattr(ticket, name) for name in expected} == expected
    events = len(session.exec(select(TicketEvent)).all())
    one.send({**payload, "again": 1} if isinstance(payload, dict) else [*payload, payload[0]])
    read()
    assert len(session.exec(select(TicketEvent)).all()) == events  # the same again changes nothing


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"{", "This is not JSON"),
        (b"[" * 10_000, "This is not JSON"),
        ([1], "A message is a JSON object."),
        ({"type": "zen:event-type:ticket.created", "detail": {}}, "The message has no ticket id in “id”."),
        ({"ticket": {"id": "1", "updated_at": "soon"}}, "“soon” in “updated_at” is no instant."),
        ({"ticket": {"id": "1", "created_at": "1066-10-14T09:00:00Z"}}, "lies before 1980."),
    ],
)
def test_what_cannot_be_read_says_why_and_can_be_tried_again(
    helpdesk: Callable[[Sender], Helpdesk],
    session: Session,
    acme: Account,
    read: Any,
    as_admin: TestClient,
    payload: Any,
    reason: str,
) -> None:
    one = helpdesk(Sender.ZENDESK)
    one.send(payload)
    one.send(ZENDESK)
    failed, done = read()
    assert (failed.state, done.state) == (InboundState.FAILED, InboundState.DONE)
    page = html.unescape(as_admin.get(f"/settings/helpdesks/{one.endpoint.id}").text)
    assert reason in page
    assert "1 message failed" in as_admin.get("/settings/helpdesks").text
    again = as_admin.post(f"/settings/helpdesks/{one.endpoint.id}/messages/{failed.id}/again")
    assert again.status_code == 303
    session.expire_all()
    assert session.get_one(InboundMessage, failed.id).state is InboundState.WAITING


def test_a_message_of_nothing_we_know_is_done(
    helpdesk: Callable[[Sender], Helpdesk], session: Session, read: Any
) -> None:
    helpdesk(Sender.ZENDESK).send({"type": "zen:event-type:user.created", "detail": {"id": "1"}})
    (message,) = read()
    assert (message.state, message.tickets) == (InboundState.DONE, 0)


def test_a_kill_between_keeping_and_reading_loses_nothing(
    helpdesk: Callable[[Sender], Helpdesk],
    session: Session,
    acme: Account,
    read: Any,
    monkeypatch: pytest.MonkeyPatch,
    database: Database,
) -> None:
    class Killed(BaseException):
        """The process is gone."""

    helpdesk(Sender.ZENDESK).send(ZENDESK)
    take_in = service.take_in

    def killed(*args: Any, **kw: Any) -> None:
        take_in(*args, **kw)
        raise Killed

    monkeypatch.setattr(service, "take_in", killed)
    with pytest.raises(Killed), database.unit_of_work() as own:
        service.process(own, own.exec(select(InboundMessage.id)).one())
    session.expire_all()
    assert session.exec(select(Ticket)).all() == []
    monkeypatch.setattr(service, "take_in", take_in)
    (message,) = read()
    assert (message.state, message.new) == (InboundState.DONE, 1)
    assert len(session.exec(select(Ticket)).all()) == 1


def test_an_unknown_company_waits(helpdesk: Callable[[Sender], Helpdesk], session: Session, read: Any) -> None:
    helpdesk(Sender.ZENDESK).send(ZENDESK)
    (message,) = read()
    assert (message.state, message.unmatched) == (InboundState.DONE, 1)
    assert session.exec(select(UnmatchedTicket)).one().external_id == "4412"


def test_read_messages_are_forgotten_after_a_month(
    helpdesk: Callable[[Sender], Helpdesk], session: Session, acme: Account, read: Any
) -> None:
    one = helpdesk(Sender.ZENDESK)
    one.send(ZENDESK)
    one.send(b"{")
    read()
    assert service.forget_read(session, machine_now() + timedelta(days=31)) == 1
    (left,) = session.exec(select(InboundMessage)).all()
    assert left.state is InboundState.FAILED


# --- pages -----------------------------------------------------------------------------------------------------------


def test_our_secret_is_shown_once(as_admin: TestClient, session: Session) -> None:
    answer = as_admin.post("/settings/helpdesks", data={"sender": "jira"})
    secret = re.findall(r"whsec_[0-9A-Za-z+/=]+", html.unescape(answer.text))[0]
    endpoint = session.exec(select(InboundEndpoint)).one()
    assert service.secrets_of(endpoint, machine_now()) == [secret]
    assert "whsec_" not in as_admin.get(f"/settings/helpdesks/{endpoint.id}").text
    renewed = as_admin.post(f"/settings/helpdesks/{endpoint.id}/secret", data={}).text
    assert "whsec_" in renewed
    assert secret not in html.unescape(renewed)


def test_a_secret_of_theirs_is_never_shown(as_admin: TestClient, session: Session) -> None:
    answer = as_admin.post("/settings/helpdesks", data={"sender": "zendesk", "secret": GIVEN})
    assert GIVEN not in answer.text
    endpoint = session.exec(select(InboundEndpoint)).one()
    assert endpoint.sealed is not None
    assert GIVEN.encode() not in endpoint.sealed
    short = as_admin.post(f"/settings/helpdesks/{endpoint.id}/secret", data={"secret": "short"})
    assert (short.status_code, "16 to 300 characters" in short.text) == (422, True)


def test_deleted_over_there_is_deleted_here(
    helpdesk: Callable[[Sender], Helpdesk], session: Session, acme: Account, read: Any
) -> None:
    one = helpdesk(Sender.ZENDESK)
    one.send(ZENDESK)
    one.send({**ZENDESK, "type": "zen:event-type:ticket.soft_deleted", "time": "2026-11-20T12:00:00Z"})
    read()
    assert session.exec(select(Ticket)).one().deleted_at is not None
    kinds = {one.kind for one in session.exec(select(TicketEvent))}
    assert EventKind.DELETED in kinds
