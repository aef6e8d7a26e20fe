"""Who knows whom: people of an account by role and influence, our colleagues, and the talks between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import String, func, literal, or_, select, type_coerce, union_all
from sqlmodel import Session, col

from accounts.models import (
    Account,
    AccountTeamMember,
    Cover,
    Interaction,
    TeamRole,
)
from accounts.models.access import TEAM_ROLE_TITLES
from accounts.models.contact import Influence
from accounts.panels.people import Person
from crm import clock
from crm.identity.models import User
from crm.text import N_, Text, text

WITHIN = timedelta(days=180)
THEIRS_SHOWN, OURS_SHOWN = 12, 10
OFTEN, SOMETIMES = 6, 3  # talks within that time


@dataclass(frozen=True)
class Colleague:
    user_id: int
    name: str
    part: Text


@dataclass(frozen=True)
class Tie:
    """Talks of one of theirs with one of ours. ``left`` and ``right``: their places in the picture, from above."""

    left: int
    right: int
    person: str
    colleague: str
    talks: int
    last_at: datetime
    late: bool  # longer ago than a talk is owed to the account

    @property
    def strength(self) -> str:
        return "often" if self.talks >= OFTEN else "sometimes" if self.talks >= SOMETIMES else "seldom"


@dataclass(frozen=True)
class RelationMap:
    theirs: Sequence[Person]
    ours: Sequence[Colleague]
    ties: Sequence[Tie]
    left_out: int  # people without role and influence for whom there was no room

    @property
    def rows(self) -> int:
        return max(len(self.theirs), len(self.ours), 1)

    def talks_of(self, contact_id: int) -> Sequence[Tie]:
        """The table's cell: with whom of ours, the latest first."""
        place = next((place for place, one in enumerate(self.theirs) if one.contact.id == contact_id), None)
        return sorted((tie for tie in self.ties if tie.left == place), key=lambda tie: tie.last_at, reverse=True)


_WEIGHT = {Influence.DECIDES: 0, Influence.SHAPES: 1, None: 2, Influence.LITTLE: 3}


def read_map(session: Session, account: Account, people: Sequence[Person], now: datetime) -> RelationMap:
    """``people``: everybody there, with roles. Two statements."""
    ranked = sorted(people, key=lambda one: (not one.roles, _WEIGHT[one.link.influence], one.order))
    theirs = [one for one in ranked if one.roles or one.link.influence or one.talked_at][:THEIRS_SHOWN]
    today = clock.day_of(now)
    ours = _ours(session, account, today)
    talks = session.execute(
        select(
            col(Interaction.contact_id),
            col(Interaction.author_id),
            col(User.name),
            func.count(),
            func.max(col(Interaction.happened_at)),
        )
        .join(User, col(User.id) == col(Interaction.author_id))
        .where(
            col(Interaction.account_id) == account.id,
            col(Interaction.two_way).is_(True),
            col(Interaction.closed_at).is_(None),
            col(Interaction.happened_at) <= now,
            col(Interaction.happened_at) > now - WITHIN,
            col(Interaction.contact_id).in_([one.contact.id for one in theirs]),
            # A picture that everybody sees alike: with whom somebody spoke in private stands on no line.
            col(Interaction.private_to).is_(None),
        )
        .group_by(col(Interaction.contact_id), col(Interaction.author_id), col(User.name))
        .order_by(func.max(col(Interaction.happened_at)).desc(), col(Interaction.author_id))
    ).all()
    known = {one.user_id for one in ours}
    for _, user_id, name, _, _ in talks:
        if user_id not in known and len(ours) < OURS_SHOWN:
            known.add(user_id)
            ours.append(Colleague(user_id, name, text(N_("spoke with them"))))

    left = {one.contact.id: place for place, one in enumerate(theirs)}
    right = {one.user_id: place for place, one in enumerate(ours)}
    ties = [
        Tie(
            left[contact_id],
            right[user_id],
            theirs[left[contact_id]].contact.name,
            name,
            count,
            last_at,
            (now - last_at).days > account.tier.cadence_days,
        )
        for contact_id, user_id, name, count, last_at in talks
        if user_id in right
    ]
    return RelationMap(theirs, ours, ties, len(people) - len(theirs))


def _ours(session: Session, account: Account, today: date) -> list[Colleague]:
    """Owner, whoever covers for them today, and the account team, each once."""
    parts = union_all(
        select(col(Account.owner_id).label("user_id"), literal("owner").label("part")).where(
            col(Account.id) == account.id, col(Account.owner_id).is_not(None)
        ),
        select(col(Cover.user_id), literal("cover")).where(
            col(Cover.account_id) == account.id, col(Cover.from_on) <= today, col(Cover.to_on) >= today
        ),
        select(col(AccountTeamMember.user_id), type_coerce(col(AccountTeamMember.role), String)).where(
            col(AccountTeamMember.account_id) == account.id,
            col(AccountTeamMember.from_on) <= today,
            or_(col(AccountTeamMember.to_on).is_(None), col(AccountTeamMember.to_on) > today),
        ),
    ).subquery()
    rows = session.execute(
        select(parts.c.user_id, col(User.name), parts.c.part).join(User, col(User.id) == parts.c.user_id)
    ).all()
    order = ["owner", "cover", *(role.value for role in TeamRole)]
    titles = {"owner": N_("owner"), "cover": N_("covers"), **{role.value: TEAM_ROLE_TITLES[role] for role in TeamRole}}
    found: dict[int, Colleague] = {}
    for user_id, name, part in sorted(rows, key=lambda row: (order.index(row.part), row.name, row.user_id)):
        found.setdefault(user_id, Colleague(user_id, name, text(titles[part])))
    return list(found.values())[:OURS_SHOWN]
