"""Plays: who does what by when, what starts them, that each cause does so once, and what is counted afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from accounts import service as accounts
from accounts.models import Account, Contact, ContactRoleKind, Stage, Task, TeamRole
from accounts.people.leaving import leave
from accounts.plays import service
from accounts.plays.models import Anchor, Ending, Play, PlayRole, PlayRun, PlayStep, Trigger
from accounts.plays.planning import Crew, due_days
from accounts.plays.queries import Shown, figures
from accounts.plays.service import PlayPlan, StepPlan
from accounts.plays.triggers import AT_ONCE, daily_round, due_now
from crm import clock
from crm.db import Database
from crm.errors import Conflict, Forbidden, Invalid
from crm.identity.models import User
from crm.viewer import Viewer, system_viewer
from health_scores.models import Band, HealthScore, HealthSnapshot
from health_scores.plays import note_bands, start_band_plays
from health_scores.recompute import rescore

TODAY = date(2026, 11, 23)  # a Monday
AsUser = Callable[[Viewer], User]


def step(days: int, anchor: Anchor = Anchor.START) -> PlayStep:
    return PlayStep(play_id=1, version=1, position=1, title="x", role=PlayRole.OWNER, anchor=anchor, days=days)


PLAN = PlayPlan(
    "Before the decision",
    Trigger.DECISION,
    [
        StepPlan("Prepare", PlayRole.OWNER),
        StepPlan("Price", PlayRole.ACCOUNT_EXECUTIVE, Anchor.START, 5),
        StepPlan("Sign", PlayRole.MANAGER, Anchor.DECISION, 10),
    ],
    trigger_days=90,
)


@pytest.fixture
def play(session: Session) -> Play:
    made = service.create_play(session, system_viewer(), PLAN)
    session.commit()
    return made


MakePlay = Callable[..., Play]


@pytest.fixture
def play_on(session: Session) -> MakePlay:
    """A play of two steps that is on since a month."""

    def make(trigger: Trigger, value: str = "", days: int | None = None) -> Play:
        plan = PlayPlan(f"On {trigger}", trigger, [StepPlan("One"), StepPlan("Two", days=3)], "", value, days)
        made = service.create_play(session, system_viewer(), plan)
        service.switch_on(session, system_viewer(), made, since=TODAY - timedelta(days=30))
        session.commit()
        return made

    return make


def tasks_of(session: Session, run: PlayRun) -> list[Task]:
    return list(session.exec(select(Task).where(Task.play_run_id == run.id).order_by(col(Task.due_on), col(Task.id))))


def runs(session: Session, play: Play) -> list[PlayRun]:
    return list(session.exec(select(PlayRun).where(PlayRun.play_id == play.id).order_by(col(PlayRun.id))))


# --- days and people -------------------------------------------------------------------------------------------------


def test_days_are_working_days_and_never_before_the_start() -> None:
    steps = [step(0), step(5), step(12), step(10, Anchor.DECISION), step(80, Anchor.DECISION)]
    days = due_days(steps, TODAY, date(2027, 1, 20))
    assert days == [TODAY, date(2026, 11, 30), date(2026, 12, 7), date(2027, 1, 8), TODAY]
    assert due_days([step(0)], date(2026, 11, 22), None) == [TODAY]  # a Sunday


def test_without_a_decision_the_steps_keep_their_distance() -> None:
    steps = [step(60, Anchor.DECISION), step(10, Anchor.DECISION)]
    assert due_days(steps, TODAY, None) == [TODAY, date(2027, 1, 12)]


def test_who_has_no_such_colleague_falls_back_to_the_owner() -> None:
    crew = Crew(owner=1, manager=2, by_role={PlayRole.BACKUP: 3})
    assert [crew.who(role) for role in (PlayRole.BACKUP, PlayRole.SPECIALIST, PlayRole.MANAGER)] == [3, 1, 2]
    assert Crew(owner=None, manager=2).who(PlayRole.OWNER) == 2
    assert Crew(owner=None).who(PlayRole.SPONSOR) is None


def test_a_start_gives_each_his_task(
    session: Session, ana: Viewer, ben: Viewer, mia: Viewer, acme: Account, play: Play, as_user: AsUser
) -> None:
    accounts.add_team_member(session, ana, acme, as_user(ben), TeamRole.ACCOUNT_EXECUTIVE, from_on=TODAY)
    acme.decides_on = date(2027, 1, 20)
    (run,) = service.start_play(session, ana, play, [acme]).runs
    found = [(task.title, task.assignee_id, task.due_on) for task in tasks_of(session, run)]
    assert found == [
        ("Prepare", ana.user_id, TODAY),
        ("Price", ben.user_id, date(2026, 11, 30)),
        ("Sign", mia.user_id, date(2027, 1, 8)),
    ]
    assert (run.started_by, run.started_on, run.decision_on) == (ana.user_id, TODAY, acme.decides_on)


# --- a selection -----------------------------------------------------------------------------------------------------


def test_a_selection_starts_where_it_may_and_says_what_it_left_out(
    session: Session, ana: Viewer, zoe: Viewer, acme: Account, play: Play, make_account: Callable[..., Account]
) -> None:
    foreign, pool = make_account("Zeta", owner=zoe), make_account("Pool", owner=None)
    service.start_play(session, ana, play, [acme])
    done = service.start_play(session, ana, play, [acme, foreign, make_account("Brodeur")])
    assert [len(one) for one in (done.runs, done.running, done.not_yours, done.nobody)] == [1, 1, 1, 0]
    assert service.start_play(session, system_viewer(), play, [pool]).nobody == [pool]
    assert len(runs(session, play)) == 2


def test_a_start_takes_as_many_statements_for_one_account_as_for_twelve(
    sign_in: Any, ana: Viewer, play: Play, make_account: Callable[..., Account], count_queries: Callable[..., int]
) -> None:
    browser = sign_in(ana)
    groups = [[make_account(f"{n}-{size}").id for n in range(size)] for size in (2, 12)]
    counts = [
        count_queries(lambda ids=ids: browser.post("/plays/start", data={"play": str(play.id), "account_id": ids}))
        for ids in groups
    ]
    assert counts[0] == counts[1]


def test_twelve_accounts_are_previewed_and_started(
    as_ana: Any, session: Session, ana: Viewer, zoe: Viewer, play: Play, make_account: Callable[..., Account]
) -> None:
    mine = [make_account(f"Mine {n}") for n in range(12)]
    service.start_play(session, ana, play, mine[:2])
    session.commit()
    ids = [one.id for one in [*mine, make_account("Zeta", owner=zoe)]]
    chosen = {"account_id": ids}
    for preview in (as_ana.get("/plays/start", params=chosen), as_ana.post("/plays/start", data=chosen)):
        assert preview.status_code == 200
        assert "Start it on 10 accounts" in preview.text
        assert "already running on 2" in preview.text
        assert "1 account is in somebody else" in preview.text
    answer = as_ana.post("/plays/start", data={"account_id": ids, "play": str(play.id)})
    assert "started on 10 accounts" in answer.text
    session.expire_all()
    assert len(runs(session, play)) == 12


# --- triggers --------------------------------------------------------------------------------------------------------


def test_a_stage_entered_starts_its_play_once(session: Session, ana: Viewer, acme: Account, play_on: MakePlay) -> None:
    play = play_on(Trigger.STAGE, "renewing")
    accounts.change_stage(session, ana, acme, Stage.RENEWING, on=TODAY)
    (run,) = runs(session, play)
    assert (run.cause, run.started_by, len(tasks_of(session, run))) == ("stage:renewing:2026-11-23", None, 2)
    service.stop_run(session, ana, acme, run, reason="Not now")
    accounts.set_seats(session, ana, acme, 40)  # the account has changed again, the cause is the same
    daily_round(session, clock.now())
    assert len(runs(session, play)) == 1


def test_a_play_that_is_off_starts_nothing(session: Session, ana: Viewer, acme: Account, play_on: MakePlay) -> None:
    play = play_on(Trigger.STAGE, "renewing")
    service.switch_off(session, system_viewer(), play)
    accounts.change_stage(session, ana, acme, Stage.RENEWING, on=TODAY)
    assert daily_round(session, clock.now()) == "0 plays started"
    assert runs(session, play) == []


def test_what_happened_before_it_was_switched_on_does_not_count(
    session: Session, ana: Viewer, acme: Account, play_on: MakePlay
) -> None:
    play = play_on(Trigger.STAGE, "renewing")
    play.on_since = TODAY
    accounts.change_stage(session, ana, acme, Stage.RENEWING, on=TODAY - timedelta(days=3))
    assert runs(session, play) == []


def test_a_champion_who_leaves_starts_it_unless_there_is_another(
    session: Session, ana: Viewer, acme: Account, iris: Contact, play_on: MakePlay
) -> None:
    play = play_on(Trigger.CHAMPION_LEFT)
    other = accounts.add_contact(session, ana, acme, name="Nina", roles=[ContactRoleKind.CHAMPION], from_on=TODAY)
    accounts.give_role(session, ana, acme, iris, ContactRoleKind.CHAMPION, from_on=TODAY - timedelta(days=90))
    leave(session, ana, acme, iris, on=TODAY)
    assert runs(session, play) == []
    leave(session, ana, acme, other, on=TODAY)
    assert len(runs(session, play)) == 1


def test_a_decision_that_comes_near_is_found_by_the_days_round(
    session: Session, acme: Account, make_account: Callable[..., Account], play_on: MakePlay
) -> None:
    play = play_on(Trigger.DECISION, days=90)
    within = TODAY + timedelta(days=80)  # entered ten days ago
    acme.decides_on = within
    for name, days in (("Long ago", 20), ("Not yet", 91), ("Over", -1)):
        make_account(name, decides_on=TODAY + timedelta(days=days))
    assert daily_round(session, clock.now()) == "1 plays started"
    assert daily_round(session, clock.now()) == "0 plays started"
    (run,) = runs(session, play)
    assert (run.account_id, run.cause) == (acme.id, f"decision:{within.isoformat()}")


def test_one_started_by_hand_is_not_started_again_for_the_same_decision(
    session: Session, ana: Viewer, acme: Account, play_on: MakePlay
) -> None:
    play = play_on(Trigger.DECISION, days=90)
    acme.decides_on = TODAY + timedelta(days=80)
    (run,) = service.start_play(session, ana, play, [acme]).runs
    service.stop_run(session, ana, acme, run, reason="Signed already")
    assert daily_round(session, clock.now()) == "0 plays started"


def test_a_band_entered_starts_its_play_once(session: Session, acme: Account, play_on: MakePlay) -> None:
    play = play_on(Trigger.BAND, "red")
    rescore(session, [acme.id])
    score = session.get_one(HealthScore, acme.id)
    score.band, score.banded_at = Band.RED, clock.now()
    session.flush()
    assert start_band_plays(session) == 1
    assert start_band_plays(session, [acme.id]) == 0
    assert runs(session, play)[0].cause == "band:red:2026-11-23"


def test_too_many_at_once_wait_for_a_person(
    as_mia: Any, session: Session, make_account: Callable[..., Account], play_on: MakePlay
) -> None:
    play = play_on(Trigger.DECISION, days=90)
    for n in range(AT_ONCE + 1):
        make_account(f"Imported {n}", decides_on=TODAY + timedelta(days=80))
    assert daily_round(session, clock.now()) == "0 plays started"
    session.commit()
    assert f"{AT_ONCE + 1} accounts met its trigger at once" in as_mia.get(f"/plays/{play.id}").text
    as_mia.post(f"/plays/{play.id}/due")
    session.expire_all()
    assert len(runs(session, play)) == AT_ONCE + 1
    assert due_now(session, play, TODAY) == []


def test_two_processes_start_one_run(database: Database, session: Session, acme: Account, play: Play) -> None:
    """The second one finds the first one's row when it writes, not when it looks."""
    row = service._run_row(system_viewer(), play, acme, "decision:2027-01-01", TODAY)
    other = {**row, "id": row["id"] + 1}
    assert service._insert_once(session, [row]) == {row["id"]}
    assert service._insert_once(session, [other]) == set()


# --- what becomes of a run -------------------------------------------------------------------------------------------


def test_a_run_ends_with_its_last_task_and_goes_on_when_one_is_opened(
    session: Session, ana: Viewer, acme: Account, play: Play
) -> None:
    (run,) = service.start_play(session, ana, play, [acme]).runs
    for task in (tasks := tasks_of(session, run)):
        accounts.complete_task(session, ana, acme, task)
    assert (run.ended_on, run.ending) == (TODAY, Ending.DONE)
    accounts.reopen_task(session, ana, acme, tasks[0])
    assert (run.ended_on, run.ending) == (None, None)


def test_a_stopped_run_closes_its_open_tasks_with_the_reason(
    session: Session, ana: Viewer, zoe: Viewer, acme: Account, play: Play
) -> None:
    (run,) = service.start_play(session, ana, play, [acme]).runs
    first, *others = tasks_of(session, run)
    accounts.complete_task(session, ana, acme, first)
    with pytest.raises(Forbidden):
        service.stop_run(session, zoe, acme, run, reason="x")
    assert service.stop_run(session, ana, acme, run, reason="They signed") == 2
    assert {(task.skipped, task.outcome) for task in others} == {(True, "They signed")}
    assert (first.skipped, run.ending) == (False, Ending.STOPPED)
    with pytest.raises(Conflict):
        service.stop_run(session, ana, acme, run, reason="again")


def test_each_figure_opens_as_much_as_it_says(
    as_ana: Any, session: Session, ana: Viewer, play: Play, make_account: Callable[..., Account]
) -> None:
    """Counted again from what the runs behind it show."""
    made = [make_account(f"Account {n}", ends_on=date(2027, 1, 1)) for n in range(4)]
    begun = {run.account_id: run for run in service.start_play(session, ana, play, made).runs}
    on_time, late, skipped, _ = (tasks_of(session, begun[one.id]) for one in made)
    accounts.complete_task(session, ana, made[0], on_time[0])
    late[0].planned_on = TODAY - timedelta(days=1)
    accounts.move_task(session, ana, made[1], late[0], due_on=TODAY + timedelta(days=9))  # put off is still late
    accounts.complete_task(session, ana, made[1], late[0])
    accounts.skip_task(session, ana, made[2], skipped[0], reason="no")
    service.stop_run(session, ana, made[3], begun[made[3].id], reason="no")
    made[0].ends_on = date(2028, 1, 1)
    accounts.change_stage(session, ana, made[1], Stage.CHURNED, on=TODAY)
    begun[made[2].id].band_later = "green"
    session.commit()
    found = figures(session, ana, play)
    expected = {Shown.ALL: 4, Shown.RUNNING: 3, Shown.STOPPED: 1, Shown.ON_TIME: 1, Shown.LATE: 1, Shown.SKIPPED: 4,
                Shown.OPEN: 6, Shown.RENEWED: 1, Shown.CHURNED: 1, Shown.GREEN: 1, Shown.DONE: 0}  # fmt: skip
    assert {key: found[key] for key in expected} == expected
    page = as_ana.get(f"/plays/{play.id}").text
    for shown in Shown:
        rows = as_ana.get(f"/plays/{play.id}/runs?show={shown}").text.partition("<tbody>")[2]
        if label := {"on_time": "On time", "late": "Late", "skipped": "Skipped"}.get(shown.value):
            assert sum(map(int, re.findall(rf'data-label="{label}">(\d+)<', rows))) == found[shown]
        elif shown is Shown.OPEN:
            done = re.findall(r'data-label="Tasks closed">(\d+) of (\d+)<', rows)
            assert sum(int(all_) - int(closed) for closed, all_ in done) == found[shown]
        else:
            assert rows.count("<tr data-row>") == found[shown]
        assert (f"?show={shown}" in page) is (found[shown] > 0 and shown is not Shown.ALL)


def test_bands_are_noted_at_the_start_and_ninety_days_later(
    session: Session, ana: Viewer, acme: Account, play: Play
) -> None:
    (run,) = service.start_play(session, ana, play, [acme], on=TODAY - timedelta(days=95)).runs
    for day, band in ((TODAY - timedelta(days=97), Band.RED), (TODAY - timedelta(days=9), Band.GREEN)):
        session.add(
            HealthSnapshot(account_id=acme.id, day=day, score_hundredths=5_000, band=band, coverage_hundredths=9_000,
                           model_version=1, t=clock.start_of(day), known_at=clock.start_of(day))
        )  # fmt: skip
    session.flush()
    note_bands(session, looked_for=timedelta(days=200))
    assert (run.band_at_start, run.band_later) == ("red", "green")
    assert note_bands(session, looked_for=timedelta(days=200)) == 0


# --- writing ---------------------------------------------------------------------------------------------------------


def test_a_changed_play_counts_for_new_runs_only(session: Session, ana: Viewer, mia: Viewer, acme: Account, play: Play, make_account: Callable[..., Account]) -> None:  # fmt: skip  # noqa: E501
    (before,) = service.start_play(session, ana, play, [acme]).runs
    service.change_play(session, mia, play, PlayPlan(PLAN.title, PLAN.trigger, [StepPlan("Only this")], "", "", 90))
    (after,) = service.start_play(session, ana, play, [make_account("Brodeur")]).runs
    assert [task.title for task in tasks_of(session, after)] == ["Only this"]
    assert (len(tasks_of(session, before)), before.version, after.version) == (3, 1, 2)
    with pytest.raises(Forbidden):
        service.change_play(session, ana, play, PLAN)


@pytest.mark.parametrize(
    "plan",
    [
        PlayPlan("x", Trigger.MANUAL, []),
        PlayPlan("x", Trigger.STAGE, [StepPlan("y")], trigger_value="asleep"),
        PlayPlan("x", Trigger.BAND, [StepPlan("y")]),
        PlayPlan("x", Trigger.DECISION, [StepPlan("y")]),
        PlayPlan("x", Trigger.MANUAL, [StepPlan("y")] * 21),
    ],
)
def test_a_play_that_could_not_work_is_refused(session: Session, mia: Viewer, plan: PlayPlan) -> None:
    with pytest.raises(Invalid):
        service.create_play(session, mia, plan)
    assert session.execute(core_select(Play)).all() == []


def form(**more: Any) -> dict[str, Any]:
    return {
        "title": "After go-live", "trigger": "stage", "stage": "live", "step_title": ["Call", "", "Ask"],
        "step_role": ["owner", "owner", "backup"], "step_days": ["", "", "14"],
        "step_anchor": ["start", "start", "start"], **more,
    }  # fmt: skip


def test_a_manager_writes_copies_and_switches_a_play(as_mia: Any, session: Session) -> None:
    answer = as_mia.post("/plays", data=form())
    assert answer.status_code == 303, answer.text
    made = session.exec(select(Play)).one()
    steps = session.exec(select(PlayStep).order_by(col(PlayStep.position))).all()
    assert [(one.title, one.role, one.days) for one in steps] == [("Call", "owner", 0), ("Ask", "backup", 14)]
    path = f"/plays/{made.id}"
    as_mia.post(f"{path}/switch", data={"on": "true"})
    copied = as_mia.post(f"{path}/copy")
    assert copied.headers["location"].endswith("/edit")
    session.expire_all()
    assert session.get_one(Play, made.id).on_since == TODAY
    assert {(one.title, one.on_since) for one in session.exec(select(Play))} == {
        ("After go-live", TODAY),
        ("After go-live, copy", None),
    }
    assert as_mia.get("/plays").status_code == 200


@pytest.mark.parametrize("wrong", [{"stage": ""}, {"step_title": [""]}, {"step_days": ["many", "", ""]}, {"title": ""}])
def test_a_form_that_needs_mending_keeps_what_was_typed(as_mia: Any, session: Session, wrong: dict[str, Any]) -> None:
    answer = as_mia.post("/plays", data=form(purpose="Because it helps", **wrong))
    assert answer.status_code == 422
    assert "Because it helps" in answer.text
    assert session.exec(select(Play)).all() == []


# --- the account page ------------------------------------------------------------------------------------------------


def test_the_account_page_starts_shows_and_stops_it(as_ana: Any, session: Session, acme: Account, play: Play) -> None:
    preview = as_ana.get(f"/plays/start?account_id={acme.id}")
    assert "Prepare" in preview.text
    answer = as_ana.post("/plays/start", data={"account_id": str(acme.id), "play": str(play.id)})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/accounts/{acme.id}")
    page = as_ana.get(f"/accounts/{acme.id}").text
    assert "0 of 3 done" in page
    (run,) = runs(session, play)
    assert as_ana.post(f"/accounts/{acme.id}/plays/{run.id}/stop", data={"reason": " "}).status_code == 422
    assert as_ana.post(f"/accounts/{acme.id}/plays/{run.id}/stop", data={"reason": "Signed"}).status_code == 303
    assert "stopped: Signed" in as_ana.get(f"/accounts/{acme.id}").text


def test_pages_take_as_many_statements_however_much_there_is(
    as_ana: Any, session: Session, ana: Viewer, acme: Account, play: Play, make_account: Callable[..., Account],
    count_queries: Callable[..., int], play_on: MakePlay,
) -> None:  # fmt: skip
    service.start_play(session, ana, play, [acme])
    session.commit()
    paths = ["/plays", f"/plays/{play.id}", f"/plays/{play.id}/runs", f"/accounts/{acme.id}"]
    few = [count_queries(lambda path=path: as_ana.get(path)) for path in paths]
    more = [play_on(Trigger.STAGE, stage) for stage in ("live", "renewing", "churned")]
    service.start_play(session, ana, play, [make_account(f"Account {n}") for n in range(8)])
    for one in more:
        service.start_play(session, ana, one, [acme])
    session.commit()
    assert [count_queries(lambda path=path: as_ana.get(path)) for path in paths] == few
