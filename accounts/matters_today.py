"""Pulses, risks and promises on the ranked day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from zlib import crc32

from sqlalchemy import ColumnElement, and_, case, exists, literal, or_, select as core_select
from sqlmodel import col

from accounts.models import Account
from accounts.portfolio import portfolio_ids
from accounts.promises import service as promises
from accounts.promises.models import Promise, PromiseStatus
from accounts.promises.queries import get_promise
from accounts.pulse.models import STALE_AFTER_DAYS, Pulse, PulseColour
from accounts.pulse.queries import newest_of
from accounts.queries import get_account, in_sight
from accounts.rights import reads_money_of
from accounts.risks import service as risks
from accounts.risks.models import ACTIVE, Risk
from accounts.risks.queries import get_risk
from accounts.today import MOST_ITEMS, task_urgency
from crm import clock
from crm.config import get_settings
from crm.contracts import DayContext, TodayAction, TodayItem, TodaySource
from crm.errors import NotFound
from crm.identity.models import User
from crm.text import N_, Text, plural, text

AHEAD = timedelta(days=7)
STALE_SAID_UNTIL = 90  # days: a pulse that old is forgotten rather than asked for


def _today(context: DayContext) -> date:
    """Days that people have set are real ones, also in an old book."""
    return max(context.today, clock.today())


def _steps(days: int) -> float:
    """It rises when the day comes, when it has passed, and a week later; not every day."""
    return float((days <= 0) + (days < 0) + (days < -7))


def _money(context: DayContext, amount: Any, account_id: Any) -> ColumnElement[Any]:
    """In home currency, where the viewer reads it."""
    money = reads_money_of(account_id, context.viewer)
    if money is None:
        return literal(None)
    return case((and_(money, col(Account.currency) == get_settings().currency), amount))


# --- promises --------------------------------------------------------------------------------------------------------


def promise_urgency(days: int) -> float:
    """A promise that falls within two weeks stands where decisions do; one that was not kept is harm."""
    return 88.0 if days < -7 else 82.0 if days < 0 else 76.0 if days == 0 else 60.0 - 3.0 * days


def promises_due(context: DayContext) -> Sequence[TodayItem]:
    """Promises that are late or due within a week, at the viewer's accounts and of the viewer's own; one statement."""
    today = _today(context)
    rows = context.session.execute(
        core_select(
            col(Promise.id),
            col(Promise.account_id),
            col(Promise.what),
            col(Promise.due_on),
            col(Promise.created_at),
            col(Promise.promised_by),
            col(User.name),
            _money(context, col(Account.arr_minor), col(Account.id)).label("amount"),
        )
        .join(Account, col(Account.id) == col(Promise.account_id))
        .outerjoin(User, col(User.id) == col(Promise.promised_by))
        .where(
            col(Promise.status) == PromiseStatus.OPEN,
            col(Promise.due_on) <= today + AHEAD,
            or_(
                col(Promise.promised_by) == context.viewer.user_id,
                col(Promise.account_id).in_(portfolio_ids(context.viewer)),
            ),
            in_sight(col(Promise.account_id), context.viewer),
        )
        .order_by(col(Promise.due_on), col(Promise.id))
        .limit(MOST_ITEMS)
    )
    return [
        TodayItem(
            key=str(row.id),
            account_id=row.account_id,
            kind="promise_due",
            reason=_promised(
                row.what, (row.due_on - today).days, None if row.promised_by == context.viewer.user_id else row.name
            ),
            since=row.created_at,
            due=row.due_on,
            minutes=20,
            money_minor=row.amount,
            urgency=promise_urgency((row.due_on - today).days),
            condition=_steps((row.due_on - today).days),
            action=TodayAction(
                text(N_("Say what came of it")), f"/accounts/{row.account_id}/promises/{row.id}/settling"
            ),
            records_href=f"/accounts/{row.account_id}#panel-promises",
        )
        for row in rows
    ]


def _promised(what: str, days: int, by: str | None) -> Text:
    who: dict[str, Any] = {"what": what, "name": by}
    if days < 0:
        if by:
            return plural(
                N_("%(name)s promised: %(what)s; late by %(n)s day"),
                N_("%(name)s promised: %(what)s; late by %(n)s days"),
                -days,
                **who,
            )
        return plural(
            N_("Promised: %(what)s; late by %(n)s day"), N_("Promised: %(what)s; late by %(n)s days"), -days, what=what
        )
    if days == 0:
        return (
            text(N_("%(name)s promised for today: %(what)s"), **who)
            if by
            else text(N_("Promised for today: %(what)s"), what=what)
        )
    if by:
        return plural(
            N_("%(name)s promised: %(what)s; due in %(n)s day"),
            N_("%(name)s promised: %(what)s; due in %(n)s days"),
            days,
            **who,
        )
    return plural(
        N_("Promised: %(what)s; due in %(n)s day"), N_("Promised: %(what)s; due in %(n)s days"), days, what=what
    )


def promise_done(context: DayContext, account_id: int, key: str, outcome: str) -> None:
    """Done on the ranked day is kept."""
    account, promise = _promise(context, account_id, key)
    if promise.is_open:
        promises.settle_promise(
            context.session, context.viewer, account, promise, status=PromiseStatus.KEPT, outcome=outcome
        )
    elif outcome:
        promises.add_outcome(context.session, context.viewer, account, promise, outcome=outcome)


def promise_undone(context: DayContext, account_id: int, key: str) -> None:
    account, promise = _promise(context, account_id, key)
    if not promise.is_open:
        promises.reopen_promise(context.session, context.viewer, account, promise)


def _promise(context: DayContext, account_id: int, key: str) -> tuple[Account, Promise]:
    account = get_account(context.session, context.viewer, account_id)
    return account, get_promise(context.session, account, _id_of(key, N_("There is no such promise here.")))


# --- risks -----------------------------------------------------------------------------------------------------------


def risk_steps_due(context: DayContext) -> Sequence[TodayItem]:
    """Steps of the viewer's own risks that are late or due within a week; one statement."""
    today = _today(context)
    rows = context.session.execute(
        core_select(
            col(Risk.id),
            col(Risk.account_id),
            col(Risk.next_step),
            col(Risk.next_on),
            col(Risk.changed_at),
            _money(context, col(Risk.arr_minor), col(Account.id)).label("amount"),
        )
        .join(Account, col(Account.id) == col(Risk.account_id))
        .where(
            col(Risk.owner_id) == context.viewer.user_id,
            col(Risk.status).in_(ACTIVE),
            col(Risk.next_on) <= today + AHEAD,
            in_sight(col(Risk.account_id), context.viewer),
        )
        .order_by(col(Risk.next_on), col(Risk.id))
        .limit(MOST_ITEMS)
    )
    items = []
    for row in rows:
        days = (row.next_on - today).days
        items.append(
            TodayItem(
                key=f"{row.id}-{row.next_on.toordinal()}",  # another step is another thing to do
                account_id=row.account_id,
                kind="risk_step_due",
                reason=_step(row.next_step, days),
                since=row.changed_at,
                due=row.next_on,
                minutes=20,
                money_minor=row.amount,
                urgency=min(85.0, task_urgency(days) + 5.0),  # before a task of the same day
                condition=_steps(days),
                action=TodayAction(text(N_("Look at the risk")), f"/risks/{row.id}"),
                records_href=f"/risks/{row.id}",
            )
        )
    return items


def _step(step: str, days: int) -> Text:
    if days < 0:
        return plural(
            N_("Against a risk: %(step)s; late by %(n)s day"),
            N_("Against a risk: %(step)s; late by %(n)s days"),
            -days,
            step=step,
        )
    if days == 0:
        return text(N_("Against a risk: %(step)s; due today"), step=step)
    return plural(
        N_("Against a risk: %(step)s; due in %(n)s day"),
        N_("Against a risk: %(step)s; due in %(n)s days"),
        days,
        step=step,
    )


def risk_step_done(context: DayContext, account_id: int, key: str, outcome: str) -> None:
    account, risk = _risk(context, account_id, key)
    if risk.next_step:  # what is said later adds to the step that was done
        risks.finish_step(context.session, context.viewer, account, risk, outcome=outcome)
    elif outcome:
        risks.add_step_outcome(context.session, context.viewer, account, risk, outcome=outcome)


def risk_step_undone(context: DayContext, account_id: int, key: str) -> None:
    account, risk = _risk(context, account_id, key)
    if not risk.next_step:
        risks.take_back_step(context.session, context.viewer, account, risk)


def help_asked(context: DayContext) -> Sequence[TodayItem]:
    """Risks for which somebody asks the viewer's help; one statement."""
    rows = context.session.execute(
        core_select(
            col(Risk.id),
            col(Risk.account_id),
            col(Risk.help_needed),
            col(Risk.reason),
            col(Risk.changed_at),
            col(User.name),
            _money(context, col(Risk.arr_minor), col(Account.id)).label("amount"),
        )
        .join(Account, col(Account.id) == col(Risk.account_id))
        .outerjoin(User, col(User.id) == col(Risk.owner_id))
        .where(
            col(Risk.help_from_id) == context.viewer.user_id,
            col(Risk.status).in_(ACTIVE),
            in_sight(col(Risk.account_id), context.viewer),
        )
        .order_by(col(Risk.changed_at), col(Risk.id))
        .limit(MOST_ITEMS)
    )
    return [
        TodayItem(
            key=f"{row.id}-{crc32(row.help_needed.encode())}",
            account_id=row.account_id,
            kind="risk_help",
            reason=text(N_("%(name)s asks for your help: %(help)s"), name=row.name, help=row.help_needed)
            if row.name
            else text(N_("Your help is asked for: %(help)s"), help=row.help_needed),
            since=row.changed_at,
            due=None,
            minutes=30,
            money_minor=row.amount,
            urgency=66.0,
            condition=1.0,
            action=TodayAction(text(N_("Look at the risk")), f"/risks/{row.id}"),
            records_href=f"/risks/{row.id}",
        )
        for row in rows
    ]


def help_done(context: DayContext, account_id: int, key: str, outcome: str) -> None:
    account, risk = _risk(context, account_id, key)
    if risk.help_needed:
        risks.give_help(context.session, context.viewer, account, risk, outcome=outcome)


def help_undone(context: DayContext, account_id: int, key: str) -> None:
    account, risk = _risk(context, account_id, key)
    if not risk.help_needed:
        risks.take_back_help(context.session, context.viewer, account, risk)


def _risk(context: DayContext, account_id: int, key: str) -> tuple[Account, Risk]:
    id_ = _id_of(key.partition("-")[0], N_("There is no such risk."))
    account, risk = get_risk(context.session, context.viewer, id_)
    if account.id != account_id:
        raise NotFound(N_("There is no such risk."))
    return account, risk


# --- pulses ----------------------------------------------------------------------------------------------------------


def pulses_to_answer(context: DayContext) -> Sequence[TodayItem]:
    """Red pulses behind which no risk names what is done, and amber or red ones that have become stale; one
    statement."""
    today = clock.today()
    has_plan = exists().where(
        col(Risk.account_id) == col(Pulse.account_id), col(Risk.status).in_(ACTIVE), col(Risk.next_on).is_not(None)
    )
    stale_from = today - timedelta(days=STALE_AFTER_DAYS)
    red, bad = col(Pulse.colour) == PulseColour.RED, col(Pulse.colour) != PulseColour.GREEN
    at: Any = literal(clock.now(), col(Pulse.happened_at).type)  # type: ignore[attr-defined]
    rows = context.session.execute(
        core_select(
            col(Pulse.id),
            col(Pulse.account_id),
            col(Pulse.colour),
            col(Pulse.sentence),
            col(Pulse.said_on),
            col(Pulse.happened_at),
            _money(context, col(Account.arr_minor), col(Account.id)).label("amount"),
        )
        .join(Account, col(Pulse.id) == newest_of(col(Account.id), at))
        .where(
            or_(
                and_(red, col(Pulse.said_on) >= stale_from, ~has_plan),
                and_(bad, col(Pulse.said_on) < stale_from, col(Pulse.said_on) >= today - timedelta(STALE_SAID_UNTIL)),
            ),
            col(Account.id).in_(portfolio_ids(context.viewer)),
            in_sight(col(Account.id), context.viewer),
        )
        .order_by(col(Pulse.said_on), col(Pulse.id))
        .limit(MOST_ITEMS)
    )
    items = []
    for row in rows:
        stale = row.said_on < stale_from
        colour = text(PulseColour(row.colour).words)
        days = (today - row.said_on).days
        items.append(
            TodayItem(
                key=str(row.id),
                account_id=row.account_id,
                kind="pulse_stale" if stale else "pulse_red",
                reason=text(N_("The %(colour)s pulse is %(n)s days old: is it still so?"), colour=colour, n=days)
                if stale
                else text(N_("Red, and no risk says what is done by when: %(sentence)s"), sentence=row.sentence),
                since=row.happened_at,
                due=None,
                minutes=5 if stale else 15,
                money_minor=row.amount,
                urgency=36.0 if stale else 61.0,
                condition=1.0,
                action=TodayAction(text(N_("Set the pulse")), f"/accounts/{row.account_id}/pulse/new")
                if stale
                else TodayAction(text(N_("Open a risk")), f"/accounts/{row.account_id}/risks/new"),
                records_href=f"/accounts/{row.account_id}/pulse",
            )
        )
    return items


def _id_of(key: str, sentence: str) -> int:
    if not (key.isascii() and key.isdigit() and len(key) <= 18):
        raise NotFound(sentence)
    return int(key)


TODAY = (
    TodaySource("promise_due", N_("Promises due"), promises_due, done=promise_done, undone=promise_undone),
    TodaySource(
        "risk_step_due", N_("Steps against risks"), risk_steps_due, done=risk_step_done, undone=risk_step_undone
    ),
    TodaySource("risk_help", N_("Help asked for"), help_asked, done=help_done, undone=help_undone),
    TodaySource("pulses", N_("Pulses to answer"), pulses_to_answer),
)
