"""How names are compared: folded, so that "Société Générale" and "societe generale" are one."""

from __future__ import annotations

import unicodedata

# Letters that decomposition leaves alone but readers take for plain ones.
_PLAIN = str.maketrans(
    {"ß": "ss", "ø": "o", "œ": "oe", "æ": "ae", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "’": "'"}
)


def fold(name: str) -> str:
    """``name`` in lower case, without accents, with single spaces and none at its ends."""
    parts = unicodedata.normalize("NFKD", name.casefold().translate(_PLAIN))
    plain = "".join(part for part in parts if not unicodedata.combining(part))
    return " ".join(plain.casefold().translate(_PLAIN).split())
