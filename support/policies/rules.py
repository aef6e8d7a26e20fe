"""Which rule a ticket uses. Pure.

Of the rules in force on the day a ticket is opened the most specific wins: for its account's tier and its channel, then
for the tier, then for the channel, then the one for every ticket. One rule decides all three clocks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property

from crm.clock import start_of
from support.channels import WRITTEN, TicketChannel, channel_of
from support.clocks import Policy, default_policy

Key = tuple[str, str]  # tier and channel; empty: every

_ALWAYS = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Rule:
    """``policy`` is ``None`` where the rule was withdrawn. ``id`` is ``None``: built in, nobody has set it."""

    tier: str
    channel: str
    from_on: date
    policy: Policy | None
    id: int | None = None
    calendar_id: int | None = None

    @property
    def held(self) -> Policy:
        """Of a rule that decides."""
        if self.policy is None:
            raise ValueError("A rule that was withdrawn decides nothing.")
        return self.policy

    @property
    def key(self) -> Key:
        return self.tier, self.channel

    @cached_property
    def from_at(self) -> datetime:
        return _ALWAYS if self.from_on == date.min else start_of(self.from_on)


def built_in(default: Policy, written: Policy) -> list[Rule]:
    """What holds until somebody sets something else."""
    rules = [Rule("", "", date.min, default)]
    return rules + [Rule("", channel.value, date.min, written) for channel in WRITTEN]


class Policies:
    """All rules. ``Policies.of_zone`` has those that are built in, on Monday to Friday, 9 to 17."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        by_key: dict[Key, list[Rule]] = {}
        for rule in sorted(rules, key=lambda one: one.from_on):
            by_key.setdefault(rule.key, []).append(rule)
        self.by_key: Mapping[Key, list[Rule]] = by_key
        self._begins = {key: [rule.from_at for rule in some] for key, some in by_key.items()}
        self.knows_tiers = any(tier for tier, _channel in by_key)
        if ("", "") not in by_key or by_key["", ""][0].from_on != date.min:
            raise ValueError("There is always a rule for every ticket.")

    @classmethod
    def of_zone(cls, zone: str) -> Policies:
        return cls(built_in(default_policy(zone), default_policy(zone, written=True)))

    def rule_for(self, opened_at: datetime, tier: str, said: str) -> Rule:
        """``tier``: of the account when the ticket was opened. ``said``: the channel in the source's words."""
        channel = channel_of(said)
        for key in ((tier, channel.value), (tier, ""), ("", channel.value)):
            if key in self._begins and key != ("", ""):
                rule = self.in_force(key, opened_at)
                if rule is not None and rule.policy is not None:
                    return rule
        last = self.in_force(("", ""), opened_at)
        if last is None or last.policy is None:
            raise ValueError("There is always a rule for every ticket.")
        return last

    def policy_for(self, opened_at: datetime, tier: str, said: str) -> Policy:
        return self.rule_for(opened_at, tier, said).held

    def in_force(self, key: Key, at: datetime) -> Rule | None:
        """The rule for exactly this tier and channel; also one that was withdrawn."""
        begins = self._begins.get(key)
        place = bisect_right(begins, at) - 1 if begins else -1
        return self.by_key[key][place] if place >= 0 else None

    def next_after(self, rule: Rule) -> Rule | None:
        """What takes its place."""
        some = self.by_key[rule.key]
        place = some.index(rule) + 1
        return some[place] if place < len(some) else None


__all__ = ["Key", "Policies", "Rule", "TicketChannel", "built_in"]
