"""Who answers for the account on our side, from when to when; and who did before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import case, literal, select as core_select, type_coerce, union_all
from sqlmodel import col

from accounts.models import AccountTeamMember, Assignment, Cover, TeamRole
from crm import clock
from crm.contracts import Panel, PanelContext
from crm.identity.models import User
from crm.text import N_

OWNER, COVER, MEMBER = "owner", "cover", "member"
MOST_SHOWN = 60


@dataclass(frozen=True)
class TeamLine:
    part: str  # owner, cover or member
    id: int
    name: str
    role: TeamRole | None
    from_on: date
    to_on: date | None  # of a cover the last day, else the first that is no longer theirs
    reason: str

    @property
    def last_on(self) -> date | None:
        """The last day, included; ``None``: it goes on."""
        return self.to_on if self.to_on is None or self.part == COVER else self.to_on - timedelta(days=1)

    def is_over(self, today: date) -> bool:
        if self.to_on is None:
            return False
        return self.to_on < today if self.part == COVER else self.to_on <= today


def read_team(context: PanelContext) -> list[TeamLine]:
    """Assignments, covers and members of the account team, newest first; one statement."""
    nothing = literal("")
    parts = union_all(
        core_select(
            literal(OWNER).label("part"),
            col(Assignment.id).label("id"),
            col(Assignment.user_id).label("user_id"),
            nothing.label("role"),
            col(Assignment.from_on).label("from_on"),
            col(Assignment.to_on).label("to_on"),
            col(Assignment.reason).label("reason"),
        ).where(col(Assignment.account_id) == context.account_id),
        core_select(
            literal(COVER),
            col(Cover.id),
            col(Cover.user_id),
            nothing,
            col(Cover.from_on),
            col(Cover.to_on),
            col(Cover.reason),
        ).where(col(Cover.account_id) == context.account_id),
        core_select(
            literal(MEMBER),
            col(AccountTeamMember.id),
            col(AccountTeamMember.user_id),
            type_coerce(col(AccountTeamMember.role), nothing.type),
            col(AccountTeamMember.from_on),
            col(AccountTeamMember.to_on),
            nothing,
        ).where(col(AccountTeamMember.account_id) == context.account_id),
    ).subquery()
    over = case((parts.c.to_on.is_(None), 0), (parts.c.to_on >= clock.today(), 0), else_=1)
    order = case((parts.c.part == OWNER, 0), (parts.c.part == COVER, 1), else_=2)
    rows = context.session.execute(
        core_select(parts, col(User.name).label("name"))
        .join(User, col(User.id) == parts.c.user_id)
        .order_by(over, order, parts.c.from_on.desc(), parts.c.id.desc())
        .limit(MOST_SHOWN)
    )
    return [
        TeamLine(
            row.part, row.id, row.name, TeamRole(row.role) if row.role else None, row.from_on, row.to_on, row.reason
        )
        for row in rows
    ]


def load(context: PanelContext) -> dict[str, object]:
    today = clock.today()
    lines = read_team(context)
    owners = [line for line in lines if line.part == OWNER]
    owner = next((line for line in owners if line.to_on is None), None)
    return {
        "owner": owner,
        "covers": [line for line in lines if line.part == COVER and not line.is_over(today)],
        "members": [line for line in lines if line.part == MEMBER and not line.is_over(today)],
        "earlier": [line for line in owners if line is not owner],
        "before": sorted(
            (line for line in lines if line.part != OWNER and line.is_over(today)),
            key=lambda line: line.from_on,
            reverse=True,
        ),
        "today": today,
    }


TEAM = Panel(
    key="team",
    title=N_("Account team"),
    template="accounts/panels/team.html",
    load=load,
    order=30,
    place="side",
    summary="accounts/panels/_team_summary.html",
    refresh_on="account-changed",
)
