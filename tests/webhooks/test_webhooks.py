"""News reaches chat tools: a row first, signed, tried again, never twice under another id, and only where it may go."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from accounts import service as accounts
from accounts.models import Account, Stage
from crm import net
from crm.clock import machine_now
from crm.db import Database
from crm.identity.models import User
from crm.jobs.worker import run_now
from crm.slices import REGISTRY
from crm.text import text
from crm.viewer import Viewer
from crm.webhooks import News, service, tell
from crm.webhooks.models import DeliveryState, Kind, WebhookDelivery, WebhookEndpoint
from crm.webhooks.signing import signature

URL = "https://chat.example.com/hooks/qxsecret"


@pytest.fixture
def endpoint(session: Session, admin: Viewer) -> WebhookEndpoint:
    made = service.add_endpoint(session, admin, title="Chat", url=URL, kinds=[Kind.STAGE_CHANGED, Kind.BAND_WORSENED])
    session.commit()
    return made


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the other side got, and what it answers."""
    seen: dict[str, Any] = {"status": 200, "headers": {}, "got": []}

    def ask(url: str, **given: Any) -> net.Answer:
        seen["got"].append({"url": url, **given})
        if seen.get("trouble"):
            raise net.Unreachable(seen["trouble"])
        return net.Answer(seen["status"], seen["headers"], b"")

    monkeypatch.setattr(net, "ask", ask)
    return seen


@pytest.fixture
def send(session: Session, database: Database) -> Callable[[], list[WebhookDelivery]]:
    def send() -> list[WebhookDelivery]:
        session.commit()
        assert run_now(database, REGISTRY, "webhooks.send", {}).error == ""
        session.expire_all()
        return list(session.exec(select(WebhookDelivery)).all())

    return send


def churn(session: Session, ana: Viewer, acme: Account) -> None:
    accounts.change_stage(session, ana, acme, Stage.CHURNED, on=date(2026, 11, 23))


def test_a_change_of_stage_is_told_and_signed(
    session: Session, endpoint: WebhookEndpoint, ana: Viewer, acme: Account, chat: dict[str, Any], send: Any
) -> None:
    churn(session, ana, acme)
    (delivery,) = send()
    assert (delivery.state, delivery.tries, delivery.status) == (DeliveryState.SENT, 1, 200)
    (got,) = chat["got"]
    assert (got["url"], got["method"]) == (URL, "POST")
    told = json.loads(got["body"])
    assert told["type"] == "account.stage_changed"
    assert told["text"].startswith("Acme: live → churned (Ana Duarte) http://testserver/accounts/")
    assert told["data"]["account_id"] == str(acme.id)
    assert len(got["body"]) < 20_000
    secret = service.secrets_of(endpoint, machine_now())[0]
    signed = f"{got['headers']['webhook-id']}.{got['headers']['webhook-timestamp']}.".encode() + got["body"]
    key = base64.b64decode(secret.removeprefix("whsec_"))
    assert len(key) >= 24
    expected = "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    assert got["headers"]["webhook-signature"] == expected


def test_the_example_of_the_specification() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    said = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body)
    assert said == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_nobody_wants_is_not_kept(
    session: Session, endpoint: WebhookEndpoint, admin: Viewer, acme: Account, ben: Viewer
) -> None:
    accounts.assign_owner(
        session, admin, acme, session.get_one(User, ben.user_id), on=date(2026, 11, 23), reason="Balance"
    )
    assert session.exec(select(WebhookDelivery)).all() == []


def test_nothing_is_told_of_what_was_rolled_back(
    session: Session, endpoint: WebhookEndpoint, ana: Viewer, acme: Account
) -> None:
    churn(session, ana, acme)
    session.rollback()
    assert session.exec(select(WebhookDelivery)).all() == []


def test_a_worse_band_is_told(session: Session, endpoint: WebhookEndpoint, acme: Account) -> None:
    from health_scores.models import Band
    from health_scores.news import tell_worse

    rows = [{"account_id": acme.id, "band": band} for band in (Band.RED,)]
    assert tell_worse(session, {acme.id: Band.GREEN}, rows) == 1
    assert tell_worse(session, {acme.id: Band.RED}, rows) == 0
    assert tell_worse(session, {acme.id: Band.UNKNOWN}, rows) == 0
    body = json.loads(session.exec(select(WebhookDelivery)).one().body)
    assert body["text"].startswith("Acme: Green → Red ")


def test_hundreds_at_once_become_a_handful(session: Session, endpoint: WebhookEndpoint) -> None:
    for number in range(300):
        tell(session, [News(Kind.STAGE_CHANGED, text("%(n)s", n=number), "/")])
    session.flush()
    told = [json.loads(one.body)["text"] for one in session.exec(select(WebhookDelivery))]
    assert len(told) == 11
    assert any(one.startswith("and 290 more accounts") for one in told)


@pytest.mark.parametrize("trouble", [500, 302, 404, "chat.example.com cannot be found"])
def test_what_fails_is_tried_again_with_the_same_id(
    session: Session,
    endpoint: WebhookEndpoint,
    ana: Viewer,
    acme: Account,
    chat: dict[str, Any],
    send: Any,
    trouble: Any,
) -> None:
    chat.update({"trouble": trouble} if isinstance(trouble, str) else {"status": trouble})
    churn(session, ana, acme)
    waits = []
    for _ in range(10):
        (delivery,) = send()
        if delivery.state is DeliveryState.DEAD:
            break
        waits.append(delivery.next_try_at - machine_now())
        delivery.next_try_at = machine_now()
    assert delivery.state is DeliveryState.DEAD
    assert delivery.tries == 10
    assert waits == sorted(waits)
    assert timedelta(hours=23) < waits[-1] < timedelta(hours=30)
    assert len({got["headers"]["webhook-id"] for got in chat["got"]}) == 1
    assert "qxsecret" not in delivery.error
    chat.update({"trouble": None, "status": 204})
    service.try_again(session, ana, delivery)
    assert send()[0].state is DeliveryState.SENT


def test_retry_after_is_honoured(
    session: Session, endpoint: WebhookEndpoint, ana: Viewer, acme: Account, chat: dict[str, Any], send: Any
) -> None:
    chat.update({"status": 429, "headers": {"retry-after": "3600"}})
    churn(session, ana, acme)
    (delivery,) = send()
    assert delivery.next_try_at - machine_now() > timedelta(minutes=59)


def test_gone_is_never_asked_again(
    session: Session, endpoint: WebhookEndpoint, ana: Viewer, acme: Account, chat: dict[str, Any], send: Any
) -> None:
    chat["status"] = 410
    churn(session, ana, acme)
    (delivery,) = send()
    assert delivery.state is DeliveryState.DEAD
    assert session.get_one(WebhookEndpoint, endpoint.id).disabled_at is not None


def test_a_kill_between_sending_and_marking_sends_it_again_with_the_same_id(
    session: Session,
    endpoint: WebhookEndpoint,
    ana: Viewer,
    acme: Account,
    database: Database,
    chat: dict[str, Any],
    send: Any,
) -> None:
    churn(session, ana, acme)
    session.commit()
    with database.unit_of_work() as killed:
        held = service.take_due(killed, machine_now())
    assert held is not None
    assert send()[0].state is DeliveryState.QUEUED  # held: no second worker takes it
    session.get_one(WebhookDelivery, held.id).next_try_at = machine_now()
    assert send()[0].state is DeliveryState.SENT
    assert chat["got"][0]["headers"]["webhook-id"] == held.message_id


def test_a_new_secret_leaves_the_old_one_a_day(session: Session, endpoint: WebhookEndpoint, admin: Viewer) -> None:
    (before,) = service.secrets_of(endpoint, machine_now())
    service.renew_secret(session, admin, endpoint)
    now = machine_now()
    assert service.secrets_of(endpoint, now)[1] == before
    assert before not in service.secrets_of(endpoint, now + timedelta(days=2))


def test_no_secret_stands_in_the_database(session: Session, endpoint: WebhookEndpoint) -> None:
    from tests.web._world import contents

    secret = service.secrets_of(endpoint, machine_now())[0]
    assert [name for name, rows in contents(session).items() if any(secret[6:] in row for row in rows)] == []


def test_the_page_shows_the_log_and_hides_the_address(
    session: Session, endpoint: WebhookEndpoint, as_admin: TestClient, chat: dict[str, Any], send: Any
) -> None:
    path = f"/settings/webhooks/{endpoint.id}"
    assert as_admin.post(f"{path}/test").status_code == 303
    send()
    page = as_admin.get(path).text
    assert "A test from Tenure, asked for by Ada Roux." in page
    assert "arrived (200)" in page
    assert "qxsecret" not in page
    assert "chat.example.com" in as_admin.get("/settings/webhooks").text
    assert "/settings/webhooks" in as_admin.get("/settings/users").text


@pytest.mark.parametrize(
    "data",
    [
        {"url": "http://chat.example.com/x", "kinds": "account.stage_changed"},
        {"url": "https://10.0.0.1/x", "kinds": "account.stage_changed"},
        {"url": URL},
        {"url": URL, "kinds": "nonsense"},
        {"url": "", "kinds": "account.stage_changed"},
    ],
)
def test_what_cannot_be_is_refused_and_kept_in_the_form(
    as_admin: TestClient, session: Session, data: dict[str, str]
) -> None:
    answer = as_admin.post("/settings/webhooks", data={**data, "title": "Qx kept"})
    assert answer.status_code == 422
    assert "Qx kept" in answer.text
    assert session.exec(select(WebhookEndpoint)).all() == []


def test_only_administrators_come_in(as_mia: TestClient, endpoint: WebhookEndpoint) -> None:
    assert as_mia.get("/settings/webhooks").status_code == 403
    assert as_mia.get(f"/settings/webhooks/{endpoint.id}").status_code == 403
    assert as_mia.post(f"/settings/webhooks/{endpoint.id}/test").status_code == 403
