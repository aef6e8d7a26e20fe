"""Verbs about people, teams, passwords and sessions."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from functools import lru_cache
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from crm.audit import record
from crm.clock import machine_now
from crm.config import Settings, get_settings
from crm.errors import Conflict, Invalid
from crm.i18n import LANGUAGES
from crm.identity import passwords, queries
from crm.identity.models import Installation, Team, User, UserSession
from crm.text import N_
from crm.viewer import Books, Role, Viewer, system_viewer

TOUCH_EVERY = timedelta(minutes=1)
PREFERENCES = frozenset({"language", "theme", "density", "rail", "shortcuts"})


class AddressTaken(Conflict):
    def __init__(self, email: str) -> None:
        super().__init__(N_("Somebody with the address %(email)s is here already."), email=email)


class UnusableAddress(Invalid):
    def __init__(self, email: str) -> None:
        super().__init__(N_("“%(email)s” is not an e-mail address."), email=email.strip()[:80])


class WrongPassword(Invalid):
    def __init__(self) -> None:
        super().__init__(N_("That is not your present password."))


class TeamTaken(Conflict):
    def __init__(self, name: str) -> None:
        super().__init__(N_("There is a team named %(name)s already."), name=name)


class LastAdministrator(Conflict):
    def __init__(self) -> None:
        super().__init__(N_("This is the last administrator; make another one first."))


class AlreadyBegun(Conflict):
    def __init__(self) -> None:
        super().__init__(N_("Somebody was faster: this installation has its first person already. Please sign in."))


# --- people and teams ------------------------------------------------------------------------------------------------


def as_viewer(user: User, settings: Settings | None = None) -> Viewer:
    """``user`` as reads and writes know them."""
    return Viewer(
        user_id=user.id,
        name=user.name,
        role=user.role,
        books=Books((settings or get_settings()).books),
        team_id=user.team_id,
        language=user.language,
        time_zone=user.time_zone,
        theme=user.theme,
        density=user.density,
        rail=user.rail,
        shortcuts=user.shortcuts,
    )


def usable_address(email: str) -> str:
    """``email`` as it is kept: without spaces around it and in small letters. Companies' own domains are welcome."""
    try:
        return validate_email(email.strip(), check_deliverability=False, globally_deliverable=False).normalized.lower()
    except EmailNotValidError as wrong:
        raise UnusableAddress(email) from wrong


def create_team(session: Session, name: str, *, actor: Viewer | None = None) -> Team:
    name = name.strip()
    if not name:
        raise Invalid(N_("A team needs a name."))
    if queries.team_by_name(session, name) is not None:
        raise TeamTaken(name)

    team = Team(name=name)
    session.add(team)
    session.flush()
    record(session, actor or system_viewer(), None, "team.created", team=team.id, name=name)
    return team


def create_user(
    session: Session,
    *,
    name: str,
    email: str,
    role: Role,
    team: Team | None = None,
    password: str | None = None,
    language: str | None = None,
    time_zone: str | None = None,
    demo_role: bool = False,
    actor: Viewer | None = None,
) -> User:
    """A new colleague; without ``password`` they cannot sign in with one yet."""
    settings = get_settings()
    address = usable_address(email)
    name = name.strip()
    language = language or settings.language
    time_zone = time_zone or settings.time_zone
    if not name:
        raise Invalid(N_("A person needs a name."))
    require_language(language)
    require_zone(time_zone)
    if password is not None:
        passwords.require_acceptable(password, name=name, email=address)
    if queries.user_by_email(session, address) is not None:
        raise AddressTaken(address)

    user = User(
        name=name,
        email=address,
        role=role,
        team_id=team.id if team else None,
        password_hash=passwords.hash_of(password) if password is not None else None,
        language=language,
        time_zone=time_zone,
        demo_role=demo_role,
    )
    session.add(user)
    session.flush()
    record(session, actor or system_viewer(), None, "user.created", user=user.id, role=role, team=user.team_id)
    return user


def change_user(session: Session, actor: Viewer, user: User, *, role: Role, team: Team | None) -> None:
    """Another role or team, from the next request on."""
    if user.role is Role.ADMINISTRATOR and role is not Role.ADMINISTRATOR:
        _require_another_administrator(session, user)

    before = {"role_before": user.role, "team_before": user.team_id}
    user.role = role
    user.team_id = team.id if team else None
    session.add(user)
    record(session, actor, None, "user.changed", user=user.id, role=role, team=user.team_id, **before)


def disable_user(session: Session, actor: Viewer, user: User) -> None:
    """Nobody is deleted: what they did keeps its author. Their sessions end with this."""
    if user.disabled_at is not None:
        raise Conflict(N_("%(name)s is disabled already."), name=user.name)
    if user.role is Role.ADMINISTRATOR:
        _require_another_administrator(session, user)

    user.disabled_at = machine_now()
    session.add(user)
    end_sessions_of(session, user.id)
    record(session, actor, None, "user.disabled", user=user.id)


def enable_user(session: Session, actor: Viewer, user: User) -> None:
    if user.disabled_at is None:
        raise Conflict(N_("%(name)s is not disabled."), name=user.name)

    user.disabled_at = None
    session.add(user)
    record(session, actor, None, "user.enabled", user=user.id)


def _require_another_administrator(session: Session, user: User) -> None:
    # All of them are locked, in one order: two administrators who remove one another at once wait for each other there
    # (only the others, and each would hold the row that the other is about to write).
    administrators = session.exec(
        select(User.id)
        .where(User.role == Role.ADMINISTRATOR, col(User.disabled_at).is_(None))
        .order_by(col(User.id))
        .with_for_update()
    ).all()
    if not set(administrators) - {user.id}:
        raise LastAdministrator


def require_language(language: str) -> None:
    if language not in LANGUAGES:
        raise Invalid(N_("“%(language)s” is not a language of Tenure."), language=language[:20])


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """Every time zone; found once a process, for it reads a folder of hundreds."""
    return frozenset(available_timezones())


def require_zone(zone: str) -> None:
    if zone not in known_zones():
        raise Invalid(N_("“%(zone)s” is not a time zone."), zone=zone[:60])


def change_person(session: Session, user: User, *, name: str, language: str, time_zone: str) -> None:
    """What a person says about themselves."""
    require_language(language)
    require_zone(time_zone)
    user.name, user.language, user.time_zone = name, language, time_zone
    session.add(user)
    record(session, as_viewer(user), None, "user.changed_self")


def keep_preferences(session: Session, user: User, **chosen: str | bool) -> None:
    """How a person wants to see things: nothing that anybody else can notice, so it leaves no audit row."""
    unknown = chosen.keys() - PREFERENCES
    if unknown:
        raise ValueError(f"not a preference: {', '.join(sorted(unknown))}")
    for name, value in chosen.items():
        setattr(user, name, value)
    session.add(user)


# --- passwords -------------------------------------------------------------------------------------------------------


def set_password(session: Session, user: User, password: str, *, actor: Viewer | None = None) -> None:
    """Another password; every session of the person ends, so whoever knew the old one is out."""
    passwords.require_acceptable(password, name=user.name, email=user.email)

    user.password_hash = passwords.hash_of(password)
    session.add(user)
    end_sessions_of(session, user.id)
    record(session, actor or as_viewer(user), None, "user.password_set", user=user.id)


def change_own_password(session: Session, user: User, *, current: str, new: str) -> None:
    if not passwords.matches(current, user.password_hash):
        raise WrongPassword
    set_password(session, user, new)


def make_password() -> str:
    """A first password to be read out: five groups, no letters that look alike."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(5))


# --- sessions --------------------------------------------------------------------------------------------------------


def cookie_name(settings: Settings) -> str:
    """With https the prefix makes browsers refuse a cookie that another host or path has set."""
    return "__Host-tenure" if settings.secure_cookies else "tenure"


def hash_of_token(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def start_session(session: Session, user_id: int, *, agent: str = "") -> tuple[str, str]:
    """Sign a browser in: the cookie's name and its value. Only a hash of the value is kept."""
    token = secrets.token_urlsafe(32)
    now = machine_now()
    session.add(
        UserSession(
            token_hash=hash_of_token(token),
            user_id=user_id,
            created_at=now,
            seen_at=now,
            until=now + queries.ABSOLUTE,
            agent=agent[:200],
        )
    )
    return cookie_name(get_settings()), token


def open_session_for(session: Session, user: User, *, agent: str = "") -> str:
    """Sign ``user`` in: the cookie's value."""
    return start_session(session, user.id, agent=agent)[1]


def end_session(session: Session, token_hash: bytes) -> None:
    session.execute(delete(UserSession).where(col(UserSession.token_hash) == token_hash))


def end_sessions_of(session: Session, user_id: int, *, but: bytes | None = None) -> None:
    statement = delete(UserSession).where(col(UserSession.user_id) == user_id)
    if but is not None:
        statement = statement.where(col(UserSession.token_hash) != but)
    session.execute(statement)


def touch_session(session: Session, token_hash: bytes) -> None:
    """Seen just now; at most one write a minute."""
    now = machine_now()
    session.execute(
        update(UserSession)
        .where(col(UserSession.token_hash) == token_hash, col(UserSession.seen_at) <= now - TOUCH_EVERY)
        .values(seen_at=now)
    )


# --- the installation ------------------------------------------------------------------------------------------------


def claim_installation(session: Session, book: str) -> None:
    """Say once what this installation is; the key makes the second of two people at the same moment lose."""
    if session.get(Installation, queries.BOOK) is not None or not queries.is_empty(session):
        raise AlreadyBegun
    session.add(Installation(key=queries.BOOK, value=book))
    session.flush()


def mark_as_demo(session: Session) -> None:
    """The book is the demo: its sign-in page offers a button for each role."""
    session.merge(Installation(key=queries.BOOK, value=queries.DEMO))


def claim_for_demo(session: Session) -> None:
    claim_installation(session, queries.DEMO)
    session.add(Installation(key=queries.DEMO_MAKING, value="yes"))


def finish_demo(session: Session) -> None:
    """The demo is whole: whoever waits for it may go in."""
    mark_as_demo(session)
    _forget(session, queries.DEMO_MAKING)


def give_installation_back(session: Session) -> None:
    """The demo could not be made: where nobody is here yet, both choices are open again."""
    if queries.is_empty(session):
        _forget(session, queries.BOOK, queries.DEMO_MAKING)


def _forget(session: Session, *keys: str) -> None:
    session.execute(delete(Installation).where(col(Installation.key).in_(keys)))


def begin_with_own_accounts(
    session: Session, *, name: str, email: str, password: str, team_name: str, language: str
) -> User:
    """The first person of an installation: its administrator, in the first team."""
    passwords.require_acceptable(password, name=name, email=usable_address(email))
    claim_installation(session, queries.OWN)

    team = create_team(session, team_name)
    return create_user(
        session, name=name, email=email, role=Role.ADMINISTRATOR, team=team, password=password, language=language
    )
