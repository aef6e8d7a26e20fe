"""Which rule a ticket uses."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, strategies as st
from sqlalchemy import literal, select
from sqlmodel import Session

from support.channels import CHANNEL_WORDS, WRITTEN, TicketChannel, channel_in_sql, channel_is, channel_of
from support.clocks import Policy, default_policy
from support.policies.rules import Policies, Rule, built_in

POLICIES = {name: default_policy(name) for name in ("Europe/Paris", "Asia/Kolkata", "America/New_York", "Europe/Rome")}
EVERY, PHONE, ENTERPRISE, BOTH = POLICIES.values()
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MARCH, APRIL = datetime(2026, 3, 15, tzinfo=UTC), datetime(2026, 4, 15, tzinfo=UTC)
Dated = tuple[str, str, date]
dated_keys = st.tuples(
    st.sampled_from(("", "mid")), st.sampled_from(("", "phone")), st.dates(date(2026, 1, 1), date(2026, 5, 1))
)


def policies(*rules: Rule) -> Policies:
    return Policies([*built_in(EVERY, EVERY), *rules])


def rule(tier: str, channel: str, policy: Policy | None, from_on: date = date.min) -> Rule:
    return Rule(tier, channel, from_on, policy)


@pytest.mark.parametrize(
    ("tier", "said", "expected"),
    [
        ("enterprise", "Phone", BOTH),
        ("enterprise", "email", ENTERPRISE),
        ("enterprise", "", ENTERPRISE),
        ("mid", "Voice call", PHONE),
        ("mid", "email", EVERY),
        ("", "", EVERY),
    ],
)
def test_the_most_specific_rule_decides(tier: str, said: str, expected: Policy) -> None:
    all_three = policies(
        rule("", "phone", PHONE), rule("enterprise", "", ENTERPRISE), rule("enterprise", "phone", BOTH)
    )
    assert all_three.policy_for(MARCH, tier, said) is expected


def test_a_rule_holds_for_tickets_opened_from_its_day_on() -> None:
    changed = policies(rule("", "phone", PHONE, date(2026, 4, 1)))
    assert changed.policy_for(MARCH, "", "phone") is EVERY
    assert changed.policy_for(APRIL, "", "phone") is PHONE
    assert changed.policy_for(datetime(2026, 3, 31, 21, 59, tzinfo=UTC), "", "phone") is EVERY  # 23:59 in Paris
    assert changed.policy_for(datetime(2026, 3, 31, 22, tzinfo=UTC), "", "phone") is PHONE


def test_a_rule_that_was_withdrawn_gives_way_to_a_more_general_one() -> None:
    withdrawn = policies(rule("", "phone", PHONE), rule("", "phone", None, date(2026, 4, 1)))
    assert withdrawn.policy_for(MARCH, "", "phone") is PHONE
    assert withdrawn.policy_for(APRIL, "", "phone") is EVERY


def test_what_is_set_for_all_time_takes_the_place_of_what_is_built_in() -> None:
    assert policies(rule("", "", PHONE)).policy_for(LONG_AGO, "", "") is PHONE


def test_written_channels_have_a_rule_from_the_start() -> None:
    start = Policies.of_zone("Europe/Paris")
    written = {one.value: start.policy_for(MARCH, "", one.value).first_answer[4] for one in TicketChannel}
    assert {one for one, target in written.items() if target.calendar is None} == {one.value for one in WRITTEN}


@given(st.lists(dated_keys, unique=True), st.randoms(use_true_random=False))
def test_the_order_in_which_rules_are_read_never_matters(keys: list[Dated], chance: random.Random) -> None:
    rules = [Rule(tier, channel, day, EVERY, id=place) for place, (tier, channel, day) in enumerate(keys)]
    expected = policies(*rules).rule_for(MARCH, "mid", "phone")
    chance.shuffle(rules)
    assert policies(*rules).rule_for(MARCH, "mid", "phone") == expected


def test_words_of_sources_mean_the_same_in_python_and_in_the_database(session: Session) -> None:
    said = [*(word for words in CHANNEL_WORDS.values() for word in words), " Email ", "PHONE", "carrier pigeon", ""]
    for word in said:
        column = literal(word)
        in_sql, is_it = session.execute(select(channel_in_sql(column), channel_is(column, channel_of(word)))).one()
        assert (in_sql, bool(is_it)) == (channel_of(word).value, True), word
    assert channel_of("carrier pigeon") is TicketChannel.OTHER
