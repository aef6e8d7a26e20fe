"""Pulses, risks, goals and promises on the timeline: one source, one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, literal, select, tuple_, type_coerce, union_all
from sqlmodel import col

from accounts.goals.models import GOAL_STATUS_TITLES, Goal, GoalStatus
from accounts.promises.models import PROMISE_STATUS_TITLES, Promise, PromiseStatus
from accounts.pulse.models import PULSE_TITLES, Pulse, PulseColour
from accounts.risks.models import REASON_TITLES, STATUS_TITLES, Risk, RiskEvent, RiskEventKind, RiskReason, RiskStatus
from crm import clock
from crm.contracts import PanelContext, TimelineEntry, TimelineSource
from crm.db import Id, table_of
from crm.identity.models import User
from crm.text import N_, Text, text

_TOLD = (RiskEventKind.OPENED, RiskEventKind.CLOSED, RiskEventKind.REOPENED)


def _arms(context: PanelContext) -> Any:
    """Every arm: what it is, its id, when, two codes, the words, who did it, and which record it leads to."""
    pulse, event, risk, goal, promise = (table_of(model) for model in (Pulse, RiskEvent, Risk, Goal, Promise))

    def plain(column: Any) -> Any:
        return type_coerce(column, String())

    nothing = literal("", String())
    here, now = context.account_id, clock.now()
    pulses = select(
        literal("pulse").label("kind"),
        pulse.c.id.label("id"),
        pulse.c.happened_at.label("at"),
        plain(pulse.c.colour).label("code"),
        nothing.label("second"),
        pulse.c.sentence.label("words"),
        pulse.c.set_by.label("by_id"),
        pulse.c.id.label("record_id"),
    ).where(pulse.c.account_id == here, pulse.c.closed_at.is_(None), pulse.c.happened_at <= now)
    risks = select(
        literal("risk"),
        event.c.id,
        event.c.happened_at,
        plain(event.c.kind),
        plain(event.c.status),
        event.c.words,
        event.c.by_id,
        event.c.risk_id,
    ).where(event.c.account_id == here, event.c.kind.in_(_TOLD), event.c.happened_at <= now)
    goals = select(
        literal("goal"),
        goal.c.id,
        goal.c.settled_at,
        plain(goal.c.status),
        nothing,
        goal.c.objective,
        goal.c.settled_by,
        goal.c.id,
    ).where(goal.c.account_id == here, goal.c.settled_at <= now)
    made = select(
        literal("promise"),
        promise.c.id,
        promise.c.created_at,
        literal(PromiseStatus.OPEN.value),
        nothing,
        promise.c.what,
        promise.c.promised_by,
        promise.c.id,
    ).where(promise.c.account_id == here, promise.c.created_at <= now)
    settled = select(
        literal("promise"),
        promise.c.id + 1,  # two moments of one promise: ids only order what happened at the same instant
        promise.c.settled_at,
        plain(promise.c.status),
        nothing,
        promise.c.what,
        promise.c.settled_by,
        promise.c.id,
    ).where(promise.c.account_id == here, promise.c.settled_at <= now)
    return union_all(pulses, risks, goals, made, settled).subquery("moments"), risk


def entries(context: PanelContext, before: tuple[datetime, int] | None, limit: int) -> Sequence[TimelineEntry]:
    moments, risk = _arms(context)
    statement = (
        select(moments, col(User.name).label("by_name"), risk.c.reason.label("reason"))
        .select_from(
            moments.outerjoin(User, col(User.id) == moments.c.by_id).outerjoin(
                risk, (moments.c.kind == "risk") & (risk.c.id == moments.c.record_id)
            )
        )
        .order_by(moments.c.at.desc(), moments.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        there = tuple_(literal(before[0], table_of(Pulse).c.happened_at.type), literal(before[1], Id))
        statement = statement.where(tuple_(moments.c.at, moments.c.id) < there)
    return [_entry(row, context.account_id) for row in context.session.execute(statement)]


def _entry(row: Any, account_id: int) -> TimelineEntry:
    title, band, href = _told(row, account_id)
    in_title = row.kind in ("goal", "promise")
    return TimelineEntry(
        kind=row.kind,
        id=row.id,
        at=row.at,
        title=title,
        body="" if in_title else row.words,
        href=href,
        meta=text("%(name)s", name=row.by_name) if row.by_name else None,
        band=band,
    )


def _told(row: Any, account_id: int) -> tuple[Text, str | None, str]:
    here = f"/accounts/{account_id}"
    if row.kind == "pulse":
        colour = PulseColour(row.code)
        return text(N_("Pulse: %(colour)s"), colour=text(PULSE_TITLES[colour])), colour.value, f"{here}/pulse"
    if row.kind == "risk":
        reason, kind, status = text(REASON_TITLES[RiskReason(row.reason)]), row.code, RiskStatus(row.second)
        href = f"/risks/{row.record_id}"
        if kind == RiskEventKind.CLOSED:
            band = {RiskStatus.HAPPENED: "red", RiskStatus.MITIGATED: "green"}.get(status)
            said = text(N_("Risk closed: %(reason)s, %(status)s"), reason=reason, status=text(STATUS_TITLES[status]))
            return said, band, href
        sentence = (
            N_("Risk opened: %(reason)s") if kind == RiskEventKind.OPENED else N_("Risk opened again: %(reason)s")
        )
        return text(sentence, reason=reason), "amber", href
    if row.kind == "goal":
        goal = GoalStatus(row.code)
        band = {GoalStatus.REACHED: "green", GoalStatus.MISSED: "red"}.get(goal)
        how = text(GOAL_STATUS_TITLES[goal])
        return (
            text(N_("Goal %(status)s: %(goal)s"), status=how, goal=row.words),
            band,
            f"{here}/goals/{row.record_id}",
        )
    promise = PromiseStatus(row.code)
    if promise is PromiseStatus.OPEN:
        return text(N_("Promised: %(what)s"), what=row.words), None, f"{here}#panel-promises"
    band = {PromiseStatus.KEPT: "green", PromiseStatus.BROKEN: "red"}.get(promise)
    how = text(PROMISE_STATUS_TITLES[promise])
    return text(N_("Promise %(status)s: %(what)s"), status=how, what=row.words), band, f"{here}#panel-promises"


MOMENTS = TimelineSource("moments", N_("Pulse, risks, goals and promises"), entries, order=10)
