"""What the columns of a file of no known helpdesk mean, by their headings, in English and French."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from accounts.names import fold
from crm.text import N_

# Every place of a mapping that a column may take, in the words of the page on which people choose.
PLACE_TITLES = {
    "ticket.id": N_("Number of the ticket"),
    "times.opened": N_("Opened"),
    "ticket.state": N_("State"),
    "ticket.subject": N_("Subject"),
    "ticket.priority": N_("Priority"),
    "ticket.kind": N_("Kind"),
    "ticket.topic": N_("Topic"),
    "ticket.channel": N_("Channel"),
    "ticket.assignee": N_("Agent"),
    "ticket.team": N_("Team"),
    "ticket.url": N_("Address of the ticket"),
    "company.name": N_("Company"),
    "company.id": N_("Company id"),
    "company.domain": N_("Company domain"),
    "requester.name": N_("Requester"),
    "requester.email": N_("Requester's e-mail"),
    "requester.id": N_("Requester's id"),
    "times.first_answered": N_("First answered"),
    "after.first_answered": N_("Time to the first answer"),
    "times.acknowledged": N_("Complaint acknowledged"),
    "times.reopened": N_("Reopened on"),
    "times.resolved": N_("Resolved"),
    "after.resolved": N_("Time to the resolution"),
    "times.closed": N_("Closed"),
    "times.deleted": N_("Deleted"),
    "times.updated": N_("Last changed"),
    "counts.reopened": N_("Times reopened"),
    "counts.escalated": N_("Times escalated"),
    "counts.reassigned": N_("Times reassigned"),
    "verdict.first_answer": N_("First answer in time"),
    "verdict.resolution": N_("Resolution in time"),
    "rating": N_("Rating"),
    "times.rated": N_("Rated on"),
}
NEEDED = ("ticket.id", "times.opened")
WANTED = ("ticket.id", "times.opened", "ticket.state")  # without them nothing is brought in by itself

_WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def _phrases(listed: str) -> list[str]:
    return [" ".join(phrase.split()) for phrase in listed.split(",") if phrase.strip()]


def _meanings(section: str) -> dict[str, str]:
    return {phrase: meaning for meaning, listed in _WORDS[section].items() for phrase in _phrases(listed)}


_PLACE_OF = {
    title: (rank, place) for place, listed in _WORDS["headings"].items() for rank, title in enumerate(_phrases(listed))
}
_UNITS = (
    ("minutes", r"\b(in )?(minutes?|mins?|mn)\b"),
    ("hours", r"\b(in |en )?(hours?|hrs?|h|heures?)\b"),
    ("days", r"\b(in |en )?(days?|jours?|j)\b"),
    ("seconds", r"\b(in |en )?(seconds?|secs?|s|secondes?)\b"),
)
_AFTER = {
    "after.first_answered": re.compile(
        r"^(time to first (response|reply|answer)|first (response|reply|answer) time|"
        r"delai (de )?(la )?premiere reponse|temps (de )?(la )?premiere reponse)\b"
    ),
    "after.resolved": re.compile(
        r"^(time to (resolution|resolve|close)|resolution time|full resolution time|"
        r"delai de resolution|temps de resolution|duree de resolution)\b"
    ),
}

STATES = _meanings("states")
_VERDICTS = _meanings("verdicts")
_PRIORITIES = _meanings("priorities")
_KINDS = _meanings("kinds")
_WORD_RATINGS = _meanings("ratings")


def guessed(titles: Sequence[str]) -> dict[str, str]:
    """Place → heading. Each heading stands in one place, the likeliest of several headings counts."""
    found: dict[str, tuple[int, str]] = {}
    for title in titles:
        plain = _plain(title)
        for place, pattern in _AFTER.items():
            if pattern.match(plain) and _unit_in(plain) is not None and place not in found:
                found[place] = (0, title)
        known = _PLACE_OF.get(plain)
        if known is not None and (known[1] not in found or known[0] < found[known[1]][0]):
            found[known[1]] = (known[0], title)
    return {place: title for place, (_, title) in found.items()}


def settings_for(place: str, title: str, cells: Iterable[str]) -> Any:
    """What stands at ``place`` of a mapping whose column is ``title``; ``cells``: some of it, to tell a scale by."""
    match place:
        case "ticket.state":
            return {"column": title, "values": STATES, "otherwise": None}
        case "ticket.priority":
            return {"column": title, "values": _PRIORITIES, "otherwise": "normal"}
        case "ticket.kind":
            return {"column": title, "values": _KINDS, "otherwise": "other"}
        case "verdict.resolution" | "verdict.first_answer":
            return {"column": title, "values": _VERDICTS, "otherwise": None}
        case "after.first_answered" | "after.resolved":
            return {"column": title, "unit": _unit_in(_plain(title)) or "hours"}
        case "rating":
            return _rating(title, [cell.strip() for cell in cells if cell.strip()])
    return title


def _rating(title: str, cells: Sequence[str]) -> dict[str, Any]:
    numbers = [float(cell.replace(",", ".")) for cell in cells if re.fullmatch(r"\d{1,4}([.,]\d+)?", cell)]
    if not numbers:
        return {"column": title, "values": _WORD_RATINGS, "otherwise": None}
    best = next((best for best in (5, 10, 100) if max(numbers) <= best), 100)
    return {"column": title, "scale": ["1" if best == 5 and min(numbers) >= 1 else "0", str(best)]}


def _unit_in(plain: str) -> str | None:
    return next((unit for unit, pattern in _UNITS if re.search(pattern, plain)), None)


def _plain(title: str) -> str:
    return " ".join(re.sub(r"[^0-9a-z]+", " ", fold(title.replace("°", " "))).split())


__all__ = ["NEEDED", "PLACE_TITLES", "STATES", "WANTED", "guessed", "settings_for"]
