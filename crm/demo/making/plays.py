"""Three plays, what they did in the last year, and how tasks go from hand to hand.

Written after the scores, because one of them starts when a customer turns red.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Session, col, select

from accounts.models import (
    Account,
    ContactRole,
    ContactRoleKind,
    Contract,
    RepeatUnit,
    Stage,
    Task,
)
from accounts.plays.models import Anchor, Ending, Play, PlayRole, PlayRun, PlayStep, Trigger
from accounts.plays.planning import due_days
from accounts.plays.queries import crews, steps_of
from accounts.plays.service import PlayPlan, StepPlan, create_play, decision_cause
from accounts.workdays import workday_from, workday_until
from crm import clock
from crm.demo.when import dice
from crm.identity.models import User
from crm.viewer import system_viewer
from health_scores.models import Band, HealthScore
from health_scores.plays import note_bands

ON_SINCE, RED_SINCE = 420, 60  # days ago
WITHIN = 120

DECISION = PlayPlan(
    "Decision in 120 days",
    Trigger.DECISION,
    [
        StepPlan("Go through health, seats and open promises", PlayRole.OWNER),
        StepPlan("Agree on aim and price", PlayRole.ACCOUNT_EXECUTIVE, Anchor.START, 7),
        StepPlan("Review of the results with the sponsor", PlayRole.OWNER, Anchor.DECISION, 80),
        StepPlan("Send the offer", PlayRole.ACCOUNT_EXECUTIVE, Anchor.DECISION, 50),
        StepPlan("Get the decision in writing", PlayRole.OWNER, Anchor.DECISION, 14),
    ],
    purpose="So that nobody hears of a notice on its last day: the value first, then the offer, then the signature.",
    trigger_days=WITHIN,
)
RED = PlayPlan(
    "Dropped to red",
    Trigger.BAND,
    [
        StepPlan("Go through the open tickets with support", PlayRole.SUPPORT_LEAD),
        StepPlan("Call the sponsor and say what happens next", PlayRole.OWNER, Anchor.START, 1),
        StepPlan("Send a plan with dates and names", PlayRole.OWNER, Anchor.START, 3),
        StepPlan("Look at it together with the manager", PlayRole.MANAGER, Anchor.START, 10),
        StepPlan("Ask the sponsor whether the plan holds", PlayRole.OWNER, Anchor.START, 21),
    ],
    purpose="Somebody speaks with the customer on the next working day, and a plan follows within the week.",
    trigger_value="red",
)
CHAMPION = PlayPlan(
    "Champion left",
    Trigger.CHAMPION_LEFT,
    [
        StepPlan("Ask the sponsor who speaks for us now", PlayRole.OWNER, Anchor.START, 1),
        StepPlan("Get to know two more people there", PlayRole.OWNER, Anchor.START, 14),
        StepPlan("First talk with whoever follows", PlayRole.OWNER, Anchor.START, 45),
    ],
    purpose="A customer who knows us through one person only is lost with that person.",
)


def write_plays(session: Session, now: datetime) -> None:
    system, today = system_viewer(), clock.day_of(now)
    decision, red, champion = (create_play(session, system, plan) for plan in (DECISION, RED, CHAMPION))
    for play, ago in ((decision, ON_SINCE), (red, RED_SINCE), (champion, RED_SINCE)):
        play.on_since = today - timedelta(days=ago)
    accounts = {account.id: account for account in session.exec(select(Account)).all()}
    pen = _Pen(session, now, today, list(accounts.values()))
    for account, decides_on, ends_on in _decisions(session, accounts, today):
        pen.run(decision, account, decision_cause(decides_on), decides_on - timedelta(days=WITHIN), decides_on, ends_on)
    for account_id, banded_at in session.exec(
        select(HealthScore.account_id, HealthScore.banded_at).where(HealthScore.band == Band.RED)
    ).all():
        day, account = clock.day_of(banded_at), accounts[account_id]
        if day >= today - timedelta(days=RED_SINCE) and account.stage is not Stage.CHURNED:
            pen.run(red, account, f"band:red:{day.isoformat()}", day, account.decides_on, account.ends_on)
    for role in session.exec(
        select(ContactRole).where(
            ContactRole.role == ContactRoleKind.CHAMPION,
            col(ContactRole.closed_at).is_(None),
            col(ContactRole.to_on).between(today - timedelta(days=RED_SINCE), today),
        )
    ).all():
        account = accounts[role.account_id]
        if account.stage is not Stage.CHURNED and role.to_on is not None:
            cause = f"champion:{role.contact_id}:{role.to_on.isoformat()}"
            pen.run(champion, account, cause, role.to_on, account.decides_on, account.ends_on)
    pen.write()
    _hand_round(session, now, today, accounts)
    session.flush()
    note_bands(session, looked_for=timedelta(days=ON_SINCE))


def _decisions(session: Session, accounts: dict[int, Account], today: date) -> list[tuple[Account, date, date]]:
    """Of the last year and of those that are near: the account, when it decides and when that contract ends."""
    first, last = today - timedelta(days=ON_SINCE - WITHIN), today + timedelta(days=WITHIN)
    rows = session.exec(
        select(Contract).where(col(Contract.decides_on).between(first, last)).order_by(col(Contract.decides_on))
    ).all()
    found = []
    for contract in rows:
        account = accounts[contract.account_id]
        signed = contract.starts_on + timedelta(days=30) < contract.decides_on - timedelta(days=WITHIN)
        gone = account.stage is Stage.CHURNED and account.stage_entered_on < contract.decides_on
        if signed and not gone:
            found.append((account, contract.decides_on, contract.ends_on))
    return found


class _Pen:
    """Writes runs with their tasks as they went: most in time, some late, a few not needed, the rest still open."""

    def __init__(self, session: Session, now: datetime, today: date, accounts: Sequence[Account]) -> None:
        self._session, self._now, self._today = session, now, today
        self._crews = crews(session, accounts, today)
        self._steps: dict[int, Sequence[PlayStep]] = {}
        self._runs: list[PlayRun] = []
        self._tasks: list[Task] = []

    def run(
        self, play: Play, account: Account, cause: str, start: date, decision: date | None, ends_on: date | None
    ) -> None:
        if any(run.play_id == play.id and run.account_id == account.id and run.ended_on is None for run in self._runs):
            return
        steps = self._steps.setdefault(play.id, steps_of(self._session, play))
        run = PlayRun(
            play_id=play.id,
            version=play.version,
            account_id=account.id,
            cause=cause,
            started_on=start,
            decision_on=decision,
            ends_on=ends_on,
        )
        tasks = [
            self._task(run, account, step, day)
            for step, day in zip(steps, due_days(steps, start, decision), strict=True)
        ]
        if all(task.done_on is not None for task in tasks):
            run.ended_on = max(task.done_on for task in tasks if task.done_on)
            run.ending = Ending.DONE
        self._runs.append(run)
        self._tasks += tasks

    def _task(self, run: PlayRun, account: Account, step: PlayStep, day: date) -> Task:
        rng = dice("play", account.name, step.title, run.cause.partition(":")[0])
        task = Task(
            account_id=account.id,
            assignee_id=self._crews[account.id].who(step.role) or account.owner_id or 0,
            title=step.title,
            due_on=day,
            planned_on=day,
            created_at=datetime.combine(run.started_on, time(6), UTC),
            play_run_id=run.id,
        )
        luck = rng.random()
        done_on = workday_from(day + timedelta(days=rng.randint(1, 5))) if luck > 0.86 else workday_until(day)
        last = step.anchor is Anchor.DECISION and step.days <= 14
        undecided = last and run.decision_on is not None and run.decision_on >= self._today
        if done_on < self._today and not undecided:
            done_on = max(done_on, run.started_on)
            task.done_on, task.done_by = done_on, task.assignee_id
            task.done_at = datetime.combine(done_on, time(8 + rng.randint(0, 6), rng.randint(0, 59)), UTC)
            if luck < 0.06:
                task.skipped, task.outcome = True, "Settled on the phone already"
        return task

    def write(self) -> None:
        self._session.add_all(self._runs)
        self._session.flush()
        self._session.add_all(self._tasks)
        self._session.flush()


def _hand_round(session: Session, now: datetime, today: date, accounts: dict[int, Account]) -> None:
    """One that a manager gave away with a word, and two that come again."""
    people = {user.email.partition("@")[0]: user.id for user in session.exec(select(User)).all()}
    by_name = {account.name: account for account in accounts.values()}
    session.add(
        Task(
            account_id=by_name["Halden Logistics"].id,
            assignee_id=people["ana.ruiz"],
            title="Tell Lars by whom and when each of the three tickets is solved",
            due_on=workday_from(today + timedelta(days=1)),
            created_by=people["mia.lindqvist"],
            created_at=now - timedelta(hours=3),
            given_by=people["mia.lindqvist"],
            given_at=now - timedelta(hours=3),
            given_words="Priya has the dates since this morning. Call, do not write.",
        )
    )
    for name, title, unit, every, day in (
        ("Corvin Aerospace", "Weekly call with Henrik's planners", RepeatUnit.WEEK, 2, today + timedelta(days=3)),
        ("Brodeur et Fils", "Point mensuel avec la direction", RepeatUnit.MONTH_WEEKDAY, 1, today + timedelta(days=8)),
    ):
        day = workday_from(day)
        session.add(
            Task(
                account_id=by_name[name].id,
                assignee_id=people["ana.ruiz"],
                title=title,
                due_on=day,
                created_by=people["ana.ruiz"],
                created_at=now - timedelta(days=20),
                repeat_every=every,
                repeat_unit=unit,
                repeat_from=day,
                repeat_on=day,
            )
        )
