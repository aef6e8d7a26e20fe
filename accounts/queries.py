"""Reads of accounts. Every one starts at ``visible_accounts``: the only place that decides who reads what.

``today`` is the company's day (``crm.clock.today()``, the default), never the day of an old book: rights are of today
even where the newest ticket is years old.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select as core_select, true
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from accounts.models import Account, AccountAccess, Interaction
from crm import clock
from crm.errors import NotFound
from crm.identity.models import User
from crm.text import N_
from crm.viewer import Books, Role, Viewer


def visible_accounts(viewer: Viewer, today: date | None = None) -> SelectOfScalar[Account]:
    """Every account that ``viewer`` may read."""
    return select(Account).where(is_visible(viewer, today))


def is_visible(viewer: Viewer, today: date | None = None) -> ColumnElement[bool]:
    """The condition on ``account`` that ``viewer`` may read it; merged and deleted accounts are read by nobody."""
    open_ = col(Account.closed_at).is_(None)
    if viewer.reads_every_account:
        return open_
    granted = col(Account.id).in_(_granted_ids(viewer, today or clock.today()))
    if _reads_for_team(viewer):
        return open_ & or_(col(Account.team_id) == viewer.team_id, granted)
    return open_ & granted


def visible_account_ids(viewer: Viewer, today: date | None = None) -> Select[Any]:
    """The ids of those accounts, as a sub-select; ``in_sight`` is the shorter way to use it."""
    return core_select(col(Account.id)).where(is_visible(viewer, today))


def in_sight(account_id: Any, viewer: Viewer, today: date | None = None) -> ColumnElement[bool]:
    """The condition on a column that holds an account's id; none at all for those who read every account."""
    if viewer.reads_every_account:
        return true()
    found: ColumnElement[bool] = account_id.in_(visible_account_ids(viewer, today))
    return found


def in_words_for(viewer: Viewer) -> ColumnElement[bool]:
    """The condition on ``interaction`` that ``viewer`` may read what was said: all but the private ones of others.

    That a talk took place, and when, is everybody's who reads the account: the score, which is the same for all, rests
    on it.
    """
    # Nearly all may be read: asked so, no planner begins with an index of whose they are.
    mine: ColumnElement[bool] = func.coalesce(col(Interaction.private_to), viewer.user_id) == viewer.user_id
    return mine


def get_account(session: Session, viewer: Viewer, account_id: int, today: date | None = None) -> Account:
    # "Not yours" and "not there" get the same answer, so ids cannot be probed.
    account = session.exec(visible_accounts(viewer, today).where(col(Account.id) == account_id)).first()
    if account is None:
        raise NotFound(N_("There is no such account."))
    return account


def access_valid_on(day: date) -> ColumnElement[bool]:
    """Access rows that count on ``day``; both ends are included."""
    return (col(AccountAccess.from_on) <= day) & or_(
        col(AccountAccess.to_on).is_(None), col(AccountAccess.to_on) >= day
    )


def _reads_for_team(viewer: Viewer) -> bool:
    return viewer.team_id is not None and (viewer.books is Books.TEAM or viewer.role is Role.MANAGER)


def _granted_ids(viewer: Viewer, day: date) -> Select[Any]:
    """Accounts granted on ``day`` to the viewer, or to anyone of the team whose accounts the viewer reads."""
    granted = core_select(col(AccountAccess.account_id)).where(access_valid_on(day))
    if _reads_for_team(viewer):
        members = core_select(col(User.id)).where(col(User.team_id) == viewer.team_id)
        return granted.where(or_(col(AccountAccess.user_id) == viewer.user_id, col(AccountAccess.user_id).in_(members)))
    return granted.where(col(AccountAccess.user_id) == viewer.user_id)
