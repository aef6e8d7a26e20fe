"""Whether a message was sent by whom it says: each helpdesk's own scheme. Pure.

Sources: Zendesk, "Verifying webhooks" (base64 HMAC-SHA256 of timestamp and body); Intercom, "Webhook notifications"
(``X-Hub-Signature: sha1=…``); HubSpot, "Validating requests", v3 (base64 HMAC-SHA256 of method, address, body and
timestamp, five minutes); Jira Cloud, "Webhooks" (``X-Hub-Signature: sha256=…``, WebSub). Freshdesk and Salesforce sign
nothing: they send our secret in a header, or are called by a program that signs as Standard Webhooks says.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crm.webhooks.signing import PREFIX, signature as standard_signature
from support.inbound.models import Sender

WINDOW = timedelta(minutes=5)  # a signed message is older, or from further ahead: somebody plays it again
OWN_HEADER = "x-tenure-secret"


@dataclass(frozen=True)
class Arrived:
    """A request as far as signatures speak of it. Names of headers in small letters."""

    method: str
    address: str  # whole, as the sender was given it
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        return self.headers.get(name, "")


@dataclass(frozen=True)
class Verified:
    """``key``: what makes the message itself again and no other; ``None``: nothing signed does."""

    key: str | None


def verified(sender: Sender, arrived: Arrived, secrets: Sequence[str], now: datetime) -> Verified | None:
    """``None``: not signed with any of ``secrets``, or outside of the window."""
    check = _CHECKS[sender]
    return next((found for secret in secrets if (found := check(arrived, secret, now)) is not None), None)


def _zendesk(arrived: Arrived, secret: str, now: datetime) -> Verified | None:
    said = arrived.header("x-zendesk-webhook-signature-timestamp")
    expected = hmac.digest(secret.encode(), said.encode() + arrived.body, "sha256")
    if not _is_same(arrived.header("x-zendesk-webhook-signature"), expected) or not _is_recent(_iso(said), now):
        return None
    return Verified(_key(said.encode(), arrived.body))


def _intercom(arrived: Arrived, secret: str, now: datetime) -> Verified | None:
    return _hub("sha1", arrived, secret)


def _jira(arrived: Arrived, secret: str, now: datetime) -> Verified | None:
    return _hub("sha256", arrived, secret)


def _hub(kind: str, arrived: Arrived, secret: str) -> Verified | None:
    """No instant is signed: the same body is the same message, and so cannot be played again."""
    expected = f"{kind}={hmac.new(secret.encode(), arrived.body, kind).hexdigest()}"
    said = arrived.header("x-hub-signature").lower()
    return Verified(_key(arrived.body)) if _is_equal(said, expected) else None


def _hubspot(arrived: Arrived, secret: str, now: datetime) -> Verified | None:
    said = arrived.header("x-hubspot-request-timestamp")
    signed = arrived.method.encode() + arrived.address.encode() + arrived.body + said.encode()
    expected = hmac.digest(secret.encode(), signed, "sha256")
    if not _is_same(arrived.header("x-hubspot-signature-v3"), expected) or not _is_recent(_epoch(said, 1000), now):
        return None
    return Verified(_key(said.encode(), arrived.body))


def _ours(arrived: Arrived, secret: str, now: datetime) -> Verified | None:
    """Signed as Standard Webhooks says; or the secret itself, which shows that nobody else has sent it."""
    message_id, said = arrived.header("webhook-id"), arrived.header("webhook-timestamp")
    at = _epoch(said, 1)
    if message_id and at is not None:
        expected = standard_signature(secret, message_id, int(said), arrived.body)
        signed = any(_is_equal(one, expected) for one in arrived.header("webhook-signature").split(" "))
        return Verified(_key(message_id.encode())) if signed and _is_recent(at, now) else None
    return Verified(None) if _is_equal(arrived.header(OWN_HEADER), secret) else None


_CHECKS = {
    Sender.ZENDESK: _zendesk,
    Sender.INTERCOM: _intercom,
    Sender.HUBSPOT: _hubspot,
    Sender.JIRA: _jira,
    Sender.FRESHDESK: _ours,
    Sender.SALESFORCE: _ours,
}


def _is_equal(said: str, expected: str) -> bool:
    return hmac.compare_digest(said.encode(errors="replace"), expected.encode())


def _is_same(said: str, expected: bytes) -> bool:
    try:
        return hmac.compare_digest(base64.b64decode(said, validate=True), expected)
    except (binascii.Error, ValueError):
        return False


def _is_recent(at: datetime | None, now: datetime) -> bool:
    return at is not None and abs(now - at) <= WINDOW


def _iso(said: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo is not None else None


def _epoch(said: str, parts: int) -> datetime | None:
    if not said.isascii() or not said.isdigit() or len(said) > 14:
        return None
    try:
        return datetime.fromtimestamp(int(said) / parts, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _key(*signed: bytes) -> str:
    return hashlib.sha256(b"\n".join(signed)).hexdigest()


__all__ = ["OWN_HEADER", "PREFIX", "Arrived", "Verified", "verified"]
