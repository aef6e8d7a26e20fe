"""Usage against its own normal, by numbers that can be followed by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlmodel import Session

from accounts.models import Account
from accounts.usage import normal
from accounts.usage.models import day_number
from accounts.usage.queries import usage_of
from crm import clock
from crm.contracts import RecordsContext
from crm.viewer import system_viewer
from health_scores.asof import AsOf
from health_scores.compute import compute
from health_scores.published import built_in
from tests.accounts.health.test_relationship_measures import figure, scored, words
from tests.accounts.usage.conftest import TODAY, Use
from tests.health_scores._histories import BOARD, LIVE, NOW, PAST

MakeAccount = Callable[..., Account]

STEADY = dict.fromkeys(range(1, 120), 100.0)  # until yesterday


def test_as_much_as_before_is_normal(session: Session, acme: Account, use: Use) -> None:
    use(acme, STEADY)
    assert figure(session, "usage") == pytest.approx(1.0, abs=0.001)  # whole thousandths, rounded down
    taken = scored(session).scored.taken
    assert taken[built_in().keys.index("usage")][0] == 0


def test_half_of_what_was_normal_costs_most_of_the_points(session: Session, acme: Account, use: Use) -> None:
    use(acme, STEADY | dict.fromkeys(range(1, 29), 50.0))
    # 27 of the 28 recent days are told at 50; the 28th day back still belongs to the 84 before: (83 × 100 + 50) / 84
    assert figure(session, "usage") == pytest.approx(50 / ((83 * 100 + 50) / 84), abs=0.002)
    assert words(session, "usage") == "Usage is 50 % below its own normal in 28 days"


@pytest.mark.parametrize(
    ("days", "known"),
    [
        ({}, False),
        (dict.fromkeys(range(1, 40), 5.0), False),  # 28 recent and 12 before: too young
        (dict.fromkeys(range(1, 57), 5.0), True),
        (dict.fromkeys(range(14, 120), 5.0), True),  # told until two weeks ago
        (dict.fromkeys(range(15, 120), 5.0), False),
        (dict.fromkeys(range(30, 120), 5.0), False),
        (dict.fromkeys(range(1, 120), 0.0), False),  # never used: nothing to fall from
    ],
)
def test_what_is_not_known_takes_nothing_and_is_not_good(
    session: Session, acme: Account, use: Use, days: dict[int, float], known: bool
) -> None:
    use(acme, days)
    assert np.isnan(figure(session, "usage")) != known


def test_a_customer_who_stops_while_others_are_told_does_not_just_disappear(
    session: Session, make_account: MakeAccount, use: Use
) -> None:
    stopped = make_account("Stopped")
    use(stopped, dict.fromkeys(range(20, 140), 100.0))
    assert np.isnan(figure(session, "usage"))  # nobody tells more of anybody: the file is late
    for number in range(2):
        use(make_account(f"Other {number}"), dict.fromkeys(range(1, 140), 10.0))
    computed = scored(session)
    place = computed.ids.tolist().index(stopped.id)
    # Of the 27 days that others are told, eight have use.
    assert BOARD.measures["usage"].value(computed.features)[place] == pytest.approx(8 / 27, abs=0.01)


def test_one_metric_that_grows_does_not_hide_another_that_falls(session: Session, acme: Account, use: Use) -> None:
    use(acme, STEADY | dict.fromkeys(range(28), 0.0), "Reports")
    use(acme, STEADY | dict.fromkeys(range(28), 9000.0), "Logins")
    assert figure(session, "usage") == 0.75  # nothing, and at most one and a half


def test_its_records_are_the_metrics_and_open_their_days(session: Session, acme: Account, use: Use) -> None:
    use(acme, STEADY | dict.fromkeys(range(1, 28), 40.0), "Logins")
    use(acme, STEADY, "Active users")
    context = RecordsContext(session, system_viewer(), acme.id, LIVE.features([acme.id]))
    first, second = BOARD.measures["usage"].records(context)
    assert (first.title, second.title) == ("Logins", "Active users")
    assert str(first.note) == "38.6 a day in 28 days, 100.0 are normal; told until 2026-11-22"
    assert first.href == f"/accounts/{acme.id}/usage?metric={first.id}"


def test_what_was_corrected_later_counts_as_it_was_known(session: Session, acme: Account, use: Use) -> None:
    from accounts.usage.importing import Figure, write_figures

    use(acme, STEADY)
    session.flush()
    then = AsOf(NOW, known_at=clock.now())
    before = float(BOARD.measures["usage"].value(scored(session, then).features)[0])
    yesterday = day_number(TODAY) - 1
    write_figures(session, [], [Figure(acme.id, "active users", "", yesterday, 0)])
    session.flush()
    known_then = float(BOARD.measures["usage"].value(scored(session, then).features)[0])
    assert known_then == before
    assert figure(session, "usage") < before


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.dictionaries(st.integers(0, 130), st.integers(0, 500), max_size=60))
def test_the_panel_says_what_the_statement_says(
    session: Session, make_account: MakeAccount, use: Use, days: dict[int, int]
) -> None:
    account = make_account("Any")
    use(account, {ago: float(value) for ago, value in ({0: 5} | days).items()})
    found = usage_of(session, account.id, TODAY)
    assert found is not None
    (line,) = found.metrics
    computed = compute(
        session, BOARD, built_in(), LIVE, known_at=NOW, before={}, account_ids=[account.id], find_anew=True
    )
    share = BOARD.measures["usage"].value(computed.features)[0]
    if line.share is None:
        assert np.isnan(share)
    else:
        assert share == pytest.approx(min(line.share, normal.MOST), abs=0.002)
    session.rollback()


def test_the_past_says_at_now_what_the_present_does(session: Session, acme: Account, use: Use) -> None:
    use(acme, STEADY | dict.fromkeys(range(1, 20), 70.0))
    live, past = (scored(session, at).features for at in (LIVE, PAST))
    for feature in ("usage_metrics", "usage_permille", "usage_last_told"):
        assert live[feature].tolist() == past[feature].tolist()
