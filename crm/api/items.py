"""What a program sent: one item or a batch, each read by its model; what is wrong says where, what and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json

from crm.errors import Invalid
from crm.text import N_, Text, plural, text

MOST_ITEMS = 1_000
MOST_MISTAKES = 100  # told at once
LONGEST_SHOWN = 80


class Item(BaseModel):
    """Base of everything a program may send: unknown fields are refused, so that a misspelt one is not lost."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


ItemT = TypeVar("ItemT", bound=Item)


@dataclass(frozen=True)
class Mistake:
    """``index``: of the item in its batch. ``value``: as it was sent, shortened."""

    index: int
    field: str
    value: str
    reason: Text


class Mistakes(Invalid):
    """Nothing was taken in; each mistake says where."""

    def __init__(self, found: Sequence[Mistake]) -> None:
        super().__init__(
            plural(N_("%(n)s mistake; nothing was taken in."), N_("%(n)s mistakes; nothing was taken in."), len(found))
        )
        self.mistakes = list(found)[:MOST_MISTAKES]


@dataclass(frozen=True)
class Read(Generic[ItemT]):
    """``items`` by their index; the others have ``mistakes``."""

    count: int
    items: dict[int, ItemT]
    mistakes: list[Mistake]


def read_items(body: bytes, model: type[ItemT]) -> Read[ItemT]:
    """One object, or an array of 1 to 1,000. Raises ``Invalid`` where it is neither."""
    try:
        sent = from_json(body, allow_inf_nan=False)
    except ValueError as wrong:
        raise Invalid(text(N_("This is not JSON: %(problem)s"), problem=str(wrong)[:200])) from wrong
    batch = sent if isinstance(sent, list) else [sent]
    if not 1 <= len(batch) <= MOST_ITEMS:
        raise Invalid(
            text(N_("A batch holds 1 to %(most)s items; this one holds %(n)s."), most=MOST_ITEMS, n=len(batch))
        )
    items: dict[int, ItemT] = {}
    mistakes: list[Mistake] = []
    for index, one in enumerate(batch):
        if not isinstance(one, dict):
            mistakes.append(Mistake(index, "", shown(one), text(N_("an item is an object"))))
            continue
        if (hole := _nul_in(one)) is not None:
            mistakes.append(Mistake(index, hole, "\\u0000", text(N_("text holds no NUL"))))
            continue
        try:
            items[index] = model.model_validate(one)
        except ValidationError as wrong:
            mistakes += [_mistake(index, error) for error in wrong.errors(include_url=False)]
    return Read(len(batch), items, mistakes)


def shown(value: object) -> str:
    written = value if isinstance(value, str) else repr(value)
    return written[:LONGEST_SHOWN] + ("…" if len(written) > LONGEST_SHOWN else "")


def _nul_in(value: object, path: str = "") -> str | None:
    """Where a NUL stands, which PostgreSQL's text does not hold. The parser has bounded the depth."""
    if isinstance(value, str):
        return path if "\x00" in value else None
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        if isinstance(key, str) and "\x00" in key:
            return path
        found = _nul_in(one, f"{path}.{key}" if path else str(key))
        if found is not None:
            return found
    return None


_REASONS = {
    "missing": N_("this field is needed"),
    "extra_forbidden": N_("there is no such field"),
    "string_type": N_("this must be text in quotation marks"),
    "string_too_long": N_("this has more than %(max_length)s characters"),
    "string_too_short": N_("this must not be empty"),
    "string_pattern_mismatch": N_("this does not have the form %(pattern)s"),
    "enum": N_("this is none of: %(expected)s"),
    "literal_error": N_("this is none of: %(expected)s"),
    "timezone_aware": N_("an instant needs its zone, as in 2026-11-23T09:30:00Z"),
    "datetime_parsing": N_("this is no instant; write it as 2026-11-23T09:30:00Z"),
    "datetime_from_date_parsing": N_("this is no instant; write it as 2026-11-23T09:30:00Z"),
    "datetime_type": N_("this is no instant; write it as 2026-11-23T09:30:00Z"),
    "greater_than_equal": N_("this must be %(ge)s or more"),
    "less_than_equal": N_("this must be %(le)s or less"),
    "too_long": N_("this holds more than %(max_length)s items"),
    "bool_type": N_("this must be true or false"),
    "bool_parsing": N_("this must be true or false"),
    "int_type": N_("this must be a whole number"),
    "int_parsing": N_("this must be a whole number"),
    "float_type": N_("this must be a number"),
    "float_parsing": N_("this must be a number"),
}


def _mistake(index: int, error: Mapping[str, Any]) -> Mistake:
    context = dict(error.get("ctx") or {})
    known = _REASONS.get(error["type"])
    raised = context.get("error")
    if isinstance(raised, ValueError) and raised.args and isinstance(raised.args[0], Text):
        reason = raised.args[0]
    elif known is not None:
        reason = text(known, **{name: value for name, value in context.items() if isinstance(value, (str, int, float))})
    else:
        reason = text(N_("this was not understood: %(problem)s"), problem=str(error.get("msg", ""))[:200])
    field = ".".join(str(part) for part in error["loc"])
    sent = "" if error["type"] == "missing" else shown(error.get("input", ""))
    return Mistake(index, field, sent, reason)
