"""Something a person must do by a day."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from accounts.models import Account, Interaction, Task
from accounts.plays.progress import task_closed, task_reopened
from accounts.queries import visible_accounts
from accounts.rights import ensure_may_do, ensure_may_note
from accounts.tasks.recurring import Rule, next_day, rule_of
from crm.audit import record
from crm.clock import now, today
from crm.errors import Conflict, Invalid
from crm.i18n.write import Writer
from crm.identity.models import User
from crm.identity.service import as_viewer
from crm.mail import queue_mail
from crm.text import N_, text
from crm.viewer import Viewer


class AlreadyDone(Conflict):
    def __init__(self, task: Task) -> None:
        super().__init__(N_("“%(task)s” is done already."), task=task.title)


class NotDoneYet(Conflict):
    def __init__(self, task: Task) -> None:
        super().__init__(N_("“%(task)s” is not done yet."), task=task.title)


def create_task(
    session: Session,
    actor: Viewer,
    account: Account,
    *,
    title: str,
    due_on: date,
    assignee: User | None = None,
    interaction: Interaction | None = None,
    words: str = "",
    repeat: Rule | None = None,
) -> Task:
    """For ``assignee``, by default for whoever writes it down; ``words`` are for them where somebody else does."""
    ensure_may_note(actor)
    title = _title(title)
    given = assignee is not None and assignee.id != actor.user_id and not actor.is_system
    if assignee is not None:
        _refuse_who_cannot(session, account, assignee, asked=given)

    task = Task(
        account_id=account.id,
        assignee_id=assignee.id if assignee else actor.user_id,
        title=title,
        due_on=due_on,
        interaction_id=interaction.id if interaction else None,
        created_by=None if actor.is_system else actor.user_id,
        created_at=now(),
    )
    if repeat is not None:
        _repeat(task, repeat)
    session.add(task)
    session.flush()
    record(session, actor, account.id, "task.created", task=str(task.id), title=title, due_on=due_on)
    if assignee is not None and given:
        _give(session, actor, account, task, assignee, words)
    return task


def delegate_task(session: Session, actor: Viewer, account: Account, task: Task, to: User, *, words: str = "") -> None:
    """``to`` does it from now on, and is told by whom and with which ``words``."""
    ensure_may_do(session, actor, account, task)
    _refuse_done(task)
    if to.id == task.assignee_id:
        raise Conflict(N_("“%(task)s” is already with %(user)s."), task=task.title, user=to.name)
    _refuse_who_cannot(session, account, to, asked=True)

    before, task.assignee_id = task.assignee_id, to.id
    record(
        session,
        actor,
        account.id,
        "task.delegated",
        task=str(task.id),
        title=task.title,
        before=str(before),
        after=str(to.id),
        name=to.name,
        words=words.strip(),
    )
    if to.id == actor.user_id:  # taken over
        task.given_by = task.given_at = None
        task.given_words = ""
    else:
        _give(session, actor, account, task, to, words)


def _give(session: Session, giver: Viewer, account: Account, task: Task, to: User, words: str) -> None:
    task.given_by = None if giver.is_system else giver.user_id
    task.given_at, task.given_words = now(), words.strip()[:300]
    _tell(session, giver, account, task, to)


def _tell(session: Session, giver: Viewer, account: Account, task: Task, assignee: User) -> None:
    """By mail, in the language of whom it is for; nobody is told of what they gave themselves."""
    queue_mail(
        session,
        Writer(assignee.language, ZoneInfo(assignee.time_zone), now()),
        key=f"task.given:{task.id}:{assignee.id}:{task.given_at:%Y%m%d%H%M%S}",
        recipient=assignee.email,
        subject=text(N_("%(account)s: %(task)s"), account=account.name, task=task.title),
        template="task_given",
        giver=giver.name,
        account=account.name,
        title=task.title,
        words=task.given_words,
        due_on=task.due_on,
        path=f"/accounts/{account.id}",
    )


def complete_task(session: Session, actor: Viewer, account: Account, task: Task, *, outcome: str = "") -> Task | None:
    """Answers with the next one, where the task comes again."""
    ensure_may_do(session, actor, account, task)
    _refuse_done(task)

    _close(actor, task, outcome)
    record(session, actor, account.id, "task.completed", task=str(task.id), title=task.title, outcome=task.outcome)
    return _after_closing(session, actor, account, task)


def skip_task(session: Session, actor: Viewer, account: Account, task: Task, *, reason: str) -> Task | None:
    """It is not needed (this time): closed without having been done."""
    ensure_may_do(session, actor, account, task)
    _refuse_done(task)

    _close(actor, task, reason)
    task.skipped = True
    record(session, actor, account.id, "task.skipped", task=str(task.id), title=task.title, reason=task.outcome)
    return _after_closing(session, actor, account, task)


def _close(actor: Viewer, task: Task, outcome: str) -> None:
    task.done_at, task.done_on = now(), today()
    task.done_by = None if actor.is_system else actor.user_id
    task.outcome = outcome.strip()[:300]


def _after_closing(session: Session, actor: Viewer, account: Account, task: Task) -> Task | None:
    task_closed(session, task, task.done_on or today())
    rule, due_on = rule_of(task), next_day(task, task.done_on or today())
    if rule is None or due_on is None:
        return None
    follower = session.exec(select(Task).where(col(Task.follows_id) == task.id)).first()
    if follower is not None:  # done, opened again and done once more
        return follower
    follower = Task(
        account_id=task.account_id,
        assignee_id=task.assignee_id,
        title=task.title,
        due_on=due_on,
        created_by=task.created_by,
        created_at=now(),
        given_by=task.given_by,
        given_at=task.given_at,
        given_words=task.given_words,
        follows_id=task.id,
    )
    _repeat(follower, rule)
    session.add(follower)
    session.flush()
    record(session, actor, account.id, "task.repeated", task=str(follower.id), title=task.title, due_on=due_on)
    return follower


def add_outcome(session: Session, actor: Viewer, account: Account, task: Task, *, outcome: str) -> None:
    """What came of a task, said after it was done."""
    ensure_may_do(session, actor, account, task)
    if task.done_at is None:
        raise NotDoneYet(task)

    task.outcome = outcome.strip()
    record(session, actor, account.id, "task.outcome_added", task=str(task.id), outcome=task.outcome)


def reopen_task(session: Session, actor: Viewer, account: Account, task: Task) -> None:
    """As if it had never been closed; the next one of its series goes, unless it was closed as well."""
    ensure_may_do(session, actor, account, task)
    if task.done_at is None:
        raise NotDoneYet(task)

    record(session, actor, account.id, "task.reopened", task=str(task.id), title=task.title)
    take_closing_back(session, actor, task)


def take_closing_back(session: Session, actor: Viewer, task: Task) -> None:
    """What came of closing it goes: its outcome, the next one of its series, the end of its play."""
    task.done_at = task.done_on = task.done_by = None
    task.outcome, task.skipped = "", False
    follower = session.exec(select(Task).where(col(Task.follows_id) == task.id)).first()
    if follower is not None and follower.done_at is None:
        record(session, actor, task.account_id, "task.removed", task=str(follower.id), title=follower.title)
        session.delete(follower)
    task_reopened(session, task)


def move_task(session: Session, actor: Viewer, account: Account, task: Task, *, due_on: date) -> None:
    change_task(session, actor, account, task, title=task.title, due_on=due_on)


def change_task(session: Session, actor: Viewer, account: Account, task: Task, *, title: str, due_on: date) -> None:
    """What is to be done, or by when."""
    ensure_may_do(session, actor, account, task)
    _refuse_done(task)
    title = _title(title)

    before = {"title": task.title, "due_on": task.due_on}
    task.title, task.due_on = title, due_on
    changed = {key: [old, getattr(task, key)] for key, old in before.items() if old != getattr(task, key)}
    if changed:
        record(session, actor, account.id, "task.changed", task=str(task.id), **changed)


def repeat_task(session: Session, actor: Viewer, account: Account, task: Task, rule: Rule | None) -> None:
    """It comes again by ``rule``; ``None``: once."""
    ensure_may_do(session, actor, account, task)
    _refuse_done(task)
    before = rule_of(task)
    if before == rule:
        return
    _repeat(task, rule)
    record(
        session,
        actor,
        account.id,
        "task.changed",
        task=str(task.id),
        repeat=[str(before.words) if before else None, str(rule.words) if rule else None],
    )


def _repeat(task: Task, rule: Rule | None) -> None:
    if rule is not None and rule.until is not None and rule.until < task.due_on:
        raise Invalid(N_("It cannot end before its first day, %(day)s."), day=task.due_on)
    task.repeat_every = rule.every if rule else None
    task.repeat_unit = rule.unit if rule else None
    task.repeat_from = rule.since if rule else None
    task.repeat_on = task.due_on if rule else None
    task.repeat_until = rule.until if rule else None


def _title(written: str) -> str:
    title = " ".join(written.split())
    if not title:
        raise Invalid(N_("Please say what is to be done."))
    return title


def _refuse_done(task: Task) -> None:
    if task.done_at is not None:
        raise AlreadyDone(task)


def _refuse_who_cannot(session: Session, account: Account, user: User, *, asked: bool) -> None:
    """A task is given to somebody who works here and may read what it is about."""
    if user.disabled_at is not None:
        raise Conflict(N_("%(user)s no longer works here; choose someone else."), user=user.name)
    if not asked:
        return
    readable = visible_accounts(as_viewer(user)).where(col(Account.id) == account.id)
    if session.exec(readable).first() is None:
        raise Conflict(
            N_("%(user)s may not read %(account)s; ask its manager to put them on the account team first."),
            user=user.name,
            account=account.name,
        )
