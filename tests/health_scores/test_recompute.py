"""One score whatever the way to it: in bulk or one by one, now or looked back upon."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from accounts.models import Account, ContactRoleKind, Tier
from crm import clock
from crm.contracts import FeatureContext
from health_scores import default_model, history
from health_scores.asof import AsOf
from health_scores.compute import Computed, compute
from health_scores.features import read_features
from health_scores.models import HealthDay, HealthDirty, HealthModel, HealthPrior, HealthScore, HealthSnapshot
from health_scores.published import built_in
from health_scores.recompute import InSession, backfill, drain, mark_dirty, recompute_all, rescore, snapshot_day
from support.models import EventKind, TicketKind
from tests.health_scores._histories import (
    BOARD,
    LIVE,
    NOW,
    PAST,
    ago,
    event,
    person,
    random_book,
    resolved,
    talk,
    tell,
    ticket,
)

MakeAccount = Callable[..., Account]
on_random_books = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
seeds = given(seed=st.integers(0, 2**32))

_OWN_TIME = {"known_at", "revision", "banded_at"}


def rows_of(session: Session) -> dict[int, dict[str, Any]]:
    table = HealthScore.__table__  # type: ignore[attr-defined]
    rows = session.execute(core_select(table)).mappings()
    return {row["account_id"]: {name: row[name] for name in row if name not in _OWN_TIME} for row in rows}


def at(session: Session, as_of: AsOf, ids: list[int] | None = None) -> Computed:
    return compute(session, BOARD, built_in(), as_of, known_at=NOW, before={}, account_ids=ids)


def essence(computed: Computed) -> list[Any]:
    scored = computed.scored
    return [
        computed.ids.tolist(),
        scored.score.tolist(),
        scored.band.tolist(),
        scored.coverage.tolist(),
        list(computed.ledgers),
        computed.known_bits(),
        computed.next_instants(),
    ]


def accounts(make_account: MakeAccount, seed: int, n: int = 6) -> list[Account]:
    return [make_account(f"Account {seed} {number}") for number in range(n)]


# --- one way to a score


@on_random_books
@seeds
def test_bulk_equals_single(session: Session, make_account: MakeAccount, seed: int) -> None:
    made = accounts(make_account, seed)
    random_book(session, made, seed)
    for find_priors in (True, False):
        recompute_all(InSession(session), as_of=LIVE, board=BOARD, find_priors=find_priors)
    in_bulk = rows_of(session)
    for account in made:
        rescore(session, [account.id], as_of=LIVE, board=BOARD)
    assert rows_of(session) == in_bulk
    session.rollback()


@on_random_books
@seeds
def test_the_present_columns_say_the_same_as_the_spans(session: Session, make_account: MakeAccount, seed: int) -> None:
    made = accounts(make_account, seed)
    random_book(session, made, seed)
    zone = "Europe/Paris"
    for ids in (None, [made[0].id, made[3].id]):
        now = read_features(session, BOARD, FeatureContext(NOW, zone, None, ids, live=True))
        past = read_features(session, BOARD, FeatureContext(NOW, zone, None, ids, live=False))
        known = read_features(session, BOARD, FeatureContext(NOW, zone, clock.now() + timedelta(days=1), ids))
        assert now.ids.tolist() == past.ids.tolist() == known.ids.tolist()
        for one in BOARD.feature_sets:
            for feature in one.features:
                for other in (past, known):
                    np.testing.assert_array_equal(now[feature.name], other[feature.name], err_msg=feature.name)
    session.rollback()


@on_random_books
@seeds
def test_what_happens_later_changes_no_earlier_score(session: Session, make_account: MakeAccount, seed: int) -> None:
    made = accounts(make_account, seed)
    then = AsOf(ago(days=90))
    random_book(session, made, seed)
    before = essence(at(session, then))
    for n, account in enumerate(made):
        day = ago(days=80 - n)
        tell(
            session,
            ticket(account, day, event(EventKind.ESCALATED, day + timedelta(hours=1)), priority=1),
            ticket(account, day, event(EventKind.RATED, day + timedelta(days=2), 0), kind=TicketKind.COMPLAINT),
        )
        talk(session, account, day, person(session, account, from_on=day.date()))
    assert essence(at(session, then)) == before
    session.rollback()


@on_random_books
@seeds
def test_what_was_learned_later_does_not_count_as_known_then(
    session: Session, make_account: MakeAccount, seed: int
) -> None:
    made = accounts(make_account, seed)
    random_book(session, made, seed)
    then = AsOf(ago(days=30), known_at=NOW + timedelta(days=1))
    before = essence(at(session, then))
    for account in made:  # old news that arrive two days later
        story = ticket(account, ago(days=50), resolved(ago(days=40), in_time=False), priority=1)
        tell(session, story, known_at=NOW + timedelta(days=2))
        talk(session, account, ago(days=45), known_at=NOW + timedelta(days=2))
    assert essence(at(session, then)) == before
    assert essence(at(session, AsOf(then.t))) != before
    session.rollback()


@on_random_books
@seeds
def test_one_more_urgent_ticket_never_raises_a_score(session: Session, make_account: MakeAccount, seed: int) -> None:
    made = accounts(make_account, seed)
    random_book(session, made, seed)
    days = [0.01, 0.5, 3, 20, 45, 100, 170, 300]
    for n, account in enumerate(made):
        for day in days[n % 2 :: 2]:
            before = at(session, LIVE, [account.id])
            answer = [event(EventKind.FIRST_ANSWERED, ago(days=day) + timedelta(minutes=5), 1)]
            tell(session, ticket(account, ago(days=day), *answer, priority=1, kind=TicketKind.DEFECT))
            after = at(session, LIVE, [account.id])
            both = before.scored.known[:, 0] & after.scored.known[:, 0]
            taken = [one.scored.taken[:, 0][both].sum() for one in (before, after)]
            assert taken[1] >= taken[0], (account.name, day)
    session.rollback()


# --- the rest of what a row says


def test_missing_measures_lower_coverage_only(session: Session, acme: Account) -> None:
    tell(session, ticket(acme, ago(days=2)))
    few = at(session, LIVE)
    tell(session, *(ticket(acme, ago(days=50 + n), resolved(ago(days=49 + n), in_time=True)) for n in range(3)))
    more = at(session, LIVE)
    assert more.scored.coverage[0] > few.scored.coverage[0]
    assert more.scored.score[0] == few.scored.score[0] == 10_000


def test_windows_and_ages_count_whole_days_of_the_company(session: Session, acme: Account) -> None:
    """A ticket from 23:30 in Paris, which is 22:30 in UTC, is one day old from midnight in Paris on."""
    opened = clock.start_of(clock.today()) - timedelta(minutes=30)
    tell(session, ticket(acme, opened))
    evening = at(session, AsOf(opened + timedelta(minutes=29)))
    night = at(session, AsOf(opened + timedelta(minutes=31)))
    assert evening.features.days_since("open_oldest_at").tolist() == [0]
    assert night.features.days_since("open_oldest_at").tolist() == [1]


def test_silence_counts_against_the_cadence_of_the_tier_of_that_day(
    session: Session, make_account: MakeAccount
) -> None:
    from accounts.models import AccountFact, FactKey

    account = make_account("Halden", tier=Tier.LOW_TOUCH)
    for tier, since in ((Tier.ENTERPRISE, ago(days=300)), (Tier.LOW_TOUCH, ago(days=10))):
        session.add(AccountFact(account_id=account.id, key=FactKey.TIER, value=tier.value, happened_at=since))
    talk(session, account, ago(days=60), person(session, account))
    figures = {
        day: at(session, AsOf(ago(days=day))).scored.figures[built_in().keys.index("silence")][0] for day in (0, 20)
    }
    assert figures == {0: 60 / 90, 20: 40 / 14}


def test_notes_automatic_replies_and_mass_mail_end_no_silence(session: Session, acme: Account) -> None:
    from accounts.models import Channel, Direction

    talk(session, acme, ago(days=50), person(session, acme))
    row = built_in().keys.index("silence")
    before = at(session, LIVE).scored.figures[row][0]
    talk(session, acme, ago(days=5), automatic=True, two_way=False)
    talk(session, acme, ago(days=4), mass=True, two_way=False)
    talk(session, acme, ago(days=3), channel=Channel.NOTE, direction=Direction.NONE, two_way=False)
    assert at(session, LIVE).scored.figures[row][0] == before == 50 / 30
    talk(session, acme, ago(days=2), channel=Channel.EMAIL, direction=Direction.OUT, two_way=False)
    assert at(session, LIVE).scored.figures[row][0] == 2 / 30


def test_talks_with_those_who_decide_are_unknown_until_one_conversation(session: Session, acme: Account) -> None:
    row = built_in().keys.index("key_silence")
    tell(session, ticket(acme, ago(days=2)))
    assert np.isnan(at(session, LIVE).scored.figures[row][0])
    talk(session, acme, ago(days=47))
    assert at(session, LIVE).scored.figures[row][0] == 47 / 30
    sponsor = person(session, acme, ContactRoleKind.SPONSOR)
    talk(session, acme, ago(days=1))  # with somebody else
    assert at(session, LIVE).scored.figures[row][0] == 47 / 30
    talk(session, acme, ago(days=8), sponsor)
    assert at(session, LIVE).scored.figures[row][0] == 8 / 30


def test_next_at_is_when_the_points_change_without_an_event(session: Session, acme: Account) -> None:
    opened = ago(hours=0.5)
    tell(session, ticket(acme, opened, priority=1))  # urgent: first answer within the hour
    now = at(session, LIVE)
    breach = now.next_instants()[0]
    assert breach is not None
    assert opened + timedelta(hours=1) < breach <= opened + timedelta(hours=1, seconds=2)
    still, then = (at(session, AsOf(breach + timedelta(seconds=s))).scored.taken.sum() for s in (-2, 0))
    assert (still, then) == (1100 + _burden(now), 2200 + _burden(now))


def _burden(computed: Computed) -> int:
    return int(computed.scored.taken[computed.model.keys.index("open_burden")].sum())


def test_a_complaint_costs_a_day_after_it_came_and_a_word_saves_it(session: Session, acme: Account) -> None:
    row = built_in().keys.index("complaints")
    opened = ago(hours=23)
    tell(session, ticket(acme, opened, kind=TicketKind.COMPLAINT, external_id="C-1"))
    assert at(session, LIVE).scored.figures[row][0] == 0
    assert at(session, AsOf(ago(hours=-1.1))).scored.figures[row][0] == 1
    tell(
        session,
        ticket(
            acme,
            opened,
            event(EventKind.ACKNOWLEDGED, ago(hours=1)),
            kind=TicketKind.COMPLAINT,
            external_id="C-1",
        ),
    )
    assert at(session, AsOf(ago(hours=-1.1))).scored.figures[row][0] == 0
    assert at(session, AsOf(ago(days=-9))).scored.figures[row][0] == 0.6  # and no remedy after five working days


def test_an_account_that_is_closed_has_no_score(session: Session, make_account: MakeAccount) -> None:
    stays, goes, also_goes = (make_account(name) for name in ("Stays", "Goes", "Also goes"))
    recompute_all(InSession(session), as_of=LIVE, board=BOARD)
    goes.closed_at = also_goes.closed_at = NOW
    rescore(session, [goes.id], as_of=LIVE, board=BOARD)
    assert set(rows_of(session)) == {stays.id, also_goes.id}
    recompute_all(InSession(session), as_of=LIVE, board=BOARD)
    assert set(rows_of(session)) == {stays.id}


# --- priors


def test_one_rating_moves_its_own_account_only(session: Session, make_account: MakeAccount) -> None:
    rated, peer = make_account("Rated"), make_account("Peer")
    for account in (rated, peer):
        for n in range(12):
            opened = ago(days=20 + n)
            rating = event(EventKind.RATED, opened + timedelta(days=2), 60)
            tell(session, ticket(account, opened, resolved(opened + timedelta(days=1)), rating))
    for _ in range(2):  # the second begins from the band that the first found
        recompute_all(InSession(session), as_of=LIVE, board=BOARD)
    before = rows_of(session)[peer.id]
    opened = ago(days=3)
    angry = event(EventKind.RATED, opened + timedelta(days=2), 0)
    tell(session, ticket(rated, opened, resolved(opened + timedelta(days=1)), angry))
    rescore(session, [rated.id, peer.id], as_of=LIVE, board=BOARD)
    assert rows_of(session)[peer.id] == before


def test_what_a_helpdesk_never_tells_is_unknown_until_it_does(session: Session, make_account: MakeAccount) -> None:
    one, other = make_account("One"), make_account("Other")
    keys = [built_in().keys.index(key) for key in ("escalated_open", "escalations", "reopened", "complaints")]
    for account in (one, other):
        tell(session, *(ticket(account, ago(days=30 + n), resolved(ago(days=29 + n))) for n in range(4)))
    assert not at(session, LIVE).scored.known[keys].any()
    escalated = event(EventKind.ESCALATED, ago(days=4))
    tell(session, ticket(one, ago(days=5), escalated, resolved(ago(days=3)), kind=TicketKind.COMPLAINT))
    known = at(session, LIVE).scored.known[keys]
    assert known.all(axis=1).tolist() == [True, True, False, True]


# --- marks and days


def test_marks_are_taken_away_by_whoever_scored_what_they_stood_for(
    session: Session, make_account: MakeAccount
) -> None:
    made = accounts(make_account, 1)
    mark_dirty(session, [one.id for one in made])
    assert drain(session, 4, board=BOARD) == 4
    assert len(session.exec(select(HealthDirty)).all()) == 2
    recompute_all(InSession(session), as_of=LIVE, board=BOARD)
    assert not session.exec(select(HealthDirty)).all()


def test_bulk_leaves_alone_what_was_scored_after_it_had_read(session: Session, acme: Account) -> None:
    recompute_all(InSession(session), as_of=LIVE, board=BOARD)

    class Interrupted(InSession):
        def chunk(self, *, mark: Any, done: int = 0) -> Any:
            if mark == ["scores", 0]:  # in the moment before bulk writes, a ticket comes in and is scored
                tell(session, ticket(acme, ago(days=9), priority=1))
                rescore(session, [acme.id], as_of=LIVE, board=BOARD)
            return super().chunk(mark=mark, done=done)

    recompute_all(Interrupted(session), as_of=LIVE, board=BOARD)
    session.expire_all()
    assert session.get_one(HealthScore, acme.id).score_hundredths < 8000


def test_a_mark_set_while_bulk_was_computing_stays(session: Session, acme: Account) -> None:
    mark_dirty(session, [acme.id])

    class Interrupted(InSession):
        def chunk(self, *, mark: Any, done: int = 0) -> Any:
            if mark == ["scores", 0]:
                mark_dirty(session, [acme.id])
            return super().chunk(mark=mark, done=done)

    recompute_all(Interrupted(session), as_of=LIVE, board=BOARD)
    assert [one.account_id for one in session.exec(select(HealthDirty))] == [acme.id]


def test_a_stored_day_is_rebuilt_exactly(session: Session, make_account: MakeAccount) -> None:
    random_book(session, accounts(make_account, 7), 7)
    day = ago(days=1).date()
    snapshot_day(InSession(session), day - timedelta(days=7), board=BOARD)
    snapshot_day(InSession(session), day, board=BOARD)
    stored = list(session.exec(select(HealthSnapshot).where(col(HealthSnapshot.day) == day)))
    assert stored
    for account in session.exec(select(Account)):  # the world goes on, and old news arrive
        late = clock.now() + timedelta(hours=1)
        tell(session, ticket(account, ago(days=40), priority=1), known_at=late)
    for row in stored:
        again = compute(
            session,
            BOARD,
            built_in(),
            AsOf(row.t, known_at=row.known_at),
            known_at=row.known_at,
            before={row.account_id: row.band_before},
            account_ids=[row.account_id],
            priors_on=row.priors_on,
        )
        assert (again.scored.score[0], again.bands()[0]) == (row.score_hundredths, row.band)


def test_later_knowledge_restates_a_day_and_keeps_what_it_said(session: Session, acme: Account) -> None:
    tell(session, ticket(acme, ago(days=20), resolved(ago(days=19))))
    yesterday = ago(days=1).date()
    snapshot_day(InSession(session), yesterday, board=BOARD)
    tell(session, ticket(acme, ago(days=10), priority=1), known_at=clock.now() + timedelta(hours=1))
    as_it_was = session.get_one(HealthSnapshot, (acme.id, yesterday)).score_hundredths
    session.execute(HealthSnapshot.__table__.update().values(hindsight=False))  # type: ignore[attr-defined]
    session.execute(HealthDay.__table__.update().values(hindsight=False))  # type: ignore[attr-defined]
    original = history.is_hindsight
    history.is_hindsight = lambda day, today: True  # as if it were next week
    try:
        snapshot_day(InSession(session), yesterday, board=BOARD)
    finally:
        history.is_hindsight = original
    session.expire_all()
    row = session.get_one(HealthSnapshot, (acme.id, yesterday))
    assert row.score_hundredths == as_it_was
    assert row.restated_hundredths is not None
    assert row.restated_hundredths < as_it_was
    assert row.restated_at is not None


def test_the_weeks_before_fill_trend_and_change(session: Session, acme: Account) -> None:
    sponsor = person(session, acme)
    for n in range(0, 100, 10):
        talk(session, acme, ago(days=n), sponsor)
    tell(session, *(ticket(acme, ago(days=150 + n), resolved(ago(days=149 + n), in_time=True)) for n in range(3)))
    tell(session, *(ticket(acme, ago(days=30 - n), priority=1, kind=TicketKind.DEFECT) for n in range(3)))
    tell(session, ticket(acme, ago(hours=2), resolved(ago(hours=1), in_time=True)))  # the book is of today
    assert backfill(InSession(session), 12, board=BOARD) == 12
    recompute_all(InSession(session), as_of=LIVE, board=BOARD)
    row = session.get_one(HealthScore, acme.id)
    weeks = row.trend.split(",")
    assert len(weeks) == 11
    assert weeks[0] == "100"
    assert int(weeks[-1]) < 70
    assert row.month_ago_hundredths == 10_000
    assert row.change_hundredths == row.score_hundredths - 10_000
    assert row.banded_at < ago(days=14)
    assert all(one.hindsight for one in session.exec(select(HealthDay)).all()[:-1])


def test_filling_the_weeks_twice_changes_nothing(session: Session, make_account: MakeAccount) -> None:
    random_book(session, accounts(make_account, 3), 3)
    backfill(InSession(session), 4, board=BOARD)
    table = HealthSnapshot.__table__  # type: ignore[attr-defined]
    columns = [column for column in table.c if column.name != "known_at"]
    before = session.execute(core_select(*columns).order_by(table.c.account_id, table.c.day)).all()
    backfill(InSession(session), 4, board=BOARD)
    assert session.execute(core_select(*columns).order_by(table.c.account_id, table.c.day)).all() == before
    assert session.exec(select(HealthPrior)).first() is not None


def test_the_first_scoring_writes_the_model_down(session: Session, acme: Account) -> None:
    assert session.exec(select(HealthModel)).all() == []
    rescore(session, [acme.id], as_of=PAST, board=BOARD)
    (model,) = session.exec(select(HealthModel))
    assert (model.version, model.title) == (default_model.VERSION, "Standard")
