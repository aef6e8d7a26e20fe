"""How changes of accounts and tasks are taken back by whoever made them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from accounts.models import Account, Stage, Task, Tier
from accounts.names import fold
from accounts.service.taking_back import put_owner, put_stage, put_task, put_tier, remove_task
from accounts.tags.queries import in_order, tags_of
from accounts.tags.service import put_tags
from crm.contracts import Reversal
from crm.viewer import Viewer


def _accounts(session: Session, ids: Sequence[int]) -> Sequence[Account]:
    return session.exec(select(Account).where(col(Account.id).in_(ids), col(Account.closed_at).is_(None))).all()


# --- what is said of one account, as JSON holds it -------------------------------------------------------------------


def owner_said(account: Account) -> dict[str, str | None]:
    """With the team that answers for it, which an owner brings along. Ids are words in JSON."""
    return {
        "owner": str(account.owner_id) if account.owner_id else None,
        "team": str(account.team_id) if account.team_id else None,
    }


def stage_said(account: Account) -> dict[str, str]:
    return {"stage": account.stage.value, "since": account.stage_entered_on.isoformat()}


def tier_said(account: Account) -> str:
    return account.tier.value


def task_said(task: Task) -> dict[str, Any]:
    return {
        "title": task.title,
        "due_on": task.due_on.isoformat(),
        "done_at": task.done_at.isoformat() if task.done_at else None,
    }


# --- owner, stage, tier, tags ----------------------------------------------------------------------------------------


def _owners(session: Session, ids: Sequence[int]) -> Mapping[int, Any]:
    return {account.id: owner_said(account) for account in _accounts(session, ids)}


def _put_owner(session: Session, actor: Viewer, account_id: int, _now: Any, wanted: Any) -> None:
    owner, team = (int(wanted[name]) if wanted[name] else None for name in ("owner", "team"))
    put_owner(session, actor, session.get_one(Account, account_id), owner, team)


def _stages(session: Session, ids: Sequence[int]) -> Mapping[int, Any]:
    return {account.id: stage_said(account) for account in _accounts(session, ids)}


def _put_stage(session: Session, actor: Viewer, account_id: int, _now: Any, wanted: Any) -> None:
    since = date.fromisoformat(wanted["since"])
    put_stage(session, actor, session.get_one(Account, account_id), Stage(wanted["stage"]), since)


def _tiers(session: Session, ids: Sequence[int]) -> Mapping[int, Any]:
    return {account.id: tier_said(account) for account in _accounts(session, ids)}


def _put_tier(session: Session, actor: Viewer, account_id: int, _now: Any, wanted: Any) -> None:
    put_tier(session, actor, session.get_one(Account, account_id), Tier(wanted))


def _tags(session: Session, ids: Sequence[int]) -> Mapping[int, Any]:
    here = [account.id for account in _accounts(session, ids)]
    return tags_of(session, here)


def _put_tags(session: Session, actor: Viewer, account_id: int, _now: Any, wanted: Any) -> None:
    put_tags(session, actor, session.get_one(Account, account_id), wanted)


def merge_tags(before: Sequence[str], after: Sequence[str], current: Sequence[str]) -> list[str]:
    """``current`` without what the change had added, with what it had taken away; what came later stays."""
    added = {fold(name) for name in after} - {fold(name) for name in before}
    kept = {fold(name): name for name in current if fold(name) not in added}
    for name in before:
        if fold(name) not in {fold(one) for one in after}:
            kept.setdefault(fold(name), name)
    return in_order(list(kept.values()))


# --- tasks -----------------------------------------------------------------------------------------------------------


def _tasks(session: Session, ids: Sequence[int]) -> Mapping[int, Any]:
    return {task.id: task_said(task) for task in session.exec(select(Task).where(col(Task.id).in_(ids)))}


def _put_task(session: Session, actor: Viewer, task_id: int, _now: Any, wanted: Any) -> None:
    task = session.get_one(Task, task_id)
    if wanted is None:
        remove_task(session, actor, task)
    else:
        day = date.fromisoformat(wanted["due_on"])
        put_task(session, actor, task, title=wanted["title"], due_on=day, done=wanted["done_at"] is not None)


REVERSALS = (
    Reversal("account.owner", _owners, _put_owner),
    Reversal("account.stage", _stages, _put_stage),
    Reversal("account.tier", _tiers, _put_tier),
    Reversal("account.tags", _tags, _put_tags, merged=merge_tags),
    Reversal("task", _tasks, _put_task),  # before: nothing, where it was new
)
