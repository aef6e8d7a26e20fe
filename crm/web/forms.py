"""What a browser sent: a parsed form, or the raw text and a sentence for each field that needs mending."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
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


FormT = TypeVar("FormT", bound=Form)


def _empty_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


OrNone = BeforeValidator(_empty_is_none)  # Annotated[date | None, OrNone]: an empty field means "none"


@dataclass(frozen=True)
class Submitted(Generic[FormT]):
    """``form`` is ``None`` when something needs mending; ``raw`` keeps what was typed."""

    form: FormT | None
    raw: Mapping[str, Any]
    errors: Mapping[str, Text] = field(default_factory=dict)

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


__all__ = ["Annotated", "Depends", "Form", "OrNone", "Submitted", "form_again", "parse", "submitted"]
