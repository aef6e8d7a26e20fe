"""What the page of a ticket import shows: words and first rows, in the words of the pages of tickets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from crm.text import N_, Text, text
from support.importing.forms import NOTHING
from support.importing.looking import OTHER
from support.importing.mapping import WORDS_OF
from support.importing.sources import SOURCES
from support.importing.summary import sentence_of
from support.importing.titles import PLACE_TITLES
from support.matching import Rule
from support.models import TicketState
from support.models.ticket import STATE_TITLES

PLACE_OPTIONS = tuple(PLACE_TITLES.items())
SOURCE_OPTIONS: tuple[tuple[str, str | Text], ...] = (
    *SOURCES.items(),
    (OTHER, text(N_("another helpdesk or spreadsheet"))),
)
_WORD_TITLES = {
    "open": N_("open"),
    "waiting": N_("waiting for the customer"),
    "resolved": N_("resolved"),
    "closed": N_("closed"),
    "deleted": N_("deleted: it counts nowhere"),
    "urgent": N_("urgent"),
    "high": N_("high"),
    "normal": N_("normal"),
    "low": N_("low"),
    "question": N_("question"),
    "defect": N_("defect"),
    "complaint": N_("complaint"),
    "request": N_("request"),
    "other": N_("something else"),
    "met": N_("in time"),
    "missed": N_("too late"),
}
_RULE_TITLES = {
    Rule.EXTERNAL_ID: N_("by the company's id"),
    Rule.DOMAIN: N_("by domain"),
    Rule.NAME: N_("by name"),
    Rule.REQUESTER: N_("by who asks"),
    Rule.MADE: N_("new account"),
}


@dataclass(frozen=True)
class WordLine:
    """A word of the file and what it means. ``name``: of its field."""

    name: str
    column: str  # N_
    word: str
    times: int
    meaning: str  # empty: nobody has said it
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ShownRow:
    external_id: str
    subject: str
    account: str
    company: str
    by: Text
    requester: str
    state: Text | None
    priority: int | None
    opened_at: datetime | None
    resolved_at: datetime | None


def shown_words(kept: Iterable[Mapping[str, Any]]) -> list[WordLine]:
    return [
        WordLine(
            f"word.{number}",
            PLACE_TITLES[one["place"]],
            one["cell"],
            one["times"],
            NOTHING if one["meaning"] == "" else one["meaning"] or "",
            (*((word, _WORD_TITLES[word]) for word in WORDS_OF[one["place"]]), (NOTHING, N_("says nothing"))),
        )
        for number, one in enumerate(kept)
    ]


def shown_rows(kept: Iterable[Mapping[str, Any]]) -> list[ShownRow]:
    return [
        ShownRow(
            one["external_id"],
            one["subject"],
            one["account"],
            one["company"],
            _by(one),
            one["requester"],
            _state(one),
            one["priority"],
            _instant(one["opened_at"]),
            _instant(one["resolved_at"]),
        )
        for one in kept
    ]


def _by(one: Mapping[str, Any]) -> Text:
    if one["why_not"]:
        return sentence_of(one["why_not"])
    return text(_RULE_TITLES[Rule(one["rule"])]) if one["rule"] else text(N_("as before"))


def _state(one: Mapping[str, Any]) -> Text | None:
    if one["deleted"]:
        return text(N_("deleted"))
    return text(STATE_TITLES[TicketState(one["state"])]) if one["state"] else None


def _instant(kept: str | None) -> datetime | None:
    return datetime.fromisoformat(kept) if kept else None


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    return tuple(sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")))
