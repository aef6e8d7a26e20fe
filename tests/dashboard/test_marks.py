"""Putting an item of the day away, and taking that back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from accounts.models import Account, DayMark, DayVerdict
from accounts.service.tasks import create_task
from crm.viewer import Viewer

TODAY = date(2026, 11, 23)


@pytest.fixture
def task_key(session: Session, ana: Viewer, acme: Account) -> dict[str, str]:
    """What the form of Ana's only item sends."""
    task = create_task(session, ana, acme, title="Call Ingrid", due_on=TODAY)
    session.commit()
    return {"account_id": str(acme.id), "kind": "task_due", "key": str(task.id)}


def marks(session: Session) -> list[DayMark]:
    session.expire_all()
    return list(session.exec(select(DayMark)))


def test_what_is_done_leaves_the_day_and_asks_what_came_of_it(
    as_ana: TestClient, session: Session, task_key: dict[str, str]
) -> None:
    assert "Call Ingrid" in as_ana.get("/").text
    answer = as_ana.post("/today/marks", data={**task_key, "verdict": "done"})
    assert answer.status_code == 303
    after = as_ana.get(answer.headers["location"]).text
    assert "Call Ingrid" not in after
    assert "What came of it?" in after
    as_ana.post("/today/marks/outcome", data={**task_key, "words": "She will test it"})
    assert [(mark.verdict, mark.words) for mark in marks(session)] == [(DayVerdict.DONE, "She will test it")]


def test_undo_brings_it_back(as_ana: TestClient, session: Session, task_key: dict[str, str]) -> None:
    as_ana.post("/today/marks", data={**task_key, "verdict": "done"})
    as_ana.post("/today/marks/removal", data=task_key)
    assert "Call Ingrid" in as_ana.get("/").text
    assert marks(session) == []


@pytest.mark.parametrize(
    "sent",
    [
        {"verdict": "later"},
        {"verdict": "later", "until": TODAY.isoformat()},
        {"verdict": "not_relevant"},
        {"verdict": "not_relevant", "words": "   "},
        {"verdict": "forgotten"},
        {"verdict": "done", "urgency": "0"},
    ],
)
def test_a_half_told_decision_is_refused_and_the_item_stays(
    as_ana: TestClient, session: Session, task_key: dict[str, str], sent: dict[str, str]
) -> None:
    assert as_ana.post("/today/marks", data={**task_key, **sent}).status_code == 422
    assert marks(session) == []
    assert "Call Ingrid" in as_ana.get("/").text


def test_later_keeps_its_day(as_ana: TestClient, session: Session, task_key: dict[str, str]) -> None:
    until = TODAY + timedelta(days=3)
    as_ana.post("/today/marks", data={**task_key, "verdict": "later", "until": until.isoformat()})
    assert [mark.until_on for mark in marks(session)] == [until]
    assert "Call Ingrid" not in as_ana.get("/").text


def test_one_marks_only_items_of_ones_own_day(as_ben: TestClient, session: Session, task_key: dict[str, str]) -> None:
    assert as_ben.post("/today/marks", data={**task_key, "verdict": "done"}).status_code == 409
    assert marks(session) == []


@pytest.mark.settings(books="own")
def test_what_one_may_not_read_is_not_there(as_zoe: TestClient, session: Session, task_key: dict[str, str]) -> None:
    assert as_zoe.post("/today/marks", data={**task_key, "verdict": "done"}).status_code == 404
    assert marks(session) == []


def test_today_takes_as_many_queries_for_twenty_accounts_as_for_one(
    as_ana: TestClient, session: Session, ana: Viewer, acme: Account, make_account, count_queries
) -> None:
    create_task(session, ana, acme, title="Call", due_on=TODAY)
    session.commit()
    as_ana.get("/")  # what is found once a process
    few = count_queries(lambda: as_ana.get("/"))
    for number in range(19):
        account = make_account(name=f"Account {number}")
        create_task(session, ana, account, title="Call", due_on=TODAY)
    session.commit()
    assert count_queries(lambda: as_ana.get("/")) == few
