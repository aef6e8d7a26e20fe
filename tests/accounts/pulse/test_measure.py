"""The pulse as a measure of health."""

from __future__ import annotations

import numpy as np
import pytest
from sqlmodel import Session

from accounts.models import Account
from accounts.pulse.models import PulseColour
from accounts.pulse.service import set_pulse, take_back_pulse
from crm.clock import start_of
from crm.contracts import RecordsContext
from crm.viewer import Viewer, system_viewer
from health_scores.asof import AsOf
from health_scores.compute import Computed, compute
from health_scores.published import built_in
from tests.health_scores._histories import BOARD, LIVE, NOW, ago

G, A, R = PulseColour.GREEN, PulseColour.AMBER, PulseColour.RED
PULSE = BOARD.measures["pulse"]


def scored(session: Session, as_of: AsOf = LIVE) -> Computed:
    return compute(session, BOARD, built_in(), as_of, known_at=NOW, before={})


def figure(session: Session, as_of: AsOf = LIVE) -> float:
    return float(PULSE.value(scored(session, as_of).features)[0])


def say(session: Session, account: Account, colour: PulseColour, days: int) -> None:
    set_pulse(session, system_viewer(), account, colour=colour, sentence="Because.", happened_at=ago(days=days))
    session.flush()


@pytest.mark.parametrize(("colour", "expected"), [(G, 0), (A, 1), (R, 2)])
def test_the_worse_the_greater(session: Session, acme: Account, colour: PulseColour, expected: int) -> None:
    assert np.isnan(figure(session))
    say(session, acme, colour, 3)
    assert figure(session) == expected


def test_the_newest_counts_until_it_is_stale(session: Session, acme: Account) -> None:
    say(session, acme, R, 45)
    assert np.isnan(figure(session))
    say(session, acme, A, 30)
    assert figure(session) == 1


def test_a_past_day_is_told_by_the_pulse_of_that_day(session: Session, acme: Account) -> None:
    say(session, acme, R, 40)
    say(session, acme, G, 5)
    assert figure(session, AsOf(t=ago(days=20))) == 2
    assert figure(session) == 0


def test_it_changes_by_itself_on_the_day_on_which_it_becomes_stale(session: Session, acme: Account) -> None:
    say(session, acme, R, 29)
    features = scored(session).features
    assert PULSE.next_at is not None
    day = ago(days=-2).date()
    assert PULSE.next_at(features)[0] == start_of(day).timestamp()


def test_what_stands_behind_it_are_the_pulses(session: Session, ana: Viewer, acme: Account) -> None:
    say(session, acme, G, 9)
    wrong = set_pulse(session, ana, acme, colour=R, sentence="Typed wrongly", happened_at=ago(days=1))
    say(session, acme, A, 2)
    take_back_pulse(session, ana, acme, wrong)
    session.flush()
    context = RecordsContext(session, ana, acme.id, LIVE.features([acme.id]))
    assert [record.at for record in PULSE.records(context)] == [ago(days=2), ago(days=9)]
