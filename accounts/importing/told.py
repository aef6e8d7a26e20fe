"""A mapping that a person wrote down, for commands that run every night."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from accounts.importing.days import DayOrder
from accounts.importing.headings import words_of
from accounts.importing.mapping import LEFT_OUT, Mapping
from accounts.importing.targets import TARGETS, Kind
from accounts.importing.values import Style
from accounts.importing.words import currency_of
from crm.errors import Invalid
from crm.text import N_

Told = Callable[[Mapping, Sequence[str]], Mapping]  # what the headings of the file at hand become

_KEYS = {"columns", "days", "decimal", "currency"}
_DAYS = {"day first": DayOrder.DAY_FIRST, "month first": DayOrder.MONTH_FIRST, "year first": DayOrder.YEAR_FIRST}


def read_mapping(path: Path, kind: Kind) -> Told:
    """``columns``: our name of a column → the heading of the file. ``days``, ``decimal`` and ``currency`` where the
    cells leave them open."""
    try:
        written: Any = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeError) as wrong:
        raise Invalid(N_("%(file)s is not YAML: %(reason)s."), file=path.name, reason=str(wrong)) from wrong
    if not isinstance(written, dict) or not isinstance(written.get("columns"), dict) or written.keys() - _KEYS:
        raise Invalid(
            N_("%(file)s needs “columns”, and may have “days”, “decimal” and “currency”; nothing else."), file=path.name
        )
    known = {target.key for target in TARGETS[kind]}
    columns = {str(key): str(heading) for key, heading in written["columns"].items()}
    if strange := sorted(columns.keys() - known):
        raise Invalid(
            N_("There is no column “%(name)s” here; there are %(known)s."),
            name=strange[0],
            known=", ".join(target.key for target in TARGETS[kind]),
        )
    days, decimal = written.get("days"), written.get("decimal")
    if days not in (None, *_DAYS) or decimal not in (None, ".", ","):
        raise Invalid(N_("“days” is day first, month first or year first; “decimal” is “.” or “,”."))
    currency = currency_of(str(written["currency"])) if written.get("currency") else None

    def told(mapping: Mapping, headings: Sequence[str]) -> Mapping:
        places = {words_of(heading): column for column, heading in reversed(list(enumerate(headings)))}
        becomes = [LEFT_OUT] * len(headings)
        for key, heading in columns.items():
            column = places.get(words_of(heading))
            if column is None:
                raise Invalid(N_("The file has no column “%(heading)s”."), heading=heading)
            becomes[column] = key
        style = mapping.style
        style = Style(_DAYS[days] if days else style.day_order, decimal or style.decimal, currency or style.currency)
        return replace(mapping, columns=tuple(becomes), style=style)

    return told
