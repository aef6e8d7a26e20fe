"""People in a row of an account: one or several in a cell, or spread over columns of names, addresses, phones. Pure.

Nothing is guessed: an address or phone that could be of several people is given to none of them and handed back, so
that the cell is kept as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from accounts.importing.headings import BETWEEN, words_of
from accounts.importing.targets import Part
from accounts.importing.unreadable import Unreadable, is_empty
from accounts.importing.values import read_email
from accounts.importing.words import roles_of
from accounts.models import ContactRoleKind
from accounts.names import fold

if TYPE_CHECKING:
    from accounts.importing.mapping import Mapping

MOST_NAMES = 5  # words of a name; more of them are a sentence
LONGEST = {Part.NAME: 160, Part.EMAIL: 254, Part.PHONE: 60, Part.POSITION: 120}

_ADDRESS = re.compile(r"[^\s<>(),;:\"|/]+@[^\s<>(),;:\"|/]+")
_PHONE = re.compile(r"(?<!\w)(?:\+|00|\(0|0)[\d\s.()/\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}-]{6,}\d")
_BETWEEN_PEOPLE = re.compile(r"\s*(?:[;|\n\r/&]|\bet\b|\band\b)\s*", re.IGNORECASE)
_NO_NAMES = frozenset("oui non yes no o n y x vrai faux true false ok".split())
_BRACKETED = re.compile(r"[(\[]\s*([^()\[\]]*?)\s*[)\]]")


@dataclass
class Person:
    """``columns``: where each part of them stands."""

    name: str = ""
    email: str = ""
    phone: str = ""
    position: str = ""
    roles: tuple[ContactRoleKind, ...] = ()
    columns: dict[str, int] = field(default_factory=dict)

    @property
    def is_in_order(self) -> bool:
        return (
            bool(self.name or self.email)
            and len(self.name) <= LONGEST[Part.NAME]
            and len(self.phone) <= LONGEST[Part.PHONE]
            and len(self.position) <= LONGEST[Part.POSITION]
        )


@dataclass(frozen=True)
class Block:
    """Columns that speak of the same people: a name, its address, its phone."""

    columns: tuple[tuple[Part, int], ...]
    roles: tuple[ContactRoleKind, ...]


def blocks_of(mapping: Mapping, headings: Sequence[str]) -> list[Block]:
    """A block ends where another group of headings begins, or where what it has already comes again."""
    found: list[Block] = []
    at: list[tuple[Part, int]] = []
    group = ""
    for column in range(len(mapping.columns)):
        target = mapping.target(column)
        if target is None or target.part is None:
            continue
        above = headings[column].partition(BETWEEN)[0] if BETWEEN in headings[column] else ""
        again = target.part is not Part.PHONE and target.part in {part for part, _column in at}
        if at and (above != group or again):
            found.append(_block(at, headings))
            at = []
        group = above
        at.append((target.part, column))
    return [*found, _block(at, headings)] if at else found


def _block(at: Sequence[tuple[Part, int]], headings: Sequence[str]) -> Block:
    said = roles_of(headings[at[0][1]].partition(BETWEEN)[0])
    return Block(tuple(at), tuple(ContactRoleKind(role) for role in said))


def read_block(block: Block, cells: Sequence[str]) -> tuple[list[Person], list[int]]:
    """Whom the cells name, and the columns whose words could be given to nobody."""
    said = [
        (part, column, cells[column].strip())
        for part, column in block.columns
        if column < len(cells) and not is_empty(cells[column])
    ]
    people: list[Person] = []
    left: list[int] = []
    for part, column, cell in said:
        if part is Part.NAME:
            named = people_in(cell)
            if named is None:
                left.append(column)
            for person in named or ():
                person.columns = dict.fromkeys(("name", "email", "phone", "position", "role"), column)
            people += named or ()
    for part, column, cell in said:
        if part is not Part.NAME and not _give(people, part, column, cell):
            left.append(column)
    for person in people:
        person.name = person.name or person.email
        person.roles = block.roles
    if not all(person.is_in_order for person in people):
        return [], [column for _part, column, _cell in said]
    return people, left


def people_in(cell: str) -> list[Person] | None:
    """ "Anne Roy <anne@x.fr>; Paul Petit (DSI)"; ``None`` where the cell does not read as names and addresses."""
    found: list[Person] = []
    for piece in _pieces(cell):
        person = _person(piece)
        if person is None:
            return None
        if not person.name and found and not (found[-1].email and person.email):
            found[-1].email = found[-1].email or person.email  # the address after its name
            found[-1].phone = found[-1].phone or person.phone
        else:
            found.append(person)
    return found or None


def _pieces(cell: str) -> list[str]:
    pieces = []
    for piece in _BETWEEN_PEOPLE.split(_hidden(cell)):
        parts = [part for part in piece.split(",") if part.strip()]
        several = len(parts) > 1 and all(len(part.split()) > 1 or "@" in part for part in parts)
        pieces += parts if several else [piece]
    return [piece.replace("\x01", "/").strip(" ,") for piece in pieces if piece.strip(" ,")]


def _hidden(cell: str) -> str:
    """The strokes of telephone numbers part nobody."""
    return _PHONE.sub(lambda found: found[0].replace("/", "\x01"), cell)


def _person(piece: str) -> Person | None:
    person = Person()
    addresses, phones = _ADDRESS.findall(piece), _PHONE.findall(piece)
    if len(addresses) > 1 or len(phones) > 1:
        return None
    rest = piece
    if addresses:
        try:
            person.email = read_email(addresses[0])
        except Unreadable:
            return None
        rest = rest.replace(addresses[0], " ")
    if phones:
        person.phone = " ".join(phones[0].split())
        rest = rest.replace(phones[0], " ")
    inner = [words for words in _BRACKETED.findall(rest) if words.strip(" <>,:-")]
    rest = re.sub(r"[<>]|mailto:|\b(?:tel|tél)\b\.?", " ", _BRACKETED.sub(" ", rest), flags=re.IGNORECASE)
    if len(inner) > 1:
        return None
    person.name = " ".join(rest.split()).strip(' ,:–-"')
    person.position = inner[0] if inner else ""
    return person if (person.name or person.email) and (not person.name or _is_name(person.name)) else None


def _is_name(words: str) -> bool:
    letters = any(letter.isalpha() for letter in words) and not any(letter.isdigit() for letter in words)
    return letters and len(words.split()) <= MOST_NAMES and fold(words) not in _NO_NAMES


def _give(people: list[Person], part: Part, column: int, cell: str) -> bool:
    """Give ``cell`` to those whose it is; ``False`` where that does not show."""
    key = {Part.EMAIL: "email", Part.PHONE: "phone", Part.POSITION: "position", Part.FIRST_NAME: "first"}[part]
    words = [cell] if len(people) == 1 and part is not Part.EMAIL else _parts_of(cell)
    if part is Part.EMAIL:
        try:
            words = [read_email(word) for word in words]
        except Unreadable:
            return False
        if not people:
            people += [Person(email=word, columns=dict.fromkeys(("name", "email"), column)) for word in words]
            return True
    owners = [owner for word in words if part is Part.EMAIL and (owner := _whose(word, people)) is not None]
    if len({id(owner) for owner in owners}) < len(words):  # the addresses do not tell; their order does
        owners = people
    if len(words) != len(owners):
        return False
    if part is not Part.FIRST_NAME and any(getattr(one, key) and part is not Part.PHONE for one in owners):
        return False
    for person, word in zip(owners, words, strict=True):
        if part is Part.FIRST_NAME:
            person.name = f"{word} {person.name}"
        elif part is Part.PHONE and person.phone:
            person.phone = f"{person.phone} / {word}"
        else:
            setattr(person, key, word)
        person.columns[key] = column
    return True


def _parts_of(cell: str) -> list[str]:
    """Several addresses, phones or positions in a cell."""
    return [part.strip() for part in re.split(r"[;|\n\r,]", cell) if part.strip()]


def _whose(email: str, people: Sequence[Person]) -> Person | None:
    """The one person whose names stand in the address; nobody where several do."""
    local = set(words_of(email.partition("@")[0]).split())
    found = [person for person in people if local & {word for word in fold(person.name).split() if len(word) > 1}]
    return found[0] if len(found) == 1 else None
