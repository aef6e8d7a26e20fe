"""Verbs on service targets. What is set from a day on holds for tickets opened from then on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlmodel import Session

from accounts.models import Tier
from crm import clock
from crm.audit import record
from crm.clock import now, start_of
from crm.errors import Conflict, Forbidden, Invalid
from crm.hours.models import COMPANY
from crm.hours.queries import calendars_now
from crm.text import N_
from crm.viewer import Capability, Viewer
from support.anew import ask_for_clocks_anew
from support.channels import TicketChannel
from support.clocks import PRIORITIES, Clock
from support.policies.models import ServiceRule, ServiceTarget
from support.policies.queries import rules_set

EARLIEST, LATEST_AHEAD = date(1990, 1, 1), timedelta(days=3_660)
MOST_MINUTES = 60_000  # 1,000 hours

Targets = Mapping[tuple[Clock, int], tuple[int, bool]]  # by clock and priority: minutes, and whether working ones


def set_rule(
    session: Session,
    actor: Viewer,
    *,
    tier: str,
    channel: str,
    from_on: date | None,
    targets: Targets,
    calendar_id: int | None = None,
) -> ServiceRule:
    """For tickets opened from ``from_on`` on; ``None``: for every ticket there is. A job computes clocks anew."""
    _ensure_may(actor)
    _refuse_key(tier, channel)
    _refuse_day(from_on)
    if calendar_id is not None and calendar_id not in calendars_now(session).by_id:
        raise Invalid(N_("There is no such calendar."))
    wanted = {(clock_, priority) for clock_ in Clock for priority in PRIORITIES}
    if set(targets) != wanted or any(not 1 <= minutes <= MOST_MINUTES for minutes, _ in targets.values()):
        raise Invalid(N_("Each target is between 1 minute and 1,000 hours."))
    rule = _put(session, actor, tier, channel, from_on)
    rule.calendar_id = None if calendar_id == COMPANY else calendar_id
    session.add(rule)
    session.flush()
    session.add_all(
        ServiceTarget(rule_id=rule.id, clock=clock_, priority=priority, minutes=minutes, working=working)
        for (clock_, priority), (minutes, working) in targets.items()
    )
    session.flush()
    record(session, actor, None, "service_rule.set", tier=tier, channel=channel, from_on=from_on)
    ask_for_clocks_anew(session, opened_from=_from_at(from_on))
    return rule


def withdraw_rule(session: Session, actor: Viewer, *, tier: str, channel: str, from_on: date) -> None:
    """Tickets opened from then on use a more general rule again."""
    _ensure_may(actor)
    _refuse_key(tier, channel)
    _refuse_day(from_on)
    if not tier and not channel:
        raise Conflict(N_("The targets for every ticket can be changed, not withdrawn."))
    rule = _put(session, actor, tier, channel, from_on)
    rule.withdrawn = True
    session.add(rule)
    session.flush()
    record(session, actor, None, "service_rule.withdrawn", tier=tier, channel=channel, from_on=from_on)
    ask_for_clocks_anew(session, opened_from=_from_at(from_on))


def take_back_rule(session: Session, actor: Viewer, rule: ServiceRule) -> None:
    """It was a mistake: what held before goes on."""
    _ensure_may(actor)
    rule.closed_at = now()
    session.add(rule)
    session.flush()
    record(session, actor, None, "service_rule.taken_back", tier=rule.tier, channel=rule.channel, from_on=rule.from_on)
    ask_for_clocks_anew(session, opened_from=_from_at(None if rule.from_on == date.min else rule.from_on))


def _put(session: Session, actor: Viewer, tier: str, channel: str, from_on: date | None) -> ServiceRule:
    """A row in place of the one that was set for the same day."""
    day = from_on or date.min
    for held in rules_set(session, tier, channel).values():
        if held.from_on == day:
            held.closed_at = now()
            session.add(held)
    session.flush()
    return ServiceRule(tier=tier, channel=channel, from_on=day, set_by=actor.user_id or None)


def _from_at(from_on: date | None) -> str | None:
    return start_of(from_on).isoformat() if from_on else None


def _refuse_key(tier: str, channel: str) -> None:
    if (tier and tier not in list(Tier)) or (channel and channel not in list(TicketChannel)):
        raise Invalid(N_("There is no such tier or channel."))


def _refuse_day(day: date | None) -> None:
    if day is not None and not EARLIEST <= day <= clock.today() + LATEST_AHEAD:
        raise Invalid(N_("That day is too far away."))


def _ensure_may(actor: Viewer) -> None:
    if not actor.may(Capability.MANAGE_TARGETS):
        raise Forbidden(N_("Managers and administrators set service targets; ask one of them."))
