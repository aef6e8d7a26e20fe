"""Finding by a few letters: words as people type them, folded, escaped and bounded, for every slice's own statement."""

from __future__ import annotations

import unicodedata
from typing import Any

from sqlalchemy import Boolean, ColumnElement, and_, literal, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

MOST_WORDS = 5
LONGEST = 80  # letters of a query that are looked at

# Letters that decomposition leaves alone but people type as plain ones.
_PLAIN = str.maketrans({"ø": "o", "œ": "oe", "æ": "ae", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "’": "'"})


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


class _Begins(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True
    name = "begins"

    def self_group(self, against: Any = None) -> Any:
        return self  # it is a comparison already; "… = 1" around it would hide it from the index


@compiles(_Begins, "sqlite")
def _begins_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    # SQLite's LIKE folds case and so cannot use an ordinary index; a range can, and it orders by bytes.
    column, start, _pattern = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({column} >= {start} AND {column} < {start} || char(1114111))"


@compiles(_Begins, "postgresql")
def _begins_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    # PostgreSQL orders by the rules of a language, in which a range is no prefix; LIKE uses a text_pattern_ops index.
    column, _start, pattern = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({column} LIKE {pattern})"


def starts_with(column: Any, text: str) -> ColumnElement[bool]:
    """``column``, which holds folded text, begins with ``text``: answered by an index on both databases."""
    return _Begins(column, literal(text), literal(like(text) + "%"))


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
