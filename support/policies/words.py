"""Which tickets a rule is for, and why a ticket uses it, in sentences."""

from __future__ import annotations

from datetime import date

from accounts.models import Tier
from crm.text import N_, Text, text
from support.channels import TicketChannel
from support.policies.rules import Rule


def rule_words(tier: str, channel: str) -> Text:
    """ "every ticket", "tickets by e-mail", "tickets of enterprise accounts by phone"."""
    if tier and channel:
        said, way = text(Tier(tier).words), text(TicketChannel(channel).words)
        return text(N_("tickets of %(tier)s accounts, %(channel)s"), tier=said, channel=way)
    if tier:
        return text(N_("tickets of %(tier)s accounts"), tier=text(Tier(tier).words))
    if channel:
        return text(N_("tickets by %(channel)s"), channel=text(TicketChannel(channel).words))
    return text(N_("every ticket"))


def why_words(rule: Rule) -> Text:
    """On the page of a ticket."""
    for_whom = rule_words(rule.tier, rule.channel)
    if rule.id is None:
        return text(N_("Targets for %(rule)s, as they come with Tenure."), rule=for_whom)
    if rule.from_on == date.min:
        return text(N_("Targets for %(rule)s: no more specific rule was in force when it was opened."), rule=for_whom)
    return text(
        N_("Targets for %(rule)s, set from %(day)s on: no more specific rule was in force when it was opened."),
        rule=for_whom,
        day=rule.from_on,
    )
