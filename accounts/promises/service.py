"""Promising, and saying whether it was kept."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session

from accounts.models import Account, Contact
from accounts.promises.models import Promise, PromisedBy, PromiseStatus
from accounts.rights import ensure_may_change, ensure_may_note
from accounts.service._dated import ensure_not_ahead
from crm.audit import record
from crm.clock import now, today
from crm.errors import Conflict, Invalid
from crm.identity.models import User
from crm.text import N_
from crm.viewer import Capability, Viewer


class PromiseIsSettled(Conflict):
    def __init__(self) -> None:
        super().__init__(N_("This promise is settled; open it again before you change it."))


def ensure_may_settle(session: Session, viewer: Viewer, account: Account, promise: Promise) -> None:
    """Who promised it, or wrote it down; else whoever has the account in their hands."""
    if viewer.user_id in (promise.promised_by, promise.created_by) and viewer.may(Capability.NOTE):
        return
    ensure_may_change(session, viewer, account)


def make_promise(
    session: Session,
    actor: Viewer,
    account: Account,
    *,
    what: str,
    due_on: date,
    side: PromisedBy = PromisedBy.US,
    promised_by: User | None = None,
    contact: Contact | None = None,
    promised_on: date | None = None,
) -> Promise:
    """Whoever may read the account may write down what was promised, as with notes."""
    ensure_may_note(actor)
    day = promised_on or today()
    ensure_not_ahead(day)
    _refuse(what, day, due_on, promised_by)
    promise = Promise(
        account_id=account.id,
        what=_line(what),
        contact_id=contact.id if contact else None,
        side=side,
        promised_by=promised_by.id if promised_by else None,
        promised_on=day,
        due_on=due_on,
        created_by=None if actor.is_system else actor.user_id,
        created_at=now(),
    )
    session.add(promise)
    session.flush()
    record(session, actor, account.id, "promise.made", promise=str(promise.id), what=promise.what, due_on=due_on)
    return promise


def change_promise(
    session: Session,
    actor: Viewer,
    account: Account,
    promise: Promise,
    *,
    what: str,
    due_on: date,
    side: PromisedBy,
    promised_by: User | None,
    contact: Contact | None,
    promised_on: date,
) -> None:
    ensure_may_settle(session, actor, account, promise)
    if not promise.is_open:
        raise PromiseIsSettled
    ensure_not_ahead(promised_on)
    _refuse(what, promised_on, due_on, promised_by)
    after = {
        "what": _line(what),
        "due_on": due_on,
        "side": side,
        "promised_by": promised_by.id if promised_by else None,
        "contact_id": contact.id if contact else None,
        "promised_on": promised_on,
    }
    changed = {key: [getattr(promise, key), value] for key, value in after.items() if getattr(promise, key) != value}
    if not changed:
        return
    for key, value in after.items():
        setattr(promise, key, value)
    session.add(promise)
    record(session, actor, account.id, "promise.changed", promise=str(promise.id), **changed)


def settle_promise(
    session: Session,
    actor: Viewer,
    account: Account,
    promise: Promise,
    *,
    status: PromiseStatus,
    outcome: str = "",
    on: date | None = None,
) -> None:
    ensure_may_settle(session, actor, account, promise)
    if not promise.is_open:
        raise PromiseIsSettled
    if status is PromiseStatus.OPEN:
        raise Invalid(N_("Say whether it was kept."))
    day = on or today()
    ensure_not_ahead(day)
    if day < promise.promised_on:
        raise Invalid(N_("It cannot be settled before it was promised, on %(day)s."), day=promise.promised_on)
    if status is not PromiseStatus.KEPT and not outcome.strip():
        raise Invalid(N_("Please say in a few words what came of it."))
    promise.status, promise.settled_on, promise.settled_at = status, day, now()
    promise.settled_by = None if actor.is_system else actor.user_id
    promise.outcome = _line(outcome)
    session.add(promise)
    record(session, actor, account.id, f"promise.{status.value}", promise=str(promise.id), outcome=promise.outcome)


def add_outcome(session: Session, actor: Viewer, account: Account, promise: Promise, *, outcome: str) -> None:
    """What came of it, said after it was settled."""
    ensure_may_settle(session, actor, account, promise)
    promise.outcome = _line(outcome)
    session.add(promise)
    record(session, actor, account.id, "promise.outcome_added", promise=str(promise.id), outcome=promise.outcome)


def reopen_promise(session: Session, actor: Viewer, account: Account, promise: Promise) -> None:
    ensure_may_settle(session, actor, account, promise)
    if promise.is_open:
        raise Conflict(N_("This promise is open."))
    promise.status, promise.outcome = PromiseStatus.OPEN, ""
    promise.settled_on = promise.settled_at = promise.settled_by = None
    session.add(promise)
    record(session, actor, account.id, "promise.reopened", promise=str(promise.id))


def _refuse(what: str, promised_on: date, due_on: date, by: User | None) -> None:
    if not _line(what):
        raise Invalid(N_("Please say what was promised."))
    if due_on < promised_on:
        raise Invalid(N_("It cannot be due before it was promised, on %(day)s."), day=promised_on)
    if by is not None and by.disabled_at is not None:
        raise Conflict(N_("%(user)s no longer works here; choose someone else."), user=by.name)


def _line(words: str) -> str:
    return " ".join(words.split())[:300]
