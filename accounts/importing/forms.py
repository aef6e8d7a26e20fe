"""What the import pages may send: a file, and what its columns become."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from accounts.importing.days import DayOrder
from accounts.importing.files import DELIMITER_TITLES, ENCODING_TITLES, Source, open_source
from accounts.importing.mapping import Mapping
from accounts.importing.targets import Kind, target_of
from accounts.importing.values import Style
from accounts.importing.words import currency_of, is_meaning
from crm.web.body import receive_form
from crm.web.forms import Form, Submitted, submitted


class Upload(Form):
    file: UploadFile
    kind: Literal["guess", "accounts", "contacts", "usage", "nps", "invoices"] = "guess"

    @property
    def chosen_kind(self) -> Kind | None:
        return None if self.kind == "guess" else Kind(self.kind)


UploadSubmitted = Annotated[Submitted[Upload], Depends(submitted(Upload))]

Sent = Dict[str, str]


async def _sent(request: Request) -> Sent:
    """Fields are named after the columns and words of the file, so no fixed form can list them."""
    form = await receive_form(request)
    return {name: value.replace("\x00", "") for name, value in form.items() if isinstance(value, str)}


MappingSent = Annotated[Sent, Depends(_sent)]


def mapping_from(sent: Sent, mapping: Mapping) -> Mapping:
    """``mapping`` with what was chosen; whatever is not a choice we offer leaves it as it was."""
    columns = [sent.get(f"column.{number}", becomes) for number, becomes in enumerate(mapping.columns)]
    style = mapping.style
    if sent.get("day_order") in {order.value for order in DayOrder}:
        style = replace(style, day_order=DayOrder(sent["day_order"]))
    if sent.get("decimal") in ("", ".", ","):
        style = Style(style.day_order, sent["decimal"] or None, style.currency)
    if (currency := currency_of(sent.get("currency", ""))) is not None:
        style = replace(style, currency=currency)
    words: dict[str, dict[str, str]] = {key: dict(told) for key, told in mapping.words.items()}
    for name, meaning in sent.items():
        if name.startswith("word.") and name.count(".") >= 2:
            _, key, word = name.split(".", 2)
            target = target_of(mapping.kind, key)
            if target is None or not target.shape.asks_words:
                continue
            if meaning and is_meaning(target.shape, meaning):
                words.setdefault(key, {})[word] = meaning
            else:
                words.get(key, {}).pop(word, None)
    return replace(mapping.taken_over_by(columns), style=style, words=words)


def reopened(source: Source, sent: Sent) -> Source:
    """The same file, read as the form says: another encoding, another separator, headings in another line."""
    encoding, delimiter = sent.get("encoding", source.encoding), sent.get("delimiter", source.delimiter)
    if encoding not in (*ENCODING_TITLES, source.encoding) or delimiter not in DELIMITER_TITLES:
        return source
    said = sent.get("header_line", "")
    line = int(said) if said.isdecimal() and len(said) <= 4 else source.header_line
    if (encoding, delimiter) != (source.encoding, source.delimiter) and line == source.header_line:
        return open_source(source.path, encoding=encoding, delimiter=delimiter)  # the headings are found anew
    if (encoding, delimiter, line) == (source.encoding, source.delimiter, source.header_line):
        return source
    return open_source(source.path, encoding=encoding, delimiter=delimiter, header_line=line)


def kind_from(sent: Dict[str, Any], mapping: Mapping) -> Kind:
    return Kind(sent["kind"]) if sent.get("kind") in {kind.value for kind in Kind} else mapping.kind
