"""The account report as a document: what stands in it, before it is written in any language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from markupsafe import Markup

from crm.i18n.write import Writer
from crm.templating import render
from crm.text import Text


@dataclass(frozen=True)
class Figure:
    """One of the three figures of page one; ``source`` is its footnote."""

    title: Text
    value: Text
    note: Text
    source: Text
    unit: Text | None = None


@dataclass(frozen=True)
class Ask:
    """A next step: what, who, by when."""

    title: str
    who: str
    due_on: date
    late: bool


@dataclass(frozen=True)
class Section:
    """A part that a slice contributed, with what its template gets."""

    key: str
    title: str
    template: str
    values: Mapping[str, object]

    def render(self, write: Writer) -> Markup:
        return Markup(render(self.template, write, **self.values))  # noqa: S704 - autoescaped by the environment


@dataclass(frozen=True)
class AccountReport:
    account_name: str
    company: str
    edition: Literal["internal"]
    now: datetime  # the data instant
    subtitle: tuple[Text, ...]
    sentences: tuple[Text, ...]
    figures: tuple[Figure, ...]
    asks: tuple[Ask, ...]
    sections: tuple[Section, ...]
