"""Many accounts at once: chosen, changed one by one under the rules of one, and taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select as core_select
from sqlmodel import Session, col, select

from accounts.bulk.models import BulkItem, BulkRun, BulkState, ItemState
from accounts.bulk.queries import waiting_of
from accounts.events import gathered
from accounts.models import Account
from accounts.queries import get_account, is_visible
from crm import undo
from crm.audit import record
from crm.clock import machine_now
from crm.contracts import BulkAction, Registry
from crm.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from crm.jobs import enqueue
from crm.text import N_, Text, kept_values
from crm.viewer import Viewer

AT_ONCE = 200  # accounts that are changed while the browser waits
MOST = 20_000
CHUNK = 50
UNDONE_WITHIN = timedelta(days=1)
KEPT = timedelta(days=30)
JOB = "accounts.bulk"


class NothingChosen(Invalid):
    def __init__(self) -> None:
        super().__init__(N_("Please choose some accounts first."))


def action_of(registry: Registry, viewer: Viewer, key: str) -> BulkAction:
    found = next((one for one in registry.bulk_actions if one.key == key), None)
    if found is None:
        raise NotFound(N_("There is no such change."))
    if not found.offered(viewer):
        raise Forbidden(N_("Your role may not change many accounts this way; ask a manager or an administrator."))
    return found


def choose(session: Session, viewer: Viewer, action: BulkAction, account_ids: Collection[int], *, back: str) -> BulkRun:
    """Keep what was chosen; accounts that the viewer may not read are not there for them."""
    ids = set(account_ids)
    if not ids:
        raise NothingChosen
    if len(ids) > MOST:
        raise Invalid(N_("%(n)s accounts are the most at once; narrow the list down."), n=MOST)
    listed = sorted(ids)
    here: list[int] = []
    for start in range(0, len(listed), 500):
        some = core_select(col(Account.id)).where(is_visible(viewer), col(Account.id).in_(listed[start : start + 500]))
        here += session.scalars(some)
    if not here:
        raise NothingChosen
    run = BulkRun(action=action.key, back=back, created_by=viewer.user_id)
    session.add(run)
    session.flush()
    session.execute(
        insert(BulkItem),
        [
            {"run_id": run.id, "account_id": one, "state": ItemState.WAITING, "message": "", "values": {}}
            for one in sorted(here)
        ],
    )
    return run


def start(session: Session, registry: Registry, viewer: Viewer, run: BulkRun, values: Mapping[str, Any]) -> None:
    """Do it: here and now when they are few, as a job when they are many."""
    action = action_of(registry, viewer, run.action)
    _hold(session, run, BulkState.CHOSEN, N_("This was carried out already; its result stands below."))
    run.values, run.state = dict(values), BulkState.RUNNING
    record(session, viewer, None, "accounts.bulk_changed", action=action.key, run=str(run.id), values=run.values)
    session.flush()
    if len(waiting_of(session, run, ItemState.WAITING, AT_ONCE + 1)) > AT_ONCE:
        run.job_id = enqueue(session, JOB, {"run": str(run.id)}, created_by=viewer.user_id).id
        return
    while some := waiting_of(session, run, ItemState.WAITING, CHUNK):
        change_some(session, viewer, action, run, some)
    finish(run)


def change_some(session: Session, viewer: Viewer, action: BulkAction, run: BulkRun, items: Sequence[BulkItem]) -> None:
    """Each in a savepoint of its own: what one refuses, the others do not feel."""
    with gathered(session):
        for item in items:
            try:
                with session.begin_nested():
                    get_account(session, viewer, item.account_id)  # still there, still readable
                    changed = action.change(session, viewer, item.account_id, run.values)
                    session.flush()
            except Refusal as refusal:
                item.state = ItemState.REFUSED
                _say(item, refusal.sentence)
            else:
                item.state = ItemState.SAME if changed is None else ItemState.DONE
                if changed is not None:
                    item.before, item.after = changed
    session.flush()


def undo_all(session: Session, registry: Registry, viewer: Viewer, run: BulkRun) -> None:
    """Take it back wherever nobody has changed the same since; those accounts are counted and named."""
    action = reversible(registry, run)
    if run.done_at is None or machine_now() - run.done_at > UNDONE_WITHIN:
        raise Conflict(N_("This was done over a day ago; please change the accounts again instead."))
    _hold(session, run, BulkState.DONE, N_("This has been taken back already."))
    run.state = BulkState.UNDOING
    record(session, viewer, None, "accounts.bulk_undone", action=action.key, run=str(run.id))
    session.flush()
    if len(waiting_of(session, run, ItemState.DONE, AT_ONCE + 1)) > AT_ONCE:
        run.job_id = enqueue(session, JOB, {"run": str(run.id)}, created_by=viewer.user_id).id
        return
    while some := waiting_of(session, run, ItemState.DONE, CHUNK):
        undo_some(session, registry, viewer, action, some)
    finish(run)


def undo_some(
    session: Session, registry: Registry, viewer: Viewer, action: BulkAction, items: Sequence[BulkItem]
) -> None:
    with gathered(session):
        for item in items:
            try:
                with session.begin_nested():
                    stays = undo.put_back(
                        session, registry, viewer, action.reversal, item.account_id, item.before, item.after
                    )
                    session.flush()
            except Refusal as refusal:
                item.state = ItemState.KEPT
                _say(item, refusal.sentence)
            else:
                item.state = ItemState.UNDONE
                if stays is not None:
                    _say(item, stays)
    session.flush()


def finish(run: BulkRun) -> None:
    if run.state is BulkState.RUNNING:
        run.state, run.done_at = BulkState.DONE, machine_now()
    else:
        run.state, run.undone_at = BulkState.UNDONE, machine_now()


def can_undo(registry: Registry, run: BulkRun) -> bool:
    action = next((one for one in registry.bulk_actions if one.key == run.action), None)
    return (
        action is not None
        and bool(action.reversal)
        and run.state is BulkState.DONE
        and run.done_at is not None
        and machine_now() - run.done_at <= UNDONE_WITHIN
    )


def forget_old(session: Session) -> int:
    """What was chosen and left, after a day; what was done, after a month."""
    old = session.exec(
        select(BulkRun.id).where(
            (col(BulkRun.created_at) < machine_now() - KEPT)
            | ((col(BulkRun.state) == BulkState.CHOSEN) & (col(BulkRun.created_at) < machine_now() - UNDONE_WITHIN))
        )
    ).all()
    for start in range(0, len(old), 500):
        some = old[start : start + 500]
        session.execute(delete(BulkItem).where(col(BulkItem.run_id).in_(some)))
        session.execute(delete(BulkRun).where(col(BulkRun.id).in_(some)))
    return len(old)


def reversible(registry: Registry, run: BulkRun) -> BulkAction:
    action = next((one for one in registry.bulk_actions if one.key == run.action), None)
    if action is None or not action.reversal:
        raise Conflict(N_("This cannot be taken back."))
    return action


def _hold(session: Session, run: BulkRun, wanted: BulkState, otherwise: str) -> None:
    """A second click finds it begun."""
    session.refresh(run, with_for_update=True)
    if run.state is not wanted:
        raise Conflict(otherwise)


def refuse(items: Sequence[BulkItem], sentence: Text) -> None:
    for item in items:
        item.state = ItemState.REFUSED
        _say(item, sentence)


def _say(item: BulkItem, sentence: Text) -> None:
    item.message = sentence.message[:300]
    item.values = kept_values(sentence)
