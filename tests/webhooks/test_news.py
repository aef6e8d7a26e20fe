"""What a chat is told: a risk opened, a renewal judged worse, an urgent ticket past its target; each once."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import text as sql
from sqlmodel import Session, select
from starlette.testclient import TestClient

from accounts.models import Account, Contract
from accounts.renewals.models import Forecast
from accounts.renewals.service import expect
from accounts.risks.models import RiskReason
from accounts.risks.service import open_risk
from accounts.service import add_contract
from crm import clock, migrate
from crm.db import Database
from crm.text import N_, text
from crm.viewer import Viewer
from crm.webhooks import service
from crm.webhooks.models import CHOICES, DeliveryState, Kind, WebhookDelivery, WebhookEndpoint, WebhookTold
from support.news import FRESH, tell_urgent_late
from tests.support.test_contributions import tell

F = Forecast


@pytest.fixture
def endpoint(session: Session, admin: Viewer) -> WebhookEndpoint:
    made = service.add_endpoint(session, admin, title="Chat", url="https://chat.example.com/x", kinds=list(CHOICES))
    session.commit()
    return made


def told(session: Session, kind: Kind) -> list[str]:
    session.commit()
    rows = session.exec(select(WebhookDelivery).where(WebhookDelivery.kind == kind).order_by(WebhookDelivery.id))  # type: ignore[arg-type]
    return [json.loads(one.body)["text"].rsplit(" http", 1)[0] for one in rows]


def test_a_risk_that_is_opened(session: Session, ana: Viewer, acme: Account, endpoint: WebhookEndpoint) -> None:
    risk = open_risk(session, ana, acme, reason=RiskReason.PRICE)
    assert told(session, Kind.RISK_OPENED) == ["Acme: a risk is open (Price)"]
    body = json.loads(session.exec(select(WebhookDelivery)).one().body)
    assert body["data"]["url"].endswith(f"/risks/{risk.id}")


@pytest.fixture
def contract(session: Session, mia: Viewer, acme: Account) -> Contract:
    day = clock.today()
    made = add_contract(session, mia, acme, starts_on=day, ends_on=day + timedelta(days=200), notice_days=90)
    session.commit()
    return made


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([F.COMMIT, F.LIKELY], ["Acme: the renewal is judged worse, commit → likely"]),
        ([F.AT_RISK], ["Acme: the renewal is judged worse, likely → at risk"]),  # nobody had judged it
        ([F.LIKELY], []),
        ([F.COMMIT, F.COMMIT], []),
        (
            [F.LIKELY, F.LOST, F.COMMIT, F.AT_RISK],
            [
                "Acme: the renewal is judged worse, likely → lost",
                "Acme: the renewal is judged worse, commit → at risk",
            ],
        ),
    ],
)
def test_a_renewal_that_is_judged_worse(
    session: Session,
    mia: Viewer,
    acme: Account,
    contract: Contract,
    endpoint: WebhookEndpoint,
    said: list[Forecast],
    expected: list[str],
) -> None:
    for one in said:
        expect(session, mia, acme, contract, forecast=one)
        expect(session, mia, acme, contract, note=f"a word on {one}")  # is no news
    assert told(session, Kind.FORECAST_WORSENED) == expected


def test_an_urgent_ticket_past_its_target_once(session: Session, acme: Account, endpoint: WebhookEndpoint) -> None:
    tell(session, acme, ("late", 1, [12]), ("fresh", 1, [0.1]), ("high", 2, [12]), ("long ago", 1, [24 * 30]))
    tell_urgent_late(session, clock.now())
    session.commit()
    assert told(session, Kind.URGENT_LATE) == ["Acme: an urgent ticket has passed its target (Subject late)"]
    tell_urgent_late(session, clock.now())
    assert len(told(session, Kind.URGENT_LATE)) == 1
    service.forget_sent(session, clock.machine_now() + FRESH)
    tell_urgent_late(session, clock.now())
    assert len(told(session, Kind.URGENT_LATE)) == 1  # told is told, for months


def test_what_nobody_wants_is_not_kept_as_told(session: Session, acme: Account, admin: Viewer) -> None:
    tell(session, acme, ("late", 1, [12]))
    tell_urgent_late(session, clock.now())
    session.commit()
    assert session.exec(select(WebhookTold)).all() == []


def test_why_it_failed_is_said_in_the_readers_language(
    as_admin: TestClient, session: Session, ana: Viewer, acme: Account, endpoint: WebhookEndpoint
) -> None:
    open_risk(session, ana, acme, reason=RiskReason.PRICE)
    session.commit()
    due = service.take_due(session, clock.machine_now())
    assert due is not None
    service.mark_failed(
        session, due, text(N_("%(host)s cannot be found"), host="chat.example.com"), clock.machine_now()
    )
    delivery = session.exec(select(WebhookDelivery)).one()
    assert (delivery.state, str(delivery.trouble)) == (DeliveryState.QUEUED, "chat.example.com cannot be found")
    session.commit()
    page = f"/settings/webhooks/{endpoint.id}"
    assert "chat.example.com cannot be found" in as_admin.get(page).text
    as_admin.post("/preferences", data={"language": "fr", "next": page})
    french = as_admin.get(page).text
    assert "chat.example.com est introuvable" in french
    assert "cannot be found" not in french


def test_messages_that_wait_survive_the_change_of_their_table(empty_database: Database) -> None:
    """SQLite makes the table anew; what is in it, and its rules, stay."""
    migrate.upgrade(empty_database, "0002")
    with empty_database.engine.begin() as connection:
        connection.execute(
            sql(
                "INSERT INTO webhook_endpoint (id, title, url, kinds, generation, disabled_why, created_at)"
                " VALUES (1, 'Chat', 'https://chat.example.com', '[]', 1, '', '2026-11-01 00:00:00')"
            )
        )
        connection.execute(
            sql(
                "INSERT INTO webhook_delivery"
                " (id, endpoint_id, kind, body, state, tries, error, created_at, next_try_at)"
                " VALUES (2, 1, 'test', '{}', 'queued', 3, 'it answers with 500', '2026-11-01 00:00:00',"
                " '2026-11-02 00:00:00')"
            )
        )
    migrate.upgrade(empty_database)
    with Session(empty_database.engine) as session:
        kept = session.exec(select(WebhookDelivery)).one()
        assert (kept.endpoint_id, kept.kind, kept.tries, str(kept.trouble)) == (1, Kind.TEST, 3, "it answers with 500")
        session.add(WebhookDelivery(endpoint_id=1, kind=Kind.RISK_OPENED, body="{}"))
        session.commit()
    with empty_database.engine.begin() as connection:
        refused = sql("UPDATE webhook_delivery SET kind = 'unheard' WHERE id = 2")
        with pytest.raises(Exception, match=r"(?i)check"):
            connection.execute(refused)
    migrate.downgrade(empty_database, "0002")
    with empty_database.engine.begin() as connection:
        assert connection.execute(sql("SELECT id, kind FROM webhook_delivery")).all() == [(2, "test")]
