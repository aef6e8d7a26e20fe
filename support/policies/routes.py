"""Service targets, for managers and administrators."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from accounts.models import Tier
from accounts.routes._forms import attempt
from crm import clock
from crm.errors import NotFound
from crm.hours.models import COMPANY
from crm.hours.queries import calendars_now
from crm.identity.deps import requires
from crm.text import N_
from crm.viewer import Capability, Viewer
from crm.web.forms import Submitted
from crm.web.pages import page, see_other
from crm.web.session import DbSession
from support.anew import NAME
from support.channels import TicketChannel
from support.clocks import PRIORITIES, Clock, Policy
from support.models.ticket import PRIORITY_TITLES
from support.policies import service
from support.policies.forms import PLACES, ButtonSubmitted, RuleSubmitted, WithdrawalSubmitted, write_minutes
from support.policies.queries import clocks_anew, policies_now, rules_set
from support.policies.rules import Policies, Rule
from support.policies.words import rule_words

router = APIRouter(prefix="/settings/service-targets")

INDEX, RULE = "support/targets/index.html", "support/targets/rule.html"

WhoSetsTargets = Annotated[Viewer, Depends(requires(Capability.MANAGE_TARGETS), scope="function")]


@router.get("", name="support.targets.index")
def list_rules(request: Request, session: DbSession, viewer: WhoSetsTargets) -> Response:
    policies = policies_now(session)
    now = clock.now()
    lines = []
    for tier, channel in sorted(policies.by_key, key=lambda key: (bool(key[0]), key)):
        rule = policies.in_force((tier, channel), now)
        coming = next((one for one in policies.by_key[tier, channel] if one.from_at > now), None)
        if (rule is not None and rule.policy is not None) or coming is not None:
            held = rule if rule is not None and rule.policy is not None else None
            lines.append((rule_words(tier, channel), tier, channel, held, coming))
    return page(
        request,
        INDEX,
        lines=lines,
        as_time=write_minutes,
        calendars=calendars_now(session).titles,
        running=clocks_anew(session, NAME),
        **_choices(),
    )


@router.get("/rule", name="support.targets.show")
def show_rule(
    request: Request, session: DbSession, viewer: WhoSetsTargets, tier: str = "", channel: str = ""
) -> Response:
    return _show(request, session, tier, channel)


@router.post("/rule", name="support.targets.set")
def set_rule(request: Request, session: DbSession, viewer: WhoSetsTargets, sent: RuleSubmitted) -> Response:
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: service.set_rule(
                session,
                viewer,
                tier=form.tier,
                channel=form.channel,
                from_on=form.from_on,
                targets=form.targets,
                calendar_id=form.calendar,
            ),
        )
    if refused is not None:
        return _show(request, session, _said(sent, "tier"), _said(sent, "channel"), refused)
    return see_other(request, "support.targets.index")


@router.post("/rule/withdrawal", name="support.targets.withdraw")
def withdraw_rule(request: Request, session: DbSession, viewer: WhoSetsTargets, sent: WithdrawalSubmitted) -> Response:
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: service.withdraw_rule(session, viewer, tier=form.tier, channel=form.channel, from_on=form.from_on),
        )
    if refused is not None:
        return _show(request, session, _said(sent, "tier"), _said(sent, "channel"), refused, withdrawing=True)
    return see_other(request, "support.targets.index")


@router.post("/rule/{rule_id:int}/removal", name="support.targets.take_back")
def take_back_rule(
    request: Request,
    rule_id: int,
    session: DbSession,
    viewer: WhoSetsTargets,
    sent: ButtonSubmitted,
    tier: str = "",
    channel: str = "",
) -> Response:
    rule = rules_set(session, tier, channel).get(rule_id)
    if rule is None:
        raise NotFound(N_("There is no such rule."))
    service.take_back_rule(session, viewer, rule)
    return see_other(request, "support.targets.show", {"tier": tier, "channel": channel})


def _show(
    request: Request,
    session: Session,
    tier: str,
    channel: str,
    refused: Submitted[Any] | None = None,
    *,
    withdrawing: bool = False,
) -> Response:
    tier, channel = _known(tier, Tier), _known(channel, TicketChannel)
    policies, calendars = policies_now(session), calendars_now(session)
    now = clock.now()
    held = policies.in_force((tier, channel), now)
    exists = held is not None and held.policy is not None
    like = held if held is not None and held.policy is not None else _more_general(policies, tier, channel)
    return page(
        request,
        RULE,
        status=422 if refused else 200,
        tier=tier,
        channel=channel,
        words=rule_words(tier, channel),
        exists=exists,
        like=None if exists else rule_words(like.tier, like.channel),
        versions=sorted(rules_set(session, tier, channel).values(), key=lambda one: one.from_on, reverse=True),
        targets=_filled(like.policy, None if withdrawing else refused),
        calendar=like.calendar_id or COMPANY,
        calendars=calendars.titles,
        company=COMPANY,
        always=date.min,
        today=clock.today(),
        refused=refused is not None and not withdrawing,
        withdrawing=withdrawing,
        raw=refused.raw if refused else {},
        errors=refused.errors if refused else {},
        **_choices(),
    )


def _more_general(policies: Policies, tier: str, channel: str) -> Rule:
    """What tickets of that tier and channel use as long as nothing is set for them."""
    now = clock.now()
    for key in ((tier, ""), ("", channel)):
        if key != ("", "") and (rule := policies.in_force(key, now)) is not None and rule.policy is not None:
            return rule
    return policies.rule_for(now, "", "")


def _filled(policy: Policy | None, refused: Submitted[Any] | None) -> list[tuple[Clock, list[tuple[int, str, bool]]]]:
    """By clock: priority, the time as written, and whether in working hours."""
    if refused is not None:
        times, counted = list(refused.raw.get("time") or ()), list(refused.raw.get("counted") or ())
        times += [""] * (len(PLACES) - len(times))
        counted += [""] * (len(PLACES) - len(counted))
        flat = {place: (str(time), kind != "clock") for place, time, kind in zip(PLACES, times, counted, strict=False)}
    else:
        if policy is None:
            raise ValueError("A rule that was withdrawn has no targets.")
        flat = {
            (clock_, priority): (write_minutes(target.seconds // 60), target.calendar is not None)
            for clock_ in Clock
            for priority, target in policy.targets(clock_).items()
        }
    return [(clock_, [(priority, *flat[clock_, priority]) for priority in PRIORITIES]) for clock_ in Clock]


def _choices() -> dict[str, Any]:
    return {
        "clocks": list(Clock),
        "priorities": PRIORITY_TITLES,
        "tiers": [(tier.value, tier.words) for tier in Tier],
        "channels": [(channel.value, channel.words) for channel in TicketChannel],
    }


def _known(said: str, kind: type[Tier] | type[TicketChannel]) -> str:
    return said if said in list(kind) else ""


def _said(sent: Submitted[Any], name: str) -> str:
    return str(sent.raw.get(name) or "")
