"""The ten-second note: a talk, mail or note, and what comes next; mistakes in it are mended or taken back."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from accounts import service
from accounts.colleagues import colleague
from accounts.days import split_day
from accounts.deps import AccountInScope
from accounts.finding import account_meant
from accounts.forms import (
    AnyNoteSubmitted,
    InteractionSubmitted,
    NoteForm,
    NoteSubmitted,
    NothingSubmitted,
    SharingSubmitted,
)
from accounts.models import Account, Contact, Interaction
from accounts.notes import recent_accounts
from accounts.panels.timeline import contacts_to_choose
from accounts.queries import get_account
from accounts.rights import ensure_may_arrange, ensure_may_note
from accounts.routes._forms import attempt, form_again, show_form, telling, to_account
from accounts.routes.show import panel_answer
from crm import clock
from crm.errors import Invalid, NotFound
from crm.identity.deps import CurrentViewer
from crm.text import N_, Text, text
from crm.viewer import Viewer
from crm.web.forms import Submitted
from crm.web.htmx import target_id, wants_fragment
from crm.web.session import DbSession, Now

router = APIRouter()

NOTE, ANY_NOTE, CORRECTION = (
    "accounts/forms/note.html",
    "accounts/forms/any_note.html",
    "accounts/forms/interaction.html",
)
OFFERED = 200  # accounts that the field of a new note suggests
STEP_WITHIN = timedelta(days=7)  # where a next step has no day


@router.get("/notes/new", name="accounts.notes.new_anywhere")
def new_note_anywhere(
    request: Request, session: DbSession, viewer: CurrentViewer, now: Now, account: str = ""
) -> Response:
    """With key n on every page and by the phone's "+ Note"; ``account``: the one whose page it was."""
    ensure_may_note(viewer)
    if account.isascii() and account.isdigit() and len(account) <= 19:
        found = get_account(session, viewer, int(account))
        return show_form(
            request, NOTE, _title(found), account=found, contacts=contacts_to_choose(session, found), preset={}
        )
    return show_form(request, ANY_NOTE, text(N_("New note")), accounts=recent_accounts(session, viewer, OFFERED))


@router.post("/notes", name="accounts.notes.create_anywhere")
def create_note_anywhere(
    request: Request, session: DbSession, viewer: CurrentViewer, now: Now, sent: AnyNoteSubmitted
) -> Response:
    """It leads to the account, where the note stands."""
    ensure_may_note(viewer)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        account = account_meant(session, viewer, form.account)
        if isinstance(account, Text):
            refused = sent.refused("account", account)
        else:
            refused = attempt(session, sent, lambda: _write_down(session, viewer, account, form))
            if refused is None:
                return to_account(request, account)
    accounts = recent_accounts(session, viewer, OFFERED)
    return form_again(request, ANY_NOTE, text(N_("New note")), refused or sent, accounts=accounts)


@router.get("/accounts/{account_id:int}/notes/new", name="accounts.notes.new")
def new_note(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_note(viewer)
    return show_form(
        request,
        NOTE,
        _title(account),
        account=account,
        contacts=contacts_to_choose(session, account),
        preset=_preset(request),
    )


@router.post("/accounts/{account_id:int}/notes", name="accounts.notes.create")
def create_note(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: NoteSubmitted,
) -> Response:
    ensure_may_note(viewer)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(session, sent, lambda: _write_down(session, viewer, account, form))
    in_panel = wants_fragment(request) and target_id(request) == "panel-timeline"
    if refused is not None:
        if in_panel:
            return panel_answer(
                request, session, viewer, account, "timeline", now, status=422, raw=refused.raw, errors=refused.errors
            )
        return form_again(
            request,
            NOTE,
            _title(account),
            refused,
            account=account,
            contacts=contacts_to_choose(session, account),
            preset={},
        )
    if in_panel:
        # As of now, not of when the request came: the note itself belongs on the timeline.
        answer = panel_answer(request, session, viewer, account, "timeline", max(now, clock.now()))
        return telling(request, answer, "interactions-changed", toast=text(N_("Saved.")))
    return to_account(request, account)


def _write_down(session: Session, viewer: Viewer, account: Account, form: NoteForm) -> None:
    interaction = service.log_interaction(
        session,
        viewer,
        account,
        channel=form.channel,
        direction=form.direction,
        body=form.body,
        contact=_contact(session, form.contact),
        happened_at=_instant(form.happened_on) if form.happened_on else None,
    )
    if form.next_step:
        title, day = split_day(form.next_step, clock.today())
        service.create_task(
            session,
            viewer,
            account,
            title=title,
            due_on=form.next_on or day or clock.today() + STEP_WITHIN,
            assignee=colleague(session, viewer.user_id),
            interaction=interaction,
        )
    elif form.next_on:
        raise Invalid(N_("Please say what the next step is, not only when."))


@router.get(
    "/accounts/{account_id:int}/interactions/{interaction_id:int}/correction", name="accounts.interactions.edit"
)
def edit_interaction(
    request: Request,
    account: AccountInScope,
    interaction_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
) -> Response:
    one = _interaction_of(session, viewer, account, interaction_id)
    ensure_may_note(viewer)
    if one.author_id != viewer.user_id:
        ensure_may_arrange(session, viewer, account)
    return show_form(
        request,
        CORRECTION,
        text(N_("Correct what was written")),
        account=account,
        one=one,
        contacts=contacts_to_choose(session, account),
    )


@router.post(
    "/accounts/{account_id:int}/interactions/{interaction_id:int}/correction", name="accounts.interactions.update"
)
def update_interaction(
    request: Request,
    account: AccountInScope,
    interaction_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: InteractionSubmitted,
) -> Response:
    one = _interaction_of(session, viewer, account, interaction_id)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        same_day = form.happened_on == clock.day_of(one.happened_at)
        refused = attempt(
            session,
            sent,
            lambda: service.correct_interaction(
                session,
                viewer,
                account,
                one,
                channel=form.channel,
                direction=form.direction,
                body=form.body,
                contact=_contact(session, form.contact),
                happened_at=one.happened_at if same_day else _instant(form.happened_on),
            ),
        )
    if refused is not None:
        return form_again(
            request,
            CORRECTION,
            text(N_("Correct what was written")),
            refused,
            account=account,
            one=one,
            contacts=contacts_to_choose(session, account),
        )
    return to_account(request, account)


@router.post(
    "/accounts/{account_id:int}/interactions/{interaction_id:int}/removal", name="accounts.interactions.remove"
)
def remove_interaction(
    request: Request,
    account: AccountInScope,
    interaction_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    sent: NothingSubmitted,
) -> Response:
    one = _interaction_of(session, viewer, account, interaction_id)
    service.close_interaction(session, viewer, account, one)
    return to_account(request, account)


@router.post("/accounts/{account_id:int}/interactions/{interaction_id:int}/sharing", name="accounts.interactions.share")
def share_interaction(
    request: Request,
    account: AccountInScope,
    interaction_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    sent: SharingSubmitted,
) -> Response:
    one = _interaction_of(session, viewer, account, interaction_id)
    service.share_interaction(session, viewer, account, one, shared=sent.form is not None and sent.form.shared)
    return to_account(request, account)


def _title(account: Account) -> Text:
    return text(N_("Note on %(account)s"), account=account.name)


def _preset(request: Request) -> dict[str, str]:
    """What a link may choose beforehand: "Log a call" of the ranked day, with whom."""
    return {name: request.query_params[name] for name in ("channel", "contact") if name in request.query_params}


def _instant(day: date) -> datetime:
    """Noon of a day that was typed without an hour; of today, now."""
    if day >= clock.today():
        return clock.now() if day == clock.today() else clock.start_of(day)
    return datetime.combine(day, time(12), clock.company_zone())


def _contact(session: Session, contact_id: int | None) -> Contact | None:
    if contact_id is None:
        return None
    found = session.get(Contact, contact_id)
    if found is None:
        raise Invalid(N_("There is no such contact here."))
    return found


def _interaction_of(session: Session, viewer: Viewer, account: Account, interaction_id: int) -> Interaction:
    found = session.get(Interaction, interaction_id)
    hidden = found is None or found.account_id != account.id or found.is_hidden_from(viewer.user_id)
    if found is None or hidden or found.closed_at is not None:
        raise NotFound(N_("That entry is no longer there."))
    return found
