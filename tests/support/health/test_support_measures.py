"""What each measure of support says of a history, in numbers that can be followed by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlmodel import Session

from accounts.models import Account
from crm.contracts import RecordsContext
from crm.viewer import system_viewer
from health_scores.compute import Computed, compute
from health_scores.published import built_in
from support.models import EventKind, TicketKind
from support.records import EventRecord, TicketRecord
from tests.health_scores._histories import BOARD, LIVE, NOW, PAST, ago, event, random_book, resolved, tell, ticket

MakeAccount = Callable[..., Account]


def scored(session: Session, *, live: bool = True) -> Computed:
    return compute(session, BOARD, built_in(), LIVE if live else PAST, known_at=NOW, before={})


def figure(session: Session, key: str, place: int = 0) -> float:
    """Of the account at ``place``; NaN: unknown."""
    found = float(scored(session).scored.figures[built_in().keys.index(key)][place])
    past = float(scored(session, live=False).scored.figures[built_in().keys.index(key)][place])
    assert np.array_equal(found, past, equal_nan=True)
    return found


def solved(
    account: Account, days: float, *more: EventRecord, in_time: bool | None = None, **values: Any
) -> TicketRecord:
    """Opened so many days ago and resolved a day later; ``more`` happened after."""
    return ticket(account, ago(days=days), resolved(ago(days=days - 1), in_time), *more, **values)


@pytest.mark.parametrize(
    ("days", "priority", "weight"),
    [(0.2, 1, 8), (0.2, 2, 4), (0.2, 3, 2), (0.2, 4, 1), (3, 3, 3), (8, 3, 4), (15, 3, 5), (31, 3, 6), (400, 3, 6)],
)
def test_an_open_ticket_weighs_by_priority_and_age(
    session: Session, acme: Account, days: float, priority: int, weight: float
) -> None:
    tell(session, ticket(acme, ago(days=days), priority=priority))
    normal_week = 8 * scored(session).features.prior("weight_per_root_seat")[0] * 5  # 25 seats where none are known
    weeks = max(1.0, min(180.0, int(days) + 1 + (days > 1 and days % 1 > 0.5)) / 7)
    assert figure(session, "open_burden") == pytest.approx(weight / (normal_week / (weeks + 8) + 4), rel=0.02)


def test_what_an_account_is_used_to_makes_its_backlog_lighter(session: Session, make_account: MakeAccount) -> None:
    small, large = make_account("Small", seats=25), make_account("Large", seats=25)
    tell(session, *(solved(large, 5 + n / 2, priority=2) for n in range(300)), solved(small, 170))
    for account in (small, large):
        tell(session, *(ticket(account, ago(days=1), priority=2) for _ in range(5)))
    ids = scored(session).ids.tolist()
    light, heavy = (figure(session, "open_burden", ids.index(one.id)) for one in (large, small))
    assert heavy > 1.5 * light


@pytest.mark.parametrize(("hours", "urgent"), [((0.5,), 0.5), ((9,), 1.0), ((0.5, 0.2), 1.0), ((9, 0.5), 1.5)])
def test_an_urgent_ticket_in_time_counts_half_and_one_past_its_target_whole(
    session: Session, acme: Account, hours: tuple[float, ...], urgent: float
) -> None:
    tell(session, *(ticket(acme, ago(hours=one), priority=1) for one in hours))
    assert figure(session, "urgent_open") == urgent


def test_a_ticket_that_waits_for_the_customer_in_time_does_not_get_late(session: Session, acme: Account) -> None:
    answered = event(EventKind.FIRST_ANSWERED, ago(days=9) + timedelta(minutes=10))
    tell(session, ticket(acme, ago(days=9), answered, event(EventKind.WAITING, ago(days=8.9)), priority=1))
    assert figure(session, "urgent_open") == 0.5


def test_questions_count_from_the_sixth_and_defects_from_the_first(session: Session, acme: Account) -> None:
    def inflow() -> float:
        figure(session, "inflow")
        computed = scored(session)
        return float(BOARD.measures["inflow"].explained_by["inflow"](computed.features)[0])

    tell(session, *(solved(acme, 3 + n, kind=TicketKind.QUESTION) for n in range(5)))
    assert inflow() == 0
    tell(session, *(solved(acme, 10 + n, kind=TicketKind.REQUEST) for n in range(2)))
    assert inflow() == 2
    tell(session, solved(acme, 4, kind=TicketKind.DEFECT), solved(acme, 40, kind=TicketKind.DEFECT))
    assert inflow() == 3


def test_a_first_answer_that_is_overdue_counts_as_late_and_one_not_yet_due_not_at_all(
    session: Session, acme: Account
) -> None:
    def answered(days: float, minutes: float) -> TicketRecord:
        return ticket(
            acme, ago(days=days), event(EventKind.FIRST_ANSWERED, ago(days=days) + timedelta(minutes=minutes))
        )

    tell(session, answered(20, 10), answered(21, 10), ticket(acme, ago(hours=0.1)))
    assert np.isnan(figure(session, "first_answer"))  # two are too few
    tell(session, ticket(acme, ago(days=5)))
    assert figure(session, "first_answer") == pytest.approx(2 / 3)


def test_the_sources_verdict_on_a_resolution_counts_and_its_last_one(session: Session, acme: Account) -> None:
    again = (event(EventKind.REOPENED, ago(days=18)), resolved(ago(days=17), in_time=False))
    tell(session, *(solved(acme, 20 + n, in_time=True) for n in range(3)))
    tell(session, solved(acme, 20, *again, in_time=True))
    assert figure(session, "resolution") == pytest.approx(3 / 4)


def test_reopening_is_drawn_to_the_segment_only_where_that_is_milder(
    session: Session, make_account: MakeAccount
) -> None:
    peer, unlucky, clean = (make_account(name) for name in ("Peer", "Unlucky", "Clean"))
    reopened = (event(EventKind.REOPENED, ago(days=10)), resolved(ago(days=9)))
    tell(session, *(solved(peer, 20 + n) for n in range(40)))
    tell(session, solved(unlucky, 20, *reopened), *(solved(unlucky, 30 + n) for n in range(2)))
    tell(session, *(solved(clean, 20 + n) for n in range(4)))
    place = {one: n for n, one in enumerate(scored(session).ids.tolist())}
    assert figure(session, "reopened", place[clean.id]) == 0
    assert figure(session, "reopened", place[peer.id]) == 0
    assert 0.02 < figure(session, "reopened", place[unlucky.id]) < 0.15  # not a third


def test_the_same_topic_again_after_a_resolution_is_a_repeat(session: Session, acme: Account) -> None:
    tell(
        session,
        solved(acme, 40, topic="billing"),
        solved(acme, 35, topic="billing"),  # 4 days after
        solved(acme, 30, topic="login"),
        solved(acme, 5, topic="billing"),  # 29 days after
    )
    assert figure(session, "repeat_contact") == pytest.approx(1 / 4)


def rated(account: Account, days: float, rating: float) -> TicketRecord:
    return solved(account, days, event(EventKind.RATED, ago(days=days - 1.5), rating))


def test_few_ratings_are_drawn_to_the_segment_where_that_is_milder(session: Session, make_account: MakeAccount) -> None:
    peer, angry, glad = (make_account(name) for name in ("Peer", "Angry", "Glad"))
    tell(session, *(rated(peer, 20 + n, 80) for n in range(30)))
    tell(session, rated(angry, 20, 0), rated(angry, 21, 0), rated(glad, 20, 100), rated(glad, 21, 100))
    place = {one: n for n, one in enumerate(scored(session).ids.tolist())}
    assert figure(session, "satisfaction", place[glad.id]) == 100
    drawn = figure(session, "satisfaction", place[angry.id])
    assert 40 < drawn < 50  # (0 + 0 + 3 · 76) / 5


def test_ratings_that_fall_have_a_slope_and_a_trend(session: Session, acme: Account) -> None:
    tell(session, *(rated(acme, 170 - 15 * n, 100 - 5 * n) for n in range(11)))
    assert figure(session, "rating_slope") == pytest.approx(-30, abs=1)
    tell(session, *(rated(acme, 40 + n, 90) for n in range(3)), *(rated(acme, 10 + n, 40) for n in range(3)))
    assert figure(session, "rating_trend") < -20


def test_ratings_of_one_day_have_no_slope(session: Session, acme: Account) -> None:
    tell(session, *(rated(acme, 20 + n / 100, 100 - 10 * n) for n in range(8)))
    assert np.isnan(figure(session, "rating_slope"))


def test_a_growing_backlog_has_a_trend(session: Session, acme: Account) -> None:
    tell(session, solved(acme, 100))
    assert figure(session, "burden_trend") == 0
    tell(session, *(ticket(acme, ago(days=20 + n), priority=2) for n in range(4)))
    grown = figure(session, "burden_trend")
    assert grown > 1
    tell(session, *(ticket(acme, ago(days=70 + n), priority=2) for n in range(4)))  # was there before as well
    assert figure(session, "burden_trend") == pytest.approx(grown, rel=0.05)


def test_deleted_tickets_count_nowhere(session: Session, acme: Account) -> None:
    tell(session, ticket(acme, ago(days=9), event(EventKind.DELETED, ago(days=2)), priority=1))
    assert not scored(session).scored.known.any()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_behind_every_figure_stand_as_many_records_as_it_counts(
    session: Session, make_account: MakeAccount, seed: int
) -> None:
    account = make_account(f"Account {seed}")
    random_book(session, [account], seed, tickets=30)
    counted = {
        "urgent_open": ["urgent"],
        "open_burden": ["open"],
        "complaints": ["complaints_unacknowledged", "complaints_unremedied"],
        "escalated_open": ["escalated_open"],
        "resolution": ["resolutions_late_90"],
        "first_answer": ["answers_late_90"],
        "reopened": ["reopened_180"],
        "escalations": ["escalated_180"],
        "repeat_contact": ["repeats_90"],
        "satisfaction": ["ratings"],
        "rating_trend": ["ratings_30", "ratings_60"],
    }
    for as_of in (LIVE, PAST):
        computed = compute(session, BOARD, built_in(), as_of, known_at=NOW, before={}, account_ids=[account.id])
        context = RecordsContext(session, system_viewer(), account.id, as_of.features([account.id]))
        for key, features in counted.items():
            expected = np.nansum([computed.features[name][0] for name in features])
            assert len(BOARD.measures[key].records(context)) == expected, key
    session.rollback()
