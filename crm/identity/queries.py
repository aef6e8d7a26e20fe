"""Reads about people, teams, sessions and the installation itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from crm.errors import NotFound
from crm.identity.models import Installation, Team, User, UserSession
from crm.text import N_
from crm.viewer import Role

IDLE = timedelta(hours=8)
ABSOLUTE = timedelta(days=14)

BOOK = "book"  # installation key: what the book is
DEMO_MAKING = "demo_making"  # installation key: a server is at it, or was interrupted
DEMO = "demo"
OWN = "own"


def is_empty(session: Session) -> bool:
    """Nobody is here yet: the first page offers the demo or one's own accounts."""
    return session.exec(select(User.id).limit(1)).first() is None


def installation_value(session: Session, key: str) -> str | None:
    found = session.get(Installation, key)
    return found.value if found else None


def is_demo(session: Session) -> bool:
    return installation_value(session, BOOK) == DEMO


def is_demo_unfinished(session: Session) -> bool:
    return installation_value(session, DEMO_MAKING) is not None


def user_by_email(session: Session, email: str) -> User | None:
    return session.exec(select(User).where(func.lower(User.email) == email.strip().lower())).first()


def get_user(session: Session, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise NotFound(N_("There is no such person."))
    return user


def get_team(session: Session, team_id: int) -> Team:
    team = session.get(Team, team_id)
    if team is None:
        raise NotFound(N_("There is no such team."))
    return team


def team_by_name(session: Session, name: str) -> Team | None:
    return session.exec(select(Team).where(func.lower(Team.name) == name.strip().lower())).first()


def all_teams(session: Session) -> list[Team]:
    return list(session.exec(select(Team).order_by(Team.name, col(Team.id))).all())


def all_users(session: Session) -> list[tuple[User, str | None]]:
    """Everybody, those who may sign in first, with the name of their team."""
    rows = session.exec(
        select(User, Team.name)
        .join(Team, col(Team.id) == col(User.team_id), isouter=True)
        .order_by(col(User.disabled_at).is_not(None), User.name, col(User.id))
    )
    return [(user, team) for user, team in rows.all()]


def demo_people(session: Session) -> list[User]:
    """The persons behind the demo's buttons, one for each role."""
    found = session.exec(
        select(User).where(col(User.demo_role).is_(True), col(User.disabled_at).is_(None)).order_by(col(User.id))
    ).all()
    first: dict[Role, User] = {}
    for user in found:
        first.setdefault(user.role, user)
    return [first[role] for role in Role if role in first]


@dataclass(frozen=True)
class SignedIn:
    user: User
    kept: UserSession
    in_demo: bool


def signed_in(session: Session, token_hash: bytes, now: datetime) -> SignedIn | None:
    """Who the session belongs to, unless it has ended or its person was disabled; one statement a request."""
    book = select(Installation.value).where(Installation.key == BOOK).scalar_subquery()
    found = session.exec(
        select(User, UserSession, book)
        .join(UserSession, col(UserSession.user_id) == col(User.id))
        .where(
            col(UserSession.token_hash) == token_hash,
            col(UserSession.until) > now,
            col(UserSession.seen_at) > now - IDLE,
            col(User.disabled_at).is_(None),
        )
    ).first()
    return SignedIn(found[0], found[1], found[2] == DEMO) if found else None


def sessions_of(session: Session, user_id: int, now: datetime) -> list[UserSession]:
    """Where a person is signed in, the last seen first."""
    return list(
        session.exec(
            select(UserSession)
            .where(
                col(UserSession.user_id) == user_id,
                col(UserSession.until) > now,
                col(UserSession.seen_at) > now - IDLE,
            )
            .order_by(col(UserSession.seen_at).desc(), col(UserSession.token_hash))
        ).all()
    )
