"""Signatures as Standard Webhooks has them. Pure.

Source: Standard Webhooks 1.0: ``webhook-signature: v1,base64(HMAC-SHA256(secret, "id.timestamp.body"))``, several apart
by spaces while a secret is being renewed.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence

PREFIX = "whsec_"


def secret_of(key: bytes, endpoint_id: int, generation: int) -> str:
    """32 bytes made from the installation's ``key``: nothing to steal stands in the database."""
    made = hmac.digest(key, f"webhook:{endpoint_id}:{generation}".encode(), "sha256")
    return PREFIX + base64.b64encode(made).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def headers(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(one, message_id, timestamp, body) for one in secrets),
    }
