"""The next step of an account, edited where it stands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from accounts import service
from accounts.colleagues import colleague
from accounts.days import split_day
from accounts.deps import AccountInScope
from accounts.models import Account, Task
from accounts.panels.next_step import may_do
from accounts.reversals import task_said
from accounts.rights import ensure_may_note, hands_on
from accounts.routes._forms import Edited, attempt, begin_edit, clash_of, offering_undo, seen, telling, to_account
from accounts.tasks.forms import NextStepForm, NextStepSubmitted
from accounts.tasks.queries import next_task
from accounts.tasks.taking_back import remember_task
from crm import clock, undo
from crm.identity.deps import CurrentViewer
from crm.text import N_, text
from crm.viewer import Viewer
from crm.web.forms import Submitted
from crm.web.htmx import target_id, wants_fragment
from crm.web.pages import page
from crm.web.session import DbSession, Now

router = APIRouter()

NEXT = "accounts/forms/next_step.html"
STEP_WITHIN = timedelta(days=7)


@router.get("/accounts/{account_id:int}/next-step", name="accounts.next_step.edit")
def edit_next_step(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    cancel: bool = False,
) -> Response:
    ensure_may_note(viewer)
    task = next_task(session, account)
    if cancel and wants_fragment(request):
        return page(request, "accounts/cells/_next_step.html", account=account, task=task)
    title = text(N_("Next step for %(account)s"), account=account.name)
    cell = wants_fragment(request) and (target_id(request) or "").startswith("next-")
    return page(
        request,
        "accounts/form.html",
        "accounts/cells/_next_step_form.html" if cell else "accounts/_drawer.html",
        form=NEXT,
        title=title,
        account=account,
        task=task,
        raw={},
        errors={},
        **seen(_step(account, task)),
    )


def _step(account: Account, task: Task | None) -> Edited:
    line = f"{task.title}, {task.due_on.isoformat()}" if task else ""
    return Edited(account, {"next": (N_("Next step"), line)})


@router.post("/accounts/{account_id:int}/next-step", name="accounts.next_step.update")
def update_next_step(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: NextStepSubmitted,
) -> Response:
    """One line: what and, after a comma, when. It changes the task that comes first, or adds one beside another's."""
    ensure_may_note(viewer)
    begin_edit(session, account)
    edited = _step(account, next_task(session, account))
    sent = edited.settle(NextStepForm, sent)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    planned: list[undo.UndoEntry] = []
    if (form := sent.form) is not None:
        refused = attempt(session, sent, lambda: planned.extend(_plan(session, viewer, account, form.next)))
    task = next_task(session, account)
    cell = wants_fragment(request) and (target_id(request) or "").startswith("next-")
    if refused is not None:
        return page(
            request,
            "accounts/form.html",
            "accounts/cells/_next_step_form.html" if cell else NEXT,
            status=422,
            form=NEXT,
            title=text(N_("Next step for %(account)s"), account=account.name),
            account=account,
            task=task,
            raw=refused.raw,
            errors=refused.errors,
            **seen(edited, clash_of(request, edited, refused)),
        )
    entry = planned[0] if planned else None
    if cell:
        answer = page(
            request, "accounts/cells/_next_step.html", "accounts/cells/_next_step.html", account=account, task=task
        )
        return telling(request, answer, toast=entry.said, undo=entry) if entry else answer
    answer = to_account(request, account)
    return offering_undo(request, answer, entry) if entry else answer


def _plan(session: Session, viewer: Viewer, account: Account, line: str) -> list[undo.UndoEntry]:
    title, day = split_day(line, clock.today())
    task, said = next_task(session, account), text(N_("Next step: %(task)s"), task=title)
    if task is not None and may_do(viewer, hands_on(session, viewer, account), task):
        before = task_said(task)
        service.change_task(session, viewer, account, task, title=title, due_on=day or task.due_on)
        return [remember_task(session, viewer, task, before, said)] if task_said(task) != before else []
    made = service.create_task(
        session,
        viewer,
        account,
        title=title,
        due_on=day or clock.today() + STEP_WITHIN,
        assignee=colleague(session, viewer.user_id),
    )
    return [remember_task(session, viewer, made, None, said)]
