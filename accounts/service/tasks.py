"""Something a person must do by a day."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from sqlmodel import Session

from accounts.models import Account, Interaction, Task
from accounts.rights import ensure_may_do, ensure_may_note
from crm.audit import record
from crm.clock import now
from crm.errors import Conflict, Invalid
from crm.i18n.write import Writer
from crm.identity.models import User
from crm.mail import queue_mail
from crm.text import N_, text
from crm.viewer import Viewer


class AlreadyDone(Conflict):
    def __init__(self, task: Task) -> None:
        super().__init__(N_("“%(task)s” is done already."), task=task.title)


def create_task(
    session: Session,
    actor: Viewer,
    account: Account,
    *,
    title: str,
    due_on: date,
    assignee: User | None = None,
    interaction: Interaction | None = None,
) -> Task:
    """For ``assignee``, by default for whoever writes it down."""
    ensure_may_note(actor)
    title = " ".join(title.split())
    if not title:
        raise Invalid(N_("Please say what is to be done."))
    if assignee is not None and assignee.disabled_at is not None:
        raise Conflict(N_("%(user)s no longer works here; choose someone else."), user=assignee.name)

    task = Task(
        account_id=account.id,
        assignee_id=assignee.id if assignee else actor.user_id,
        title=title,
        due_on=due_on,
        interaction_id=interaction.id if interaction else None,
        created_by=None if actor.is_system else actor.user_id,
        created_at=now(),
    )
    session.add(task)
    session.flush()
    record(session, actor, account.id, "task.created", task=str(task.id), title=title, due_on=due_on)
    if assignee is not None and assignee.id != actor.user_id and not actor.is_system:
        _tell(session, actor, account, task, assignee)
    return task


def _tell(session: Session, giver: Viewer, account: Account, task: Task, assignee: User) -> None:
    """By mail, in the language of whom it is for; nobody is told of what they gave themselves."""
    queue_mail(
        session,
        Writer(assignee.language, ZoneInfo(assignee.time_zone), now()),
        key=f"task.given:{task.id}",
        recipient=assignee.email,
        subject=text(N_("%(account)s: %(task)s"), account=account.name, task=task.title),
        template="task_given",
        giver=giver.name,
        account=account.name,
        title=task.title,
        due_on=task.due_on,
        path=f"/accounts/{account.id}",
    )


def complete_task(session: Session, actor: Viewer, account: Account, task: Task, *, outcome: str = "") -> None:
    ensure_may_do(session, actor, account, task)
    if task.done_at is not None:
        raise AlreadyDone(task)

    task.done_at = now()
    task.done_by = None if actor.is_system else actor.user_id
    task.outcome = outcome.strip()
    record(session, actor, account.id, "task.completed", task=str(task.id), title=task.title, outcome=task.outcome)


def add_outcome(session: Session, actor: Viewer, account: Account, task: Task, *, outcome: str) -> None:
    """What came of a task, said after it was done."""
    ensure_may_do(session, actor, account, task)
    if task.done_at is None:
        raise Conflict(N_("“%(task)s” is not done yet."), task=task.title)

    task.outcome = outcome.strip()
    record(session, actor, account.id, "task.outcome_added", task=str(task.id), outcome=task.outcome)


def reopen_task(session: Session, actor: Viewer, account: Account, task: Task) -> None:
    ensure_may_do(session, actor, account, task)
    if task.done_at is None:
        raise Conflict(N_("“%(task)s” is not done yet."), task=task.title)

    task.done_at = task.done_by = None
    task.outcome = ""
    record(session, actor, account.id, "task.reopened", task=str(task.id), title=task.title)


def move_task(session: Session, actor: Viewer, account: Account, task: Task, *, due_on: date) -> None:
    change_task(session, actor, account, task, title=task.title, due_on=due_on)


def change_task(session: Session, actor: Viewer, account: Account, task: Task, *, title: str, due_on: date) -> None:
    """What is to be done, or by when."""
    ensure_may_do(session, actor, account, task)
    if task.done_at is not None:
        raise AlreadyDone(task)
    title = " ".join(title.split())
    if not title:
        raise Invalid(N_("Please say what is to be done."))

    before = {"title": task.title, "due_on": task.due_on}
    task.title, task.due_on = title, due_on
    changed = {key: [old, getattr(task, key)] for key, old in before.items() if old != getattr(task, key)}
    if changed:
        record(session, actor, account.id, "task.changed", task=str(task.id), **changed)
