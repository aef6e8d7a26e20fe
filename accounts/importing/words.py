"""Words of known lists as people write them: tiers, stages, roles, countries, languages, colleagues. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
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
    Shape.INFLUENCE: meanings("words", "influences"),
    Shape.SENTIMENT: meanings("words", "sentiments"),
    Shape.CONSENT: meanings("words", "consents"),
}
_SIGNS_OF_CONSENT = {"✓": "given", "✔": "given", "✗": "refused"}
_NOT_YET = frozenset("non not no ex prospect prospects lead leads pas never jamais sans".split())


def meaning_of(shape: Shape, word: str) -> str | None:
    """The tier, stage or role that ``word`` names; ``None`` when it names none we know."""
    if len(word) > LONGEST_WORD:
        return None
    words = words_of(word)
    found = _KNOWN[shape].get(words)
    if shape is Shape.CONSENT:  # never out of a longer wording
        return found or _SIGNS_OF_CONSENT.get(word.strip())
    if found is None and _NOT_YET.isdisjoint(words.split()):  # "1 - Enterprise", "Client actif (FR)"
        found = next((_KNOWN[shape][part] for part in _parts(words) if part in _KNOWN[shape]), None)
    return found


def _parts(words: str) -> list[str]:
    """What a longer wording may contain: longer runs of words first; single letters and digits say nothing there."""
    split = words.split()
    runs = [" ".join(split[i : i + n]) for n in range(len(split) - 1, 0, -1) for i in range(len(split) - n + 1)]
    return [run for run in runs if len(run) > 2]


def roles_of(heading: str) -> tuple[str, ...]:
    """What people under ``heading`` are for us: "Sponsor", "Contact facturation"."""
    known = meanings("words", "roles_of_headings")
    return tuple(
        dict.fromkeys(known[part] for part in [*_parts(words_of(heading)), words_of(heading)] if part in known)
    )


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
    """Who a cell means: by e-mail, by full name in either order, or by what only one of them is called for short: a
    first or last name, a first name with a letter ("Ana D."), initials."""

    def __init__(self, people: Iterable[Colleague]) -> None:
        self.people = tuple(people)
        self.by_id = {person.id: person for person in self.people}
        whole: dict[str, set[int]] = defaultdict(set)
        short: dict[str, set[int]] = defaultdict(set)
        for person in self.people:
            words = _name_words(person.name)
            whole[person.email.casefold()].add(person.id)
            whole[" ".join(sorted(words))].add(person.id)
            for called in _called_for_short(words):
                short[called].add(person.id)
        self._whole = {key: next(iter(ids)) if len(ids) == 1 else 0 for key, ids in whole.items()}
        self._short = {key: next(iter(ids)) if len(ids) == 1 else 0 for key, ids in short.items()}

    def find(self, cell: str) -> int | None:
        """The id of the one person meant; 0 when several could be, ``None`` when nobody."""
        inner = re.search(r"[\w.+-]+@[\w.-]+", cell)  # also "Ana Duarte <ana@…>"
        if inner and (by_mail := self._whole.get(inner[0].casefold())) is not None:
            return by_mail
        words = [word for word in _name_words(cell) if word not in _CIVIL]
        found = self._whole.get(" ".join(sorted(words)))
        return self._short.get(" ".join(words)) if found is None else found

    def alike(self, cell: str) -> list[Colleague]:
        """Everyone, those first whose name is written much like ``cell``: whom a typing error may mean."""
        called: dict[str, list[Colleague]] = defaultdict(list)
        for person in self.people:
            words = _name_words(person.name)
            for name in {" ".join(words), *words[:1]}:
                called[name].append(person)
        names = get_close_matches(" ".join(_name_words(cell)), called, n=3, cutoff=0.7)
        near = [person for name in names for person in called[name]]
        return list(dict.fromkeys([*near, *self.people]))


_CIVIL = frozenset("m mr mme mlle mrs ms dr".split())


def _called_for_short(words: list[str]) -> set[str]:
    """ "ana", "duarte", "ana d", "a duarte", "ad" and "a d" of Ana Duarte."""
    if len(words) < 2:
        return set(words)
    letters = [word[0] for word in words]
    lettered = {f"{words[0]} {words[-1][0]}", f"{words[0][0]} {words[-1]}"}
    return {words[0], words[-1], "".join(letters), " ".join(letters), *lettered}


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
