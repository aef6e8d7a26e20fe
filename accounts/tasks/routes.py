"""Tasks: the list, those of one account, and what is done with one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from accounts import service
from accounts.colleagues import colleague, colleagues
from accounts.days import split_day
from accounts.deps import AccountInScope
from accounts.finding import account_meant
from accounts.forms import NothingSubmitted
from accounts.models import Account, Task
from accounts.notes import recent_accounts
from accounts.queries import get_account
from accounts.reversals import task_said
from accounts.rights import ensure_may_do, ensure_may_note
from accounts.routes._forms import (
    Edited,
    attempt,
    begin_edit,
    form_again,
    offering_undo,
    show_form,
    telling,
    to_account,
)
from accounts.routes.show import panel_answer
from accounts.tasks.forms import (
    AnyTaskSubmitted,
    CompletionSubmitted,
    DelegationSubmitted,
    MoveForm,
    MoveSubmitted,
    SkipSubmitted,
    TaskEditSubmitted,
    TaskForm,
    TaskSubmitted,
)
from accounts.tasks.listing import Whose, by_day, read_line, read_page, read_query
from accounts.tasks.queries import get_task
from accounts.tasks.taking_back import remember_task
from crm import clock, undo
from crm.identity.deps import CurrentViewer
from crm.text import N_, Text, text
from crm.viewer import Viewer
from crm.web.forms import Submitted
from crm.web.htmx import is_htmx, target_id, wants_fragment
from crm.web.pages import go_to, page, path_for, see_other
from crm.web.routes import closed_path
from crm.web.session import DbSession, Now

router = APIRouter()

FORMS = "accounts/tasks/forms/"
TASK, ANY_TASK, EDIT = FORMS + "task.html", FORMS + "any_task.html", FORMS + "edit.html"
MOVE, GIVE, SKIP = FORMS + "move.html", FORMS + "give.html", FORMS + "skip.html"
ROW = "accounts/tasks/_row_after.html"
OFFERED = 200  # accounts that the field of a new task suggests


@router.get("/tasks", name="accounts.tasks.index")
def list_tasks(request: Request, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    """Open ones by day, the late first; or what was done, the last first."""
    query = read_query(request.query_params, viewer)
    today = clock.today()
    account = get_account(session, viewer, query.account) if query.account else None
    found = read_page(session, viewer, query, today)
    return page(
        request,
        "accounts/tasks/index.html",
        query=query,
        found=found,
        groups=[] if query.done else by_day(found.lines, today),
        account=account,
        colleagues=colleagues(session) if query.whose is not Whose.MINE else [],
        **_days(),
    )


def _days() -> dict[str, Any]:
    """What a task is put off to with one click."""
    today = clock.today()
    return {
        "today": today,
        "tomorrow": today + timedelta(days=1),
        "next_week": today + timedelta(days=7 - today.weekday()),
    }


# --- a new one -------------------------------------------------------------------------------------------------------


@router.get("/tasks/new", name="accounts.tasks.new_anywhere")
def new_task_anywhere(
    request: Request, session: DbSession, viewer: CurrentViewer, now: Now, account: str = ""
) -> Response:
    """With key t on every page; ``account``: the one whose page it was."""
    ensure_may_note(viewer)
    if account.isascii() and account.isdigit() and len(account) <= 19:
        return show_form(
            request,
            TASK,
            _title(found := get_account(session, viewer, int(account))),
            account=found,
            colleagues=colleagues(session),
        )
    return show_form(request, ANY_TASK, text(N_("New task")), **_choices(session, viewer))


@router.post("/tasks", name="accounts.tasks.create_anywhere")
def create_task_anywhere(
    request: Request, session: DbSession, viewer: CurrentViewer, now: Now, sent: AnyTaskSubmitted
) -> Response:
    ensure_may_note(viewer)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        account = account_meant(session, viewer, form.account)
        if isinstance(account, Text):
            refused = sent.refused("account", account)
        else:
            refused = attempt(session, sent, lambda: _create(session, viewer, account, form))
    if refused is not None:
        return form_again(request, ANY_TASK, text(N_("New task")), refused, **_choices(session, viewer))
    return go_to(request, _where_one_was(request) or path_for(request, "accounts.tasks.index"))


def _choices(session: Session, viewer: Viewer) -> dict[str, Any]:
    return {"accounts": recent_accounts(session, viewer, OFFERED), "colleagues": colleagues(session)}


def _where_one_was(request: Request) -> str | None:
    """The page over which the drawer was open."""
    if not is_htmx(request):
        return None
    at = urlsplit(request.headers.get("hx-current-url", ""))
    return closed_path(request.app, at.path + (f"?{at.query}" if at.query else ""))


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
        refused = attempt(session, sent, lambda: _create(session, viewer, account, form))
    if refused is not None:
        return form_again(request, TASK, _title(account), refused, account=account, colleagues=colleagues(session))
    return to_account(request, account)


def _create(session: Session, viewer: Viewer, account: Account, form: TaskForm) -> None:
    """The day may also stand behind the title, after a comma; where none is said, it is tomorrow."""
    title, due_on = form.title, form.due_on
    if due_on is None:
        title, due_on = split_day(form.title, clock.today())
    due_on = due_on or clock.today() + timedelta(days=1)
    service.create_task(
        session,
        viewer,
        account,
        title=title,
        due_on=due_on,
        assignee=colleague(session, form.assignee or viewer.user_id),
        words=form.words,
        repeat=form.rule(due_on),
    )


# --- what is done with one -------------------------------------------------------------------------------------------


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
    outcome, said_before = sent.form.outcome if sent.form else str(sent.raw.get("outcome", ""))[:300], task_said(task)
    follower = service.complete_task(session, viewer, account, task, outcome=outcome)
    said = remember_task(session, viewer, task, said_before, text(N_("Done: %(task)s"), task=task.title))
    return _after(request, session, viewer, account, now, said, task, follower=follower, asks=not outcome)


@router.post("/accounts/{account_id:int}/tasks/{task_id:int}/outcome", name="accounts.tasks.outcome")
def create_outcome(
    request: Request,
    account: AccountInScope,
    task_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: CompletionSubmitted,
) -> Response:
    """What came of it, said after it was done."""
    task = get_task(session, account, task_id)
    outcome = sent.form.outcome if sent.form else str(sent.raw.get("outcome", ""))[:300]
    service.add_outcome(session, viewer, account, task, outcome=outcome)
    return _after(request, session, viewer, account, now, text(N_("Saved.")), task)


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
    said = text(N_("Open again: %(task)s"), task=task.title)
    return _after(request, session, viewer, account, now, said, task)


@router.get("/accounts/{account_id:int}/tasks/{task_id:int}/day", name="accounts.tasks.move")
def move_task_form(
    request: Request, account: AccountInScope, task_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    task = _to_do(session, viewer, account, task_id)
    title = text(N_("Move to another day"))
    return show_form(request, MOVE, title, account=account, edited=_day(account, task), task=task)


@router.post("/accounts/{account_id:int}/tasks/{task_id:int}/day", name="accounts.tasks.moved")
def move_task(
    request: Request,
    account: AccountInScope,
    task_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: MoveSubmitted,
) -> Response:
    task = _to_do(session, viewer, account, task_id)
    begin_edit(session, account)
    edited, said_before = _day(account, task), task_said(task)
    before = None if "undo" in request.query_params else task.due_on
    sent = edited.settle(MoveForm, sent)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(session, sent, lambda: service.move_task(session, viewer, account, task, due_on=form.due_on))
    if refused is not None:
        title = text(N_("Move to another day"))
        return form_again(request, MOVE, title, refused, account=account, edited=edited, task=task)
    said: Text | undo.UndoEntry = text(N_("Moved: %(task)s"), task=task.title)
    if task_said(task) != said_before:
        said = remember_task(session, viewer, task, said_before, text(N_("Moved: %(task)s"), task=task.title))
    return _after(request, session, viewer, account, now, said, task, before=before)


@router.get("/accounts/{account_id:int}/tasks/{task_id:int}/edit", name="accounts.tasks.edit")
def edit_task(
    request: Request, account: AccountInScope, task_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    task = _to_do(session, viewer, account, task_id)
    return show_form(request, EDIT, text(N_("Change the task")), account=account, task=task)


@router.post("/accounts/{account_id:int}/tasks/{task_id:int}", name="accounts.tasks.update")
def update_task(
    request: Request,
    account: AccountInScope,
    task_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: TaskEditSubmitted,
) -> Response:
    task = _to_do(session, viewer, account, task_id)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:

        def change() -> None:
            service.change_task(session, viewer, account, task, title=form.title, due_on=form.due_on)
            same = (form.repeat_unit or None) == task.repeat_unit and task.repeat_from is not None
            first = task.repeat_from if same and task.repeat_from else form.due_on
            service.repeat_task(session, viewer, account, task, form.rule(first))

        refused = attempt(session, sent, change)
    if refused is not None:
        return form_again(request, EDIT, text(N_("Change the task")), refused, account=account, task=task)
    return _after(request, session, viewer, account, now, text(N_("Saved.")), task)


@router.get("/accounts/{account_id:int}/tasks/{task_id:int}/delegation", name="accounts.tasks.give")
def give_task_form(
    request: Request, account: AccountInScope, task_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    task = _to_do(session, viewer, account, task_id)
    return show_form(
        request, GIVE, text(N_("Give it to a colleague")), account=account, task=task, colleagues=colleagues(session)
    )


@router.post("/accounts/{account_id:int}/tasks/{task_id:int}/delegation", name="accounts.tasks.given")
def give_task(
    request: Request,
    account: AccountInScope,
    task_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: DelegationSubmitted,
) -> Response:
    task = _to_do(session, viewer, account, task_id)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        to = colleague(session, form.assignee)
        refused = attempt(
            session, sent, lambda: service.delegate_task(session, viewer, account, task, to, words=form.words)
        )
    if refused is not None:
        title = text(N_("Give it to a colleague"))
        return form_again(request, GIVE, title, refused, account=account, task=task, colleagues=colleagues(session))
    return _after(request, session, viewer, account, now, text(N_("Given away: %(task)s"), task=task.title), task)


@router.get("/accounts/{account_id:int}/tasks/{task_id:int}/skip", name="accounts.tasks.skip")
def skip_task_form(
    request: Request, account: AccountInScope, task_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    task = _to_do(session, viewer, account, task_id)
    return show_form(request, SKIP, text(N_("Not needed")), account=account, task=task)


@router.post("/accounts/{account_id:int}/tasks/{task_id:int}/skip", name="accounts.tasks.skipped")
def skip_task(
    request: Request,
    account: AccountInScope,
    task_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: SkipSubmitted,
) -> Response:
    task = _to_do(session, viewer, account, task_id)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(session, sent, lambda: service.skip_task(session, viewer, account, task, reason=form.reason))
    if refused is not None:
        return form_again(request, SKIP, text(N_("Not needed")), refused, account=account, task=task)
    return _after(request, session, viewer, account, now, text(N_("Not needed: %(task)s"), task=task.title), task)


def _day(account: Account, task: Task) -> Edited:
    return Edited(account, {"due_on": (N_("Day"), task.due_on.isoformat())})


def _to_do(session: Session, viewer: Viewer, account: Account, task_id: int) -> Task:
    task = get_task(session, account, task_id)
    ensure_may_do(session, viewer, account, task)
    return task


def _title(account: Account) -> Text:
    return text(N_("New task for %(account)s"), account=account.name)


def _after(
    request: Request,
    session: Session,
    viewer: Viewer,
    account: Account,
    now: Any,
    done: Text | undo.UndoEntry,
    task: Task,
    **values: Any,
) -> Response:
    """The panel or the row where it was swapped; else the page on which the button stood, which offers the way back."""
    entry = done if isinstance(done, undo.UndoEntry) else None
    said = done.said if isinstance(done, undo.UndoEntry) else done
    place = target_id(request) if wants_fragment(request) else None
    if place == "panel-next":
        answer = panel_answer(request, session, viewer, account, "next", now)
        return telling(request, answer, "tasks-changed", toast=said, undo=entry)
    back = closed_path(request.app, request.query_params.get("back"))
    if place == f"task-{task.id}":
        session.flush()
        line = read_line(session, viewer, task.id)
        return page(request, ROW, ROW, line=line, back=back or "", **_days(), **values)
    if back is None:
        back = _where_one_was(request)
    gone = go_to(request, back) if back else see_other(request, "accounts.show", account_id=account.id)
    return offering_undo(request, gone, entry) if entry else gone
