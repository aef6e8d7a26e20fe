"""Plays: the list, one with what it did, its form, and starting and stopping it."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, col

from accounts.colleagues import colleagues
from accounts.deps import AccountInScope
from accounts.forms import NothingSubmitted
from accounts.models import Account, Stage
from accounts.models.account import STAGE_TITLES
from accounts.plays import service
from accounts.plays.deps import PlayInScope, RunInScope, WhoMayWritePlays
from accounts.plays.forms import PlaySubmitted, StartSubmitted, StopSubmitted, SwitchSubmitted, step_rows
from accounts.plays.many import remember_start
from accounts.plays.models import Anchor, Play, PlayRole, Trigger
from accounts.plays.planning import Crew, due_days
from accounts.plays.queries import (
    Shown,
    crews,
    current_steps,
    figures,
    get_play,
    in_hands,
    play_lines,
    read_runs,
    running_on,
    steps_of,
)
from accounts.plays.service import MOST_ACCOUNTS, PlayPlan, StepPlan
from accounts.plays.triggers import AT_ONCE, TRIGGER_TITLES, due_now, start_due
from accounts.plays.words import BAND_WORDS, run_words, step_words, trigger_words
from accounts.queries import visible_accounts
from accounts.rights import ensure_may_change
from accounts.routes._forms import attempt, form_again, offering_undo, show_form
from crm import clock
from crm.errors import Invalid, NotFound
from crm.identity.deps import CurrentViewer
from crm.text import N_, Text, text
from crm.viewer import Capability, Viewer
from crm.web.forms import Submitted
from crm.web.pages import page, see_other, writer_of
from crm.web.session import DbSession, Now

router = APIRouter()

PLAY_FORM, PLAY_PAGE = "accounts/plays/_form.html", "accounts/plays/form.html"
STOP, START_PAGE, START_DRAWER = (
    "accounts/plays/forms/stop.html",
    "accounts/plays/start.html",
    "accounts/plays/_start_drawer.html",
)


@router.get("/plays", name="plays.index")
def list_plays(request: Request, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    return page(request, "accounts/plays/index.html", lines=play_lines(session, viewer), trigger_words=trigger_words)


@router.get("/plays/{play_id:int}", name="plays.show")
def show_play(request: Request, play: PlayInScope, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    """What it says, and what became of it; each figure opens its runs."""
    return page(
        request,
        "accounts/plays/show.html",
        play=play,
        steps=steps_of(session, play),
        figures=figures(session, viewer, play),
        shown=Shown,
        waiting=_held_back(session, viewer, play),
        latest=read_runs(session, viewer, play, Shown.ALL, "").lines[:5],
        trigger_words=trigger_words,
        step_words=step_words,
        run_words=run_words,
    )


def _held_back(session: Session, viewer: Viewer, play: Play) -> int:
    """So many met its trigger at once, as after an import, that a person is asked."""
    if not viewer.may(Capability.MANAGE_PLAYS):
        return 0
    due = len(due_now(session, play, clock.today()))
    return due if due > AT_ONCE else 0


@router.post("/plays/{play_id:int}/due", name="plays.due.start")
def start_held_back(
    request: Request, play: PlayInScope, session: DbSession, viewer: WhoMayWritePlays, sent: NothingSubmitted
) -> Response:
    due = due_now(session, play, clock.today())
    start_due(session, play, due[:MOST_ACCOUNTS], even_many=True)
    return see_other(request, "plays.show", play_id=play.id)


@router.get("/plays/{play_id:int}/runs", name="plays.runs.index")
def list_runs(
    request: Request,
    play: PlayInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    show: str = "all",
    after: str = "",
) -> Response:
    shown = Shown(show) if show in set(Shown) else Shown.ALL
    return page(
        request,
        "accounts/plays/runs.html",
        play=play,
        chosen=shown,
        shown=Shown,
        found=read_runs(session, viewer, play, shown, after),
        figures=figures(session, viewer, play),
        after=after,
        run_words=run_words,
    )


# --- writing ---------------------------------------------------------------------------------------------------------


@router.get("/plays/new", name="plays.new")
def new_play(request: Request, session: DbSession, viewer: WhoMayWritePlays, now: Now) -> Response:
    return page(request, PLAY_PAGE, play=None, raw={}, errors={}, **_around(None, None))


@router.post("/plays", name="plays.create")
def create_play(
    request: Request, session: DbSession, viewer: WhoMayWritePlays, now: Now, sent: PlaySubmitted
) -> Response:
    made: list[Play] = []
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(session, sent, lambda: made.append(service.create_play(session, viewer, form.plan())))
    if refused is not None:
        return _form_again(request, refused, None)
    return see_other(request, "plays.show", play_id=made[0].id)


@router.get("/plays/{play_id:int}/edit", name="plays.edit")
def edit_play(request: Request, play: PlayInScope, session: DbSession, viewer: WhoMayWritePlays, now: Now) -> Response:
    return page(request, PLAY_PAGE, play=play, raw={}, errors={}, **_around(None, _plan_of(session, play)))


@router.post("/plays/{play_id:int}", name="plays.update")
def update_play(
    request: Request, play: PlayInScope, session: DbSession, viewer: WhoMayWritePlays, now: Now, sent: PlaySubmitted
) -> Response:
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(session, sent, lambda: service.change_play(session, viewer, play, form.plan()))
    if refused is not None:
        return _form_again(request, refused, play)
    return see_other(request, "plays.show", play_id=play.id)


@router.post("/plays/{play_id:int}/copy", name="plays.copy")
def copy_play(
    request: Request, play: PlayInScope, session: DbSession, viewer: WhoMayWritePlays, sent: NothingSubmitted
) -> Response:
    title = writer_of(request)(text(N_("%(play)s, copy"), play=play.title[:110]))
    copied = service.copy_play(session, viewer, play, title=title)
    return see_other(request, "plays.edit", play_id=copied.id)


@router.post("/plays/{play_id:int}/switch", name="plays.switch")
def switch_play(
    request: Request, play: PlayInScope, session: DbSession, viewer: WhoMayWritePlays, sent: SwitchSubmitted
) -> Response:
    if sent.form is None:
        raise Invalid(N_("Please say whether it shall be on or off."))
    (service.switch_on if sent.form.on else service.switch_off)(session, viewer, play)
    return see_other(request, "plays.show", play_id=play.id)


def _form_again(request: Request, sent: Submitted[Any], play: Play | None) -> Response:
    return page(
        request,
        PLAY_PAGE,
        PLAY_FORM,
        status=422,
        play=play,
        raw=sent.raw,
        errors=sent.errors,
        **_around(dict(sent.raw), None),
    )


def _plan_of(session: Session, play: Play) -> PlayPlan:
    steps = [StepPlan(step.title, step.role, step.anchor, step.days) for step in steps_of(session, play)]
    return PlayPlan(play.title, play.trigger, steps)


def _around(raw: dict[str, Any] | None, plan: PlayPlan | None) -> dict[str, Any]:
    return {
        "rows": step_rows(raw, plan),
        "triggers": TRIGGER_TITLES,
        "stages": STAGE_TITLES,
        "bands": BAND_WORDS,
        "roles": PlayRole,
        "anchors": Anchor,
        "Trigger": Trigger,
        "Stage": Stage,
    }


# --- on accounts -----------------------------------------------------------------------------------------------------


@router.get("/plays/start", name="plays.start.new")
def choose_play(request: Request, session: DbSession, viewer: CurrentViewer, now: Now) -> Response:
    """Which play, on the accounts that ``account_id`` names (as often as there are)."""
    said = request.query_params.getlist("account_id")
    ids = [int(one) for one in said if one.isascii() and one.isdigit() and len(one) <= 19 and int(one) < 1 << 63]
    return _preview(request, session, viewer, list(dict.fromkeys(ids)))


@router.post("/plays/start", name="plays.start.create")
def start_play(request: Request, session: DbSession, viewer: CurrentViewer, now: Now, sent: StartSubmitted) -> Response:
    """Start it; without a play, as from a selection too long for an address, ask which."""
    if sent.form is None:
        raise Invalid(N_("Please choose accounts and a play."))
    if sent.form.play is None:
        return _preview(request, session, viewer, sent.form.account_id)
    play = get_play(session, sent.form.play)
    accounts = _accounts(session, viewer, sent.form.account_id)
    if len(accounts) == 1:
        ensure_may_change(session, viewer, accounts[0])
    started = service.start_play(session, viewer, play, accounts)
    if len(accounts) == 1:
        answer = see_other(request, "accounts.show", account_id=accounts[0].id)
        entries = [remember_start(session, viewer, run, play) for run in started.runs]
        return offering_undo(request, answer, entries[0]) if entries else answer
    return page(request, "accounts/plays/started.html", play=play, started=started)


def _accounts(session: Session, viewer: Viewer, ids: list[int]) -> list[Account]:
    if len(ids) > MOST_ACCOUNTS:
        raise Invalid(N_("A play is started on at most %(most)s accounts at once."), most=MOST_ACCOUNTS)
    found = visible_accounts(viewer).where(col(Account.id).in_(ids))
    accounts = list(session.exec(found.order_by(col(Account.name_folded), col(Account.id))))
    if not accounts:
        raise NotFound(N_("There is no such account."))
    return accounts


def _preview(request: Request, session: Session, viewer: Viewer, ids: list[int]) -> Response:
    """Of each play, on how many of the accounts it would begin; of one account, who does what by when."""
    accounts = _accounts(session, viewer, ids)
    if len(accounts) == 1:
        ensure_may_change(session, viewer, accounts[0])
    wanted = [account.id for account in accounts]
    mine = in_hands(session, viewer, wanted)
    running = running_on(session, wanted)
    lines = play_lines(session, viewer)
    today = clock.today()
    hands = crews(session, accounts, today)
    able = {one for one in mine if hands[one].who(PlayRole.OWNER) is not None}
    return page(
        request,
        START_PAGE,
        START_DRAWER,
        title=_start_title(accounts),
        account=accounts[0] if len(accounts) == 1 else None,
        accounts=accounts,
        lines=lines,
        ready={line.play.id: len(able - running.get(line.play.id, set())) for line in lines},
        running={line.play.id: len(mine & running.get(line.play.id, set())) for line in lines},
        not_yours=len(accounts) - len(mine),
        nobody=len(mine) - len(able),
        plans=_plans(session, accounts[0], hands[accounts[0].id]) if len(accounts) == 1 else {},
        trigger_words=trigger_words,
    )


def _plans(session: Session, account: Account, crew: Crew) -> dict[int, list[tuple[str, date, str]]]:
    """What each play would have whom do by when on ``account``."""
    names = dict(colleagues(session))
    today = clock.today()
    return {
        play_id: [
            (step.title, day, names.get(crew.who(step.role) or 0, ""))
            for step, day in zip(steps, due_days(steps, today, account.decides_on), strict=True)
        ]
        for play_id, steps in current_steps(session).items()
    }


def _start_title(accounts: list[Account]) -> Text:
    if len(accounts) == 1:
        return text(N_("Start a play on %(account)s"), account=accounts[0].name)
    return text(N_("Start a play on %(n)s accounts"), n=len(accounts))


@router.get("/accounts/{account_id:int}/plays/{run_id:int}/stop", name="plays.stop.new")
def stop_form(
    request: Request, account: AccountInScope, run: RunInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change(session, viewer, account)
    play = get_play(session, run.play_id)
    return show_form(request, STOP, _stop_title(play), account=account, run=run, play=play)


@router.post("/accounts/{account_id:int}/plays/{run_id:int}/stop", name="plays.stop.create")
def stop_run(
    request: Request,
    account: AccountInScope,
    run: RunInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: StopSubmitted,
) -> Response:
    ensure_may_change(session, viewer, account)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(session, sent, lambda: service.stop_run(session, viewer, account, run, reason=form.reason))
    if refused is not None:
        play = get_play(session, run.play_id)
        return form_again(request, STOP, _stop_title(play), refused, account=account, run=run, play=play)
    return see_other(request, "accounts.show", account_id=account.id)


def _stop_title(play: Play) -> Text:
    return text(N_("Stop %(play)s"), play=play.title)
