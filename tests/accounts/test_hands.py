"""Owner, cover and account team from a day to a day; the history is only added to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings as tuned, strategies as st
from sqlmodel import Session, col, select

from accounts import service
from accounts.models import AccessKind, Account, AccountAccess, Assignment, Cover, TeamRole
from accounts.queries import visible_accounts
from accounts.service.assignments import AlreadyTheirs, BeginsBeforeCurrent
from crm.errors import Conflict, Invalid
from crm.viewer import Books, Viewer

TODAY = date(2026, 11, 23)


def assignments(session: Session, account: Account) -> list[tuple[int, date, date | None]]:
    rows = select(Assignment).where(col(Assignment.account_id) == account.id)
    found = session.exec(rows.order_by(col(Assignment.from_on), col(Assignment.id))).all()
    return [(row.user_id, row.from_on, row.to_on) for row in found]


def reads(session: Session, viewer: Viewer, account: Account, day: date) -> bool:
    own = replace(viewer, books=Books.OWN)
    return session.exec(visible_accounts(own, day).where(col(Account.id) == account.id)).first() is not None


def test_a_new_owner_ends_the_assignment_before_and_writes_another(
    session: Session, mia: Viewer, ana: Viewer, ben: Viewer, acme: Account, as_user: Any
) -> None:
    service.assign_owner(session, mia, acme, as_user(ben), on=date(2026, 11, 20), reason="Ana moves to the south")
    assert acme.owner_id == ben.user_id
    assert assignments(session, acme) == [
        (ana.user_id, date(2025, 1, 6), date(2026, 11, 20)),
        (ben.user_id, date(2026, 11, 20), None),
    ]


def test_the_owner_before_reads_on_for_90_days(
    session: Session, mia: Viewer, ana: Viewer, ben: Viewer, acme: Account, as_user: Any
) -> None:
    day = date(2026, 11, 20)
    service.assign_owner(session, mia, acme, as_user(ben), on=day, reason="new portfolio")
    assert reads(session, ana, acme, day - timedelta(days=1))
    assert reads(session, ana, acme, day)
    assert reads(session, ana, acme, day + timedelta(days=89))
    assert not reads(session, ana, acme, day + timedelta(days=90))
    assert not reads(session, ben, acme, day - timedelta(days=1))
    assert reads(session, ben, acme, day)
    kinds = session.exec(select(AccountAccess.kind).where(col(AccountAccess.user_id) == ana.user_id)).all()
    assert sorted(kinds) == [AccessKind.FORMER, AccessKind.OWNER]


def test_an_account_goes_back_into_the_pool(session: Session, mia: Viewer, ana: Viewer, acme: Account) -> None:
    service.assign_owner(session, mia, acme, None, on=TODAY, reason="Ana leaves")
    assert acme.owner_id is None
    assert assignments(session, acme) == [(ana.user_id, date(2025, 1, 6), TODAY)]
    with pytest.raises(Conflict):
        service.assign_owner(session, mia, acme, None, on=TODAY, reason="again")


def test_the_team_follows_the_owner(
    session: Session, admin: Viewer, zoe: Viewer, acme: Account, as_user: Any, teams: dict[str, int]
) -> None:
    service.assign_owner(session, admin, acme, as_user(zoe), on=TODAY, reason="moved south")
    assert acme.team_id == teams["South"]


def test_what_does_not_fit_is_refused_and_changes_nothing(
    session: Session, mia: Viewer, ana: Viewer, ben: Viewer, acme: Account, as_user: Any
) -> None:
    before = assignments(session, acme)
    with pytest.raises(AlreadyTheirs):
        service.assign_owner(session, mia, acme, as_user(ana), on=TODAY, reason="x")
    with pytest.raises(BeginsBeforeCurrent):
        service.assign_owner(session, mia, acme, as_user(ben), on=date(2025, 1, 5), reason="x")
    with pytest.raises(Invalid):
        service.assign_owner(session, mia, acme, as_user(ben), on=TODAY + timedelta(days=1), reason="x")
    gone = as_user(ben)
    gone.disabled_at = acme.created_at
    with pytest.raises(Conflict):
        service.assign_owner(session, mia, acme, gone, on=TODAY, reason="x")
    assert assignments(session, acme) == before
    assert acme.owner_id == ana.user_id


@tuned(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(moves=st.lists(st.tuples(st.sampled_from(["ana", "ben", "zoe", "pool"]), st.integers(0, 20)), max_size=8))
def test_history_is_never_overwritten(
    session: Session, admin: Viewer, ana: Viewer, ben: Viewer, zoe: Viewer, acme: Account, as_user: Any,
    moves: list[tuple[str, int]],
) -> None:  # fmt: skip
    people = {"ana": ana, "ben": ben, "zoe": zoe}
    day = date(2026, 1, 1)
    history = assignments(session, acme)
    for name, later in moves:
        day += timedelta(days=later)
        owner = as_user(people[name]) if name in people else None
        if (owner.id if owner else None) == acme.owner_id:
            continue
        service.assign_owner(session, admin, acme, owner, on=day, reason="moved")
        session.flush()
        now = assignments(session, acme)
        # Each row that was there still is, the same but for an end that was open; at most one row is new.
        for old, new in zip(history, now, strict=False):
            assert new[:2] == old[:2]
            assert new[2] == old[2] or old[2] is None
        assert len(now) - len(history) == (0 if owner is None else 1)
        assert [row for row in now if row[2] is None] == ([(owner.id, day, None)] if owner else [])
        for (_, _, end), (_, start, _) in pairwise(now):
            assert end is not None
            assert end <= start  # nobody owns it together with another
        history = now
    session.rollback()


def test_a_cover_is_from_a_day_to_a_day(
    session: Session, ana: Viewer, ben: Viewer, acme: Account, as_user: Any
) -> None:
    with pytest.raises(Invalid):
        service.add_cover(session, ana, acme, as_user(ben), from_on=TODAY, to_on=TODAY - timedelta(days=1))
    with pytest.raises(Conflict):
        service.add_cover(session, ana, acme, as_user(ana), from_on=TODAY, to_on=TODAY)
    assert session.exec(select(Cover)).all() == []


def test_a_cover_that_ends_early_reads_no_longer(
    session: Session, ana: Viewer, ben: Viewer, acme: Account, as_user: Any
) -> None:
    cover = service.add_cover(
        session, ana, acme, as_user(ben), from_on=TODAY, to_on=TODAY + timedelta(days=10), reason="leave"
    )
    service.end_cover(session, ana, acme, cover, last_day=TODAY + timedelta(days=2))
    assert reads(session, ben, acme, TODAY + timedelta(days=2))
    assert not reads(session, ben, acme, TODAY + timedelta(days=3))
    service.end_cover(session, ana, acme, cover, last_day=TODAY - timedelta(days=1))
    session.flush()
    assert session.exec(select(Cover)).all() == []
    assert not reads(session, ben, acme, TODAY)


def test_two_covers_of_one_colleague_end_apart(
    session: Session, ana: Viewer, ben: Viewer, acme: Account, as_user: Any
) -> None:
    first = service.add_cover(session, ana, acme, as_user(ben), from_on=TODAY, to_on=TODAY + timedelta(days=5))
    service.add_cover(
        session, ana, acme, as_user(ben), from_on=TODAY + timedelta(days=20), to_on=TODAY + timedelta(days=25)
    )
    service.end_cover(session, ana, acme, first, last_day=TODAY)
    assert not reads(session, ben, acme, TODAY + timedelta(days=3))
    assert reads(session, ben, acme, TODAY + timedelta(days=21))


def test_leaving_the_account_team_ends_reading_with_the_last_matter(
    session: Session, ana: Viewer, zoe: Viewer, acme: Account, as_user: Any
) -> None:
    backup = service.add_team_member(session, ana, acme, as_user(zoe), TeamRole.BACKUP, from_on=date(2026, 11, 1))
    other = service.add_team_member(session, ana, acme, as_user(zoe), TeamRole.SPECIALIST, from_on=date(2026, 11, 1))
    with pytest.raises(Conflict):
        service.add_team_member(session, ana, acme, as_user(zoe), TeamRole.BACKUP, from_on=TODAY)
    service.end_team_member(session, ana, acme, backup, on=TODAY)
    session.flush()
    assert reads(session, zoe, acme, TODAY)
    service.end_team_member(session, ana, acme, other, on=TODAY)
    session.flush()
    assert reads(session, zoe, acme, TODAY - timedelta(days=1))
    assert not reads(session, zoe, acme, TODAY)


def test_forms_of_owner_cover_and_team(as_mia: Any, session: Session, ben: Viewer, zoe: Viewer, acme: Account) -> None:
    path = f"/accounts/{acme.id}"
    answer = as_mia.post(f"{path}/owner", data={"owner": str(ben.user_id), "on": "today", "reason": "balance"})
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    answer = as_mia.post(
        f"{path}/covers", data={"user": str(zoe.user_id), "from_on": "tomorrow", "to_on": "in 2 weeks", "reason": ""}
    )
    assert answer.status_code == 303
    answer = as_mia.post(f"{path}/team", data={"user": str(zoe.user_id), "role": "backup", "from_on": "2026-11-01"})
    assert answer.status_code == 303
    session.expire_all()
    assert session.get_one(Account, acme.id).owner_id == ben.user_id
    cover = session.exec(select(Cover)).one()
    assert (cover.from_on, cover.to_on) == (date(2026, 11, 24), date(2026, 12, 7))
    page = as_mia.get(path).text
    assert "Zoe Marchand" in page
    assert "backup" in page
    assert "Owners before" in page


def test_a_refused_owner_form_keeps_what_was_typed(as_mia: Any, session: Session, acme: Account, ana: Viewer) -> None:
    sent = {"owner": str(ana.user_id), "on": "someday", "reason": "Because of the new portfolio"}
    answer = as_mia.post(f"/accounts/{acme.id}/owner", data=sent)
    assert answer.status_code == 422
    assert "someday" in answer.text
    assert "Because of the new portfolio" in answer.text
    answer = as_mia.post(f"/accounts/{acme.id}/owner", data={**sent, "on": "today"})
    assert answer.status_code == 422
    assert "already belongs to Ana Duarte" in answer.text


def test_a_cover_moved_to_other_days_lets_read_on_those(
    session: Session, ana: Viewer, zoe: Viewer, acme: Account, as_user: Any
) -> None:
    cover = service.add_cover(session, ana, acme, as_user(zoe), from_on=date(2026, 12, 1), to_on=date(2026, 12, 4))
    service.change_cover(
        session, ana, acme, cover, from_on=date(2026, 12, 7), to_on=date(2026, 12, 9), reason="a week later"
    )
    assert [reads(session, zoe, acme, date(2026, 12, day)) for day in (4, 6, 7, 9, 10)] == [
        False,
        False,
        True,
        True,
        False,
    ]
    with pytest.raises(Invalid):
        service.change_cover(session, ana, acme, cover, from_on=date(2026, 12, 9), to_on=date(2026, 12, 7), reason="")


def test_a_member_of_the_team_changed_reads_from_day_to_day(
    session: Session, ana: Viewer, zoe: Viewer, acme: Account, as_user: Any
) -> None:
    member = service.add_team_member(session, ana, acme, as_user(zoe), TeamRole.BACKUP, from_on=date(2026, 11, 2))
    other = service.add_team_member(session, ana, acme, as_user(zoe), TeamRole.SPONSOR, from_on=date(2026, 12, 1))
    with pytest.raises(Conflict):
        service.change_team_member(
            session, ana, acme, member, role=TeamRole.SPONSOR, from_on=date(2026, 11, 2), to_on=None
        )
    service.change_team_member(
        session, ana, acme, member, role=TeamRole.SPECIALIST, from_on=date(2026, 11, 9), to_on=date(2026, 11, 30)
    )
    days = [date(2026, 11, 8), date(2026, 11, 9), date(2026, 11, 29), date(2026, 11, 30), date(2026, 12, 1)]
    assert [reads(session, zoe, acme, day) for day in days] == [False, True, True, False, True]
    assert (member.last_on, other.last_on) == (date(2026, 11, 29), None)


def test_forms_of_cover_and_team(
    as_ana: Any, as_zoe: Any, session: Session, ana: Viewer, ben: Viewer, acme: Account, as_user: Any
) -> None:
    cover = service.add_cover(session, ana, acme, as_user(ben), from_on=TODAY, to_on=date(2026, 12, 4))
    member = service.add_team_member(session, ana, acme, as_user(ben), TeamRole.BACKUP, from_on=date(2026, 9, 1))
    session.commit()
    covers, team = f"/accounts/{acme.id}/covers/{cover.id}", f"/accounts/{acme.id}/team/{member.id}"
    assert "2026-12-04" in as_ana.get(covers).text
    sent = {"from_on": "2026-11-23", "to_on": "2026-11-27", "reason": "back sooner"}
    assert as_ana.post(covers, data={**sent, "to_on": "2026-11-20"}).status_code == 422
    assert as_zoe.post(covers, data=sent).status_code == 403
    assert as_ana.post(covers, data=sent).status_code == 303
    sent = {"role": "specialist", "from_on": "2026-09-01", "last_on": "2026-11-20"}
    assert as_ana.post(team, data={**sent, "last_on": "2026-08-01"}).status_code == 422
    assert as_zoe.post(team, data=sent).status_code == 403
    assert as_ana.post(team, data=sent).status_code == 303
    session.expire_all()
    assert (cover.to_on, cover.reason) == (date(2026, 11, 27), "back sooner")
    assert (member.role, member.to_on) == (TeamRole.SPECIALIST, date(2026, 11, 21))
    page = as_ana.get(f"/accounts/{acme.id}").text
    assert "Team and cover before" in page
    assert "specialist" in page
