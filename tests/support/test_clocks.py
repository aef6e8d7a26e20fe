"""Targets, and the watch that is read against them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from crm.hours.calendar import plain_calendar, working_seconds
from support.clocks import HOUR, Stopwatch, Target, default_policy

PARIS = plain_calendar("Europe/Paris")
MINUTE = timedelta(minutes=1)
minutes = st.datetimes(datetime(2015, 1, 1), datetime(2026, 12, 31)).map(  # noqa: DTZ001 - made aware here
    lambda at: at.replace(second=0, microsecond=0, tzinfo=UTC)
)


@pytest.mark.parametrize(
    ("priority", "first_answer", "resolution"),
    [(1, 1, 8), (2, 4, 16), (3, 8, 40), (4, 24, 80)],
)
def test_the_default_policy(priority: int, first_answer: int, resolution: int) -> None:
    policy = default_policy("Europe/Paris")
    calendar = None if priority == 1 else PARIS
    assert policy.first_answer[priority] == Target(first_answer * HOUR, calendar)
    assert policy.next_answer[priority] == policy.first_answer[priority]
    assert policy.resolution[priority] == Target(resolution * HOUR, calendar)


def test_written_channels_are_owed_an_answer_within_a_day() -> None:
    policy, written = default_policy("Europe/Paris"), default_policy("Europe/Paris", written=True)
    assert written.first_answer == {**policy.first_answer, 4: Target(24 * HOUR)}
    assert written.resolution == policy.resolution


@given(minutes, st.lists(st.integers(1, 3000), min_size=1, max_size=7), st.integers(60, 200_000))
@hypothesis_settings(max_examples=200, deadline=None)
def test_a_stopwatch_counts_only_while_it_runs(start: datetime, lengths: list[int], seconds: int) -> None:
    watch, at, ran = Stopwatch(), start, []
    for place, length in enumerate(lengths):
        if place % 2 == 0:
            watch.start(at)
            ran.append((at, at + length * MINUTE))
        else:
            watch.stop(at)
        at += length * MINUTE
    if watch.is_running:
        missed = watch.missed_at(Target(seconds, PARIS))
        assert missed is not None
        counted = sum(working_seconds(begin, min(end, missed), PARIS) for begin, end in ran[:-1])
        assert counted + working_seconds(ran[-1][0], missed, PARIS) == seconds
    else:
        used = sum(working_seconds(begin, end, PARIS) for begin, end in ran)
        assert watch.used(PARIS) == used
        assert (watch.missed_at(Target(seconds, PARIS)) is not None) == (used > seconds)
