"""A sentence that is translated where it is read, not where it is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol


class Translate(Protocol):
    """What a language offers; gettext's translations do."""

    def gettext(self, message: str, /) -> str: ...
    def ngettext(self, singular: str, plural: str, n: int, /) -> str: ...


def N_(message: str) -> str:  # noqa: N802 - the field's name for "extract, translate later"
    """Mark ``message`` for the catalogues and return it unchanged."""
    return message


def _as_it_is(value: object) -> str:
    return str(value)


class Text(NamedTuple):
    """A translatable sentence with its values: ``Text(N_("%(n)s tickets"), {"n": 3})``.

    With ``plural`` the value ``n`` chooses the form. Values that are themselves ``Text`` are
    translated with it; dates, numbers and money are written by ``write`` in the reader's way.
    A percent sign is always doubled.
    """

    message: str
    values: dict[str, Any] = {}  # noqa: RUF012 - never changed
    plural: str | None = None

    def render(self, translate: Translate | None = None, write: Callable[[object], str] = _as_it_is) -> str:
        if translate is None:
            chosen = self.plural if self.plural and self.values["n"] != 1 else self.message
        elif self.plural:
            chosen = translate.ngettext(self.message, self.plural, self.values["n"])
        else:
            chosen = translate.gettext(self.message)
        return chosen % {
            key: value.render(translate, write) if isinstance(value, Text) else write(value)
            for key, value in self.values.items()
        }

    def __str__(self) -> str:
        return self.render()


def text(message: str, **values: Any) -> Text:
    """A sentence: ``text(N_("%(name)s is already churned."), name=account.name)``."""
    return Text(message, values)


def plural(singular: str, plural_form: str, n: int, **values: Any) -> Text:
    """A sentence that counts: ``plural(N_("%(n)s ticket"), N_("%(n)s tickets"), 3)``."""
    return Text(singular, {"n": n, **values}, plural_form)


def kept_values(said: Text) -> dict[str, int | str]:
    """The values of ``said`` as JSON holds them, to be kept beside its message."""
    return {name: value if isinstance(value, int | str) else str(value) for name, value in said.values.items()}
