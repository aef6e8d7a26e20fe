"""What accounts put on the ranked day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlmodel import Session

from accounts import service
from accounts.models import Account, Stage, Task, Tier
from accounts.today import (
    decision_condition,
    decision_urgency,
    decisions,
    task_done,
    task_undone,
    task_urgency,
    tasks_due,
)
from crm import clock
from crm.contracts import DayContext
from crm.viewer import Viewer, system_viewer

TODAY = date(2026, 11, 23)


def day_of(session: Session, viewer: Viewer) -> DayContext:
    return DayContext(session, viewer, clock.now(), TODAY)


@pytest.fixture
def decides_in(session: Session, make_account: Callable[..., Account]) -> Callable[..., Account]:
    def make(days: int, **values: Any) -> Account:
        account = make_account(f"In {days}", arr_minor=1_000_00, **values)
        ends_on = TODAY + timedelta(days=days + 10)
        service.add_contract(
            session, system_viewer(), account, starts_on=date(2024, 1, 1), ends_on=ends_on, notice_days=10
        )
        return account

    return make


def test_every_decision_comes_half_a_year_or_four_months_before(
    session: Session, ana: Viewer, decides_in: Callable[..., Account]
) -> None:
    expected = {
        decides_in(180, tier=Tier.ENTERPRISE).id,
        decides_in(120, tier=Tier.MID).id,
        decides_in(0, tier=Tier.LOW_TOUCH).id,
        decides_in(-5).id,
    }
    decides_in(181, tier=Tier.ENTERPRISE)
    decides_in(121, tier=Tier.MID)
    decides_in(-60)  # ended long ago
    churned = decides_in(20)
    service.change_stage(session, system_viewer(), churned, Stage.CHURNED, on=TODAY)
    assert {item.account_id for item in decisions(day_of(session, ana))} == expected


def test_what_is_said_of_a_decision(session: Session, ana: Viewer, decides_in: Callable[..., Account]) -> None:
    account = decides_in(10)
    (item,) = decisions(day_of(session, ana))
    assert str(item.reason).startswith("They decide by 2026-12-03, in 10 days; without notice the contract goes on")
    assert (item.kind, item.account_id, item.due, item.money_minor) == (
        "decision_coming", account.id, date(2026, 12, 3), 1_000_00,
    )  # fmt: skip
    assert item.urgency >= 75


def test_urgency_rises_as_the_day_nears_and_the_condition_in_steps() -> None:
    days = range(180, -1, -1)
    for before, after in pairwise([decision_urgency(day) for day in days]):
        assert after >= before
    assert all(0 <= decision_urgency(day) <= 100 for day in range(-400, 400))
    assert decision_urgency(14) == 75
    assert decision_condition(31) == decision_condition(59) < decision_condition(30) < decision_condition(14)
    assert decision_condition(0) < decision_condition(-1)
    assert task_urgency(3) < task_urgency(0) < task_urgency(-1) < task_urgency(-5) <= task_urgency(-100) <= 80


def test_others_portfolios_and_others_money_stay_out(
    session: Session, ana: Viewer, zoe: Viewer, agent: Viewer, decides_in: Callable[..., Account], as_user: Any
) -> None:
    account = decides_in(10)
    assert decisions(day_of(session, zoe)) == []
    assert decisions(day_of(session, agent)) == []
    service.add_cover(session, ana, account, as_user(agent), from_on=TODAY, to_on=TODAY)
    (item,) = decisions(day_of(session, agent))
    assert item.money_minor is None


def test_tasks_late_or_due_within_a_week(session: Session, ana: Viewer, ben: Viewer, acme: Account) -> None:
    for days in (-9, -1, 0, 7, 8):
        service.create_task(session, ana, acme, title=f"Task {days}", due_on=TODAY + timedelta(days=days))
    session.flush()
    items = tasks_due(day_of(session, ana))
    assert [str(item.reason) for item in items] == [
        "Task -9: late by 9 days",
        "Task -1: late by 1 day",
        "Task 0: due today",
        "Task 7: due 2026-11-30",
    ]
    assert [item.condition for item in items] == [3, 2, 1, 0]
    assert tasks_due(day_of(session, ben)) == []


def test_done_on_the_day_is_done(session: Session, ana: Viewer, acme: Account) -> None:
    task = service.create_task(session, ana, acme, title="Call", due_on=TODAY)
    context = day_of(session, ana)
    (item,) = tasks_due(context)
    task_done(context, acme.id, item.key, "")
    session.flush()
    assert (task.done_at is None, tasks_due(context)) == (False, [])
    task_done(context, acme.id, item.key, "she agreed")  # said a moment later
    assert task.outcome == "she agreed"
    task_undone(context, acme.id, item.key)
    session.flush()
    assert len(tasks_due(context)) == 1


def test_done_on_todays_page_completes_the_task(as_ana: Any, session: Session, ana: Viewer, acme: Account) -> None:
    task = service.create_task(session, ana, acme, title="Call Ingrid", due_on=TODAY)
    session.commit()
    sent = {"account_id": str(acme.id), "kind": "task_due", "key": str(task.id)}
    assert "Call Ingrid" in as_ana.get("/").text
    assert as_ana.post("/today/marks", data={**sent, "verdict": "done"}).status_code == 303
    assert as_ana.post("/today/marks/outcome", data={**sent, "words": "she agreed"}).status_code == 303
    session.expire_all()
    done = session.get_one(Task, task.id)
    assert (done.done_at is None, done.outcome) == (False, "she agreed")
    assert as_ana.post("/today/marks/removal", data=sent).status_code == 303
    session.expire_all()
    assert session.get_one(Task, task.id).done_at is None
    later = {**sent, "verdict": "later", "until": "2026-11-30"}
    assert as_ana.post("/today/marks", data=later).status_code == 303
    session.expire_all()
    assert session.get_one(Task, task.id).done_at is None  # put away, not done


def test_a_days_items_take_two_statements_at_any_size(
    session: Session, ana: Viewer, database: Any, decides_in: Callable[..., Account], count_queries: Callable[..., int]
) -> None:
    def both() -> None:
        with database.reading() as other:
            context = DayContext(other, ana, clock.now(), TODAY)
            decisions(context)
            tasks_due(context)

    session.commit()
    assert count_queries(both) == 2
    for days in range(20):
        account = decides_in(days)
        service.create_task(session, ana, account, title="x", due_on=TODAY)
    session.commit()
    assert count_queries(both) == 2
