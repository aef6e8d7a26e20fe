"""What the pages of a ticket import may send: files, and what their columns and words become."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends
from pydantic import Field
from starlette.datastructures import UploadFile

from crm.web.forms import Form, Submitted, submitted
from support.importing.dates import Order
from support.importing.looking import OTHER, WORD_PLACES, Chosen
from support.importing.mapping import WORDS_OF
from support.importing.sources import SOURCES
from support.importing.titles import PLACE_TITLES

LEFT_OUT = "out"
NOTHING = "nothing"  # of a word: it says nothing
_HOW = ("source", "encoding", "delimiter")


class Upload(Form):
    file: UploadFile
    along: list[UploadFile] = Field(default_factory=list)


class Along(Form):
    along: list[UploadFile]


UploadSubmitted = Annotated[Submitted[Upload], Depends(submitted(Upload))]
AlongSubmitted = Annotated[Submitted[Along], Depends(submitted(Along))]


def chosen_from(sent: Mapping[str, str], before: Chosen, seen: Mapping[str, Any]) -> Chosen:
    """``before`` with what was changed on the page; what is not a choice we offer leaves it as it was.

    ``seen``: what the page showed (``summary_of``). Another source, encoding or delimiter makes other columns, so what
    was said of the columns before counts no more.
    """
    chosen = before
    shown = {"source": seen["source"] or OTHER, "encoding": seen["encoding"], "delimiter": seen["delimiter"]}
    for name in _HOW:
        value = sent.get(name, shown[name])
        if value != shown[name] and (name != "source" or value in SOURCES or value == OTHER):
            chosen = replace(chosen, **{name: value}, places={}, words={})
    if chosen != before:
        return chosen
    chosen = replace(chosen, places=_places(sent, before, seen), words=_words(sent, before, seen))
    if sent.get("order") in {order.value for order in Order} and sent["order"] != seen["order"]:
        chosen = replace(chosen, order=Order(sent["order"]))
    if sent.get("decimal") in (".", ",") and sent["decimal"] != seen["decimal"]:
        chosen = replace(chosen, decimal=sent["decimal"])
    if (zone := sent.get("zone", "").strip()) and zone != seen["zone"]:
        chosen = replace(chosen, zone=zone[:64])
    if (title := sent.get("title", "").strip()[:120]) and title != seen["title"]:
        key = "" if seen["source"] else re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60]
        chosen = replace(chosen, title=title, key=key or chosen.key)
    if sent.get("create") in ("true", "false") and (sent["create"] == "true") != seen["creates"]:
        chosen = replace(chosen, create=sent["create"] == "true")
    return chosen


def _places(sent: Mapping[str, str], before: Chosen, seen: Mapping[str, Any]) -> dict[str, str | None]:
    places = dict(before.places)
    freed: dict[str, str | None] = {}
    taken: dict[str, str | None] = {}
    for number, column in enumerate(seen["columns"]):
        was = column["becomes"][0] if column["becomes"] else LEFT_OUT
        becomes = sent.get(f"column.{number}", was)
        if becomes == was or (becomes != LEFT_OUT and becomes not in PLACE_TITLES):
            continue
        if was != LEFT_OUT:
            freed[was] = None
        if becomes != LEFT_OUT:
            taken[becomes] = column["title"]
    return {**places, **freed, **taken}  # a place that two columns change hands of is the new one's


def _words(sent: Mapping[str, str], before: Chosen, seen: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    words = {place: dict(said) for place, said in before.words.items()}
    for number, line in enumerate(seen["words"]):
        place, cell = line["place"], line["cell"]
        meaning = sent.get(f"word.{number}", "")
        meant = NOTHING if line["meaning"] == "" else line["meaning"]
        if place in WORD_PLACES and meaning != meant and (meaning in WORDS_OF[place] or meaning == NOTHING):
            words.setdefault(place, {})[cell] = "" if meaning == NOTHING else meaning
    return words
