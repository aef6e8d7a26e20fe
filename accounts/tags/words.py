"""Tags as people write them. Pure."""

from __future__ import annotations

from accounts.models.tag import LONGEST_TAG, MOST_TAGS
from accounts.names import fold
from crm.errors import Invalid
from crm.text import N_


def words_of(written: str) -> list[str]:
    """Tags as people write them, apart by commas or semicolons; each once."""
    found: dict[str, str] = {}
    for word in written.replace(";", ",").split(","):
        name = " ".join(word.split())
        if len(name) > LONGEST_TAG:
            raise Invalid(N_("“%(tag)s…” is too long for a tag; %(most)s letters are the most."),
                          tag=name[:20], most=LONGEST_TAG)  # fmt: skip
        if fold(name):
            found.setdefault(fold(name), name)
    if len(found) > MOST_TAGS:
        raise Invalid(N_("%(most)s tags are the most."), most=MOST_TAGS)
    return list(found.values())
