"""Opening, changing, closing risks. What changed is kept, because a meeting asks for it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from accounts.models import Account
from accounts.rights import ensure_may_change, hands_on
from accounts.risks.models import ACTIVE, CLOSED, Risk, RiskEvent, RiskEventKind, RiskReason, RiskStatus
from accounts.service._dated import ensure_not_ahead
from accounts.service.arr import LARGEST_MINOR
from crm import webhooks
from crm.audit import record
from crm.clock import now, today
from crm.errors import Conflict, Forbidden, Invalid
from crm.identity.models import User
from crm.text import N_, text
from crm.viewer import Capability, Viewer
from crm.webhooks.models import Kind
from crm.webhooks.outbox import News

KEEP: Any = object()  # a value that is not to be changed


class ChangedMeanwhile(Conflict):
    def __init__(self) -> None:
        super().__init__(N_("Somebody else has changed this risk in the meantime; look at it again, then change it."))


class RiskIsClosed(Conflict):
    def __init__(self) -> None:
        super().__init__(N_("This risk is closed; open it again before you change it."))


class NothingPlanned(Conflict):
    def __init__(self) -> None:
        super().__init__(N_("Nothing is planned about this risk."))


class NobodyAsked(Conflict):
    def __init__(self) -> None:
        super().__init__(N_("Nobody has asked for help here."))


def ensure_may_work_on(session: Session, viewer: Viewer, account: Account, risk: Risk) -> None:
    """Its own owner; else whoever has the account in their hands."""
    if viewer.user_id == risk.owner_id and viewer.may(Capability.NOTE):
        return
    ensure_may_change(session, viewer, account)


def open_risk(
    session: Session,
    actor: Viewer,
    account: Account,
    *,
    reason: RiskReason,
    words: str = "",
    arr_minor: int | None = None,
    since_on: date | None = None,
    owner: User | None = None,
    next_step: str = "",
    next_on: date | None = None,
    help_needed: str = "",
    help_from: User | None = None,
) -> Risk:
    """Owned by ``owner``, by default by the account's own."""
    ensure_may_change(session, actor, account)
    since = since_on or today()
    ensure_not_ahead(since)
    _refuse_amount(session, actor, account, arr_minor)
    _refuse_who_left(owner, help_from)
    next_step, help_needed = _line(next_step), _line(help_needed)
    _refuse_halves(next_step, next_on, help_needed, help_from.id if help_from else None)

    risk = Risk(
        account_id=account.id,
        reason=reason,
        words=words.strip(),
        arr_minor=arr_minor,
        since_on=since,
        owner_id=owner.id if owner else account.owner_id,
        next_step=next_step,
        next_on=next_on,
        help_needed=help_needed,
        help_from_id=help_from.id if help_from else None,
        created_by=None if actor.is_system else actor.user_id,
        created_at=now(),
        changed_at=now(),
    )
    session.add(risk)
    session.flush()
    _keep(session, actor, risk, RiskEventKind.OPENED, {}, risk.words)
    sentence = text(N_("%(account)s: a risk is open (%(reason)s)"), account=account.name, reason=text(reason.words))
    data = {"account_id": str(account.id), "account": account.name, "reason": reason.value}
    webhooks.tell(session, [News(Kind.RISK_OPENED, sentence, f"/risks/{risk.id}", data)])
    return risk


def change_risk(
    session: Session,
    actor: Viewer,
    account: Account,
    risk: Risk,
    *,
    version: int | None = None,
    reason: RiskReason = KEEP,
    words: str = KEEP,
    arr_minor: int | None = KEEP,
    since_on: date = KEEP,
    owner: User | None = KEEP,
    next_step: str = KEEP,
    next_on: date | None = KEEP,
    help_needed: str = KEEP,
    help_from: User | None = KEEP,
    status: RiskStatus = KEEP,
) -> None:
    """What is not given stays. ``version``: what the form was made from. ``status``: open or accepted."""
    ensure_may_work_on(session, actor, account, risk)
    if version is not None and version != risk.version:
        raise ChangedMeanwhile
    if not risk.is_active:
        raise RiskIsClosed
    if status is not KEEP and status not in ACTIVE:
        raise Invalid(N_("Say how it ended when you close a risk."))
    if arr_minor is not KEEP and arr_minor != risk.arr_minor:
        _refuse_amount(session, actor, account, arr_minor)
    if since_on is not KEEP:
        ensure_not_ahead(since_on)
    _refuse_who_left(*(one for one in (owner, help_from) if one is not KEEP))
    given = {
        "reason": reason,
        "words": words if words is KEEP else words.strip(),
        "arr_minor": arr_minor,
        "since_on": since_on,
        "owner_id": owner if owner is KEEP else (owner.id if owner else None),
        "next_step": next_step if next_step is KEEP else _line(next_step),
        "next_on": next_on,
        "help_needed": help_needed if help_needed is KEEP else _line(help_needed),
        "help_from_id": help_from if help_from is KEEP else (help_from.id if help_from else None),
        "status": status,
    }
    after = {name: getattr(risk, name) if value is KEEP else value for name, value in given.items()}
    _refuse_halves(after["next_step"], after["next_on"], after["help_needed"], after["help_from_id"])
    _write(session, actor, risk, after, RiskEventKind.CHANGED)


def finish_step(session: Session, actor: Viewer, account: Account, risk: Risk, *, outcome: str = "") -> None:
    """The next step is done; somebody will plan another, or close the risk."""
    ensure_may_work_on(session, actor, account, risk)
    if not risk.next_step:
        raise NothingPlanned

    _write(session, actor, risk, {"next_step": "", "next_on": None}, RiskEventKind.STEP_DONE, _line(outcome))


def take_back_step(session: Session, actor: Viewer, account: Account, risk: Risk) -> None:
    """The step that was done last stands there again."""
    ensure_may_work_on(session, actor, account, risk)
    if risk.next_step:
        raise Conflict(N_("Another step is planned already."))
    last = _last(session, risk, RiskEventKind.STEP_DONE)
    day = last.changes.get("next_on", [None])[0]
    before = {"next_step": last.changes["next_step"][0], "next_on": date.fromisoformat(day) if day else None}
    _write(session, actor, risk, before, RiskEventKind.CHANGED)


def add_step_outcome(session: Session, actor: Viewer, account: Account, risk: Risk, *, outcome: str) -> None:
    """What came of the step that was done last, said after it."""
    ensure_may_work_on(session, actor, account, risk)
    last = _last(session, risk, RiskEventKind.STEP_DONE)
    last.words = _line(outcome)
    session.add(last)
    record(session, actor, account.id, "risk.step_outcome_added", risk=str(risk.id), outcome=last.words)


def _last(session: Session, risk: Risk, kind: RiskEventKind) -> RiskEvent:
    last = session.exec(
        select(RiskEvent)
        .where(col(RiskEvent.risk_id) == risk.id, col(RiskEvent.kind) == kind)
        .order_by(col(RiskEvent.happened_at).desc(), col(RiskEvent.id).desc())
        .limit(1)
    ).first()
    if last is None:
        raise NothingPlanned if kind is RiskEventKind.STEP_DONE else NobodyAsked
    return last


def give_help(session: Session, actor: Viewer, account: Account, risk: Risk, *, outcome: str = "") -> None:
    """Whoever was asked has helped; whoever works on the risk may say so too."""
    if actor.user_id != risk.help_from_id:
        ensure_may_work_on(session, actor, account, risk)
    if not risk.help_needed:
        raise NobodyAsked

    _write(session, actor, risk, {"help_needed": "", "help_from_id": None}, RiskEventKind.HELPED, _line(outcome))


def take_back_help(session: Session, actor: Viewer, account: Account, risk: Risk) -> None:
    """The help that was given last is needed still."""
    last = _last(session, risk, RiskEventKind.HELPED)
    if actor.user_id != last.by_id:
        ensure_may_work_on(session, actor, account, risk)
    if risk.help_needed:
        raise Conflict(N_("Other help is asked for already."))
    before = {name: last.changes.get(name, [None])[0] for name in ("help_needed", "help_from_id")}
    _write(session, actor, risk, before, RiskEventKind.CHANGED)


def close_risk(
    session: Session,
    actor: Viewer,
    account: Account,
    risk: Risk,
    *,
    status: RiskStatus,
    outcome: str,
    on: date | None = None,
) -> None:
    """How it ended, in words: the next such risk is judged by it."""
    ensure_may_work_on(session, actor, account, risk)
    if not risk.is_active:
        raise RiskIsClosed
    if status not in CLOSED:
        raise Invalid(N_("Say how it ended: mitigated, happened, or there was none."))
    day = on or today()
    ensure_not_ahead(day)
    if day < risk.since_on:
        raise Invalid(N_("A risk cannot end before it began, on %(day)s."), day=risk.since_on)
    outcome = _line(outcome)
    if not outcome:
        raise Invalid(N_("Please say in a few words what came of it."))

    ended = {"status": status, "outcome": outcome, "closed_on": day, "next_step": "", "next_on": None}
    ended |= {"help_needed": "", "help_from_id": None}
    _write(session, actor, risk, ended, RiskEventKind.CLOSED, outcome)


def reopen_risk(session: Session, actor: Viewer, account: Account, risk: Risk) -> None:
    ensure_may_work_on(session, actor, account, risk)
    if risk.is_active:
        raise Conflict(N_("This risk is open."))

    back = {"status": RiskStatus.OPEN, "outcome": "", "closed_on": None}
    _write(session, actor, risk, back, RiskEventKind.REOPENED)


def _write(
    session: Session, actor: Viewer, risk: Risk, after: dict[str, Any], kind: RiskEventKind, words: str = ""
) -> None:
    changes = {name: [getattr(risk, name), value] for name, value in after.items() if getattr(risk, name) != value}
    if not changes:
        return  # saying the same again changes nothing
    for name, value in after.items():
        setattr(risk, name, value)
    risk.changed_at = now()
    risk.version += 1
    session.add(risk)
    _keep(session, actor, risk, kind, {name: [_plain(one) for one in pair] for name, pair in changes.items()}, words)


def _keep(
    session: Session, actor: Viewer, risk: Risk, kind: RiskEventKind, changes: dict[str, Any], words: str
) -> None:
    session.add(
        RiskEvent(
            risk_id=risk.id,
            account_id=risk.account_id,
            kind=kind,
            status=risk.status,
            arr_minor=risk.arr_minor,
            changes=changes,
            words=words[:300],
            by_id=None if actor.is_system else actor.user_id,
            happened_at=now(),
        )
    )
    record(session, actor, risk.account_id, f"risk.{kind.value}", risk=str(risk.id), **changes)
    session.flush()


def _plain(value: Any) -> Any:
    """As JSON can hold it; ids as text, because they are longer than a browser's numbers."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, RiskReason | RiskStatus):
        return value.value
    return value


def _line(words: str) -> str:
    return " ".join(words.split())[:300]


def _refuse_amount(session: Session, actor: Viewer, account: Account, arr_minor: int | None) -> None:
    if arr_minor is None:
        return
    if not hands_on(session, actor, account).may_read_money:
        raise Forbidden(N_("Amounts are entered by those who may read them; leave it empty."))
    if not 0 <= arr_minor <= LARGEST_MINOR:
        raise Invalid(N_("Please give the amount at risk, zero or more."))


def _refuse_who_left(*people: User | None) -> None:
    for one in people:
        if one is not None and one.disabled_at is not None:
            raise Conflict(N_("%(user)s no longer works here; choose someone else."), user=one.name)


def _refuse_halves(step: str, on: date | None, help_needed: str, help_from: int | None) -> None:
    if on is not None and not step:
        raise Invalid(N_("Say what is to be done on that day."))
    if help_from is not None and not help_needed:
        raise Invalid(N_("Say what help is needed."))
