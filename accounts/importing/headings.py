"""From the headings of a spreadsheet to what its columns mean. Pure; nothing is read but headings and a few cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256

from accounts.importing.targets import NAMES_PEOPLE, TARGETS, Kind, Target

_CAMEL = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ])|(?<=[A-ZÀ-Þ])(?=[A-ZÀ-Þ][a-zà-ÿ])")
_BRACKETS = re.compile(r"[(\[{]([^)\]}]*)[)\]}]")
_NOT_WORD = re.compile(r"[^a-z0-9€$£%]+")
_YEAR = re.compile(r"(19|20)\d\d")

# Words that carry nothing in a heading.
_STOP = frozenset("de du des d l le la les a au of the in on for by en et and our notre nos his hors ht ttc".split())

# What a heading says besides its meaning: thousands, months, a currency.
_THOUSANDS = frozenset({"k€", "k$", "k£", "keur", "kusd", "kgbp", "kchf"})
_MILLIONS = frozenset({"m€", "m$", "m£", "meur"})
_CURRENCIES = {
    "€": "EUR",
    "eur": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "$": "USD",
    "usd": "USD",
    "£": "GBP",
    "gbp": "GBP",
    "chf": "CHF",
    "cad": "CAD",
}
_MONTHS = frozenset({"mois", "months", "month", "m"})
_DAYS = frozenset({"jours", "jour", "days", "day", "j", "jrs"})

# "Last contact date" and "date de création" are dates, but not of the contract.
_NEVER_WITHIN = frozenset(
    "last previous dernier derniere precedent precedente creation created cree modified modification updated old ancien"
    " ancienne former contact parent mere new nouveau nouvelle cible target objectif forecast prevision budget".split()
)


@lru_cache(maxsize=8192)
def words_of(words: str) -> str:
    """Lower case, without accents and punctuation: "Date d’échéance *" → "date d echeance"."""
    flat = unicodedata.normalize("NFKD", _CAMEL.sub(" ", words)).replace("\N{EURO SIGN}", "€")
    flat = "".join(letter for letter in flat if not unicodedata.combining(letter)).casefold()
    flat = flat.replace("œ", "oe").replace("æ", "ae").replace("n°", "n ").replace("№", "n ").replace("nº", "n ")
    return _NOT_WORD.sub(" ", flat).strip()


@lru_cache(maxsize=8192)
def _plain(words: str) -> str:
    return " ".join(word for word in words.split() if word not in _STOP)


BETWEEN = " – "  # a group of merged headings, and the heading under it

# Under such a group "Nom" is a person's; "Comptes" and "Clients" are not among them.
_PEOPLE = frozenset(
    "contact contacts interlocuteur interlocuteurs interlocutrice sponsor champion decideur decideurs correspondant"
    " signataire stakeholder stakeholders person people poc".split()
)


def is_of_people(group: str) -> bool:
    return not _PEOPLE.isdisjoint(words_of(group).split())


@dataclass(frozen=True)
class Hints:
    """What a heading says about its cells: "ARR (k€)", "Préavis (mois)"."""

    factor: int = 1
    currency: str | None = None
    months: bool = False
    days: bool = False


def hints_of(heading: str) -> Hints:
    found = Hints()
    for word in words_of(heading).split():
        if word in _THOUSANDS or word in _MILLIONS:
            found = replace(
                found, factor=1_000 if word in _THOUSANDS else 1_000_000, currency=_CURRENCIES.get(word[1:])
            )
        elif word in _CURRENCIES:
            found = replace(found, currency=_CURRENCIES[word])
        elif word in _MONTHS:
            found = replace(found, months=True)
        elif word in _DAYS:
            found = replace(found, days=True)
    return found


def _bare(heading: str) -> str:
    """The folded heading without brackets, years, currencies and units."""
    words = words_of(_BRACKETS.sub(" ", heading)).split()
    dropped = _THOUSANDS | _MILLIONS | _CURRENCIES.keys()
    kept = [word for word in words if word not in dropped and not _YEAR.fullmatch(word)]
    return " ".join(kept or words)


FEW = 5  # cells that settle nothing against a sure heading

# The share of a column's filled cells that can be read as the target (below 0: it cannot be), and how many there are.
Fits = Callable[[Target, int], tuple[float, int]]


@dataclass(frozen=True)
class Guess:
    """``target`` is ``None`` where nothing fits: the column becomes an own field."""

    target: Target | None
    score: float = 0.0


def score(heading: str, target: Target) -> float:
    """How surely ``heading`` means ``target``: 1 it says so, 0 it says nothing of the kind; below 0.5 only weakly."""
    group, between, part = heading.partition(BETWEEN)
    if between and is_of_people(group):
        return 0.95 if _bare(part) in target.grouped or words_of(part) in target.grouped else 0.0
    whole = _score(heading, target)
    return max(whole, 0.9 * _score(part, target)) if between else whole


def _score(heading: str, target: Target) -> float:
    folded, bare = words_of(heading), _bare(heading)
    if folded in target.whole:
        return 1.0
    if bare in target.whole:
        return 0.95
    plain = _plain(bare)
    if any(plain == _plain(known) for known in target.whole):
        return 0.9
    if any(plain == _plain(known) for known in target.weak):
        return 0.4
    words = plain.split()
    if not words or not _NEVER_WITHIN.isdisjoint(words):
        return 0.0
    best = 0.0
    for known in target.within:
        wanted = _plain(known).split()
        if set(wanted) <= set(words):
            best = max(best, 0.5 + 0.3 * len(wanted) / len(words))
    return best


def guess_columns(kind: Kind, headings: Sequence[str], fits: Fits | None = None) -> list[Guess]:
    """What each column means; every target is given once, to the heading that says it most surely.

    ``fits``: how far the cells agree. A sure heading keeps its meaning unless hardly a cell agrees; a weak one needs
    half of them.
    """
    offers: list[tuple[float, float, int, Target]] = []
    for column, heading in enumerate(headings):
        for target in TARGETS[kind]:
            sure = score(heading, target)
            if not sure:
                continue
            share, cells = fits(target, column) if fits else (1.0, 0)
            asked = target.shape.asks_words and sure >= 0.5  # words not understood can be told one by one
            few = cells < FEW and sure >= 0.5
            if share < 0:
                continue
            if asked or few or share >= (0.5 if sure < 0.5 else 0.2):
                offers.append((sure, share, column, target))
    offers.sort(key=lambda offer: (-offer[0], offer[2]))
    chosen: dict[int, Guess] = {}
    taken: set[str] = set()
    for sure, _share, column, target in offers:
        if column not in chosen and (target.key not in taken or target.repeats):
            chosen[column] = Guess(target, sure)
            taken.add(target.key)
    if taken.isdisjoint(NAMES_PEOPLE):  # a telephone of nobody is the company's
        chosen = {column: guess for column, guess in chosen.items() if guess.target and guess.target.part is None}
    guesses = [chosen.get(column, Guess(None)) for column in range(len(headings))]
    return _with_last_name(kind, headings, guesses)


def _with_last_name(kind: Kind, headings: Sequence[str], guesses: list[Guess]) -> list[Guess]:
    """ "Nom" is the whole name where no first name stands beside it."""
    if kind is not Kind.CONTACTS:
        return guesses
    named = {guess.target.key: column for column, guess in enumerate(guesses) if guess.target}
    if "last_name" in named and "first_name" not in named and "name" not in named:
        name = next(target for target in TARGETS[kind] if target.key == "name")
        guesses[named["last_name"]] = Guess(name, guesses[named["last_name"]].score)
    return guesses


_PERSONAL = frozenset({"email", "first_name", "last_name", "phone", "position", "name"})
_CORPORATE = frozenset({"owner", "industry", "currency", "stage", "domain"})
_OF_CONTRACTS = frozenset({"tier", "arr", "mrr", "ends_on", "starts_on", "notice", "seats"})


# What no file of another kind has together.
_TOLD_BY = {
    Kind.USAGE: ("day", "metric", "value"),
    Kind.INVOICES: ("number", "due_on", "amount"),
    Kind.NPS: ("day", "score"),
}


def guess_kind(headings: Sequence[str]) -> Kind:
    """Usage, answers or invoices where all of their own columns stand. Contacts where people's do (a first name, an
    e-mail) and nothing of a contract; else accounts."""

    def count(kind: Kind, keys: frozenset[str]) -> int:
        targets = [target for target in TARGETS[kind] if target.key in keys]
        return sum(any(score(heading, target) >= 0.9 for target in targets) for heading in headings)

    for kind, keys in _TOLD_BY.items():
        if all(count(kind, frozenset({key})) for key in keys):
            return kind
    people = count(Kind.CONTACTS, _PERSONAL)
    first_names = count(Kind.CONTACTS, frozenset({"first_name"}))
    if people < 2 or (count(Kind.ACCOUNTS, _OF_CONTRACTS) and not first_names):
        return Kind.ACCOUNTS
    return Kind.CONTACTS if people > count(Kind.ACCOUNTS, _CORPORATE) or first_names else Kind.ACCOUNTS


def signature(headings: Sequence[str]) -> str:
    """The same for files with the same headings in the same order: under it a mapping is remembered."""
    return sha256("\x1f".join(words_of(heading) for heading in headings).encode()).hexdigest()
