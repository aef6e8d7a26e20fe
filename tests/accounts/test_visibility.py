"""Who reads which account: the three settings, roles, and access from a day to a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from accounts import service
from accounts.models import Account
from accounts.queries import get_account, in_sight, visible_account_ids, visible_accounts
from crm import clock
from crm.errors import NotFound
from crm.identity.models import Team
from crm.viewer import Books, Viewer, system_viewer

TODAY = date(2026, 11, 23)

OPEN, TEAM, OWN = Books.OPEN, Books.TEAM, Books.OWN


def reads(session: Session, viewer: Viewer, account: Account, today: date = TODAY) -> bool:
    found = session.exec(visible_accounts(viewer, today).where(col(Account.id) == account.id)).first()
    ids = session.scalars(visible_account_ids(viewer, today)).all()
    by_column = session.exec(
        select(Account.id).where(in_sight(col(Account.id), viewer, today), col(Account.id) == account.id)
    ).first()
    assert (found is not None) == (account.id in ids) == (by_column is not None)  # three ways to ask, one answer
    return found is not None


@pytest.mark.parametrize(
    ("person", "books", "expected"),
    [
        # Acme is Ana's, of team North: Ben and Mia are there, Zoe is not, Gil and Sam are in no team.
        ("ana", OPEN, True), ("ana", TEAM, True), ("ana", OWN, True),
        ("ben", OPEN, True), ("ben", TEAM, True), ("ben", OWN, False),
        ("mia", OPEN, True), ("mia", TEAM, True), ("mia", OWN, True),
        ("zoe", OPEN, True), ("zoe", TEAM, False), ("zoe", OWN, False),
        ("agent", OPEN, True), ("agent", TEAM, False), ("agent", OWN, False),
        ("sales", OPEN, True), ("sales", TEAM, False), ("sales", OWN, False),
        ("specialist", OPEN, True), ("specialist", TEAM, True), ("specialist", OWN, False),
        ("exec_", OPEN, True), ("exec_", TEAM, True), ("exec_", OWN, True),
        ("admin", OPEN, True), ("admin", TEAM, True), ("admin", OWN, True),
    ],
)  # fmt: skip
def test_who_reads_acme(
    request: pytest.FixtureRequest, session: Session, acme: Account, person: str, books: Books, expected: bool
) -> None:
    viewer = replace(request.getfixturevalue(person), books=books)
    assert reads(session, viewer, acme) is expected


def test_what_one_may_not_read_is_not_there(session: Session, zoe: Viewer, acme: Account) -> None:
    with pytest.raises(NotFound):
        get_account(session, replace(zoe, books=OWN), acme.id)
    with pytest.raises(NotFound):
        get_account(session, zoe, acme.id + 1)


def test_nobody_reads_what_was_merged_away(session: Session, admin: Viewer, acme: Account) -> None:
    acme.closed_at = clock.now()
    session.flush()
    for viewer in (admin, system_viewer()):
        assert session.exec(visible_accounts(viewer)).all() == []
        assert session.scalars(visible_account_ids(viewer)).all() == []


def test_a_pool_account_is_read_by_its_team_or_by_nobody(
    session: Session, make_account: Callable[..., Account], ben: Viewer, mia: Viewer, teams: dict[str, int]
) -> None:
    nobodys = make_account("Pool", owner=None)
    ours = make_account("Our pool", owner=None, team_id=teams["North"])
    assert not reads(session, replace(ben, books=TEAM), nobodys)
    assert reads(session, replace(ben, books=TEAM), ours)
    assert not reads(session, replace(ben, books=OWN), ours)
    assert reads(session, replace(mia, books=OWN), ours)


@pytest.mark.parametrize(("days", "expected"), [(-1, False), (0, True), (2, True), (4, True), (5, False)])
def test_a_cover_reads_only_on_its_days(
    session: Session, ana: Viewer, zoe: Viewer, acme: Account, as_user: Any, days: int, expected: bool
) -> None:
    first, last = TODAY + timedelta(days=3), TODAY + timedelta(days=7)
    service.add_cover(session, ana, acme, as_user(zoe), from_on=first, to_on=last)
    assert reads(session, replace(zoe, books=OWN), acme, first + timedelta(days=days)) is expected


def test_a_team_reads_what_one_of_it_was_granted(
    session: Session, mia: Viewer, ben: Viewer, make_account: Callable[..., Account], zoe: Viewer, as_user: Any
) -> None:
    theirs = make_account("Southern", owner=zoe)
    assert not reads(session, replace(ben, books=TEAM), theirs)
    service.grant_access(session, system_viewer(), theirs, as_user(mia), from_on=TODAY, to_on=TODAY)
    assert reads(session, replace(ben, books=TEAM), theirs)
    assert not reads(session, replace(ben, books=OWN), theirs)
    assert reads(session, replace(mia, books=OWN), theirs)
    assert not reads(session, replace(ben, books=TEAM), theirs, TODAY + timedelta(days=1))


def test_no_team_is_not_a_team(session: Session, sales: Viewer, make_account: Callable[..., Account]) -> None:
    """Two people without a team are not each other's team."""
    loose = make_account("Loose", owner=None, team_id=None)
    assert sales.team_id is None
    assert not reads(session, replace(sales, books=TEAM), loose)


def test_rights_are_of_today_in_an_old_book(session: Session, ana: Viewer, mia: Viewer, as_user: Any) -> None:
    """A history of 2016 gets owners today; they read it now, whatever day its pages speak of."""
    session.add(Team(name="Unused"))
    old = service.create_account(session, mia, name="Old", since=date(2016, 3, 1), owner=as_user(ana))
    found = session.exec(visible_accounts(replace(ana, books=OWN)).where(col(Account.id) == old.id)).first()
    assert found is not None


@pytest.mark.settings(books="own")
def test_own_books_hide_the_account_from_pages_and_writes(as_zoe: Any, session: Session, acme: Account) -> None:
    for path in ("", "/header", "/panels/timeline", "/details", "/notes/new", "/movements", "/contacts"):
        assert as_zoe.get(f"/accounts/{acme.id}{path}").status_code == 404, path
    answer = as_zoe.post(f"/accounts/{acme.id}/notes", data={"channel": "call", "body": "hello"})
    assert answer.status_code == 404
    assert "Acme" not in as_zoe.get("/accounts?scope=all").text
    assert "Acme" not in as_zoe.get("/accounts.csv?scope=all").text
    assert "Acme" not in as_zoe.get("/notes/new?q=ac").text
