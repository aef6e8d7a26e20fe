"""In whose hands an account is: owner, cover, account team; and who may read it from when to when."""

from __future__ import annotations

from datetime import date, timedelta

from sqlmodel import Session, col, select

from accounts.events import AccountsChanged, tell
from accounts.models import AccessKind, Account, AccountAccess, AccountTeamMember, Assignment, Cover, TeamRole
from accounts.rights import ensure_may_arrange, ensure_may_assign
from accounts.service._dated import ensure_not_ahead
from accounts.service._row import hold
from crm import webhooks
from crm.audit import record
from crm.clock import today
from crm.errors import Conflict, Invalid
from crm.identity.models import User
from crm.text import N_, text
from crm.viewer import Viewer
from crm.webhooks.models import Kind
from crm.webhooks.outbox import News

FORMER_OWNER_READS = timedelta(days=90)


class AlreadyTheirs(Conflict):
    def __init__(self, account: Account, owner: User) -> None:
        super().__init__(N_("%(account)s already belongs to %(owner)s."), account=account.name, owner=owner.name)


class BeginsBeforeCurrent(Conflict):
    def __init__(self, account: Account, day: date) -> None:
        super().__init__(
            N_("The current owner of %(account)s began on %(day)s; the next one cannot begin before that."),
            account=account.name,
            day=day,
        )


def assign_owner(
    session: Session, actor: Viewer, account: Account, owner: User | None, *, on: date, reason: str
) -> None:
    """``account`` belongs to ``owner`` from ``on``; ``None``: the pool. The one before reads on for 90 days."""
    hold(session, account)
    ensure_may_assign(session, actor, account)
    ensure_not_ahead(on)
    if owner is None and account.owner_id is None:
        raise Conflict(N_("%(account)s has no owner already."), account=account.name)
    if owner is not None and owner.id == account.owner_id:
        raise AlreadyTheirs(account, owner)
    if owner is not None:
        _refuse_disabled(owner)
    current = session.exec(
        select(Assignment)
        .where(col(Assignment.account_id) == account.id, col(Assignment.to_on).is_(None))
        .order_by(col(Assignment.from_on).desc(), col(Assignment.id).desc())
    ).first()
    if current is not None and on < current.from_on:
        raise BeginsBeforeCurrent(account, current.from_on)

    before = account.owner_id
    if current is not None:
        current.to_on = on
        _end_access(session, account, current.user_id, AccessKind.OWNER, last_day=on - timedelta(days=1))
        _add_access(
            session, account, current.user_id, AccessKind.FORMER, on, on + FORMER_OWNER_READS - timedelta(days=1)
        )
    if owner is not None:
        session.add(Assignment(account_id=account.id, user_id=owner.id, from_on=on, reason=reason))
        _add_access(session, account, owner.id, AccessKind.OWNER, on, None)
        account.team_id = owner.team_id or account.team_id
    account.owner_id = owner.id if owner else None
    account.version += 1
    record(
        session,
        actor,
        account.id,
        "account.assigned",
        before=str(before) if before else None,
        after=str(owner.id) if owner else None,
        name=owner.name if owner else None,
        on=on,
        reason=reason,
    )
    if owner is not None and before is not None:  # a new account's first owner is no news
        sentence = text(
            N_("%(account)s now belongs to %(owner)s (%(who)s)"),
            account=account.name,
            owner=owner.name,
            who=actor.name,
        )
        data = {"account_id": str(account.id), "account": account.name, "owner": owner.name}
        webhooks.tell(session, [News(Kind.OWNER_CHANGED, sentence, f"/accounts/{account.id}", data)])
    tell(session, AccountsChanged, [account.id])


def add_cover(
    session: Session, actor: Viewer, account: Account, user: User, *, from_on: date, to_on: date, reason: str = ""
) -> Cover:
    """``user`` stands in for the owner; both days are included."""
    ensure_may_arrange(session, actor, account)
    if to_on < from_on:
        raise Invalid(N_("The last day of a cover cannot lie before its first."))
    if user.id == account.owner_id:
        raise Conflict(
            N_("%(user)s owns %(account)s and cannot cover for themselves."), user=user.name, account=account.name
        )
    _refuse_disabled(user)

    cover = Cover(account_id=account.id, user_id=user.id, from_on=from_on, to_on=to_on, reason=reason)
    session.add(cover)
    _add_access(session, account, user.id, AccessKind.COVER, from_on, to_on)
    record(session, actor, account.id, "account.covered", user=user.name, from_on=from_on, to_on=to_on, reason=reason)
    tell(session, AccountsChanged, [account.id])
    return cover


def end_cover(session: Session, actor: Viewer, account: Account, cover: Cover, *, last_day: date) -> None:
    """The cover ends early. One that would not have a day left is taken away."""
    ensure_may_arrange(session, actor, account)
    if last_day >= cover.to_on:
        raise Conflict(N_("That cover already ends on %(day)s."), day=cover.to_on)

    for access in session.exec(
        select(AccountAccess).where(
            col(AccountAccess.account_id) == account.id,
            col(AccountAccess.user_id) == cover.user_id,
            col(AccountAccess.kind) == AccessKind.COVER,
            col(AccountAccess.from_on) == cover.from_on,
            col(AccountAccess.to_on) == cover.to_on,
        )
    ):
        access.to_on = last_day
    record(
        session, actor, account.id, "account.cover_ended", from_on=cover.from_on, to_on=cover.to_on, last_day=last_day
    )
    if last_day < cover.from_on:
        session.delete(cover)
    else:
        cover.to_on = last_day
    tell(session, AccountsChanged, [account.id])


def change_cover(
    session: Session, actor: Viewer, account: Account, cover: Cover, *, from_on: date, to_on: date, reason: str
) -> None:
    """Other days, or why. What was is kept in the record of what was done."""
    ensure_may_arrange(session, actor, account)
    if to_on < from_on:
        raise Invalid(N_("The last day of a cover cannot lie before its first."))

    before = [cover.from_on, cover.to_on, cover.reason]
    cover.from_on, cover.to_on, cover.reason = from_on, to_on, reason.strip()
    if before == [cover.from_on, cover.to_on, cover.reason]:
        return
    _write_access(session, account, cover.user_id, AccessKind.COVER)
    record(
        session,
        actor,
        account.id,
        "account.cover_changed",
        user_id=str(cover.user_id),
        before=before,
        after=[from_on, to_on, cover.reason],
    )
    tell(session, AccountsChanged, [account.id])


def add_team_member(
    session: Session,
    actor: Viewer,
    account: Account,
    user: User,
    role: TeamRole,
    *,
    from_on: date,
    to_on: date | None = None,
) -> AccountTeamMember:
    """``user`` answers for one matter of the account; ``to_on`` is the first day they no longer do."""
    ensure_may_arrange(session, actor, account)
    if to_on is not None and to_on <= from_on:
        raise Invalid(N_("The last day on the account team cannot lie before the first."))
    _refuse_disabled(user)
    same = select(AccountTeamMember).where(
        col(AccountTeamMember.account_id) == account.id,
        col(AccountTeamMember.user_id) == user.id,
        col(AccountTeamMember.role) == role,
        col(AccountTeamMember.to_on).is_(None),
    )
    if session.exec(same).first() is not None:
        raise Conflict(N_("%(user)s is already on the account team in that role."), user=user.name)

    member = AccountTeamMember(account_id=account.id, user_id=user.id, role=role, from_on=from_on, to_on=to_on)
    session.add(member)
    last_day = to_on - timedelta(days=1) if to_on else None
    _add_access(session, account, user.id, AccessKind.TEAM, from_on, last_day)
    record(session, actor, account.id, "account.team_joined", user=user.name, role=role, from_on=from_on, to_on=to_on)
    tell(session, AccountsChanged, [account.id])
    return member


def end_team_member(session: Session, actor: Viewer, account: Account, member: AccountTeamMember, *, on: date) -> None:
    """``on``: the first day they are no longer on the account team. Reading ends with their last matter."""
    ensure_may_arrange(session, actor, account)
    if member.to_on is not None and member.to_on <= on:
        raise Conflict(N_("That ended on %(day)s already."), day=member.to_on)

    member.to_on = max(on, member.from_on)
    others = select(AccountTeamMember).where(
        col(AccountTeamMember.account_id) == account.id,
        col(AccountTeamMember.user_id) == member.user_id,
        col(AccountTeamMember.id) != member.id,
        col(AccountTeamMember.to_on).is_(None),
    )
    if session.exec(others).first() is None:
        _end_access(session, account, member.user_id, AccessKind.TEAM, last_day=on - timedelta(days=1))
    record(session, actor, account.id, "account.team_left", user_id=str(member.user_id), role=member.role, on=on)
    tell(session, AccountsChanged, [account.id])


def change_team_member(
    session: Session,
    actor: Viewer,
    account: Account,
    member: AccountTeamMember,
    *,
    role: TeamRole,
    from_on: date,
    to_on: date | None,
) -> None:
    """Another matter or other days; ``to_on`` is the first day they are no longer on it."""
    ensure_may_arrange(session, actor, account)
    if to_on is not None and to_on <= from_on:
        raise Invalid(N_("The last day on the account team cannot lie before the first."))
    same = select(AccountTeamMember.id).where(
        col(AccountTeamMember.account_id) == account.id,
        col(AccountTeamMember.user_id) == member.user_id,
        col(AccountTeamMember.role) == role,
        col(AccountTeamMember.to_on).is_(None),
        col(AccountTeamMember.id) != member.id,
    )
    if to_on is None and session.exec(same).first() is not None:
        user = session.get_one(User, member.user_id)
        raise Conflict(N_("%(user)s is already on the account team in that role."), user=user.name)

    before = [member.role, member.from_on, member.to_on]
    if before == [role, from_on, to_on]:
        return
    member.role, member.from_on, member.to_on = role, from_on, to_on
    _write_access(session, account, member.user_id, AccessKind.TEAM)
    record(
        session,
        actor,
        account.id,
        "account.team_changed",
        user_id=str(member.user_id),
        before=before,
        after=[role, from_on, to_on],
    )
    tell(session, AccountsChanged, [account.id])


def grant_access(
    session: Session,
    actor: Viewer,
    account: Account,
    user: User,
    *,
    from_on: date | None = None,
    to_on: date | None = None,
    kind: AccessKind = AccessKind.GRANTED,
) -> None:
    """``user`` may read ``account`` from a day to a day, both included. Other slices grant through here too."""
    ensure_may_assign(session, actor, account)
    begin = from_on or today()
    if to_on is not None and to_on < begin:
        raise Invalid(N_("The last day cannot lie before the first."))

    _add_access(session, account, user.id, kind, begin, to_on)
    record(session, actor, account.id, "account.access_granted", user=user.name, kind=kind, from_on=begin, to_on=to_on)


def _add_access(
    session: Session, account: Account, user_id: int, kind: AccessKind, from_on: date, to_on: date | None
) -> None:
    session.add(AccountAccess(account_id=account.id, user_id=user_id, kind=kind, from_on=from_on, to_on=to_on))


def _write_access(session: Session, account: Account, user_id: int, kind: AccessKind) -> None:
    """What one reads as a cover or as a member of the account team, written anew from what they are."""
    session.flush()
    rows = select(AccountAccess).where(
        col(AccountAccess.account_id) == account.id,
        col(AccountAccess.user_id) == user_id,
        col(AccountAccess.kind) == kind,
    )
    for access in session.exec(rows):
        session.delete(access)
    if kind is AccessKind.COVER:
        covers = select(Cover).where(col(Cover.account_id) == account.id, col(Cover.user_id) == user_id)
        for cover in session.exec(covers):
            _add_access(session, account, user_id, kind, cover.from_on, cover.to_on)
        return
    members = select(AccountTeamMember).where(
        col(AccountTeamMember.account_id) == account.id, col(AccountTeamMember.user_id) == user_id
    )
    for member in session.exec(members):
        last_day = member.to_on - timedelta(days=1) if member.to_on else None
        _add_access(session, account, user_id, kind, member.from_on, last_day)


def _end_access(session: Session, account: Account, user_id: int, kind: AccessKind, *, last_day: date) -> None:
    """Rows that would have gone on end on ``last_day``; one that never had a day is left without any."""
    rows = select(AccountAccess).where(
        col(AccountAccess.account_id) == account.id,
        col(AccountAccess.user_id) == user_id,
        col(AccountAccess.kind) == kind,
    )
    for access in session.exec(rows):
        if access.to_on is None or access.to_on > last_day:
            access.to_on = last_day


def _refuse_disabled(user: User) -> None:
    if user.disabled_at is not None:
        raise Conflict(N_("%(user)s no longer works here; choose someone else."), user=user.name)
