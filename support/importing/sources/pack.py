"""What a helpdesk's file looks like, and what its columns mean: one small declared thing for each shape of export.

A shape is known by headings (CSV) or keys (JSON) that no other has. Its mapping is written as in
``docs/guide/import-tickets.md``; a list of columns means the first that the file has, and a setting whose column the
file has not is left out. What no mapping can say is worked out row by row, as further columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from accounts.names import fold


class Form(StrEnum):
    CSV = "csv"
    JSON = "json"


class Told(Protocol):
    """One ticket as the file tells it, by heading or by path ("stats.closed_at")."""

    def text(self, column: str) -> str: ...

    def value(self, path: str) -> Any:
        """What stands there in JSON; of a CSV file the cell."""

    def all(self, column: str) -> Sequence[str]:
        """Every cell under that heading: some exports repeat it."""


class Directory(Protocol):
    """Companies, people and groups by the helpdesk's id, out of the same file or of files given along."""

    def company(self, id_: str) -> Company | None: ...

    def person(self, id_: str) -> Person | None: ...

    def group(self, id_: str) -> str: ...

    def company_of_ticket(self, id_: str) -> str: ...


@dataclass(frozen=True)
class Company:
    name: str = ""
    domain: str = ""


@dataclass(frozen=True)
class Person:
    name: str = ""
    email: str = ""
    company_id: str = ""


Added = Mapping[str, str]


def _nothing(told: Told, directory: Directory) -> Added:
    return {}


@dataclass(frozen=True)
class Pack:
    """``needs``: headings or paths that make a file one of these. ``added``: columns that ``add`` works out.

    ``holds``: the names of the lists in which JSON has its tickets, beside a list or lines of their own.
    """

    key: str  # "zendesk.csv": kept with runs, never changes
    source: str  # "zendesk": names the tickets, and the source to ask for
    title: str
    form: Form
    needs: tuple[str, ...]
    mapping: Mapping[str, Any]
    added: tuple[str, ...] = ()
    add: Callable[[Told, Directory], Added] = _nothing
    holds: tuple[str, ...] = ()
    never: tuple[str, ...] = ()  # headings or paths that make it another shape
    columns: tuple[str, ...] = field(init=False)  # all that the mapping may use

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(dict.fromkeys(columns_in(self.mapping))))

    def fits(self, known: Iterable[str]) -> bool:
        """``known``: headings of a CSV file, or paths of a record."""
        folded = {fold(one) for one in known}
        return all(fold(one) in folded for one in self.needs) and not any(fold(one) in folded for one in self.never)


# --- mappings whose columns may be missing ---

PLACES = (
    "ticket.id", "ticket.url", "ticket.subject", "ticket.topic", "ticket.channel", "ticket.assignee", "ticket.team",
    "ticket.kind", "ticket.priority", "ticket.state",
    "times.opened", "times.first_answered", "times.acknowledged", "times.reopened", "times.resolved", "times.closed",
    "times.rated", "times.deleted", "times.updated",
    "after.first_answered", "after.resolved",
    "counts.reassigned", "counts.reopened", "counts.escalated",
    "verdict.resolution", "verdict.first_answer", "rating",
    "company.id", "company.domain", "company.name", "requester.id", "requester.name", "requester.email",
    "events.at", "events.sequence", "events.kind", "events.value",
)  # fmt: skip


def at_place(written: Mapping[str, Any], place: str) -> Any:
    found: Any = written
    for key in place.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def wanted_at(written: Mapping[str, Any], place: str) -> tuple[str, ...]:
    """The columns that may stand for ``place``, the best first."""
    found = at_place(written, place)
    if isinstance(found, Mapping):
        found = found.get("column")
    if found is None:
        return ()
    return (found,) if isinstance(found, str) else tuple(found)


def columns_in(written: Mapping[str, Any]) -> Iterable[str]:
    from support.importing.mapping import words_from

    for place in PLACES:
        for wanted in wanted_at(written, place):
            yield from words_from(place, wanted).columns


def fitted(written: Mapping[str, Any], titles: Iterable[str]) -> dict[str, Any]:
    """``written`` for a file with these ``titles``: one column at each place, as the file spells it, or none."""
    from support.importing.mapping import words_from

    there: dict[str, str] = {}
    for title in titles:
        there.setdefault(fold(title), title)
    copy: dict[str, Any] = _copied(written)
    for place in PLACES:
        found = None
        for wanted in wanted_at(written, place):
            columns = words_from(place, wanted).columns
            if all(fold(column) in there for column in columns):
                found = wanted
                for column in columns:
                    found = found.replace(column, there[fold(column)]) if column != there[fold(column)] else found
                break
        if wanted_at(written, place):
            _put(copy, place, found)
    return copy


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _copied(one) for key, one in value.items()}
    return list(value) if isinstance(value, list | tuple) else value


def _put(written: dict[str, Any], place: str, column: str | None) -> None:
    *sections, key = place.split(".")
    into = written
    for section in sections:
        into = into[section]
    if column is None:
        del into[key]
    elif isinstance(into[key], dict):
        into[key]["column"] = column
    else:
        into[key] = column


# --- what several sources say alike ---

YES = frozenset({"true", "1", "yes", "oui", "wahr", "ja", "y", "t"})


def is_yes(cell: str) -> bool:
    return cell.strip().casefold() in YES


def verdict(missed: bool | None) -> str:
    return "" if missed is None else "missed" if missed else "met"


VERDICT = {"met": "met", "missed": "missed"}

KINDS = {
    "Incident": "defect", "Problem": "defect", "Bug": "defect", "Question": "question", "Task": "request",
    "Feature Request": "request", "Service Request": "request", "Request": "request", "Refund": "request",
    "Complaint": "complaint", "Réclamation": "complaint",
}  # fmt: skip
PRIORITIES = {
    "Urgent": "urgent", "Critical": "urgent", "Highest": "urgent", "Blocker": "urgent", "Emergency": "urgent",
    "High": "high", "Major": "high", "Normal": "normal", "Medium": "normal", "Low": "low", "Lowest": "low",
    "Minor": "low", "Trivial": "low",
}  # fmt: skip


def kind_of(*columns: str) -> dict[str, Any]:
    return {"column": list(columns), "values": KINDS, "otherwise": "other"}


def priority_of(*columns: str) -> dict[str, Any]:
    return {"column": list(columns), "values": PRIORITIES, "otherwise": "normal"}


def state_of(column: str | Sequence[str], values: Mapping[str, str | None]) -> dict[str, Any]:
    """A status of the company's own says nothing: the ticket is then resolved if it has a time of that, else open."""
    columns = [column] if isinstance(column, str) else list(column)
    return {"column": columns, "values": {"deleted": "deleted", **values}, "otherwise": None}


def verdict_of(column: str) -> dict[str, Any]:
    return {"column": column, "values": VERDICT}


def people(told: Told, directory: Directory, *, company_id: str, requester_id: str) -> dict[str, str]:
    """Names, domain and address of whom a ticket with these ids is about; of the requester's company if it has none."""
    person = directory.person(requester_id) or Person()
    company_id = company_id or person.company_id
    company = directory.company(company_id) or Company()
    return {
        "company.id": company_id,
        "company.name": company.name,
        "company.domain": company.domain,
        "requester.id": requester_id,
        "requester.name": person.name,
        "requester.email": person.email,
    }


WHO = ("company.id", "company.name", "company.domain", "requester.id", "requester.name", "requester.email")
WHO_MAPPED = {
    "company": {"id": "company.id", "domain": "company.domain", "name": "company.name", "create": "true"},
    "requester": {"id": "requester.id", "name": "requester.name", "email": "requester.email"},
}
