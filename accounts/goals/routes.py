"""Goals of an account: agreed, shown, settled."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from accounts.deps import AccountInScope
from accounts.forms import NothingSubmitted
from accounts.goals import service
from accounts.goals.forms import EvidenceSubmitted, GoalForm, GoalSubmitted, SettlingSubmitted
from accounts.goals.progress import progress_of
from accounts.goals.queries import get_evidence, get_goal, shown_goal
from accounts.models import Account, Contact
from accounts.panels.timeline import contacts_to_choose
from accounts.people.queries import contact_at
from accounts.rights import ensure_may_change, hands_on
from accounts.routes._forms import attempt, form_again, show_form
from crm import clock
from crm.identity.deps import CurrentViewer
from crm.text import N_, Text, text
from crm.web.forms import Submitted
from crm.web.pages import page, see_other
from crm.web.session import DbSession, Now

router = APIRouter()

FORM, EVIDENCE, SETTLING = (f"accounts/forms/{name}.html" for name in ("goal", "goal_evidence", "goal_settling"))


@router.get("/accounts/{account_id:int}/goals/{goal_id:int}", name="goals.show")
def show_goal(
    request: Request, account: AccountInScope, goal_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    shown = shown_goal(session, account, goal_id)
    return page(
        request,
        "accounts/goals/show.html",
        account=account,
        hands=hands_on(session, viewer, account),
        shown=shown,
        goal=shown.goal,
        progress=progress_of(shown.goal, shown.latest, clock.today()),
    )


@router.get("/accounts/{account_id:int}/goals/new", name="goals.new")
def new_goal(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change(session, viewer, account)
    contacts = contacts_to_choose(session, account)
    return show_form(request, FORM, _new_title(account), account=account, goal=None, contacts=contacts)


@router.post("/accounts/{account_id:int}/goals", name="goals.create")
def create_goal(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: GoalSubmitted,
) -> Response:
    ensure_may_change(session, viewer, account)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session, sent, lambda: service.set_goal(session, viewer, account, **_given(session, account, form))
        )
    if refused is not None:
        contacts = contacts_to_choose(session, account)
        return form_again(request, FORM, _new_title(account), refused, account=account, goal=None, contacts=contacts)
    return see_other(request, "accounts.show", account_id=account.id)


@router.get("/accounts/{account_id:int}/goals/{goal_id:int}/edit", name="goals.edit")
def edit_goal(
    request: Request, account: AccountInScope, goal_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change(session, viewer, account)
    goal = get_goal(session, account, goal_id)
    contacts = contacts_to_choose(session, account)
    return show_form(request, FORM, _title(account), account=account, goal=goal, contacts=contacts)


@router.post("/accounts/{account_id:int}/goals/{goal_id:int}", name="goals.update")
def update_goal(
    request: Request,
    account: AccountInScope,
    goal_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: GoalSubmitted,
) -> Response:
    ensure_may_change(session, viewer, account)
    goal = get_goal(session, account, goal_id)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        given = _given(session, account, form)
        refused = attempt(
            session,
            sent,
            lambda: service.change_goal(session, viewer, account, goal, version=form.version, **given),
        )
    if refused is not None:
        contacts = contacts_to_choose(session, account)
        return form_again(request, FORM, _title(account), refused, account=account, goal=goal, contacts=contacts)
    return see_other(request, "goals.show", account_id=account.id, goal_id=goal.id)


def _given(session: Session, account: Account, form: GoalForm) -> dict[str, Any]:
    contact: Contact | None = contact_at(session, account, form.contact)[0] if form.contact else None
    return {**form.model_dump(exclude={"version", "contact"}), "contact": contact}


@router.get("/accounts/{account_id:int}/goals/{goal_id:int}/evidence/new", name="goals.evidence.new")
def new_evidence(
    request: Request, account: AccountInScope, goal_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change(session, viewer, account)
    goal = get_goal(session, account, goal_id)
    return show_form(request, EVIDENCE, _evidence_title(account), account=account, goal=goal)


@router.post("/accounts/{account_id:int}/goals/{goal_id:int}/evidence", name="goals.evidence.create")
def create_evidence(
    request: Request,
    account: AccountInScope,
    goal_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: EvidenceSubmitted,
) -> Response:
    ensure_may_change(session, viewer, account)
    goal = get_goal(session, account, goal_id)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session, sent, lambda: service.add_evidence(session, viewer, account, goal, **form.model_dump())
        )
    if refused is not None:
        return form_again(request, EVIDENCE, _evidence_title(account), refused, account=account, goal=goal)
    return see_other(request, "goals.show", account_id=account.id, goal_id=goal.id)


@router.post(
    "/accounts/{account_id:int}/goals/{goal_id:int}/evidence/{evidence_id:int}/removal", name="goals.evidence.remove"
)
def remove_evidence(
    request: Request,
    account: AccountInScope,
    goal_id: int,
    evidence_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: NothingSubmitted,
) -> Response:
    goal = get_goal(session, account, goal_id)
    service.take_back_evidence(session, viewer, account, goal, get_evidence(session, goal, evidence_id))
    return see_other(request, "goals.show", account_id=account.id, goal_id=goal.id)


@router.get("/accounts/{account_id:int}/goals/{goal_id:int}/settling", name="goals.settlings.new")
def new_settling(
    request: Request, account: AccountInScope, goal_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change(session, viewer, account)
    goal = get_goal(session, account, goal_id)
    return show_form(request, SETTLING, text(N_("How the goal ended")), account=account, goal=goal)


@router.post("/accounts/{account_id:int}/goals/{goal_id:int}/settling", name="goals.settlings.create")
def create_settling(
    request: Request,
    account: AccountInScope,
    goal_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: SettlingSubmitted,
) -> Response:
    ensure_may_change(session, viewer, account)
    goal = get_goal(session, account, goal_id)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session, sent, lambda: service.settle_goal(session, viewer, account, goal, **form.model_dump())
        )
    if refused is not None:
        return form_again(request, SETTLING, text(N_("How the goal ended")), refused, account=account, goal=goal)
    return see_other(request, "goals.show", account_id=account.id, goal_id=goal.id)


@router.post("/accounts/{account_id:int}/goals/{goal_id:int}/reopening", name="goals.reopen")
def reopen_goal(
    request: Request,
    account: AccountInScope,
    goal_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: NothingSubmitted,
) -> Response:
    service.reopen_goal(session, viewer, account, get_goal(session, account, goal_id))
    return see_other(request, "goals.show", account_id=account.id, goal_id=goal_id)


def _new_title(account: Account) -> Text:
    return text(N_("New goal of %(account)s"), account=account.name)


def _title(account: Account) -> Text:
    return text(N_("Goal of %(account)s"), account=account.name)


def _evidence_title(account: Account) -> Text:
    return text(N_("How far is it?"))
