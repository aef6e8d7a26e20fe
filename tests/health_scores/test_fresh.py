"""Scores follow what happens: in the same transaction, within seconds, or at the next minute and night."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from typing import Any

import pytest
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from accounts.events import InteractionsChanged, tell as tell_fact
from accounts.models import Account, Channel, ContactRoleKind, Direction, Tier
from accounts.service import log_interaction, set_tier
from crm import clock
from crm.db import Database
from crm.jobs import QueuedJob, Worker, run_waiting
from crm.slices import REGISTRY
from crm.viewer import Viewer
from health_scores.handlers import AT_ONCE
from health_scores.jobs import nightly, score_due
from health_scores.ledger import read_ledger
from health_scores.models import Band, HealthDay, HealthDirty, HealthScore, HealthSnapshot
from health_scores.recompute import InCommand, recompute_all
from support.models import EventKind
from tests.health_scores._histories import NOW, ago, event, person, resolved, talk, tell, ticket

MakeAccount = Callable[..., Account]


def score_of(session: Session, account: Account) -> HealthScore:
    session.commit()  # and begins to see what others have committed
    session.expire_all()
    return session.get_one(HealthScore, account.id)


def test_a_ticket_shows_in_the_score_of_its_own_transaction(session: Session, acme: Account) -> None:
    tell(session, ticket(acme, ago(days=2)))
    before = score_of(session, acme).score_hundredths
    tell(session, ticket(acme, ago(hours=2), priority=1))
    after = score_of(session, acme)
    assert after.score_hundredths <= before - 2200
    assert after.revision == 2
    assert session.exec(select(HealthDirty)).all() == []


def test_a_talk_that_was_written_down_shows_on_the_next_page(
    as_ana: TestClient, session: Session, acme: Account, ana: Viewer
) -> None:
    person(session, acme, ContactRoleKind.SPONSOR)
    talk(session, acme, ago(days=60))
    tell(session, ticket(acme, ago(days=60), resolved(ago(days=59))), ticket(acme, ago(days=1), resolved(ago())))
    session.commit()
    assert "Never a talk with the sponsor" in as_ana.get(f"/accounts/{acme.id}").text
    contact = person(session, acme, ContactRoleKind.DECISION_MAKER, name="Ingrid Moe")
    note = {"channel": "call", "direction": "both", "contact": str(contact.id), "body": "All is well now."}
    answer = as_ana.post(f"/accounts/{acme.id}/notes", data=note)
    assert answer.status_code == 303
    shown = as_ana.get(f"/accounts/{acme.id}").text
    assert "Never a talk" not in shown


def test_a_rolled_back_change_leaves_the_score_alone(database: Database, session: Session, acme: Account) -> None:
    tell(session, ticket(acme, ago(days=2)))
    session.commit()
    before = score_of(session, acme).score_hundredths
    session.commit()

    def fail_in_the_end() -> None:
        with database.unit_of_work() as other:
            tell(other, ticket(acme, ago(days=9), priority=1))
            raise RuntimeError("something else went wrong")

    with pytest.raises(RuntimeError):
        fail_in_the_end()
    assert score_of(session, acme).score_hundredths == before


def test_a_change_of_tier_changes_what_silence_means(session: Session, acme: Account, ana: Viewer) -> None:
    talk(session, acme, ago(days=50))
    log_interaction(session, ana, acme, channel=Channel.NOTE, direction=Direction.NONE, body="For ourselves.")
    before = score_of(session, acme).score_hundredths
    set_tier(session, ana, acme, Tier.LOW_TOUCH)
    assert score_of(session, acme).score_hundredths > before


def test_many_accounts_are_marked_and_settled_by_the_worker_within_seconds(
    database: Database, session: Session, make_account: MakeAccount
) -> None:
    made = [make_account(f"Account {n}") for n in range(AT_ONCE + 1)]
    tell(session, *(ticket(one, ago(days=2), priority=1) for one in made))
    session.commit()
    assert len(session.exec(select(HealthDirty)).all()) == len(made)
    began = clock.machine_now()
    worker = Worker(database, REGISTRY, threads=1, with_clock=False)
    worker.start()
    try:
        while session.exec(select(HealthDirty)).first() is not None:
            session.rollback()
            assert clock.machine_now() - began < timedelta(seconds=20)
    finally:
        worker.stop()
    session.rollback()
    assert {one.band for one in session.exec(select(HealthScore))} <= {Band.AMBER, Band.UNKNOWN}
    assert all(score_of(session, one).score_hundredths <= 7800 for one in made)


def test_after_an_import_the_weeks_before_are_there(
    database: Database, session: Session, make_account: MakeAccount
) -> None:
    made = [make_account(f"Account {n}") for n in range(AT_ONCE + 1)]
    tell(session, *(ticket(one, ago(days=100 + n), resolved(ago(days=n))) for one in made for n in range(3)))
    session.commit()
    run_waiting(database, REGISTRY)
    assert len(session.exec(select(HealthDay)).all()) == 12
    row = score_of(session, made[0])
    assert row.trend.split(",")[-1]
    assert row.change_hundredths is not None
    assert [job.result for job in session.exec(select(QueuedJob))][-1] == "51 accounts scored, 12 past weeks"


def test_a_passed_target_costs_points_within_a_minute_without_an_event(
    database: Database, session: Session, acme: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(session, ticket(acme, ago(hours=0.5), priority=1))
    session.commit()
    before = score_of(session, acme)
    assert before.next_at is not None
    assert before.next_at <= NOW + timedelta(minutes=31)
    in_time = before.score_hundredths
    later = NOW + timedelta(minutes=40)
    monkeypatch.setattr(clock, "now", lambda: later)
    with database.unit_of_work() as own:
        assert score_due(own, later) == "1 due and 0 marked accounts scored"
    assert score_of(session, acme).score_hundredths == in_time - 1100
    with database.unit_of_work() as own:
        assert score_due(own, later) == "0 due and 0 marked accounts scored"


class Night(InCommand):
    """A job's context, as far as the night needs it."""

    mark: Any = None
    done = 0
    total: int | None = None
    arguments: Any = {}  # noqa: RUF012 - never changed


def test_the_night_keeps_the_day_that_has_ended_once(
    database: Database, session: Session, acme: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(session, ticket(acme, ago(hours=3), priority=1))
    session.commit()
    midnight = clock.start_of(clock.today() + timedelta(days=1)) + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: midnight)
    assert nightly(Night(database)) == "1 days and 12 weeks taken, 1 accounts scored"
    day = session.get_one(HealthSnapshot, (acme.id, NOW.date()))
    assert not day.hindsight
    assert day.score_hundredths == score_of(session, acme).score_hundredths
    assert nightly(Night(database)) == "0 days and 0 weeks taken, 1 accounts scored"
    monkeypatch.setattr(clock, "now", lambda: midnight + timedelta(days=3))
    assert nightly(Night(database)) == "3 days and 0 weeks taken, 1 accounts scored"


def test_the_first_talk_of_a_book_changes_what_is_said_of_all(
    database: Database, session: Session, make_account: MakeAccount
) -> None:
    one, other = make_account("One"), make_account("Other")
    tell(session, ticket(one, ago(days=1)), ticket(other, ago(days=1)))
    session.commit()
    assert score_of(session, other).support_only
    with database.unit_of_work() as own:
        talk(own, one, ago(hours=1))
        tell_fact(own, InteractionsChanged, [one.id])
    assert score_of(session, other).support_only
    session.commit()
    run_waiting(database, REGISTRY)
    assert not score_of(session, other).support_only


def test_an_old_book_is_scored_as_of_its_newest_event(session: Session, acme: Account) -> None:
    last = ago(days=400)
    tell(session, ticket(acme, ago(days=420), resolved(last)))
    row = score_of(session, acme)
    assert row.t == last
    assert row.score_hundredths == 10_000  # silence is never the age of the file


def test_a_pretended_day_does_not_know_what_came_after(database: Database, session: Session, acme: Account) -> None:
    tell(
        session,
        ticket(acme, ago(days=30), event(EventKind.ESCALATED, ago(days=29)), resolved(ago(days=2)), priority=1),
    )
    session.commit()
    assert score_of(session, acme).score_hundredths > 9000
    then = ago(days=20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: then)
        recompute_all(InCommand(database))
    row = score_of(session, acme)
    assert row.t == then
    assert row.score_hundredths < 7000  # it was open then


def test_the_number_of_statements_does_not_grow_with_the_accounts(
    database: Database, session: Session, make_account: MakeAccount, count_queries: Callable[..., int]
) -> None:
    def count() -> int:
        return count_queries(lambda: recompute_all(InCommand(database)))

    tell(session, ticket(make_account("First"), ago(days=1)))
    session.commit()
    count()
    few = count()
    made = [make_account(f"Account {n}") for n in range(20)]
    tell(session, *(ticket(one, ago(days=1)) for one in made))
    session.commit()
    count()
    assert count() == few
    assert session.exec(select(HealthScore).where(col(HealthScore.band) == Band.UNKNOWN)).all() is not None


def test_two_tickets_at_the_same_moment_both_count(database: Database, session: Session, acme: Account) -> None:
    """On PostgreSQL neither transaction sees the other's ticket until it has waited for it."""
    tell(session, ticket(acme, ago(days=1)))
    session.commit()
    together = Barrier(2, timeout=20)

    def bring(hours: float) -> None:
        if not database.is_sqlite:
            together.wait()
        with database.unit_of_work() as own:
            tell(own, ticket(acme, ago(hours=hours), priority=1))
            time.sleep(0.2)

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(bring, 0.2), threads.submit(bring, 0.4)]:
            done.result()
    row = score_of(session, acme)
    urgent = next(line for line in read_ledger(row.ledger, row.t, "Europe/Paris") if line.key == "urgent_open")
    assert urgent.facts.count("urgent") == 2


def test_bulk_and_single_at_the_same_time_end_with_what_is_true(
    database: Database, session: Session, make_account: MakeAccount
) -> None:
    made = [make_account(f"Account {n}") for n in range(12)]
    tell(session, *(ticket(one, ago(days=1)) for one in made))
    session.commit()
    stop = Event()

    def keep_recomputing() -> None:
        while not stop.is_set():
            recompute_all(InCommand(database))

    def bring_tickets() -> None:
        for one in made:
            with database.unit_of_work() as own:
                tell(own, ticket(one, ago(hours=0.5), priority=1))

    with ThreadPoolExecutor(2) as threads:
        bulk = threads.submit(keep_recomputing)
        try:
            threads.submit(bring_tickets).result()
        finally:
            stop.set()
        bulk.result()
    for one in made:
        row = score_of(session, one)
        lines = {line.key: line for line in read_ledger(row.ledger, row.t, "Europe/Paris")}
        assert lines["urgent_open"].facts.count("urgent") == 1
    assert session.exec(select(HealthDirty)).all() == []
