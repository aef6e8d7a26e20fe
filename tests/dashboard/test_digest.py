"""The day by mail: at the person's hour, once a day, the same as Today, and off with one click."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from accounts.models import Account
from accounts.service.tasks import create_task
from crm import clock
from crm.dashboard.digest import service
from crm.dashboard.digest.models import DigestChoice, Rhythm
from crm.db import Database
from crm.identity.models import User
from crm.jobs.worker import run_now
from crm.mail import Mail
from crm.mail.sending import as_message
from crm.slices import REGISTRY
from crm.viewer import Viewer

MONDAY = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)  # 7:30 in Paris


@pytest.fixture
def task(session: Session, ana: Viewer, acme: Account) -> None:
    create_task(session, ana, acme, title="Call <Ingrid>", due_on=date(2026, 11, 23))
    session.commit()


@pytest.fixture
def choose(session: Session, ana: Viewer) -> Callable[..., None]:
    def choose(rhythm: Rhythm = Rhythm.DAILY, hour: int = 7) -> None:
        service.choose(session, ana, rhythm=rhythm, hour=hour)
        session.commit()

    return choose


@pytest.fixture
def send(session: Session, database: Database) -> Callable[[], list[Mail]]:
    def send() -> list[Mail]:
        session.commit()
        assert run_now(database, REGISTRY, "digest.send", {}).error == ""
        session.expire_all()
        return list(session.exec(select(Mail)).all())

    return send


@pytest.mark.parametrize(
    ("rhythm", "zone", "at", "day"),
    [
        (Rhythm.DAILY, "Europe/Paris", MONDAY, date(2026, 11, 23)),
        (Rhythm.DAILY, "Europe/Paris", MONDAY - timedelta(hours=1), None),  # too early
        (Rhythm.DAILY, "Europe/Paris", MONDAY + timedelta(hours=7), None),  # no morning's reading any more
        (Rhythm.DAILY, "America/New_York", MONDAY, None),
        (Rhythm.DAILY, "America/New_York", MONDAY + timedelta(hours=6), date(2026, 11, 23)),
        (Rhythm.DAILY, "Asia/Kolkata", datetime(2026, 11, 23, 1, 45, tzinfo=UTC), date(2026, 11, 23)),
        (Rhythm.DAILY, "Pacific/Kiritimati", datetime(2026, 11, 22, 17, 0, tzinfo=UTC), date(2026, 11, 23)),
        (Rhythm.DAILY, "Europe/Paris", MONDAY - timedelta(days=1), None),  # a Sunday
        (Rhythm.WEEKLY, "Europe/Paris", MONDAY, date(2026, 11, 23)),
        (Rhythm.WEEKLY, "Europe/Paris", MONDAY + timedelta(days=1), None),
        (Rhythm.OFF, "Europe/Paris", MONDAY, None),
    ],
)
def test_whose_morning_it_is(rhythm: Rhythm, zone: str, at: datetime, day: date | None) -> None:
    assert service.due_day(DigestChoice(user_id=1, rhythm=rhythm, hour=7), zone, at) == day


def test_every_working_day_has_one_hour_in_every_zone_also_when_clocks_change() -> None:
    for zone in ("Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
        choice, days = DigestChoice(user_id=1, rhythm=Rhythm.DAILY, hour=7), []
        at = datetime(2026, 10, 19, tzinfo=UTC)
        while at < datetime(2026, 11, 9, tzinfo=UTC):
            if (day := service.due_day(choice, zone, at)) is not None:
                days.append(day)
                choice.seen_to_on = day
            at += timedelta(minutes=15)
        assert len(days) == len(set(days)) == 15, zone


@pytest.mark.settings(now="2026-11-23T07:30:00+01:00")
def test_the_day_comes_once_with_links_and_text(
    task: None, choose: Callable[..., None], send: Callable[[], list[Mail]]
) -> None:
    choose()
    (mail,) = send()
    assert mail.recipient == "ana@tenure.example"
    assert mail.subject == "Your day: 1 account needs you"
    assert "Call <Ingrid>: due today" in mail.plain
    assert "Call &lt;Ingrid&gt;" in mail.html
    assert "http://testserver/accounts/" in mail.plain
    assert send() == [mail]


@pytest.mark.settings(now="2026-11-23T07:30:00+01:00")
def test_a_day_on_which_nothing_is_needed_brings_none_and_is_seen_to(
    session: Session, acme: Account, choose: Callable[..., None], send: Callable[[], list[Mail]], ana: Viewer
) -> None:
    choose()
    assert send() == []
    assert service.choice_of(session, ana.user_id).seen_to_on == date(2026, 11, 23)


@pytest.mark.settings(now="2026-11-23T07:30:00+01:00")
def test_it_says_what_today_says(
    session: Session, task: None, choose: Callable[..., None], send: Callable[[], list[Mail]], as_ana: TestClient
) -> None:
    choose()
    (mail,) = send()
    assert "Call &lt;Ingrid&gt;: due today" in as_ana.get("/").text
    assert "Call &lt;Ingrid&gt;: due today" in mail.html


@pytest.mark.settings(now="2026-11-23T07:30:00+01:00")
def test_a_disabled_person_gets_none(
    session: Session, task: None, choose: Callable[..., None], send: Callable[[], list[Mail]], ana: Viewer
) -> None:
    choose()
    session.get_one(User, ana.user_id).disabled_at = clock.now()
    assert send() == []


@pytest.mark.settings(now="2026-11-23T07:30:00+01:00")
def test_one_click_in_the_mail_program_switches_it_off(
    session: Session,
    task: None,
    choose: Callable[..., None],
    send: Callable[[], list[Mail]],
    anonymous: TestClient,
    ana: Viewer,
) -> None:
    choose()
    (mail,) = send()
    message = as_message(mail, "tenure@firm.example")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = str(message["List-Unsubscribe"]).strip("<>")
    assert address.startswith("http://testserver/unsubscribe/")
    path = address.removeprefix("http://testserver")
    assert anonymous.get(path).status_code == 200  # looking changes nothing: programs follow links
    session.expire_all()
    assert service.choice_of(session, ana.user_id).rhythm is Rhythm.DAILY
    del anonymous.headers["Sec-Fetch-Site"]
    answer = anonymous.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    session.expire_all()
    assert service.choice_of(session, ana.user_id).rhythm is Rhythm.OFF
    assert anonymous.post("/unsubscribe/nobodys").status_code == 404


def test_another_sites_browser_cannot_switch_it_off(anonymous: TestClient) -> None:
    del anonymous.headers["Sec-Fetch-Site"]
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Cookie": "tenure=x"}):
        assert anonymous.post("/unsubscribe/x", headers=headers).status_code == 403


def test_it_is_chosen_on_ones_own_page(session: Session, as_ana: TestClient, ana: Viewer) -> None:
    assert "My day by mail" in as_ana.get("/me").text
    assert as_ana.post("/me/digest", data={"rhythm": "weekly", "hour": "8"}).status_code == 303
    session.expire_all()
    chosen = service.choice_of(session, ana.user_id)
    assert (chosen.rhythm, chosen.hour) == (Rhythm.WEEKLY, 8)
    assert as_ana.post("/me/digest", data={"rhythm": "weekly", "hour": "25"}).status_code == 422
