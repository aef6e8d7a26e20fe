"""Goals of a customer: how far they are, what shows it, what stands in print."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from accounts.goals import report
from accounts.goals.models import Goal, GoalEvidence, GoalStatus
from accounts.goals.progress import progress_of, share_of
from accounts.goals.queries import goals_of
from accounts.goals.service import (
    ChangedMeanwhile,
    add_evidence,
    change_goal,
    reopen_goal,
    set_goal,
    settle_goal,
    take_back_evidence,
)
from accounts.models import Account, Contact
from crm import clock
from crm.contracts import SectionContext
from crm.errors import Conflict, Forbidden, Invalid
from crm.viewer import Viewer

TODAY = date(2026, 11, 23)
STOPS = {"metric": "stops a month", "baseline": 12.0, "target": 4.0}


@pytest.fixture
def make_goal(session: Session, ana: Viewer, acme: Account) -> Callable[..., Goal]:
    def make(*, account: Account = acme, **values: Any) -> Goal:
        values.setdefault("objective", "Fewer night calls")
        values.setdefault("set_on", TODAY - timedelta(days=50))
        values.setdefault("due_on", TODAY + timedelta(days=50))
        made = set_goal(session, ana, account, **values)
        session.commit()
        return made

    return make


MakeGoal = Callable[..., Goal]


@pytest.mark.parametrize(
    ("latest", "share"),
    [(12, 0.0), (8, 0.5), (4, 1.0), (2, 1.0), (15, 0.0), (None, None)],  # past the target is 1, worse than before is 0
)
def test_the_share_is_of_the_way_from_where_it_stood(
    make_goal: MakeGoal, latest: float | None, share: float | None
) -> None:
    assert share_of(make_goal(**STOPS), latest) == share


@pytest.mark.parametrize(
    ("latest", "ahead", "said", "band"),
    [
        (8, 50, "on course, 50 days left", "green"),  # half of the way at half of the time
        (9, 50, "behind, 50 days left", "amber"),
        (4, 50, "the target is met; say so", "green"),
        (8, -3, "3 days late", "red"),
        (None, 50, "50 days left", None),
    ],
)
def test_progress_in_words(make_goal: MakeGoal, latest: float | None, ahead: int, said: str, band: str | None) -> None:
    progress = progress_of(make_goal(**STOPS, due_on=TODAY + timedelta(days=ahead)), latest, TODAY)
    assert (str(progress.words), progress.band) == (said, band)


def test_the_newest_figure_counts_and_what_was_taken_back_does_not(
    session: Session, ana: Viewer, acme: Account, make_goal: MakeGoal
) -> None:
    goal = make_goal(**STOPS)
    add_evidence(session, ana, acme, goal, figure=9, seen_on=TODAY - timedelta(days=20))
    wrong = add_evidence(session, ana, acme, goal, figure=5, seen_on=TODAY)
    add_evidence(session, ana, acme, goal, words="The night shift says it is calmer.", seen_on=TODAY)
    assert goals_of(session, acme.id, 10)[0].latest == 5
    take_back_evidence(session, ana, acme, goal, wrong)
    session.flush()
    assert goals_of(session, acme.id, 10)[0].latest == 9
    assert session.get_one(GoalEvidence, wrong.id).closed_at is not None


@pytest.mark.parametrize(
    "values",
    [
        {"objective": " "},
        {"baseline": 4.0, "metric": "stops"},  # without a target
        {"baseline": 4.0, "target": 4.0, "metric": "stops"},
        {"baseline": 4.0, "target": 2.0},  # of what?
        {"baseline": 4.0, "target": float("inf"), "metric": "stops"},
        {"due_on": date(2026, 1, 1)},
    ],
)
def test_what_makes_no_sense_is_refused(session: Session, make_goal: MakeGoal, values: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        make_goal(**values)
    assert session.exec(select(Goal)).all() == []


def test_a_goal_is_settled_once_and_can_be_opened_again(
    session: Session, ana: Viewer, acme: Account, make_goal: MakeGoal
) -> None:
    goal = make_goal()
    with pytest.raises(Invalid):  # a miss needs words
        settle_goal(session, ana, acme, goal, status=GoalStatus.MISSED)
    settle_goal(session, ana, acme, goal, status=GoalStatus.REACHED)
    with pytest.raises(Conflict):
        settle_goal(session, ana, acme, goal, status=GoalStatus.DROPPED, outcome="x")
    assert str(progress_of(goal, None, TODAY).words).startswith("reached on")
    reopen_goal(session, ana, acme, goal)
    assert (goal.status, goal.settled_on, goal.settled_at) == (GoalStatus.OPEN, None, None)


def test_two_people_do_not_overwrite_each_other(
    session: Session, ana: Viewer, acme: Account, make_goal: MakeGoal
) -> None:
    goal = make_goal()
    change_goal(session, ana, acme, goal, objective="Calm nights", due_on=goal.due_on, version=goal.version)
    with pytest.raises(ChangedMeanwhile):
        change_goal(session, ana, acme, goal, objective="Other", due_on=goal.due_on, version=goal.version - 1)
    assert goal.objective == "Calm nights"


def test_others_may_not_agree_goals(session: Session, ben: Viewer, exec_: Viewer, acme: Account) -> None:
    for viewer in (ben, exec_):
        with pytest.raises(Forbidden):
            set_goal(session, viewer, acme, objective="x", due_on=TODAY)


# --- in print


def section(session: Session, viewer: Viewer, account: Account, edition: Any) -> Any:
    return report.load(SectionContext(session, viewer, account.id, clock.now(), "en", edition))


def test_the_customers_edition_has_only_what_is_meant_for_them(
    session: Session, ana: Viewer, acme: Account, make_goal: MakeGoal
) -> None:
    goal = make_goal(**STOPS)
    add_evidence(
        session, ana, acme, goal, figure=9, words="Nine in October", for_customer=True, seen_on=date(2026, 10, 31)
    )
    add_evidence(session, ana, acme, goal, figure=11, words="They complain again", seen_on=TODAY)
    session.flush()
    (inside,) = section(session, ana, acme, "internal")["lines"]
    (outside,) = section(session, ana, acme, "customer")["lines"]
    assert (inside["progress"].latest, inside["evidence"].words) == (11, "They complain again")
    assert (outside["progress"].latest, outside["evidence"].words) == (9, "Nine in October")
    settle_goal(session, ana, acme, goal, status=GoalStatus.DROPPED, outcome="Ingrid lost interest")
    assert section(session, ana, acme, "internal")["lines"][0]["outcome"] == "Ingrid lost interest"
    assert section(session, ana, acme, "customer")["lines"][0]["outcome"] == ""


def test_no_goal_no_section(session: Session, ana: Viewer, acme: Account) -> None:
    assert section(session, ana, acme, "internal") is None


# --- pages


def test_the_story_of_a_goal_by_its_forms(as_ana: TestClient, session: Session, acme: Account, iris: Contact) -> None:
    bad = as_ana.post(
        f"/accounts/{acme.id}/goals", data={"objective": "Calm nights", "due_on": "in 2 weeks", "baseline": "12"}
    )
    assert bad.status_code == 422
    assert "or neither" in bad.text
    as_ana.post(
        f"/accounts/{acme.id}/goals",
        data={"objective": "Calm nights", "metric": "stops a month", "baseline": "12", "target": "4,5",
              "due_on": "2027-03-31", "contact": str(iris.id)},
    )  # fmt: skip
    goal = session.exec(select(Goal)).one()
    assert (goal.baseline, goal.target, goal.contact_id) == (12, 4.5, iris.id)
    as_ana.post(
        f"/accounts/{acme.id}/goals/{goal.id}/evidence",
        data={"figure": "7", "words": "<b>Seven</b>", "seen_on": "today"},
    )
    page = as_ana.get(f"/accounts/{acme.id}/goals/{goal.id}").text
    assert "&lt;b&gt;Seven" in page
    assert "7, from 12 to 4.5" in as_ana.get(f"/accounts/{acme.id}").text
    as_ana.post(f"/accounts/{acme.id}/goals/{goal.id}/settling", data={"status": "reached", "on": "today"})
    timeline = as_ana.get(f"/accounts/{acme.id}?channel=moments").text
    assert "Goal reached: Calm nights" in timeline


def test_a_stranger_is_no_owner_of_a_goal(
    as_ana: TestClient,
    session: Session,
    acme: Account,
    make_account: Callable[..., Account],
    make_contact: Callable[..., Contact],
) -> None:
    stranger = make_contact("Otto Strange", account=make_account("Other"))
    answer = as_ana.post(
        f"/accounts/{acme.id}/goals", data={"objective": "x", "due_on": "today", "contact": str(stranger.id)}
    )
    assert answer.status_code == 404
    assert session.exec(select(Goal)).all() == []


def test_the_pages_take_the_same_queries_for_one_goal_and_for_many(
    as_ana: TestClient,
    session: Session,
    ana: Viewer,
    acme: Account,
    make_goal: MakeGoal,
    count_queries: Callable[..., int],
) -> None:
    goal = make_goal(**STOPS)
    addresses = [f"/accounts/{acme.id}", f"/accounts/{acme.id}/goals/{goal.id}"]
    few = [count_queries(lambda address=address: as_ana.get(address)) for address in addresses]
    for number in range(12):
        add_evidence(session, ana, acme, goal, figure=number)
        add_evidence(session, ana, acme, make_goal(objective=f"Goal {number}", **STOPS), figure=number)
    assert [count_queries(lambda address=address: as_ana.get(address)) for address in addresses] == few
