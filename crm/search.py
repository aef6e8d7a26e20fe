"""Finding by a few letters: words as people type them, folded, escaped and bounded, for every slice's own statement."""

from __future__ import annotations

import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, and_, literal, or_

MOST_WORDS = 5
LONGEST = 80  # letters of a query that are looked at

# Letters that decomposition leaves alone but people type as plain ones.
_PLAIN = str.maketrans({"ø": "o", "œ": "oe", "æ": "ae", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "’": "'"})
_LAST = "\U0010ffff"  # sorts after every letter


def folded(text: str) -> str:
    """Small letters without accents, spaces made one: how names are kept for finding and sorting."""
    parts = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    plain = "".join(letter for letter in parts if not unicodedata.combining(letter))
    return " ".join(plain.casefold().translate(_PLAIN).split())


def words_of(query: str) -> list[str]:
    """The folded words of what somebody typed, at most five."""
    return folded(query[:LONGEST].replace("\x00", " ")).split()[:MOST_WORDS]


def letters_of(query: str) -> int:
    return sum(len(word) for word in words_of(query))


def like(text: str) -> str:
    """``text`` with nothing in it that LIKE would read as a pattern; the escape sign is ``\\``."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def starts_with(column: Any, text: str) -> ColumnElement[bool]:
    """``column`` begins with ``text``, as a range that an ordinary index answers on both databases.

    ``column`` holds folded text; on PostgreSQL it needs the C collation or the planner's own pattern index to use it.
    """
    return and_(column >= literal(text), column < literal(text + _LAST))


def has_words(column: Any, words: list[str]) -> ColumnElement[bool]:
    """Every word begins some word of ``column`` (folded text)."""
    return and_(
        *(
            or_(
                column.like(like(word) + "%", escape="\\"),
                column.like("% " + like(word) + "%", escape="\\"),
            )
            for word in words
        )
    )
