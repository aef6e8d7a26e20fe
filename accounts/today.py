"""What this slice puts on the ranked day: decisions that come near, and tasks that are due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import case, or_, select as core_select
from sqlmodel import col

from accounts import service
from accounts.models import Account, Contract, Stage, Task, Tier
from accounts.portfolio import portfolio_ids
from accounts.queries import get_account, in_sight
from accounts.rights import reads_money_of
from accounts.tasks.queries import get_task
from crm import clock
from crm.config import get_settings
from crm.contracts import DayContext, TodayAction, TodayItem, TodaySource
from crm.errors import NotFound
from crm.identity.models import User
from crm.text import N_, Text, plural, text

MOST_ITEMS = 500
NOTICE_ENTERPRISE, NOTICE_OTHERS = timedelta(days=180), timedelta(days=120)
GIVEN_SHOWN = timedelta(days=3)  # that what others gave stands on the day, however far its own day
_STEPS = (180, 120, 90, 60, 30, 14, 7, 0)  # days before a decision at which a dismissed one comes back


# --- decisions -------------------------------------------------------------------------------------------------------


def decision_urgency(days: int) -> float:
    """How urgent a decision is that falls in ``days`` days (negative: its day has passed), 0–100.

    75 and above within two weeks, 60 within a month, 40 within two, then falling to 20 at half a year.
    """
    if days < 0:
        return max(60.0, 80.0 + days / 3)
    for until, low, high in ((14, 75.0, 88.0), (30, 60.0, 75.0), (60, 40.0, 60.0), (180, 20.0, 40.0)):
        if days <= until:
            begin = {14: 0, 30: 14, 60: 30, 180: 60}[until]
            return high - (high - low) * (days - begin) / (until - begin)
    return 15.0


def decision_condition(days: int) -> float:
    """How many of the steps towards a decision are behind us: it rises at each, and not every day."""
    return float(sum(days <= step for step in _STEPS) + (days < 0))


def decisions(context: DayContext) -> Sequence[TodayItem]:
    """Every contract of the portfolio whose decision is near, whatever the account's band; one statement."""
    window = case(
        (col(Account.tier) == Tier.ENTERPRISE, context.today + NOTICE_ENTERPRISE),
        else_=context.today + NOTICE_OTHERS,
    )
    money = reads_money_of(col(Account.id), context.viewer)
    amount = case((money, col(Account.arr_minor))) if money is not None else None
    rows = context.session.execute(
        core_select(
            col(Contract.id),
            col(Contract.account_id),
            col(Contract.decides_on),
            col(Contract.ends_on),
            col(Contract.auto_renews),
            col(Account.tier),
            col(Account.currency),
            *([amount.label("amount")] if amount is not None else []),
        )
        .join(Account, col(Account.id) == col(Contract.account_id))
        .where(
            col(Contract.closed_at).is_(None),
            col(Contract.decides_on) <= context.today + NOTICE_ENTERPRISE,
            col(Contract.decides_on) <= window,
            # A day that passed is said until the contract's end: somebody must write down what was decided.
            or_(col(Contract.decides_on) >= context.today, col(Contract.ends_on) >= context.today - timedelta(days=30)),
            col(Account.stage) != Stage.CHURNED,
            col(Account.id).in_(portfolio_ids(context.viewer)),
            in_sight(col(Account.id), context.viewer),
        )
        .order_by(col(Contract.decides_on), col(Contract.id))
        .limit(MOST_ITEMS)
    )
    home = get_settings().currency
    items = []
    for row in rows:
        days = (row.decides_on - context.today).days
        notice = NOTICE_ENTERPRISE if row.tier is Tier.ENTERPRISE else NOTICE_OTHERS
        items.append(
            TodayItem(
                key=str(row.id),
                account_id=row.account_id,
                kind="decision_coming",
                reason=_decision(days, row.decides_on, row.ends_on, renews=row.auto_renews),
                since=clock.start_of(row.decides_on - notice),
                due=row.decides_on,
                minutes=30,
                money_minor=row.amount if amount is not None and row.currency == home else None,
                urgency=decision_urgency(days),
                condition=decision_condition(days),
                action=TodayAction(text(N_("Log a call")), f"/accounts/{row.account_id}/notes/new?channel=call"),
                records_href=f"/accounts/{row.account_id}#panel-contract",
            )
        )
    return items


def _decision(days: int, decides_on: date, ends_on: date, *, renews: bool) -> Text:
    if days < 0:
        return plural(
            N_("The day to decide passed %(n)s day ago; write down what was decided"),
            N_("The day to decide passed %(n)s days ago; write down what was decided"),
            -days,
        )
    if days == 0:
        return text(N_("They decide today"))
    if renews:
        return plural(
            N_("They decide by %(day)s, in %(n)s day; without notice the contract goes on after %(end)s"),
            N_("They decide by %(day)s, in %(n)s days; without notice the contract goes on after %(end)s"),
            days,
            day=decides_on,
            end=ends_on,
        )
    return plural(
        N_("They decide by %(day)s, in %(n)s day; the contract ends on %(end)s"),
        N_("They decide by %(day)s, in %(n)s days; the contract ends on %(end)s"),
        days,
        day=decides_on,
        end=ends_on,
    )


# --- tasks -----------------------------------------------------------------------------------------------------------


def task_urgency(days: int) -> float:
    """How urgent a task is that is due in ``days`` days (negative: late)."""
    if days < 0:
        return min(80.0, 62.0 - 1.5 * days)
    return 60.0 if days == 0 else max(30.0, 50.0 - 3.0 * days)


def tasks_due(context: DayContext) -> Sequence[TodayItem]:
    """The viewer's own tasks that are late or due within a week, and what others gave them lately; one statement.
    Their days are real ones, also in an old book."""
    today = max(context.today, clock.today())
    rows = context.session.execute(
        core_select(
            col(Task.id),
            col(Task.account_id),
            col(Task.title),
            col(Task.due_on),
            col(Task.created_at),
            col(User.name).label("giver"),
        )
        .join(Account, col(Account.id) == col(Task.account_id))
        .outerjoin(User, col(User.id) == col(Task.given_by))
        .where(
            col(Task.assignee_id) == context.viewer.user_id,
            col(Task.done_at).is_(None),
            or_(
                col(Task.due_on) <= today + timedelta(days=7),
                col(Task.given_at) >= clock.start_of(today - GIVEN_SHOWN),
            ),
            in_sight(col(Task.account_id), context.viewer),
        )
        .order_by(col(Task.due_on), col(Task.id))
        .limit(MOST_ITEMS)
    )
    items = []
    for row in rows:
        days = (row.due_on - today).days
        items.append(
            TodayItem(
                key=str(row.id),
                account_id=row.account_id,
                kind="task_due",
                reason=_due(row.title, days, row.due_on, row.giver),
                since=row.created_at,
                due=row.due_on,
                minutes=15,
                money_minor=None,
                urgency=task_urgency(days),
                condition=float((days <= 0) + (days < 0) + (days < -7)),
                action=TodayAction(text(N_("Log a talk")), f"/accounts/{row.account_id}/notes/new"),
                records_href=f"/accounts/{row.account_id}#panel-next",
            )
        )
    return items


def _due(title: str, days: int, due_on: date, giver: str | None) -> Text:
    said = _due_by(title, days, due_on)
    return text(N_("%(giver)s asks: %(reason)s"), giver=giver, reason=said) if giver else said


def _due_by(title: str, days: int, due_on: date) -> Text:
    if days < 0:
        return plural(N_("%(task)s: late by %(n)s day"), N_("%(task)s: late by %(n)s days"), -days, task=title)
    if days == 0:
        return text(N_("%(task)s: due today"), task=title)
    return text(N_("%(task)s: due %(day)s"), task=title, day=due_on)


def task_done(context: DayContext, account_id: int, key: str, outcome: str) -> None:
    """Done on the ranked day is done; what came of it may be said then or a moment later."""
    account, task = _task(context, account_id, key)
    if task.done_at is None:
        service.complete_task(context.session, context.viewer, account, task, outcome=outcome)
    elif outcome:
        service.add_outcome(context.session, context.viewer, account, task, outcome=outcome)


def task_undone(context: DayContext, account_id: int, key: str) -> None:
    account, task = _task(context, account_id, key)
    if task.done_at is not None:
        service.reopen_task(context.session, context.viewer, account, task)


def _task(context: DayContext, account_id: int, key: str) -> tuple[Account, Task]:
    account = get_account(context.session, context.viewer, account_id)
    if not (key.isascii() and key.isdigit() and len(key) <= 18):
        raise NotFound(N_("There is no such task here."))
    return account, get_task(context.session, account, int(key))


TODAY = (
    TodaySource("decisions", N_("Decisions coming"), decisions),
    TodaySource("task_due", N_("Tasks due"), tasks_due, done=task_done, undone=task_undone),
)
