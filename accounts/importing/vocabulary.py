"""The words under which people keep things, from ``vocabulary.toml``."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any


@lru_cache(maxsize=1)
def _lists() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def _phrases(listed: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in listed.split(",") if phrase.strip())


def headings_of(kind: str, key: str) -> dict[str, tuple[str, ...]]:
    """``whole``, ``within``, ``weak`` and ``grouped`` headings of a target."""
    found: dict[str, str] = _lists()["headings"].get(kind, {}).get(key, {})
    return {how: _phrases(found.get(how, "")) for how in ("whole", "within", "weak", "grouped")}


def meanings(*section: str) -> dict[str, str]:
    """What each word of a section stands for: ``meanings("words", "tiers")["grand compte"]`` is ``enterprise``."""
    lists = _lists()
    for part in section:
        lists = lists[part]
    return {phrase: meaning for meaning, listed in lists.items() for phrase in _phrases(listed)}
