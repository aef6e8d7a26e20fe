"""Secrets of others that we must be able to say again (a helpdesk's signing secret), sealed with the installation's
key: the database and its backups hold only what is sealed, the key is a file beside them.

The construction is encrypt-then-MAC of standard parts, HMAC-SHA256 as the keystream over a counter and as the tag, with
keys of its own for each, and a random nonce for every text; ``purpose`` binds what was sealed to its place.
"""

from __future__ import annotations

import hmac
import secrets

_NONCE, _TAG = 16, 32


class Unsealable(ValueError):
    """The key is another one, or the text was changed."""


def seal(key: bytes, purpose: str, secret: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    hidden = _crossed(key, purpose, nonce, secret.encode())
    return nonce + hidden + _tag(key, purpose, nonce + hidden)


def unseal(key: bytes, purpose: str, sealed: bytes) -> str:
    body, tag = sealed[:-_TAG], sealed[-_TAG:]
    if len(sealed) < _NONCE + _TAG or not hmac.compare_digest(tag, _tag(key, purpose, body)):
        raise Unsealable("This was sealed with another key.")
    return _crossed(key, purpose, body[:_NONCE], body[_NONCE:]).decode()


def _crossed(key: bytes, purpose: str, nonce: bytes, text: bytes) -> bytes:
    stream_key = hmac.digest(key, f"seal stream:{purpose}".encode(), "sha256")
    blocks = range(-(-len(text) // 32))
    stream = b"".join(hmac.digest(stream_key, nonce + block.to_bytes(8, "big"), "sha256") for block in blocks)
    return bytes(one ^ other for one, other in zip(text, stream, strict=False))


def _tag(key: bytes, purpose: str, body: bytes) -> bytes:
    return hmac.digest(hmac.digest(key, f"seal tag:{purpose}".encode(), "sha256"), body, "sha256")
