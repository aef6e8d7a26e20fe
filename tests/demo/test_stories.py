"""Scores of the demo come from the product's own code; these hold that the stories still read as they are told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func
from sqlmodel import Session, col, select

from accounts.models import Account, Assignment, Contract, Cover, Stage
from accounts.plays.models import Play, PlayRun, Trigger
from accounts.plays.queries import Shown, figures
from accounts.plays.triggers import due_now
from crm.clock import end_of
from crm.contracts import FeatureContext
from crm.demo.making import HELPDESK
from crm.identity.models import User
from crm.identity.service import as_viewer
from crm.viewer import Role, system_viewer
from health_scores.board import board
from health_scores.models import Band, HealthScore, HealthSnapshot
from health_scores.plays import due_of_band
from health_scores.queries import Standing, records_behind, standing_of
from tests.demo.conftest import TODAY, Demo, MakeDemo

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(make: MakeDemo) -> Demo:
    return make("2026-11-23T10:00:00+01:00")


def _standing(demo: Demo, session: Session, name: str) -> Standing:
    standing = standing_of(session, demo.account(session, name).id)
    assert standing is not None
    return standing


def _taking(standing: Standing) -> dict[str, int]:
    return {line.key: line.points for line in standing.lines}


# --- Halden Logistics


def test_halden_is_red_after_having_been_amber_a_month_ago(demo: Demo) -> None:
    with demo.reading() as session:
        standing = _standing(demo, session, "Halden Logistics")
    assert standing.band is Band.RED
    assert 20 <= standing.points / 100 < 40
    assert standing.change is not None
    assert -35 <= standing.change / 100 <= -18
    assert standing.share_known >= 90


def test_haldens_first_line_opens_exactly_its_three_urgent_tickets(demo: Demo) -> None:
    with demo.reading() as session:
        account = demo.account(session, "Halden Logistics")
        standing = _standing(demo, session, "Halden Logistics")
        first = min(standing.lines, key=lambda line: line.points)
        assert first.key == "urgent_open"
        assert str(first.words(board().measures)) == "3 urgent open past their targets, oldest 9 days"
        ana = session.exec(select(User).where(User.name == "Ana Ruiz")).one()
        features = FeatureContext(standing.t, "Europe/Paris", None, [account.id], True)
        records = records_behind(session, as_viewer(ana), board(), board().measures[first.key], account.id, features)
    assert [record.external_url for record in records] == [f"{HELPDESK}{number}" for number in (4412, 4427, 4431)]


def test_halden_also_waits_for_an_answer_and_for_its_sponsor(demo: Demo) -> None:
    with demo.reading() as session:
        standing = _standing(demo, session, "Halden Logistics")
        account = demo.account(session, "Halden Logistics")
        words = {line.key: str(line.words(board().measures)) for line in standing.lines}
    assert words["complaints"] == "1 complaint without an answer, oldest 6 days"
    assert "for 47 days" in words["key_silence"]
    assert account.decides_on == TODAY + timedelta(days=10)
    assert account.arr_minor == 18_400_000
    assert account.seats == 126


# --- the others


@pytest.mark.parametrize(
    ("name", "band", "line"),
    [
        ("Brodeur et Fils", Band.AMBER, "key_silence"),
        ("Corvin Aerospace", Band.GREEN, None),
        ("Kestrel Rail Services", Band.AMBER, "champion_gone"),
        ("Aldermoor Foods", Band.GREEN, None),
        ("Van Houdt Transport", Band.AMBER, "inflow"),
        ("Mistral Énergies", Band.AMBER, "satisfaction"),
        ("Bramwell Castings", Band.UNKNOWN, None),
        ("Costa Verde Cork", Band.AMBER, "silence"),
        ("Lisse Flower Auctions", Band.AMBER, "complaints"),
        ("Boğaz Cargo", Band.RED, "escalated_open"),
        ("Gotha Chemie", Band.GREEN, None),
        ("Hôtels Belvaux", Band.RED, "urgent_open"),
    ],
)
def test_each_story_stands_where_it_is_told(demo: Demo, name: str, band: Band, line: str | None) -> None:
    with demo.reading() as session:
        standing = _standing(demo, session, name)
    assert standing.band is band, standing.points
    if line is not None:
        assert line in _taking(standing)


def test_corvin_does_well_and_better(demo: Demo) -> None:
    with demo.reading() as session:
        standing = _standing(demo, session, "Corvin Aerospace")
        assert demo.account(session, "Corvin Aerospace").arr_minor == 41_000_000
    assert standing.points >= 8_500
    assert standing.change is not None
    assert standing.change > 0


def test_a_champion_who_left_holds_kestrel_at_amber(demo: Demo) -> None:
    with demo.reading() as session:
        standing = _standing(demo, session, "Kestrel Rail Services")
    assert standing.points == 6_900
    assert [line.key for line in standing.lines if line.kind == "cap"] == ["champion_gone"]


@pytest.mark.parametrize(
    ("name", "first_ago", "last_ago", "worst"), [("Aldermoor Foods", 120, 84, 40), ("Gotha Chemie", 300, 130, 69)]
)
def test_who_is_green_today_was_not_always(demo: Demo, name: str, first_ago: int, last_ago: int, worst: int) -> None:
    with demo.reading() as session:
        days = (TODAY - timedelta(days=first_ago), TODAY - timedelta(days=last_ago))
        scores = session.exec(
            select(HealthSnapshot.score_hundredths).where(
                HealthSnapshot.account_id == demo.account(session, name).id, col(HealthSnapshot.day).between(*days)
            )
        ).all()
    assert min(scores) < worst * 100


@pytest.mark.parametrize("name", ["Velmont Distribution", "Castlemere Dairies", "Rossmark Anlagenbau"])
def test_who_left_could_be_seen_leaving(demo: Demo, name: str) -> None:
    with demo.reading() as session:
        account = demo.account(session, name)
        assert account.stage is Stage.CHURNED
        assert account.arr_minor == 0
        left = account.stage_entered_on
        bands = session.exec(
            select(HealthSnapshot.band)
            .where(
                HealthSnapshot.account_id == account.id,
                col(HealthSnapshot.day).between(left - timedelta(days=90), left - timedelta(days=60)),
            )
            .order_by(col(HealthSnapshot.day))
        ).all()
        assert bands
        assert Band.GREEN not in bands


def test_the_book_has_all_colours_in_believable_shares(demo: Demo) -> None:
    with demo.reading() as session:
        rows = session.exec(
            select(HealthScore.band, func.count())
            .join(Account, col(Account.id) == HealthScore.account_id)
            .where(Account.stage != Stage.CHURNED)
            .group_by(col(HealthScore.band))
        ).all()
    counts = dict(rows)
    assert 33 <= counts[Band.GREEN] <= 40
    assert 11 <= counts[Band.AMBER] <= 18
    assert 4 <= counts[Band.RED] <= 6
    assert 2 <= counts[Band.UNKNOWN] <= 4


def test_every_ledger_adds_up(demo: Demo) -> None:
    with demo.reading() as session:
        for account_id, points in session.exec(select(HealthScore.account_id, HealthScore.score_hundredths)).all():
            standing = standing_of(session, account_id)
            assert standing is not None
            assert 10_000 + sum(line.points for line in standing.lines) == points


# --- what is written straight into tables keeps to the same rules as the verbs


def test_projections_are_what_they_are_projected_from(demo: Demo) -> None:
    with demo.reading() as session:
        for account in session.exec(select(Account)).all():
            open_ = session.exec(
                select(Contract).where(Contract.account_id == account.id, col(Contract.closed_at).is_(None))
            ).all()
            assert account.decides_on == min((contract.decides_on for contract in open_), default=None)
            assert all(
                contract.decides_on == contract.ends_on - timedelta(days=contract.notice_days) for contract in open_
            )
            owners = session.exec(
                select(Assignment.user_id).where(Assignment.account_id == account.id, col(Assignment.to_on).is_(None))
            ).all()
            assert owners == [account.owner_id]


def test_elif_is_away_and_ben_covers_until_friday(demo: Demo) -> None:
    with demo.reading() as session:
        people = {user.id: user.name for user in session.exec(select(User)).all()}
        covers = session.exec(select(Cover)).all()
        owners = {session.get_one(Account, cover.account_id).owner_id for cover in covers}
    assert {people[cover.user_id] for cover in covers} == {"Ben Adler"}
    assert {people[owner] for owner in owners if owner} == {"Elif Kaya"}
    assert all(cover.from_on <= TODAY <= cover.to_on and cover.to_on.weekday() == 4 for cover in covers)


def test_the_demo_has_one_button_for_each_role(demo: Demo) -> None:
    with demo.reading() as session:
        entered = session.exec(select(User.role).where(col(User.demo_role).is_(True))).all()
        assert session.exec(select(User).where(col(User.password_hash).is_not(None))).all() == []
    assert sorted(entered) == sorted(Role)


def test_nothing_is_known_of_tomorrow(demo: Demo) -> None:
    with demo.reading() as session:
        assert session.exec(select(func.max(HealthSnapshot.day))).one() < TODAY
        assert session.exec(select(func.max(HealthSnapshot.t))).one() <= end_of(TODAY)


@pytest.mark.parametrize("now", ["2027-01-31T23:30:00+01:00", "2028-02-29T07:05:00+01:00"])
def test_halden_reads_the_same_on_any_day(make: MakeDemo, now: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.demo.run.WEEKS", 13)
    monkeypatch.setattr("crm.demo.run.EVERY_WEEK", 13)
    demo = make(now)
    with demo.reading() as session:
        standing = _standing(demo, session, "Halden Logistics")
        first = min(standing.lines, key=lambda line: line.points)
        others = [_standing(demo, session, name).band for name in ("Brodeur et Fils", "Van Houdt Transport")]
    assert standing.band is Band.RED
    assert str(first.words(board().measures)) == "3 urgent open past their targets, oldest 9 days"
    assert others == [Band.AMBER, Band.AMBER]


# --- plays


def test_haldens_plays_run_and_nothing_is_left_to_start(demo: Demo) -> None:
    with demo.reading() as session:
        account = demo.account(session, "Halden Logistics")
        running = session.exec(
            select(Play.title)
            .join(PlayRun, col(PlayRun.play_id) == col(Play.id))
            .where(PlayRun.account_id == account.id, col(PlayRun.ended_on).is_(None))
        ).all()
        assert set(running) == {"Decision in 120 days", "Dropped to red"}
        for play in session.exec(select(Play)).all():
            find = due_of_band if play.trigger is Trigger.BAND else due_now
            assert find(session, play, TODAY) == [], play.title


def test_a_play_shows_what_came_after_it(demo: Demo) -> None:
    with demo.reading() as session:
        play = session.exec(select(Play).where(Play.title == "Decision in 120 days")).one()
        found = figures(session, system_viewer(), play)
    assert found[Shown.ON_TIME] > found[Shown.LATE] > 0
    assert found[Shown.RENEWED] > found[Shown.CHURNED] > 0
    assert found[Shown.GREEN] > 0
