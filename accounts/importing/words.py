"""Words of known lists as people write them: tiers, stages, roles, countries, languages, colleagues. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale
from babel.numbers import list_currencies

from accounts.importing.headings import words_of
from accounts.importing.targets import Shape
from accounts.importing.vocabulary import meanings
from accounts.names import fold

LONGEST_WORD = 80
NOBODY = "-"  # chosen for a word: the cell counts as empty

_KNOWN: dict[Shape, dict[str, str]] = {
    Shape.TIER: meanings("words", "tiers"),
    Shape.STAGE: meanings("words", "stages"),
    Shape.ROLE: meanings("words", "roles"),
}
_NOT_YET = frozenset("non not no ex prospect prospects lead leads pas never jamais sans".split())


def meaning_of(shape: Shape, word: str) -> str | None:
    """The tier, stage or role that ``word`` names; ``None`` when it names none we know."""
    if len(word) > LONGEST_WORD:
        return None
    words = words_of(word)
    found = _KNOWN[shape].get(words)
    if found is None and _NOT_YET.isdisjoint(words.split()):  # "1 - Enterprise", "Client actif (FR)"
        found = next((_KNOWN[shape][part] for part in _parts(words) if part in _KNOWN[shape]), None)
    return found


def _parts(words: str) -> list[str]:
    """What a longer wording may contain: longer runs of words first; single letters and digits say nothing there."""
    split = words.split()
    runs = [" ".join(split[i : i + n]) for n in range(len(split) - 1, 0, -1) for i in range(len(split) - n + 1)]
    return [run for run in runs if len(run) > 2]


def is_meaning(shape: Shape, told: str) -> bool:
    """Whether ``told`` is a choice that a person has for a word of this shape."""
    return told == NOBODY or (told.isdecimal() if shape is Shape.OWNER else told in _KNOWN[shape].values())


_SEVERAL = re.compile(r"\s*(?:[,;/+&|]|\bet\b|\band\b)\s*", re.IGNORECASE)


def several(cell: str) -> list[str]:
    """The parts of a cell that may hold more than one word: "champion, sponsor"."""
    return [part for part in _SEVERAL.split(cell.strip()) if part]


# --- colleagues ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Colleague:
    id: int
    name: str
    email: str


class Colleagues:
    """Who a cell means: by e-mail, by full name in either order, by a first name that only one of them has."""

    def __init__(self, people: Iterable[Colleague]) -> None:
        self.people = tuple(people)
        self.by_id = {person.id: person for person in self.people}
        found: dict[str, set[int]] = defaultdict(set)
        first: dict[str, set[int]] = defaultdict(set)
        for person in self.people:
            words = _name_words(person.name)
            found[person.email.casefold()].add(person.id)
            found[" ".join(sorted(words))].add(person.id)
            if words:
                first[words[0]].add(person.id)
        self._whole = {key: next(iter(ids)) if len(ids) == 1 else 0 for key, ids in found.items()}
        self._first = {key: next(iter(ids)) if len(ids) == 1 else 0 for key, ids in first.items()}

    def find(self, cell: str) -> int | None:
        """The id of the one person meant; 0 when several could be, ``None`` when nobody."""
        inner = re.search(r"[\w.+-]+@[\w.-]+", cell)  # also "Ana Duarte <ana@…>"
        if inner and (by_mail := self._whole.get(inner[0].casefold())) is not None:
            return by_mail
        words = _name_words(cell)
        found = self._whole.get(" ".join(sorted(words)))
        if found is None and len(words) == 1:
            found = self._first.get(words[0])
        return found


def _name_words(name: str) -> list[str]:
    return re.findall(r"\w+", fold(name))


# --- countries, languages, currencies --------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in ("en", "fr", "de", "es", "it", "nl", "pt"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                found.setdefault(words_of(name), code)
                found[code.casefold()] = code
    return found | meanings("countries")


def country_of(cell: str) -> str | None:
    """ISO 3166 code of a country named in English, French or a neighbour's language, or by its code."""
    return _countries().get(words_of(cell))


@lru_cache(maxsize=1)
def _languages() -> dict[str, str]:
    found: dict[str, str] = {}
    for reader in ("en", "fr"):
        for code, name in Locale(reader).languages.items():
            if len(code) == 2:
                found.setdefault(words_of(name), code)
                found[code] = code
    for code in found.copy().values():
        own = Locale.parse(code).languages.get(code) if _has_locale(code) else None
        if own:
            found.setdefault(words_of(own), code)
    return found | {
        "fra": "fr",
        "fre": "fr",
        "eng": "en",
        "deu": "de",
        "ger": "de",
        "spa": "es",
        "ita": "it",
        "nld": "nl",
    }


def _has_locale(code: str) -> bool:
    from babel.localedata import exists

    return exists(code)


def language_of(cell: str) -> str | None:
    """ISO 639 code: "Français", "French", "fr-FR"."""
    words = words_of(cell)
    return _languages().get(words) or _languages().get(words.split()[0] if words else "")


_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "us$": "USD", "c$": "CAD", "ca$": "CAD", "a$": "AUD", "chf": "CHF"}


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(list_currencies())


def currency_of(cell: str) -> str | None:
    """ISO 4217 code of a currency named by code, sign or word."""
    bare = cell.strip()
    if bare.upper() in _codes():
        return bare.upper()
    return _SIGNS.get(bare.casefold()) or meanings("currencies").get(words_of(bare))
