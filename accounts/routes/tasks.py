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
    NextStepForm,
    NextStepSubmitted,
    NothingSubmitted,
    TaskChangeForm,
    TaskChangeSubmitted,
    TaskSubmitted,
)
from accounts.models import Account, Task
from accounts.panels.next_step import may_do
from accounts.reversals import task_said
from accounts.rights import ensure_may_do, ensure_may_note, hands_on
from accounts.routes._forms import (
    Edited,
    attempt,
    begin_edit,
    clash_of,
    form_again,
    offering_undo,
    seen,
    show_form,
    telling,
    to_account,
)
from accounts.routes.show import panel_answer
from accounts.tasks import done_tasks_of, get_task, next_task, open_tasks_of
from crm import clock, undo
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
    outcome, before = sent.form.outcome if sent.form else str(sent.raw.get("outcome", ""))[:300], task_said(task)
    service.complete_task(session, viewer, account, task, outcome=outcome)
    said = text(N_("Done: %(task)s"), task=task.title)
    return _after(request, session, viewer, account, now, _remember(session, viewer, task, before, said))


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


def _remember(session: Session, viewer: Any, task: Task, before: Any, said: Text) -> undo.UndoEntry:
    """So that it can be taken back; ``before``: nothing, where the task is new."""
    session.flush()
    return undo.remember(session, viewer, "task", task.id, before=before, after=task_said(task), said=said)


def _day(account: Account, task: Task) -> Edited:
    return Edited(account, {"due_on": (N_("Day"), task.due_on.isoformat())})


@router.get("/accounts/{account_id:int}/tasks/{task_id:int}/day", name="accounts.tasks.edit")
def edit_task(
    request: Request, account: AccountInScope, task_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    task = get_task(session, account, task_id)
    ensure_may_do(session, viewer, account, task)
    title = text(N_("Move to another day"))
    return show_form(request, MOVE, title, account=account, edited=_day(account, task), task=task)


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
    begin_edit(session, account)
    edited, before = _day(account, task), task_said(task)
    sent = edited.settle(TaskChangeForm, sent)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(session, sent, lambda: service.move_task(session, viewer, account, task, due_on=form.due_on))
    if refused is not None:
        title = text(N_("Move to another day"))
        return form_again(request, MOVE, title, refused, account=account, edited=edited, task=task)
    said = text(N_("Moved: %(task)s"), task=task.title)
    return _after(request, session, viewer, account, now, _remember(session, viewer, task, before, said))


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


def _plan(session: Session, viewer: Any, account: Account, line: str) -> list[undo.UndoEntry]:
    title, day = split_day(line, clock.today())
    task, said = next_task(session, account), text(N_("Next step: %(task)s"), task=title)
    if task is not None and may_do(viewer, hands_on(session, viewer, account), task):
        before = task_said(task)
        service.change_task(session, viewer, account, task, title=title, due_on=day or task.due_on)
        return [_remember(session, viewer, task, before, said)] if task_said(task) != before else []
    made = service.create_task(
        session,
        viewer,
        account,
        title=title,
        due_on=day or clock.today() + STEP_WITHIN,
        assignee=colleague(session, viewer.user_id),
    )
    return [_remember(session, viewer, made, None, said)]


def _title(account: Account) -> Text:
    return text(N_("New task for %(account)s"), account=account.name)


def _after(
    request: Request,
    session: Session,
    viewer: Any,
    account: Account,
    now: Any,
    done: undo.UndoEntry | Text,
) -> Response:
    """The panel where it was swapped; else the page on which the button stood. It offers to take back what was done."""
    entry = done if isinstance(done, undo.UndoEntry) else None
    said = done.said if isinstance(done, undo.UndoEntry) else done
    if wants_fragment(request) and target_id(request) == "panel-next":
        answer = panel_answer(request, session, viewer, account, "next", now)
        return telling(request, answer, "tasks-changed", toast=said, undo=entry)
    back = closed_path(request.app, request.query_params.get("back"))
    gone = go_to(request, back) if back else see_other(request, "accounts.show", account_id=account.id)
    return offering_undo(request, gone, entry) if entry else gone
