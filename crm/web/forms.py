"""What a browser sent: a parsed form, or the raw text and a sentence for each field that needs mending."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, TypeVar, get_origin

from fastapi import Depends, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from starlette.datastructures import UploadFile

from crm.text import N_, Text, text
from crm.web.body import receive_form
from crm.web.pages import page


class Form(BaseModel):
    """Base of every form: unknown fields are refused, text is trimmed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, arbitrary_types_allowed=True)


class EditForm(Form):
    """A form about something that others may be changing at the same time: see ``settle``."""

    seen: str = ""  # what it was made from: the shown value of each field, as JSON
    take: str = ""  # the fields, parted by spaces, in which what they wrote is to stay


FormT = TypeVar("FormT", bound=Form)


def _empty_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


OrNone = BeforeValidator(_empty_is_none)  # Annotated[date | None, OrNone]: an empty field means "none"


@dataclass(frozen=True)
class Clash:
    """A field that two people changed: what I sent (``None``: it is not for me to send) and what it says now."""

    name: str
    mine: str | None
    theirs: str


@dataclass(frozen=True)
class Submitted(Generic[FormT]):
    """``form`` is ``None`` when something needs mending; ``raw`` keeps what was typed."""

    form: FormT | None
    raw: Mapping[str, Any]
    errors: Mapping[str, Text] = field(default_factory=dict)
    clashes: Sequence[Clash] = ()  # what somebody else has changed as well; the form is shown again, to keep or take

    def refused(self, name: str, sentence: str | Text, **values: Any) -> Submitted[FormT]:
        """The same form with a message at ``name``, for what only the service could know."""
        said = sentence if isinstance(sentence, Text) else text(sentence, **values)
        return Submitted(None, self.raw, {**self.errors, name: said})


_SENTENCES = {
    "missing": N_("Please fill this in."),
    "string_too_short": N_("Please write at least %(min_length)s characters."),
    "string_too_long": N_("Please write at most %(max_length)s characters."),
    "date_from_datetime_parsing": N_("“%(input)s” is not a date; write it like 2026-11-23."),
    "date_parsing": N_("“%(input)s” is not a date; write it like 2026-11-23."),
    "date_type": N_("Please give a date."),
    "int_parsing": N_("“%(input)s” is not a whole number."),
    "float_parsing": N_("“%(input)s” is not a number."),
    "decimal_parsing": N_("“%(input)s” is not a number."),
    "enum": N_("“%(input)s” is not one of the choices."),
    "literal_error": N_("“%(input)s” is not one of the choices."),
    "greater_than_equal": N_("This must be %(ge)s or more."),
    "less_than_equal": N_("This must be %(le)s or less."),
    "greater_than": N_("This must be more than %(gt)s."),
    "extra_forbidden": N_("This field is not expected here."),
}


def _sentence(error: Mapping[str, Any]) -> Text:
    context = dict(error.get("ctx") or {})
    if error["type"] == "value_error" and isinstance(raised := context.get("error"), ValueError):
        return raised.args[0] if isinstance(raised.args[0], Text) else text(str(raised).replace("%", "%%"))
    if error["type"] == "string_too_short" and context.get("min_length") == 1:
        return text(_SENTENCES["missing"])
    known = _SENTENCES.get(error["type"], N_("This could not be understood."))
    shown = str(error.get("input", ""))
    return text(known, **{**context, "input": shown[:60] + ("…" if len(shown) > 60 else "")})


def _takes_many(annotation: Any) -> bool:
    return get_origin(annotation) in (list, set, tuple)


def parse(form_type: type[FormT], sent: Mapping[str, list[Any]]) -> Submitted[FormT]:
    """``sent``: every value of every field. A field that takes one value gets its last."""
    raw: dict[str, Any] = {}
    for name, values in sent.items():
        known = form_type.model_fields.get(name)
        raw[name] = values if known is not None and _takes_many(known.annotation) else values[-1]
    for name, known in form_type.model_fields.items():
        raw.setdefault(name, [] if _takes_many(known.annotation) else "")
    given = {name: value for name, value in raw.items() if name in sent}
    try:
        return Submitted(form_type.model_validate(given), raw)
    except ValidationError as wrong:
        errors: dict[str, Text] = {}
        for error in wrong.errors():
            errors.setdefault(str(error["loc"][0]) if error["loc"] else "form", _sentence(error))
        return Submitted(None, raw, errors)


def seen_of(current: Mapping[str, str]) -> str:
    """What stands in a form's hidden field ``seen``: the values it is made from, as the browser would send them."""
    return json.dumps(dict(current), ensure_ascii=False, separators=(",", ":"))


def settle(form_type: type[FormT], sent: Submitted[FormT], current: Mapping[str, str]) -> Submitted[FormT]:
    """Three answers to one question for each value: what was shown, what is sent, what it says by now.

    What only the other changed stays theirs; what only I changed is mine; where both did, the form comes back with
    ``clashes`` (sending it again keeps mine, except where ``take`` names the field). ``current``: as ``seen_of`` was
    given; a name that is no field of the form is only watched. A form that does not say what it was made from is left
    alone.
    """
    shown = _shown(str(sent.raw.get("seen") or ""))
    raw, clashes, merged = dict(sent.raw), [], False
    taken = str(raw.get("take") or "").split()
    for name, theirs in current.items():
        if name in taken and name in form_type.model_fields:
            raw[name], merged = theirs, True
            continue
        was = shown.get(name)
        if was is None or _plain(was) == _plain(theirs):
            continue
        if name not in form_type.model_fields:
            clashes.append(Clash(name, None, theirs))
            continue
        mine = str(raw.get(name) or "")
        if _plain(mine) == _plain(theirs):
            continue
        if _plain(mine) == _plain(was):
            raw[name], merged = theirs, True
        else:
            clashes.append(Clash(name, mine, theirs))
    if clashes:
        return Submitted(None, raw, {}, tuple(clashes))
    if not merged:
        return sent
    kept = {name: value for name, value in raw.items() if value not in ("", []) or name in current}
    return parse(form_type, {name: value if isinstance(value, list) else [value] for name, value in kept.items()})


def _shown(written: str) -> Mapping[str, str]:
    try:
        found = json.loads(written) if written else {}
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _plain(value: str) -> str:
    return value.strip().replace("\r\n", "\n")


def submitted(form_type: type[FormT]) -> Callable[[Request], Awaitable[Submitted[FormT]]]:
    """The dependency that reads ``form_type`` from a request's body."""

    async def read(request: Request) -> Submitted[FormT]:
        form = await receive_form(request)
        sent: dict[str, list[Any]] = {}
        for name, value in form.multi_items():
            if isinstance(value, UploadFile) and not value.filename:
                continue  # a file field left empty
            if isinstance(value, str):
                value = value.replace("\r\n", "\n").replace("\x00", "")
            sent.setdefault(name, []).append(value)
        return parse(form_type, sent)

    return read


def form_again(
    request: Request, template: str, fragment: str | None, sent: Submitted[Any], /, **values: Any
) -> Response:
    """The form once more, 422, with what was typed and what needs mending."""
    return page(request, template, fragment, status=422, raw=sent.raw, errors=sent.errors, **values)


__all__ = [
    "Annotated",
    "Clash",
    "Depends",
    "EditForm",
    "Form",
    "OrNone",
    "Submitted",
    "form_again",
    "parse",
    "seen_of",
    "settle",
    "submitted",
]
