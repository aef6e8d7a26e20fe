"""What was found out about a file, and what an import would do, as they are kept with the run and shown on its page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.names import fold
from crm.errors import Refusal
from crm.text import Text
from support.importing.looking import Seen
from support.importing.mapping import WORDS_OF
from support.importing.sources.pack import at_place
from support.importing.trying import FirstRow, Preview
from support.matching import Rule

KEPT_PROBLEMS = 300  # of a trial; the import itself keeps them all
MOST_COLUMNS = 300


def summary_of(seen: Seen) -> dict[str, Any]:
    """``refusal``: what a person must say before anything can be brought in."""
    refusal: Text | None = None
    try:
        seen.mapping()
    except Refusal as refused:
        refusal = refused.sentence
    return {
        "source": seen.pack.source if seen.pack else None,
        "title": seen.source_title,
        "pack": seen.pack.title if seen.pack else None,
        "form": seen.form.value,
        "encoding": seen.encoding,
        "delimiter": seen.delimiter,
        "order": seen.order.value if seen.order else None,
        "must_say_order": seen.must_say_order,
        "example": seen.example,
        "decimal": seen.decimal,
        "zone": seen.zone,
        "rows": seen.rows,
        "repeated": seen.repeated_headings,
        "is_events": seen.written.get("one_row_per") == "event",
        "columns": [
            {"title": column.title, "becomes": list(column.becomes), "samples": list(column.samples)}
            for column in seen.columns[:MOST_COLUMNS]
        ],
        "missing": list(seen.missing),
        "creates": seen.creates_accounts,
        "names_companies": bool(at_place(seen.written, "company.name")),
        "words": [
            {"place": place, "cell": cell, "times": times, "meaning": meaning}
            for place, cells in seen.words.items()
            for cell, times, meaning in _meanings(at_place(seen.written, place), place, cells)
        ],
        "refusal": said(refusal) if refusal else None,
    }


def _meanings(choice: Any, place: str, cells: Mapping[str, int]) -> list[tuple[str, int, str | None]]:
    """Cells, the most frequent first; "" says nothing, ``None``: nobody has said what it means."""
    told = choice if isinstance(choice, Mapping) else {}
    values = told.get("values") or {word: word for word in WORDS_OF[place]}
    known = {fold(cell): meaning or "" for cell, meaning in values.items()}
    return [
        (cell, times, known.get(fold(cell))) for cell, times in sorted(cells.items(), key=lambda one: (-one[1], one[0]))
    ]


def tried_of(preview: Preview) -> dict[str, Any]:
    return {
        "counts": dict(preview.outcome.counts),
        "problems": [
            {"line": one.line, "column": one.column, "value": one.value[:500], "reason": said(one.reason)}
            for one in preview.outcome.problems[:KEPT_PROBLEMS]
        ],
        "first": [_row(one) for one in preview.first],
    }


def _row(one: FirstRow) -> dict[str, Any]:
    return {
        "external_id": one.external_id,
        "subject": one.subject,
        "company": one.company,
        "account": one.account,
        "rule": Rule.MADE.value if one.is_new_account else one.rule.value if one.rule else None,
        "why_not": said(one.why_not) if one.why_not else None,
        "requester": one.requester,
        "state": one.state.value if one.state else None,
        "priority": one.priority,
        "opened_at": _instant(one.opened_at),
        "resolved_at": _instant(one.resolved_at),
        "deleted": one.deleted,
    }


def _instant(when: datetime | None) -> str | None:
    return when.isoformat() if when else None


def said(sentence: Text) -> dict[str, Any]:
    """A sentence kept, to be translated when it is shown."""
    return {"message": sentence.message, "values": {name: _plain(value) for name, value in sentence.values.items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return said(value)
    return value if isinstance(value, str | int | float | None) else str(value)


def sentence_of(kept: Mapping[str, Any]) -> Text:
    values = {name: sentence_of(value) if isinstance(value, dict) else value for name, value in kept["values"].items()}
    return Text(str(kept["message"]), values)
