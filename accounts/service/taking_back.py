"""A change undone by whoever made it: what was there before holds again, as if the change had not been.

The rights of the moment are not asked (the change may have taken the account out of one's hands); ``crm.undo`` has made
sure that it was the actor's own change and that nobody has changed the same since.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlmodel import Session, col, select

from accounts.events import AccountsChanged, tell
from accounts.models import AccessKind, Account, AccountAccess, AccountFact, Assignment, FactKey, Stage, Task, Tier
from accounts.service._dated import as_text
from accounts.service._row import hold
from accounts.service.tasks import take_closing_back
from crm.audit import record
from crm.clock import now, today
from crm.errors import Conflict
from crm.identity.models import User
from crm.text import N_
from crm.viewer import Viewer

REASON = "taken back"


def put_stage(session: Session, actor: Viewer, account: Account, stage: Stage, since: date) -> None:
    hold(session, account)
    wrong = account.stage
    _take_back_fact(session, account, FactKey.STAGE, wrong)
    account.stage, account.stage_entered_on = stage, since
    account.version += 1
    record(session, actor, account.id, "account.stage_changed", before=wrong, after=stage, on=since, reason=REASON)
    tell(session, AccountsChanged, [account.id])


def put_tier(session: Session, actor: Viewer, account: Account, tier: Tier) -> None:
    hold(session, account)
    wrong = account.tier
    _take_back_fact(session, account, FactKey.TIER, wrong)
    account.tier = tier
    account.version += 1
    record(session, actor, account.id, "account.tier_changed", before=wrong, after=tier, on=today(), reason=REASON)
    tell(session, AccountsChanged, [account.id])


def put_owner(session: Session, actor: Viewer, account: Account, owner_id: int | None, team_id: int | None) -> None:
    """The one before owns it again from today; whom it was given to by mistake does not read on as a former owner."""
    hold(session, account)
    owner = session.get(User, owner_id) if owner_id else None
    if owner is not None and owner.disabled_at is not None:
        raise Conflict(N_("%(user)s no longer works here; choose someone else."), user=owner.name)
    day = today()
    for assignment in session.exec(
        select(Assignment).where(col(Assignment.account_id) == account.id, col(Assignment.to_on).is_(None))
    ):
        assignment.to_on = max(day, assignment.from_on)
    access = session.exec(select(AccountAccess).where(col(AccountAccess.account_id) == account.id)).all()
    for row in access:
        mistaken = row.kind is AccessKind.OWNER and row.user_id == account.owner_id
        former = row.kind is AccessKind.FORMER and row.user_id == owner_id
        if (mistaken or former) and (row.to_on is None or row.to_on >= day):
            row.to_on = day - timedelta(days=1)
    if owner is not None:
        session.add(Assignment(account_id=account.id, user_id=owner.id, from_on=day, reason=REASON))
        session.add(AccountAccess(account_id=account.id, user_id=owner.id, kind=AccessKind.OWNER, from_on=day))
    before = account.owner_id
    account.owner_id, account.team_id = owner_id, team_id
    account.version += 1
    record(
        session,
        actor,
        account.id,
        "account.assigned",
        before=str(before) if before else None,
        after=str(owner_id) if owner_id else None,
        name=owner.name if owner else None,
        on=day,
        reason=REASON,
    )
    tell(session, AccountsChanged, [account.id])


def put_task(session: Session, actor: Viewer, task: Task, *, title: str, due_on: date, done: bool) -> None:
    task.title, task.due_on = title, due_on
    if not done:
        take_closing_back(session, actor, task)
    record(session, actor, task.account_id, "task.restored", task=str(task.id), title=title, due_on=due_on)


def remove_task(session: Session, actor: Viewer, task: Task) -> None:
    """One that was only just written down."""
    record(session, actor, task.account_id, "task.withdrawn", task=str(task.id), title=task.title)
    session.delete(task)


def _take_back_fact(session: Session, account: Account, key: FactKey, wrong: object) -> None:
    """Close the fact that said ``wrong``; those it had closed hold again, as further rows."""
    said = session.exec(
        select(AccountFact)
        .where(
            col(AccountFact.account_id) == account.id,
            col(AccountFact.key) == key,
            col(AccountFact.value) == as_text(wrong),
            col(AccountFact.closed_at).is_(None),
        )
        .order_by(col(AccountFact.known_at).desc(), col(AccountFact.id).desc())
        .limit(1)
    ).first()
    if said is None:
        return
    known = now()
    replaced = session.exec(
        select(AccountFact).where(
            col(AccountFact.account_id) == account.id,
            col(AccountFact.key) == key,
            col(AccountFact.closed_at) == said.known_at,
        )
    ).all()
    said.closed_at = known
    session.add_all(
        AccountFact(account_id=account.id, key=key, value=one.value, happened_at=one.happened_at, known_at=known)
        for one in replaced
    )
