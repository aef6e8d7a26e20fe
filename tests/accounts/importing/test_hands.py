"""Rights on many accounts at once are the rights on each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session

from accounts.importing.hands import hands_on_each
from accounts.models import AccessKind, Account, AccountAccess, AccountTeamMember, Cover, TeamRole
from accounts.rights import hands_on
from crm.viewer import Viewer
from tests.conftest import TODAY


@pytest.mark.parametrize("who", ["ana", "ben", "mia", "zoe", "admin", "exec_", "agent", "sales", "specialist"])
def test_hands_on_many_are_the_hands_on_each(
    request: pytest.FixtureRequest,
    session: Session,
    make_account: Callable[..., Account],
    ana: Viewer,
    ben: Viewer,
    zoe: Viewer,
    who: str,
) -> None:
    viewer: Viewer = request.getfixturevalue(who)
    day = timedelta(days=1)
    accounts = {
        name: make_account(name, owner=owner)
        for name, owner in (
            ("hers", ana),
            ("zoe's", zoe),
            ("nobody's", None),
            ("covered", ana),
            ("gone", ana),
            ("team", zoe),
        )
    }
    pool = make_account("pool", owner=None, team_id=ana.team_id)
    covered, gone, team = accounts["covered"].id, accounts["gone"].id, accounts["team"].id
    session.add_all(
        [
            Cover(account_id=covered, user_id=ben.user_id, from_on=TODAY - day, to_on=TODAY),
            Cover(account_id=covered, user_id=zoe.user_id, from_on=TODAY - 2 * day, to_on=TODAY + day),
            Cover(account_id=gone, user_id=viewer.user_id, from_on=TODAY - 5 * day, to_on=TODAY - day),
            AccountTeamMember(account_id=team, user_id=viewer.user_id, role=TeamRole.BACKUP, from_on=TODAY - day),
            AccountTeamMember(
                account_id=gone, user_id=viewer.user_id, role=TeamRole.BACKUP, from_on=TODAY - day, to_on=TODAY
            ),
            AccountAccess(account_id=team, user_id=viewer.user_id, kind=AccessKind.GRANTED, from_on=TODAY),
        ]
    )
    session.commit()
    every = [*accounts.values(), pool]
    found = hands_on_each(session, viewer, every)
    for account in every:
        assert found[account.id] == hands_on(session, viewer, account), account.name
