"""Parent and subsidiaries: no circles, bounded depth, and figures of those accounts that one may read."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings as tuned, strategies as st
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from accounts.family.queries import family_members
from accounts.family.service import set_parent
from accounts.family.tree import LEVELS, OwnRelative, TooDeep
from accounts.models import Account, Stage
from crm.audit import AuditEntry
from crm.errors import Conflict, Forbidden
from crm.viewer import Viewer
from health_scores.models import Band, HealthScore
from health_scores.recompute import rescore


def members(session: Session, viewer: Viewer, top: Account) -> set[str]:
    session.flush()
    ids = session.scalars(family_members(viewer, top.id)).all()
    return set(session.scalars(core_select(col(Account.name)).where(col(Account.id).in_(ids))))


@pytest.fixture
def chain(session: Session, ana: Viewer, make_account: Any) -> list[Account]:
    """As many levels as there may be: each belongs to the one before."""
    made = [make_account(f"Level {number}") for number in range(LEVELS)]
    for parent, child in pairwise(made):
        set_parent(session, ana, child, parent)
    session.commit()
    return made


def test_a_family_is_everyone_below(session: Session, ana: Viewer, chain: list[Account]) -> None:
    assert members(session, ana, chain[0]) == {one.name for one in chain}
    assert members(session, ana, chain[2]) == {one.name for one in chain[2:]}


def test_nobody_is_their_own_ancestor(session: Session, ana: Viewer, chain: list[Account]) -> None:
    for below in chain:
        with pytest.raises(OwnRelative):
            set_parent(session, ana, chain[0], below)
    session.expire_all()
    assert chain[0].parent_id is None


def test_a_family_is_at_most_five_levels_deep(
    session: Session, ana: Viewer, chain: list[Account], make_account: Any
) -> None:
    with pytest.raises(TooDeep):
        set_parent(session, ana, make_account("Sixth"), chain[-1])
    with pytest.raises(TooDeep):
        set_parent(session, ana, chain[0], make_account("Above"))


@tuned(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=25))
def test_whatever_is_tried_no_circle_and_no_sixth_level_comes_about(
    session: Session, ana: Viewer, make_account: Any, moves: list[tuple[int, int]]
) -> None:
    accounts = session.exec(select(Account).order_by(col(Account.name))).all()
    if not accounts:
        accounts = [make_account(f"Company {number}") for number in range(8)]
    for child, parent in moves:
        try:
            set_parent(session, ana, accounts[child], accounts[parent])
        except (OwnRelative, TooDeep):
            continue
    parents = {one.id: one.parent_id for one in accounts}
    for one in accounts:
        seen, up = 1, parents[one.id]
        while up is not None:
            seen, up = seen + 1, parents[up]
            assert seen <= LEVELS
    session.rollback()


def test_the_page_shows_parent_subsidiaries_and_what_they_come_to(
    as_ana: Any, session: Session, ana: Viewer, make_account: Any, make_ticket: Any
) -> None:
    top = make_account("Top Group", arr_minor=10_000_00)
    for number, arr in enumerate((20_000_00, 30_000_00)):
        below = make_account(f"Works {number}", arr_minor=arr)
        set_parent(session, ana, below, top)
        make_ticket(account=below, priority=2)
    lost = make_account("Lost Works", arr_minor=0, stage=Stage.CHURNED)
    set_parent(session, ana, lost, top)
    rescore(session, [one.id for one in session.exec(select(Account))])
    session.commit()
    page = as_ana.get(f"/accounts/{top.id}/panels/family").text
    assert "€60k" in page.replace(" ", "").replace("\u202f", "").replace("\u00a0", "").replace("K", "k")
    for name in ("Works 0", "Works 1", "Lost Works"):
        assert name in page
    family = [top.id, *(one.id for one in session.exec(select(Account).where(Account.parent_id == top.id)))]
    family.remove(lost.id)
    scores = session.exec(select(HealthScore).where(col(HealthScore.account_id).in_(family))).all()
    bands = [score.band for score in scores]
    worst = next(band for band in (Band.RED, Band.AMBER, Band.UNKNOWN, Band.GREEN) if band in bands)
    assert f"{bands.count(worst)} of 3 accounts" in page
    assert f'data-band="{worst.value}"' in page
    assert f"/accounts?scope=all&amp;family={top.id}&amp;sort=-arr" in page
    rows = as_ana.get(f"/accounts?scope=all&family={top.id}&sort=-arr").text
    assert "Works 0" in rows
    assert "Lost Works" not in rows
    assert as_ana.get(f"/accounts?scope=all&family=x{top.id}").status_code == 200
    assert "Top Group" in as_ana.get(f"/accounts/{below.id}/panels/family").text


@pytest.mark.settings(books="own")
def test_only_accounts_that_one_reads_are_named_and_counted(
    as_ana: Any, session: Session, ana: Viewer, zoe: Viewer, admin: Viewer, make_account: Any
) -> None:
    top, mine = make_account("Top Group", arr_minor=10_000_00), make_account("Mine", arr_minor=5_000_00)
    hidden = make_account("Hidden", owner=zoe, arr_minor=70_000_00)
    for below in (mine, hidden):
        set_parent(session, admin, below, top)
    session.commit()
    assert members(session, ana, top) == {"Top Group", "Mine"}
    page = as_ana.get(f"/accounts/{top.id}").text
    assert "Hidden" not in page
    assert "that you may read" in page
    assert as_ana.post(f"/accounts/{mine.id}/parent", data={"parent": "Hidden"}).status_code == 422


def test_money_of_a_family_is_left_out_for_those_who_read_none(
    sign_in: Any, session: Session, ana: Viewer, agent: Viewer, make_account: Any
) -> None:
    top, below = make_account("Top Group", arr_minor=10_000_00), make_account("Below", arr_minor=5_000_00)
    set_parent(session, ana, below, top)
    session.commit()
    page = sign_in(agent).get(f"/accounts/{top.id}/panels/family").text
    assert "Below" in page
    assert "ARR" not in page
    assert "€" not in page


def test_setting_and_removing_by_form(
    as_ana: Any, as_zoe: Any, session: Session, ana: Viewer, make_account: Any
) -> None:
    top, below = make_account("Top Group"), make_account("Below")
    path = f"/accounts/{below.id}/parent"
    assert "Top Group" in as_ana.get(path).text
    assert as_zoe.get(path).status_code == 403
    assert as_zoe.post(path, data={"parent": "Top Group"}).status_code == 403
    assert as_ana.post(path, data={"parent": "No such company"}).status_code == 422
    assert as_ana.post(path, data={"parent": "Below"}).status_code == 422
    assert as_ana.post(path, data={"parent": "top group"}).status_code == 303
    session.expire_all()
    assert below.parent_id == top.id
    assert as_zoe.post(f"{path}/removal").status_code == 403
    assert as_ana.post(f"{path}/removal").status_code == 303
    assert as_ana.post(f"{path}/removal").status_code == 409
    session.expire_all()
    assert below.parent_id is None
    assert session.exec(select(AuditEntry.verb)).all().count("account.parent_changed") == 2


def test_whoever_may_not_change_the_account_moves_it_nowhere(
    session: Session, ana: Viewer, zoe: Viewer, make_account: Any
) -> None:
    top, below = make_account("Top Group"), make_account("Below")
    with pytest.raises(Forbidden):
        set_parent(session, zoe, below, top)
    with pytest.raises(Conflict):
        set_parent(session, ana, below, None)
    assert below.parent_id is None


def test_the_panel_takes_the_same_queries_for_one_subsidiary_or_thirty(
    as_ana: Any, session: Session, ana: Viewer, make_account: Any, count_queries: Any
) -> None:
    top = make_account("Top Group")
    set_parent(session, ana, make_account("First"), top)
    session.commit()
    path = f"/accounts/{top.id}"
    few = count_queries(lambda: as_ana.get(path))
    for number in range(29):
        set_parent(session, ana, make_account(f"Works {number}"), top)
    session.commit()
    assert count_queries(lambda: as_ana.get(path)) == few
    assert "…" in as_ana.get(f"{path}/panels/family").text
