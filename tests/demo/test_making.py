"""Making the demo, and taking it away."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
from sqlalchemy import func, select as core_select
from sqlmodel import Session, SQLModel, select

from accounts.models import Account
from accounts.service import create_account
from crm.db import Database
from crm.demo import make_demo, remove_demo
from crm.demo.run import NotEmpty, NotTheDemo, past_days
from crm.identity import queries
from crm.identity.models import User
from crm.slices import REGISTRY
from crm.viewer import Viewer, system_viewer
from support.models import Ticket

KEPT = {"job", "job_run", "lease", "rate_counter"}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the scores of two years."""
    monkeypatch.setattr("crm.demo.run.WEEKS", 2)
    monkeypatch.setattr("crm.demo.run.EVERY_WEEK", 2)


@pytest.mark.slow
def test_it_is_made_once_and_taken_away_whole(database: Database, session: Session, quick: None) -> None:
    heard: list[float] = []
    made = make_demo(database, REGISTRY, lambda done, words="": heard.append(done))
    assert made["accounts"] == 63
    assert session.exec(select(func.count()).select_from(Ticket)).one() == made["tickets"]
    assert queries.is_demo(session)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    session.rollback()

    with pytest.raises(NotEmpty):
        make_demo(database, REGISTRY)
    assert session.exec(select(func.count()).select_from(Account)).one() == 63
    session.rollback()

    remove_demo(database)
    session.expire_all()
    left = {
        table.name: session.execute(core_select(func.count()).select_from(table)).scalar_one()
        for table in SQLModel.metadata.sorted_tables
        if table.name not in KEPT
    }
    assert {name for name, count in left.items() if count} == set()
    assert queries.is_empty(session)


def test_it_is_refused_where_somebody_is_here(database: Database, session: Session, ana: Viewer) -> None:
    with pytest.raises(NotEmpty):
        make_demo(database, REGISTRY)
    assert not queries.is_demo(session)
    assert session.exec(select(func.count()).select_from(User)).one() == 1


def test_it_is_refused_where_there_are_accounts(database: Database, session: Session) -> None:
    create_account(session, system_viewer(), name="Acme")
    session.commit()
    with pytest.raises(NotEmpty):
        make_demo(database, REGISTRY)
    assert session.exec(select(Account.name)).all() == ["Acme"]


def test_nothing_but_the_demo_is_removed(database: Database, session: Session, acme: Account) -> None:
    with pytest.raises(NotTheDemo):
        remove_demo(database)
    assert session.exec(select(Account.name)).all() == ["Acme"]


@pytest.mark.slow
def test_what_fails_leaves_nothing_behind(
    database: Database, session: Session, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("crm.demo.run.recompute_all", fail)
    with pytest.raises(RuntimeError, match="disk"):
        make_demo(database, REGISTRY)
    assert queries.is_empty(session)
    assert session.exec(select(func.count()).select_from(Account)).one() == 0
    assert not queries.is_demo(session)


def test_past_scores_are_weekly_for_a_year_and_fortnightly_before() -> None:
    days = past_days(date(2026, 11, 23))
    assert days[-1] == date(2026, 11, 22)
    apart = [(later - sooner).days for sooner, later in itertools.pairwise(days)]
    assert set(apart[-51:]) == {7}
    assert set(apart[:-52]) == {14}
    assert (days[-1] - days[0]).days >= 2 * 364 - 14
