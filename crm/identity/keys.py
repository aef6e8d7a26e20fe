"""Secret addresses of a person: made from the installation's key, found by their hash, renewed and revoked at will."""

from __future__ import annotations

import base64
import hashlib
import hmac
from enum import StrEnum

from sqlmodel import Session, col, select

from crm.audit import record
from crm.clock import machine_now
from crm.config import get_settings
from crm.identity.models import PersonalKey, User
from crm.viewer import Viewer


class Purpose(StrEnum):
    MAIL = "mail"  # forwarded mail comes in by it
    CALENDAR = "calendar"  # the calendar that other programs read
    DIGEST = "digest"  # switches the digest off


def token_of(session: Session, user_id: int, purpose: Purpose) -> str | None:
    """26 letters and digits, 128 bits; ``None``: the person has none, or took it back."""
    kept = session.get(PersonalKey, (user_id, purpose.value))
    return None if kept is None or kept.revoked_at is not None else _token(user_id, purpose, kept.generation)


def make_key(session: Session, actor: Viewer, user_id: int, purpose: Purpose) -> str:
    """A new secret; the one before is worth nothing from now on."""
    kept = session.get(PersonalKey, (user_id, purpose.value))
    generation = kept.generation + 1 if kept else 1
    token = _token(user_id, purpose, generation)
    if kept is None:
        kept = PersonalKey(user_id=user_id, purpose=purpose.value, generation=generation, token_hash=_hash(token))
        session.add(kept)
    kept.generation, kept.token_hash = generation, _hash(token)
    kept.made_at, kept.revoked_at = machine_now(), None
    session.flush()
    record(session, actor, None, "key.made", purpose=purpose.value, user=str(user_id))
    return token


def ensure_key(session: Session, actor: Viewer, user_id: int, purpose: Purpose) -> str:
    return token_of(session, user_id, purpose) or make_key(session, actor, user_id, purpose)


def revoke_key(session: Session, actor: Viewer, user_id: int, purpose: Purpose) -> None:
    kept = session.get(PersonalKey, (user_id, purpose.value))
    if kept is not None and kept.revoked_at is None:
        kept.revoked_at = machine_now()
        record(session, actor, None, "key.revoked", purpose=purpose.value, user=str(user_id))


def owner_of(session: Session, purpose: Purpose, token: str) -> User | None:
    """Whose secret this is, if it still counts and the person still works here."""
    found = session.exec(
        select(User)
        .join(PersonalKey, col(PersonalKey.user_id) == col(User.id))
        .where(
            col(PersonalKey.token_hash) == _hash(token.lower()),
            col(PersonalKey.purpose) == purpose.value,
            col(PersonalKey.revoked_at).is_(None),
            col(User.disabled_at).is_(None),
        )
    ).first()
    return found


def _token(user_id: int, purpose: Purpose, generation: int) -> str:
    words = f"personal-key:{purpose.value}:{user_id}:{generation}".encode()
    made = hmac.digest(get_settings().secret_key(), words, "sha256")
    return base64.b32encode(made[:16]).decode().rstrip("=").lower()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
