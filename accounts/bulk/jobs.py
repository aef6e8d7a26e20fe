"""More than a few accounts: in the background, whole after a kill at any point."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from accounts.bulk import service
from accounts.bulk.models import BulkItem, BulkRun, BulkState, ItemState
from accounts.bulk.queries import waiting_of
from crm.config import get_settings
from crm.contracts import Job, JobContext, Registry
from crm.errors import Refusal
from crm.identity.models import User
from crm.identity.service import as_viewer

_REGISTRY: list[Registry] = []


def installed(registry: Registry) -> None:
    """The job learns which actions there are."""
    _REGISTRY[:] = [registry]


def change_accounts(context: JobContext) -> str:
    """What a chunk did is no longer waiting, so that a killed run goes on where it stopped."""
    registry, run_id = _REGISTRY[0], int(context.arguments["run"])
    while True:
        with context.reading() as session:
            run = session.get(BulkRun, run_id)
            if run is None or run.state not in (BulkState.RUNNING, BulkState.UNDOING):
                return "done before"
            wanted = ItemState.WAITING if run.state is BulkState.RUNNING else ItemState.DONE
            ids = [item.account_id for item in waiting_of(session, run, wanted, service.CHUNK)]
        if not ids:
            break
        with context.chunk(mark=str(ids[-1]), done=len(ids)) as session:
            run = session.get_one(BulkRun, run_id)
            user = session.get_one(User, run.created_by)
            viewer = as_viewer(user, get_settings())  # with the rights they have now
            items = session.exec(
                select(BulkItem)
                .where(col(BulkItem.run_id) == run_id, col(BulkItem.account_id).in_(ids), col(BulkItem.state) == wanted)
                .order_by(col(BulkItem.account_id))
            ).all()
            if wanted is ItemState.DONE:
                service.undo_some(session, registry, viewer, service.reversible(registry, run), items)
                continue
            try:
                action = service.action_of(registry, viewer, run.action)
            except Refusal as refusal:  # their role has changed since
                service.refuse(items, refusal.sentence)
            else:
                service.change_some(session, viewer, action, run, items)
    with context.chunk(mark="end") as session:
        service.finish(session.get_one(BulkRun, run_id))
    return f"{context.done} accounts"


def forget_old(session: Session, now: datetime) -> str:
    return f"{service.forget_old(session)} changes of many accounts forgotten"


CHANGE_ACCOUNTS = Job(name=service.JOB, run_long=change_accounts, lease_s=120)
FORGET_BULK = Job(name="accounts.forget_bulk", cron="50 3 * * *", period="%Y-%m-%d", run=forget_old)
