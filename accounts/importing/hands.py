"""``accounts.rights.hands_on`` for many accounts at once, in three statements; a test holds the two equal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import literal, or_, select
from sqlmodel import Session, col

from accounts.models import Account, AccountAccess, AccountTeamMember, Cover
from accounts.queries import access_valid_on
from accounts.rights import Hands, hands_from
from crm import clock
from crm.identity.models import User
from crm.viewer import Viewer


def hands_on_each(
    session: Session, viewer: Viewer, accounts: Sequence[Account], today: date | None = None
) -> dict[int, Hands]:
    """What ``viewer`` may do with each of ``accounts``, by account id."""
    if not accounts:
        return {}
    day = today or clock.today()
    ids = [account.id for account in accounts]
    owners = {
        user_id: (name, team_id)
        for user_id, name, team_id in session.execute(
            select(col(User.id), col(User.name), col(User.team_id)).where(
                col(User.id).in_({account.owner_id for account in accounts if account.owner_id is not None})
            )
        )
    }
    covered_by: dict[int, str] = {}
    covering: set[int] = set()
    for account_id, user_id, name in session.execute(
        select(col(Cover.account_id), col(Cover.user_id), col(User.name))
        .join(User, col(User.id) == col(Cover.user_id))
        .where(col(Cover.account_id).in_(ids), col(Cover.from_on) <= day, col(Cover.to_on) >= day)
        .order_by(col(Cover.from_on), col(Cover.id))
    ):
        covered_by[account_id] = name  # the one that began last
        if user_id == viewer.user_id:
            covering.add(account_id)
    on_team = select(col(AccountTeamMember.account_id), literal(0)).where(
        col(AccountTeamMember.account_id).in_(ids),
        col(AccountTeamMember.user_id) == viewer.user_id,
        col(AccountTeamMember.from_on) <= day,
        or_(col(AccountTeamMember.to_on).is_(None), col(AccountTeamMember.to_on) > day),
    )
    granted = select(col(AccountAccess.account_id), literal(1)).where(
        col(AccountAccess.account_id).in_(ids), col(AccountAccess.user_id) == viewer.user_id, access_valid_on(day)
    )
    of_team: set[int] = set()
    with_access: set[int] = set()
    for account_id, which in session.execute(on_team.union_all(granted)):
        (with_access if which else of_team).add(account_id)

    found = {}
    for account in accounts:
        owner_name, owner_team = owners.get(account.owner_id or 0, (None, None))
        found[account.id] = hands_from(
            viewer,
            account,
            owner_name=owner_name,
            owner_team=owner_team,
            covered_by=covered_by.get(account.id),
            covering=account.id in covering,
            on_team=account.id in of_team,
            granted=account.id in with_access,
        )
    return found
