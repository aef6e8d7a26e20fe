"""Rules as they stand in the tables, and the tiers that accounts had."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import and_, select
from sqlmodel import Session, col

from accounts.models import Account, AccountFact, FactKey
from crm.db import table_of
from crm.hours.calendar import Calendar
from crm.hours.queries import calendars_now
from crm.jobs.models import JobState, QueuedJob
from support.bulk import parts
from support.clocks import Clock, Policy, Target, default_policy
from support.policies.models import ServiceRule, ServiceTarget
from support.policies.rules import Policies, Rule, built_in

_RULE, _TARGET = table_of(ServiceRule), table_of(ServiceTarget)
_ACCOUNT, _FACT = table_of(Account), table_of(AccountFact)
_EVER = datetime.min.replace(tzinfo=UTC)


def policies_now(session: Session) -> Policies:
    """Three statements."""
    calendars = calendars_now(session)
    ours = calendars.default
    targets: dict[int, dict[Clock, dict[int, Target]]] = {}
    rows = session.execute(
        select(
            *(_RULE.c[name] for name in ("id", "tier", "channel", "from_on", "withdrawn", "calendar_id")),
            *(_TARGET.c[name] for name in ("clock", "priority", "minutes", "working")),
        )
        .join(_TARGET, _TARGET.c.rule_id == _RULE.c.id, isouter=True)
        .where(_RULE.c.closed_at.is_(None))
    ).all()
    for row in rows:
        if not row.withdrawn:
            target = Target(row.minutes * 60, calendars.of(row.calendar_id) if row.working else None)
            targets.setdefault(row.id, {}).setdefault(row.clock, {})[row.priority] = target
    set_ = {
        row.id: Rule(
            row.tier,
            row.channel,
            row.from_on,
            None if row.withdrawn else Policy(*(targets[row.id][clock] for clock in Clock)),
            row.id,
            row.calendar_id,
        )
        for row in rows
    }
    return Policies([*built_in(*_defaults(ours)), *set_.values()])


def _defaults(calendar: Calendar) -> tuple[Policy, Policy]:
    return default_policy(calendar), default_policy(calendar, written=True)


class TicketPolicies:
    """The policy of each ticket. Tiers are read for the accounts that are ``prepare``d, or when they are asked for."""

    def __init__(self, session: Session, policies: Policies) -> None:
        self.session = session
        self.policies = policies
        self._tiers: dict[int, tuple[list[datetime], list[str]]] = {}

    def prepare(self, account_ids: Iterable[int]) -> None:
        """One statement; none where no rule asks for the tier."""
        wanted = [id_ for id_ in dict.fromkeys(account_ids) if id_ not in self._tiers]
        if not wanted or not self.policies.knows_tiers:
            return
        for some in parts(wanted):
            self._tiers.update((id_, ([], [])) for id_ in some)
            dated = and_(_FACT.c.account_id == _ACCOUNT.c.id, _FACT.c.key == FactKey.TIER, _FACT.c.closed_at.is_(None))
            for account_id, now_it_is, happened_at, value in self.session.execute(
                select(_ACCOUNT.c.id, _ACCOUNT.c.tier, _FACT.c.happened_at, _FACT.c.value)
                .join(_FACT, dated, isouter=True)
                .where(_ACCOUNT.c.id.in_(some))
                .order_by(_ACCOUNT.c.id, _FACT.c.happened_at, _FACT.c.id)
            ):
                since, tiers = self._tiers[account_id]
                since.append(happened_at or _EVER)
                tiers.append(value or now_it_is.value)

    def tier_at(self, account_id: int, at: datetime) -> str:
        """Before the first that is known, that one."""
        if not self.policies.knows_tiers:
            return ""
        self.prepare((account_id,))
        since, tiers = self._tiers[account_id]
        return tiers[max(bisect_right(since, at) - 1, 0)] if tiers else ""

    def rule_for(self, account_id: int, opened_at: datetime, channel: str) -> Rule:
        return self.policies.rule_for(opened_at, self.tier_at(account_id, opened_at), channel)

    def policy_for(self, account_id: int, opened_at: datetime, channel: str) -> Policy:
        return self.policies.policy_for(opened_at, self.tier_at(account_id, opened_at), channel)


def ticket_policies(session: Session) -> TicketPolicies:
    return TicketPolicies(session, policies_now(session))


def rules_set(session: Session, tier: str, channel: str) -> Mapping[int, ServiceRule]:
    """Rows that hold for exactly this tier and channel, by id."""
    found = session.scalars(
        select(ServiceRule).where(
            col(ServiceRule.tier) == tier, col(ServiceRule.channel) == channel, col(ServiceRule.closed_at).is_(None)
        )
    )
    return {rule.id: rule for rule in found}


def clocks_anew(session: Session, name: str) -> QueuedJob | None:
    """The job ``name``, which computes clocks anew, while it waits or runs."""
    found: QueuedJob | None = session.scalar(
        select(QueuedJob)
        .where(col(QueuedJob.name) == name, col(QueuedJob.state).in_((JobState.WAITING, JobState.RUNNING)))
        .order_by(col(QueuedJob.created_at), col(QueuedJob.id))
        .limit(1)
    )
    return found
