"""Signing in with e-mail and password: limited, equally long for everybody, and remembered even when it is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from sqlmodel import Session

from crm.audit import record
from crm.clock import machine_now
from crm.db import Database
from crm.errors import TooMany
from crm.identity import limits, passwords, queries, service
from crm.text import N_
from crm.viewer import system_viewer

log = structlog.get_logger("crm.security")

WINDOW = timedelta(minutes=15)
TRIES_PER_ADDRESS = 10  # e-mail address
TRIES_PER_NETWORK = 100  # an office behind one address signs in at nine


def sign_in_with_password(
    database: Database, *, email: str, password: str, ip: str, agent: str = "", replaces: bytes | None = None
) -> str | None:
    """The cookie's value, or ``None``: wrong address or password, and nobody learns which.

    Each step is a short transaction of its own: a refusal must leave its trace, and hashing must hold no lock.
    """
    folded = email.strip().lower()
    now = machine_now()
    counted = {
        limits.key_for("sign-in address", folded): TRIES_PER_ADDRESS,
        limits.key_for("sign-in network", limits.network_of(ip)): TRIES_PER_NETWORK,
    }
    wait_s = database.note(lambda session: limits.take(session, counted, WINDOW, now))
    if wait_s:
        _remember(database, "sign_in.limited", email=folded[:254], ip=ip)
        raise TooMany(
            N_("Too many tries. Please wait %(minutes)s min and try again."),
            retry_after_s=wait_s,
            minutes=-(-wait_s // 60),
        )

    with database.reading() as session:
        user = queries.user_by_email(session, folded)
    kept = user.password_hash if user is not None and user.disabled_at is None else None
    if not passwords.matches(password, kept) or user is None or kept is None:
        _remember(database, "sign_in.failed", email=folded[:254], ip=ip)
        return None
    better = passwords.hash_of(password) if passwords.is_outdated(kept) else None

    def sign_in(session: Session) -> str:
        limits.give_back(session, counted, WINDOW, now)
        if replaces is not None:
            service.end_session(session, replaces)
        if better is not None:
            queries.get_user(session, user.id).password_hash = better
        record(session, service.as_viewer(user), None, "sign_in.done", ip=ip, agent=agent[:200])
        return service.open_session_for(session, user, agent=agent)

    return database.note(sign_in)


def _remember(database: Database, verb: str, **details: Any) -> None:
    log.warning(verb, **details)
    database.note(lambda session: record(session, system_viewer(), None, verb, **details))
