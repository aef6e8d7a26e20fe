"""Whose accounts a person works with: what their day is made of. Narrower than what they may read."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Select, select
from sqlmodel import col

from accounts.models import Account, AccountTeamMember, Cover, Stage
from crm import clock
from crm.identity.models import User
from crm.viewer import Role, Viewer


def portfolio_ids(viewer: Viewer, today: date | None = None) -> Select[int]:
    """Ids of the viewer's accounts, as a sub-select: owned, covered, of their account teams, of a manager's team.

    Executives and administrators, who own none, get every account. Churned and merged accounts are in nobody's day.
    ``today`` is the company's day, as for rights, also where the book is older.
    """
    today = today or clock.today()
    ids = select(col(Account.id)).where(col(Account.closed_at).is_(None), col(Account.stage) != Stage.CHURNED)
    if viewer.role in (Role.EXECUTIVE, Role.ADMINISTRATOR):
        return ids
    covered = select(col(Cover.account_id)).where(
        col(Cover.user_id) == viewer.user_id, col(Cover.from_on) <= today, col(Cover.to_on) >= today
    )
    of_team = select(col(AccountTeamMember.account_id)).where(
        col(AccountTeamMember.user_id) == viewer.user_id,
        col(AccountTeamMember.from_on) <= today,
        col(AccountTeamMember.to_on).is_(None) | (col(AccountTeamMember.to_on) > today),
    )
    mine = (col(Account.owner_id) == viewer.user_id) | col(Account.id).in_(covered) | col(Account.id).in_(of_team)
    if viewer.role is Role.MANAGER and viewer.team_id is not None:
        members = select(col(User.id)).where(col(User.team_id) == viewer.team_id)
        mine = mine | (col(Account.team_id) == viewer.team_id) | col(Account.owner_id).in_(members)
    return ids.where(mine)
