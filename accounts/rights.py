"""Who may change what on an account they may read. A refusal says whom to ask.

In whose hands an account is on a day: its owner, whoever covers for them, its account team, a manager of its team, and
administrators. Notes may be written by whoever may read; money is read by roles that may, by sales where they were
granted access to the very account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, false, or_, select as core_select, true
from sqlmodel import Session, col

from accounts.models import Account, AccountAccess, AccountTeamMember, Cover, Task
from accounts.queries import access_valid_on
from crm import clock
from crm.errors import Forbidden
from crm.identity.models import User
from crm.text import N_, Text, text
from crm.viewer import Capability, Role, Viewer


@dataclass(frozen=True)
class Hands:
    """What one viewer may do with one account on one day, and who else could."""

    account_name: str
    owner_name: str | None
    covered_by: str | None
    in_hands: bool  # of the viewer: as owner, cover, account team or manager
    manages: bool  # as its team's manager or as an administrator
    may_change: bool
    may_arrange: bool  # cover, account team, what others wrote: not by the account team, which has its own matter
    may_change_money: bool
    may_read_money: bool
    may_note: bool
    may_assign: bool

    @property
    def whom_to_ask(self) -> Text:
        if self.owner_name and self.covered_by:
            return text(
                N_("%(account)s belongs to %(owner)s, covered by %(cover)s; ask one of them or their manager."),
                account=self.account_name,
                owner=self.owner_name,
                cover=self.covered_by,
            )
        if self.owner_name:
            return text(
                N_("%(account)s belongs to %(owner)s; ask them or their manager."),
                account=self.account_name,
                owner=self.owner_name,
            )
        return text(N_("%(account)s has no owner yet; ask a manager or an administrator."), account=self.account_name)


def hands_on(session: Session, viewer: Viewer, account: Account, today: date | None = None) -> Hands:
    """One statement, whatever the answer."""
    day = today or clock.today()
    covers = (col(Cover.account_id) == account.id) & (col(Cover.from_on) <= day) & (col(Cover.to_on) >= day)
    member = (
        (col(AccountTeamMember.account_id) == account.id)
        & (col(AccountTeamMember.user_id) == viewer.user_id)
        & (col(AccountTeamMember.from_on) <= day)
        & or_(col(AccountTeamMember.to_on).is_(None), col(AccountTeamMember.to_on) > day)
    )
    access = (
        (col(AccountAccess.account_id) == account.id)
        & (col(AccountAccess.user_id) == viewer.user_id)
        & access_valid_on(day)
    )
    owner = col(User.id) == account.owner_id
    cover_name = (
        core_select(col(User.name))
        .join(Cover, col(Cover.user_id) == col(User.id))
        .where(covers)
        .order_by(col(Cover.from_on).desc(), col(Cover.id).desc())
        .limit(1)
    )
    found = session.execute(
        core_select(
            core_select(col(User.name)).where(owner).scalar_subquery().label("owner_name"),
            core_select(col(User.team_id)).where(owner).scalar_subquery().label("owner_team"),
            cover_name.scalar_subquery().label("covered_by"),
            exists().where(covers, col(Cover.user_id) == viewer.user_id).label("covering"),
            exists().where(member).label("on_team"),
            exists().where(access).label("granted"),
        )
    ).one()

    return hands_from(
        viewer,
        account,
        owner_name=found.owner_name,
        owner_team=found.owner_team,
        covered_by=found.covered_by,
        covering=bool(found.covering),
        on_team=bool(found.on_team),
        granted=bool(found.granted),
    )


def hands_from(
    viewer: Viewer,
    account: Account,
    *,
    owner_name: str | None,
    owner_team: int | None,
    covered_by: str | None,
    covering: bool,
    on_team: bool,
    granted: bool,
) -> Hands:
    """The rule itself, for one account or many; ``covering``, ``on_team``, ``granted``: the viewer, on the day."""
    nobodys = account.owner_id is None and account.team_id is None
    manages = viewer.may(Capability.CHANGE_ANY_ACCOUNT) or (
        viewer.role is Role.MANAGER
        and (nobodys or (viewer.team_id is not None and viewer.team_id in (account.team_id, owner_team)))
    )
    arranges = manages or account.owner_id == viewer.user_id or covering
    in_hands = arranges or on_team
    changes = viewer.may(Capability.CHANGE_ACCOUNT)
    return Hands(
        account_name=account.name,
        owner_name=owner_name,
        covered_by=covered_by,
        in_hands=in_hands,
        manages=manages,
        may_change=in_hands and changes,
        may_arrange=arranges and changes,
        may_change_money=in_hands and viewer.may(Capability.CHANGE_MONEY),
        may_read_money=viewer.may(Capability.READ_MONEY) and (viewer.role is not Role.SALES_REPRESENTATIVE or granted),
        may_note=viewer.may(Capability.NOTE),
        # Who imports accounts may also say whose a new one is.
        may_assign=manages or (account.owner_id is None and viewer.may(Capability.IMPORT)),
    )


def in_hands_of(viewer: Viewer, today: date | None = None) -> ColumnElement[bool]:
    """The condition on a row of ``account`` that ``viewer`` may change it: what ``hands_on`` says of one, for lists."""
    if not viewer.may(Capability.CHANGE_ACCOUNT):
        return false()
    if viewer.may(Capability.CHANGE_ANY_ACCOUNT):
        return true()
    day = today or clock.today()
    covered = core_select(col(Cover.account_id)).where(
        col(Cover.user_id) == viewer.user_id, col(Cover.from_on) <= day, col(Cover.to_on) >= day
    )
    of_team = core_select(col(AccountTeamMember.account_id)).where(
        col(AccountTeamMember.user_id) == viewer.user_id,
        col(AccountTeamMember.from_on) <= day,
        or_(col(AccountTeamMember.to_on).is_(None), col(AccountTeamMember.to_on) > day),
    )
    hands: list[ColumnElement[bool]] = [
        col(Account.owner_id) == viewer.user_id,
        col(Account.id).in_(covered),
        col(Account.id).in_(of_team),
    ]
    if viewer.role is Role.MANAGER:
        hands.append(col(Account.owner_id).is_(None) & col(Account.team_id).is_(None))
        if viewer.team_id is not None:
            members = core_select(col(User.id)).where(col(User.team_id) == viewer.team_id)
            hands += [col(Account.team_id) == viewer.team_id, col(Account.owner_id).in_(members)]
    return or_(*hands)


def assignable_by(viewer: Viewer, today: date | None = None) -> ColumnElement[bool]:
    """The condition on a row of ``account`` that ``viewer`` may say whose it is."""
    if viewer.may(Capability.CHANGE_ANY_ACCOUNT):
        return true()
    may: list[ColumnElement[bool]] = []
    if viewer.role is Role.MANAGER:
        may.append(col(Account.owner_id).is_(None) & col(Account.team_id).is_(None))
        if viewer.team_id is not None:
            members = core_select(col(User.id)).where(col(User.team_id) == viewer.team_id)
            may += [col(Account.team_id) == viewer.team_id, col(Account.owner_id).in_(members)]
    if viewer.may(Capability.IMPORT):
        may.append(col(Account.owner_id).is_(None))
    return or_(*may) if may else false()


def reads_money_of(account_id: Any, viewer: Viewer, today: date | None = None) -> ColumnElement[bool] | None:
    """The condition for lists and sums; ``None``: the viewer reads no money anywhere."""
    if not viewer.may(Capability.READ_MONEY):
        return None
    if viewer.role is not Role.SALES_REPRESENTATIVE:
        return true()
    granted = core_select(col(AccountAccess.account_id)).where(
        col(AccountAccess.user_id) == viewer.user_id, access_valid_on(today or clock.today())
    )
    found: ColumnElement[bool] = account_id.in_(granted)
    return found


def ensure_may_change(session: Session, viewer: Viewer, account: Account, today: date | None = None) -> None:
    """Stage, tier, contacts, tasks, account team."""
    hands = hands_on(session, viewer, account, today)
    if not hands.may_change:
        raise Forbidden(hands.whom_to_ask)


def ensure_may_arrange(session: Session, viewer: Viewer, account: Account, today: date | None = None) -> None:
    """Cover and account team, and corrections of what others wrote."""
    hands = hands_on(session, viewer, account, today)
    if not hands.may_arrange:
        raise Forbidden(hands.whom_to_ask)


def ensure_may_change_money(session: Session, viewer: Viewer, account: Account, today: date | None = None) -> None:
    """Contracts and ARR movements."""
    hands = hands_on(session, viewer, account, today)
    if not hands.may_change_money:
        raise Forbidden(hands.whom_to_ask)


def ensure_may_assign(session: Session, viewer: Viewer, account: Account, today: date | None = None) -> None:
    """Whose an account is, and who else may read it: the team's manager, an administrator."""
    hands = hands_on(session, viewer, account, today)
    if not hands.may_assign:
        raise Forbidden(
            N_("Whose %(account)s is, is decided by the team's manager or an administrator; ask one of them."),
            account=account.name,
        )


def ensure_may_note(viewer: Viewer) -> None:
    """Whoever may read an account may write down a talk, except those who only read."""
    if not viewer.may(Capability.NOTE):
        raise Forbidden(N_("Executives read and do not write here; ask the account's owner to add it."))


def ensure_may_do(session: Session, viewer: Viewer, account: Account, task: Task, today: date | None = None) -> None:
    """A task: the person it is for and who gave it to them; else whoever has the account in their hands."""
    if viewer.user_id in (task.assignee_id, task.created_by, task.given_by) and viewer.may(Capability.NOTE):
        return
    ensure_may_change(session, viewer, account, today)
