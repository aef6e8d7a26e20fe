"""What a token looks like: ``tnr_``, 256 random bits, a checksum. Pure.

The prefix lets scanners of public code find a leaked one, the checksum lets them and us know a mistyped one without
asking the database.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib

PREFIX = "tnr_"
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET, _CHECK = 43, 6  # 62**43 > 2**256, 62**6 > 2**32
_SHAPE = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{_SECRET + _CHECK}}}", re.ASCII)


def new_token() -> str:
    body = PREFIX + _written(int.from_bytes(secrets.token_bytes(32)), _SECRET)
    return body + _check(body)


def is_well_formed(token: str) -> bool:
    return _SHAPE.fullmatch(token) is not None and _check(token[:-_CHECK]) == token[-_CHECK:]


def hash_of(token: str) -> bytes:
    """256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def _check(body: str) -> str:
    return _written(zlib.crc32(body.encode()), _CHECK)


def _written(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, len(_LETTERS))
        digits.append(_LETTERS[digit])
    return "".join(reversed(digits))
