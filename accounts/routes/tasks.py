"""Tasks: on an account, and one's own as a list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from accounts import service
from accounts.colleagues import colleague, colleagues
from accounts.days import split_day
from accounts.deps import AccountInScope
from accounts.forms import (
    CompletionSubmitted,
    NextStepSubmitted,
    NothingSubmitted,
    TaskChangeSubmitted,
    TaskSubmitted,
)
from accounts.models import Account
from accounts.panels.next_step import may_do
from accounts.rights import ensure_may_do, ensure_may_note, hands_on
from accounts.routes._forms import attempt, form_again, show_form, telling, to_account
from accounts.routes.show import panel_answer
from accounts.tasks import done_tasks_of, get_task, next_task, open_tasks_of
from crm import clock
from crm.identity.deps import CurrentViewer
from crm.text import N_, Text, text
from crm.web.forms import Submitted
from crm.web.htmx import target_id, wants_fragment
from crm.web.pages import go_to, page, see_other
from crm.web.routes import closed_path
from crm.web.session import DbSession, Now

router = APIRouter()

TASK, MOVE, NEXT = "accounts/forms/task.html", "accounts/forms/task_move.html", "accounts/forms/next_step.html"
STEP_WITHIN = timedelta(days=7)


@router.get("/tasks", name="accounts.tasks.index")
def list_tasks(request: Request, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    """What the viewer has to do, the nearest day first; and what they have done this week."""
    open_ = open_tasks_of(session, viewer)
    done = done_tasks_of(session, viewer, clock.now() - timedelta(days=7))
    return page(request, "accounts/tasks.html", open_tasks=open_, done_tasks=done, today=clock.today())


@router.get("/accounts/{account_id:int}/tasks/new", name="accounts.tasks.new")
def new_task(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_note(viewer)
    return show_form(request, TASK, _title(account), account=account, colleagues=colleagues(session))


@router.post("/accounts/{account_id:int}/tasks", name="accounts.tasks.create")
def create_task(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: TaskSubmitted,
) -> Response:
    ensure_may_note(viewer)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        assignee = colleague(session, form.assignee or viewer.user_id)
        refused = attempt(
            session,
            sent,
            lambda: service.create_task(
                session, viewer, account, title=form.title, due_on=form.due_on, assignee=assignee
            ),
        )
    if refused is not None:
        return form_again(request, TASK, _title(account), refused, account=account, colleagues=colleagues(session))
    return to_account(request, account)


@router.post("/accounts/{account_id:int}/tasks/{task_id:int}/completion", name="accounts.tasks.complete")
def complete_task(
    request: Request,
    account: AccountInScope,
    task_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: CompletionSubmitted,
) -> Response:
    task = get_task(session, account, task_id)
    outcome = sent.form.outcome if sent.form else str(sent.raw.get("outcome", ""))[:300]
    service.complete_task(session, viewer, account, task, outcome=outcome)
    return _after(request, session, viewer, account, now, text(N_("Done: %(task)s"), task=task.title))


@router.post("/accounts/{account_id:int}/tasks/{task_id:int}/reopening", name="accounts.tasks.reopen")
def reopen_task(
    request: Request,
    account: AccountInScope,
    task_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: NothingSubmitted,
) -> Response:
    task = get_task(session, account, task_id)
    service.reopen_task(session, viewer, account, task)
    return _after(request, session, viewer, account, now, text(N_("Open again: %(task)s"), task=task.title))


@router.get("/accounts/{account_id:int}/tasks/{task_id:int}/day", name="accounts.tasks.edit")
def edit_task(
    request: Request, account: AccountInScope, task_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    task = get_task(session, account, task_id)
    ensure_may_do(session, viewer, account, task)
    return show_form(request, MOVE, text(N_("Move to another day")), account=account, task=task)


@router.post("/accounts/{account_id:int}/tasks/{task_id:int}/day", name="accounts.tasks.update")
def update_task(
    request: Request,
    account: AccountInScope,
    task_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: TaskChangeSubmitted,
) -> Response:
    task = get_task(session, account, task_id)
    ensure_may_do(session, viewer, account, task)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(session, sent, lambda: service.move_task(session, viewer, account, task, due_on=form.due_on))
    if refused is not None:
        return form_again(request, MOVE, text(N_("Move to another day")), refused, account=account, task=task)
    return _after(request, session, viewer, account, now, text(N_("Moved: %(task)s"), task=task.title))


# --- the next step, edited where it stands ---------------------------------------------------------------------------


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
    )


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
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(session, sent, lambda: _plan(session, viewer, account, form.next))
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
        )
    if cell:
        return page(
            request, "accounts/cells/_next_step.html", "accounts/cells/_next_step.html", account=account, task=task
        )
    return to_account(request, account)


def _plan(session: Session, viewer: Any, account: Account, line: str) -> None:
    title, day = split_day(line, clock.today())
    task = next_task(session, account)
    if task is not None and may_do(viewer, hands_on(session, viewer, account), task):
        service.change_task(session, viewer, account, task, title=title, due_on=day or task.due_on)
        return
    service.create_task(
        session,
        viewer,
        account,
        title=title,
        due_on=day or clock.today() + STEP_WITHIN,
        assignee=colleague(session, viewer.user_id),
    )


def _title(account: Account) -> Text:
    return text(N_("New task for %(account)s"), account=account.name)


def _after(request: Request, session: Session, viewer: Any, account: Account, now: Any, said: Text) -> Response:
    """The panel where it was swapped; else the page on which the button stood."""
    if wants_fragment(request) and target_id(request) == "panel-next":
        answer = panel_answer(request, session, viewer, account, "next", now)
        return telling(request, answer, "tasks-changed", toast=said)
    back = closed_path(request.app, request.query_params.get("back"))
    return go_to(request, back) if back else see_other(request, "accounts.show", account_id=account.id)
