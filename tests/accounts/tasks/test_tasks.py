"""What is done with a task: put off, given away, closed, taken back, and made again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from accounts import service
from accounts.models import Account, RepeatUnit, Task
from accounts.tasks.recurring import Rule
from accounts.today import tasks_due
from crm import clock
from crm.audit import AuditEntry
from crm.contracts import DayContext
from crm.errors import Conflict, Forbidden, Invalid
from crm.identity.models import User
from crm.mail.models import Mail
from crm.viewer import Viewer

TODAY = date(2026, 11, 23)  # a Monday
AsUser = Callable[[Viewer], User]


@pytest.fixture
def task(session: Session, ana: Viewer, acme: Account) -> Task:
    made = service.create_task(session, ana, acme, title="Call Ingrid", due_on=TODAY)
    session.commit()
    return made


@pytest.fixture
def weekly(session: Session, ana: Viewer, acme: Account) -> Task:
    made = service.create_task(
        session, ana, acme, title="Weekly call", due_on=TODAY, repeat=Rule(1, RepeatUnit.WEEK, TODAY)
    )
    session.commit()
    return made


def tasks(session: Session) -> list[tuple[str, date, bool]]:
    session.flush()
    rows = session.exec(select(Task).order_by(col(Task.due_on), col(Task.id))).all()
    return [(one.title, one.due_on, one.done_at is not None) for one in rows]


# --- given away ------------------------------------------------------------------------------------------------------


def test_who_gets_a_task_is_told_by_whom_and_sees_it_on_today(
    session: Session, ana: Viewer, ben: Viewer, acme: Account, task: Task, as_user: AsUser
) -> None:
    service.move_task(session, ana, acme, task, due_on=TODAY + timedelta(days=60))
    service.delegate_task(session, ana, acme, task, as_user(ben), words="You know her better")
    assert (task.assignee_id, task.given_by, task.given_words) == (ben.user_id, ana.user_id, "You know her better")
    (mail,) = session.exec(select(Mail)).all()
    assert mail.recipient == "ben@tenure.example"
    assert "Ana Duarte" in mail.plain
    assert "You know her better" in mail.plain
    (item,) = tasks_due(DayContext(session, ben, clock.now(), TODAY))  # although it is due in two months
    assert "Ana Duarte" in str(item.reason)
    assert tasks_due(DayContext(session, ana, clock.now(), TODAY)) == []


def test_the_giver_may_still_take_it_back(
    session: Session, ben: Viewer, zoe: Viewer, ana: Viewer, acme: Account, task: Task, as_user: AsUser
) -> None:
    service.delegate_task(session, ana, acme, task, as_user(ben))
    with pytest.raises(Forbidden):
        service.delegate_task(session, zoe, acme, task, as_user(zoe))
    service.delegate_task(session, ana, acme, task, as_user(ana))
    assert (task.assignee_id, task.given_by, task.given_words) == (ana.user_id, None, "")
    with pytest.raises(Conflict, match="already with"):
        service.delegate_task(session, ana, acme, task, as_user(ana))


@pytest.mark.settings(books="own")
def test_nobody_gets_a_task_on_an_account_they_may_not_read(
    session: Session, ana: Viewer, ben: Viewer, acme: Account, task: Task, as_user: AsUser
) -> None:
    with pytest.raises(Conflict, match="may not read"):
        service.delegate_task(session, ana, acme, task, as_user(ben))
    assert task.assignee_id == ana.user_id
    assert session.exec(select(Mail)).all() == []


def test_a_task_given_twice_is_mailed_twice(
    session: Session, ana: Viewer, ben: Viewer, mia: Viewer, acme: Account, task: Task, as_user: AsUser
) -> None:
    service.delegate_task(session, ana, acme, task, as_user(ben))
    service.delegate_task(session, ben, acme, task, as_user(mia))
    assert {mail.recipient for mail in session.exec(select(Mail))} == {"ben@tenure.example", "mia@tenure.example"}


# --- again and again -------------------------------------------------------------------------------------------------


def test_the_next_one_is_made_when_this_one_is_done(session: Session, ana: Viewer, acme: Account, weekly: Task) -> None:
    follower = service.complete_task(session, ana, acme, weekly)
    assert follower is not None
    assert (follower.due_on, follower.assignee_id) == (date(2026, 11, 30), ana.user_id)
    assert tasks(session) == [("Weekly call", TODAY, True), ("Weekly call", date(2026, 11, 30), False)]


def test_a_task_put_off_does_not_shift_its_series(session: Session, ana: Viewer, acme: Account, weekly: Task) -> None:
    service.move_task(session, ana, acme, weekly, due_on=TODAY + timedelta(days=3))
    follower = service.complete_task(session, ana, acme, weekly)
    assert follower is not None
    assert follower.due_on == date(2026, 11, 30)  # Monday still


def test_opened_again_the_next_one_goes(session: Session, ana: Viewer, acme: Account, weekly: Task) -> None:
    service.complete_task(session, ana, acme, weekly)
    service.reopen_task(session, ana, acme, weekly)
    assert tasks(session) == [("Weekly call", TODAY, False)]
    service.complete_task(session, ana, acme, weekly)
    assert len(tasks(session)) == 2


def test_a_next_one_that_was_done_stays_and_none_is_made_twice(
    session: Session, ana: Viewer, acme: Account, weekly: Task
) -> None:
    follower = service.complete_task(session, ana, acme, weekly)
    assert follower is not None
    service.complete_task(session, ana, acme, follower)
    service.reopen_task(session, ana, acme, weekly)
    assert service.complete_task(session, ana, acme, weekly) is follower
    assert len(tasks(session)) == 3


def test_a_series_ends_on_its_day(session: Session, ana: Viewer, acme: Account) -> None:
    rule = Rule(1, RepeatUnit.DAY, TODAY, until=TODAY + timedelta(days=1))
    first = service.create_task(session, ana, acme, title="x", due_on=TODAY, repeat=rule)
    second = service.complete_task(session, ana, acme, first)
    assert second is not None
    assert service.complete_task(session, ana, acme, second) is None
    with pytest.raises(Invalid, match="cannot end before"):
        service.create_task(session, ana, acme, title="y", due_on=TODAY + timedelta(days=9), repeat=rule)


def test_a_series_is_ended_by_changing_the_task(session: Session, ana: Viewer, acme: Account, weekly: Task) -> None:
    service.repeat_task(session, ana, acme, weekly, None)
    assert service.complete_task(session, ana, acme, weekly) is None


# --- not needed ------------------------------------------------------------------------------------------------------


def test_a_task_that_is_not_needed_keeps_the_reason(session: Session, ana: Viewer, acme: Account, task: Task) -> None:
    service.skip_task(session, ana, acme, task, reason="She called us")
    assert (task.skipped, task.outcome, task.done_on) == (True, "She called us", TODAY)
    verbs = session.exec(select(AuditEntry.verb).where(AuditEntry.account_id == acme.id)).all()
    assert "task.skipped" in verbs
    service.reopen_task(session, ana, acme, task)
    assert (task.skipped, task.outcome, task.done_on) == (False, "", None)


# --- pages -----------------------------------------------------------------------------------------------------------

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.mark.parametrize(("typed", "day"), [("tomorrow", 24), ("vendredi", 27), ("", 24), ("2026-11-30", 30)])
def test_a_task_is_made_from_anywhere_with_a_typed_day(
    as_ana: Any, session: Session, ben: Viewer, acme: Account, typed: str, day: int
) -> None:
    to_ben = {"assignee": str(ben.user_id), "words": "Please"}
    sent = {"account": "acm", "title": "Send the list", "due_on": typed, **to_ben}
    answer = as_ana.post("/tasks", data=sent)
    assert answer.status_code == 303, answer.text
    made = session.exec(select(Task)).one()
    assert (made.title, made.due_on, made.assignee_id) == ("Send the list", date(2026, 11, day), ben.user_id)
    assert (made.account_id, made.given_words) == (acme.id, "Please")


def test_the_day_may_stand_behind_the_title(as_ana: Any, session: Session, acme: Account) -> None:
    as_ana.post(f"/accounts/{acme.id}/tasks", data={"title": "Call Iris, Friday", "due_on": ""})
    made = session.exec(select(Task)).one()
    assert (made.title, made.due_on) == ("Call Iris", date(2026, 11, 27))


def test_an_account_that_is_not_clear_is_asked_for(
    as_ana: Any, session: Session, acme: Account, make_account: Callable[..., Account]
) -> None:
    make_account("Acme North")
    make_account("Acme South")
    answer = as_ana.post("/tasks", data={"account": "acme s", "title": "Call", "due_on": ""})
    assert answer.status_code == 303
    for typed, said in (("acm", "Several accounts are named like that"), ("nobody", "There is no account named")):
        answer = as_ana.post("/tasks", data={"account": typed, "title": "Call them", "due_on": ""})
        assert answer.status_code == 422
        assert said in answer.text
        assert "Call them" in answer.text
    assert len(session.exec(select(Task)).all()) == 1


def test_a_repeating_task_is_made_by_form_and_changed(as_ana: Any, session: Session, acme: Account) -> None:
    sent = {"title": "Report", "due_on": "2026-11-30", "repeat_every": "2", "repeat_unit": "month_weekday"}
    assert as_ana.post(f"/accounts/{acme.id}/tasks", data=sent).status_code == 303
    made = session.exec(select(Task)).one()
    assert (made.repeat_every, made.repeat_unit) == (2, RepeatUnit.MONTH_WEEKDAY)
    assert "every 2 months on the last Monday" in as_ana.get("/tasks").text
    path = f"/accounts/{acme.id}/tasks/{made.id}"
    assert 'value="month_weekday" selected' in as_ana.get(f"{path}/edit").text
    sent = {"title": "Report", "due_on": "2026-11-30", "repeat_every": "", "repeat_unit": ""}
    as_ana.post(path, data=sent)
    session.expire_all()
    assert session.get_one(Task, made.id).repeat_unit is None


@pytest.mark.parametrize("what", ["completion", "day"])
def test_done_and_put_off_are_one_click_with_a_way_back(
    as_ana: Any, session: Session, acme: Account, task: Task, what: str
) -> None:
    path = f"/accounts/{acme.id}/tasks/{task.id}"
    headers = {**HTMX, "HX-Target": f"li#task-{task.id}"}
    sent = {"due_on": "2026-11-24"} if what == "day" else {}
    answer = as_ana.post(f"{path}/{what}?back=/tasks", data=sent, headers=headers)
    assert answer.status_code == 200
    assert answer.text.strip().startswith(f'<li class="task-row task-row--away" id="task-{task.id}"')
    assert ("What came of it?" in answer.text) is (what == "completion")
    if what == "completion":
        said = as_ana.post(f"{path}/outcome?back=/tasks", data={"outcome": "She agreed"}, headers=headers)
        assert "She agreed" in said.text
        as_ana.post(f"{path}/reopening?back=/tasks", headers=headers)
    else:
        assert 'value="2026-11-23"' in answer.text
        as_ana.post(f"{path}/day", data={"due_on": "2026-11-23"}, headers=headers)
    session.expire_all()
    found = session.get_one(Task, task.id)
    assert (found.due_on, found.done_at, found.outcome) == (TODAY, None, "")


def test_without_javascript_it_leads_back(as_ana: Any, acme: Account, task: Task) -> None:
    path = f"/accounts/{acme.id}/tasks/{task.id}"
    answer = as_ana.post(f"{path}/day?back=/tasks%3Fwhose%3Dteam", data={"due_on": "next week"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/tasks?whose=team")
    form = as_ana.get(f"{path}/delegation?back=/tasks").text
    assert "/delegation?back=%2Ftasks" in form or "/delegation?back=/tasks" in form


def test_the_other_sees_who_gave_it_on_the_list(
    as_ana: Any, as_ben: Any, acme: Account, task: Task, ben: Viewer
) -> None:
    sent = {"assignee": str(ben.user_id), "words": "Before noon"}
    assert as_ana.post(f"/accounts/{acme.id}/tasks/{task.id}/delegation?back=/tasks", data=sent).status_code == 303
    assert "Call Ingrid" not in as_ana.get("/tasks").text
    assert "Ben Okafor" in as_ana.get("/tasks?whose=given").text
    page = as_ben.get("/tasks").text
    assert "from Ana Duarte “Before noon”" in page
    assert "Call Ingrid" in as_ben.get("/").text
