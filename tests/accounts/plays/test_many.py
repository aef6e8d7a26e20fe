"""A play started on what was chosen in the list, and taken back: what somebody has worked on since stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from accounts import service as accounts
from accounts.bulk import service as bulk
from accounts.bulk.models import BulkRun, ItemState
from accounts.bulk.queries import counts_of, lines_of
from accounts.models import Account, Task
from accounts.plays import service
from accounts.plays.models import Ending, Play, PlayRun, Trigger
from accounts.plays.queries import runs_on
from accounts.plays.service import PlayPlan, StepPlan
from crm import clock
from crm.identity.models import User
from crm.slices import REGISTRY
from crm.viewer import Viewer, system_viewer

TODAY = date(2026, 11, 23)  # a Monday
Make = Callable[..., Account]


@pytest.fixture
def play(session: Session) -> Play:
    plan = PlayPlan("Look after them", Trigger.MANUAL, [StepPlan("Call"), StepPlan("Meet", days=5)])
    made = service.create_play(session, system_viewer(), plan)
    session.commit()
    return made


def start(session: Session, viewer: Viewer, play: Play, made: list[Account]) -> BulkRun:
    action = bulk.action_of(REGISTRY, viewer, "play")
    run = bulk.choose(session, viewer, action, [account.id for account in made], back="")
    bulk.start(session, REGISTRY, viewer, run, action.read(session, viewer, {"play": [str(play.id)]}))
    session.commit()
    return run


def undo(session: Session, viewer: Viewer, run: BulkRun) -> None:
    bulk.undo_all(session, REGISTRY, viewer, run)
    session.commit()


def tasks(session: Session, account: Account) -> list[Task]:
    wanted = select(Task).where(Task.account_id == account.id).order_by(col(Task.due_on), col(Task.id))
    return list(session.exec(wanted))


def counts(session: Session, run: BulkRun) -> dict[str, int]:
    return {state: count for state, count in counts_of(session, run).items() if count and state != "all"}


def test_it_starts_where_it_may_and_says_where_not(
    session: Session, ana: Viewer, ben: Viewer, make_account: Make, play: Play
) -> None:
    made = [make_account("Acme"), make_account("Beta"), make_account("Ceta", owner=ben)]
    service.start_play(session, ana, play, [made[1]])
    run = start(session, ana, play, made)
    assert counts(session, run) == {"done": 1, "same": 1, "refused": 1}
    assert [len(tasks(session, account)) for account in made] == [2, 2, 0]


def test_taken_back_nothing_of_it_is_left(session: Session, ana: Viewer, make_account: Make, play: Play) -> None:
    made = [make_account("Acme"), make_account("Beta")]
    accounts.create_task(session, ana, made[0], title="Call", due_on=TODAY, assignee=session.get_one(User, ana.user_id))
    run = start(session, ana, play, made)
    assert len(session.exec(select(PlayRun)).all()) == 2
    undo(session, ana, run)
    assert session.exec(select(PlayRun)).all() == []
    assert [len(tasks(session, account)) for account in made] == [1, 0]  # one's own task of the same name is not of it
    assert counts(session, run) == {"undone": 2}
    again = start(session, ana, play, made)
    assert counts(session, again) == {"done": 2}


def done(session: Session, ana: Viewer, ben: Viewer, account: Account, task: Task) -> None:
    accounts.complete_task(session, ana, account, task)


def moved(session: Session, ana: Viewer, ben: Viewer, account: Account, task: Task) -> None:
    task.due_on += timedelta(days=1)


def given(session: Session, ana: Viewer, ben: Viewer, account: Account, task: Task) -> None:
    accounts.delegate_task(session, ana, account, task, session.get_one(User, ben.user_id), words="")


def rewritten(session: Session, ana: Viewer, ben: Viewer, account: Account, task: Task) -> None:
    task.title = "Call Ingrid"


@pytest.mark.parametrize("touch", [done, moved, given, rewritten])
def test_what_somebody_worked_on_stays_and_is_counted(
    session: Session, ana: Viewer, ben: Viewer, make_account: Make, play: Play, touch: Callable[..., None]
) -> None:
    made = [make_account("Acme"), make_account("Beta")]
    run = start(session, ana, play, made)
    touched = tasks(session, made[0])[0]
    touch(session, ana, ben, made[0], touched)
    session.commit()
    undo(session, ana, run)
    assert [task.id for task in tasks(session, made[0])] == [touched.id]
    assert tasks(session, made[1]) == []
    assert counts(session, run) == {"undone": 2}
    (line,) = lines_of(session, ana, run, ItemState.UNDONE)
    assert (line.name, str(line.reason)) == ("Acme", "Tasks that stay: 1")
    (left,) = runs_on(session, made[0].id, 3)
    assert (left.run.ending, left.run.ended_on, str(left.state)) == (Ending.STOPPED, clock.today(), "taken back")


def test_a_run_that_was_carried_through_or_stopped_is_not_taken_back(
    session: Session, ana: Viewer, make_account: Make, play: Play
) -> None:
    made = [make_account("Acme"), make_account("Beta")]
    run = start(session, ana, play, made)
    for task in tasks(session, made[0]):
        accounts.complete_task(session, ana, made[0], task)
    stopped = session.exec(select(PlayRun).where(PlayRun.account_id == made[1].id)).one()
    service.stop_run(session, ana, made[1], stopped, reason="Only a rumour")
    session.commit()
    undo(session, ana, run)
    assert counts(session, run) == {"kept": 2}
    assert [len(tasks(session, account)) for account in made] == [2, 2]


def test_another_play_begun_since_goes_on(session: Session, ana: Viewer, make_account: Make, play: Play) -> None:
    acme = make_account("Acme")
    run = start(session, ana, play, [acme])
    other = service.create_play(session, system_viewer(), PlayPlan("Other", Trigger.MANUAL, [StepPlan("Write")]))
    service.start_play(session, ana, other, [acme])
    session.commit()
    undo(session, ana, run)
    assert [task.title for task in tasks(session, acme)] == ["Write"]


def test_the_list_offers_it_each_play_with_its_button(
    as_ana: Any, session: Session, make_account: Make, play: Play
) -> None:
    made = [make_account("Acme"), make_account("Beta")]
    assert 'value="play"' in as_ana.get("/accounts?scope=all").text
    chosen = as_ana.post("/accounts/bulk", data={"action": "play", "account": [str(one.id) for one in made]})
    preview = as_ana.get(chosen.headers["location"]).text
    assert "Start it on 2 accounts" in preview
    assert "Change 2 accounts" not in preview
    assert as_ana.post(chosen.headers["location"], data={"play": "1"}).status_code == 422
    began = as_ana.post(chosen.headers["location"], data={"play": str(play.id)})
    result = as_ana.get(began.headers["location"]).text
    assert "Play: Look after them" in result
    as_ana.post(f"{chosen.headers['location']}/undo")
    session.expire_all()
    assert session.exec(select(PlayRun)).all() == []


def test_a_start_on_one_account_can_be_taken_back_from_the_toast(
    as_ana: Any, session: Session, make_account: Make, play: Play
) -> None:
    acme = make_account("Acme")
    path = as_ana.post("/plays/start", data={"play": str(play.id), "account_id": str(acme.id)}).headers["location"]
    page = as_ana.get(path).text
    assert "Look after them started." in page
    action = page.split("data-undo")[0].rsplit('action="', 1)[1].split('"')[0]
    as_ana.post(action, data={"next": path})
    session.expire_all()
    assert tasks(session, acme) == []
