"""The one template environment: pages, mails and PDFs are written with the same components."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from markupsafe import Markup, escape

from crm.config import ROOT, get_settings
from crm.i18n.write import Writer
from crm.text import Text

TEMPLATES = ROOT / "templates"

_WRITTEN = (
    *("number", "signed", "share", "money", "money_short", "duration", "listed"),
    *("day", "day_exact", "day_full", "day_short", "month", "in_days", "instant", "instant_full", "ago"),
)


def _writer(context: Context) -> Writer:
    writer: Writer = context["write"]
    return writer


def _by_writer(name: str) -> Callable[..., str]:
    @pass_context
    def written(context: Context, value: Any, *args: Any, **kw: Any) -> str:
        if value is None:
            return "\N{EN DASH}"
        return str(getattr(_writer(context), name)(value, *args, **kw))

    return written


@pass_context
def _say(context: Context, value: Any) -> str:
    """A ``Text`` (or anything a sentence may hold) in the reader's language; a plain string is looked up."""
    writer = _writer(context)
    if isinstance(value, str):
        return str(writer.translations.gettext(value)) if value else ""
    return writer(value)


@pass_context
def _gettext(context: Context, message: str, /, **values: Any) -> str:
    return _fill(context, _writer(context).translations.gettext(message), values)


@pass_context
def _ngettext(context: Context, singular: str, plural: str, n: int, /, **values: Any) -> str:
    return _fill(context, _writer(context).translations.ngettext(singular, plural, n), {"num": n, "n": n, **values})


def _fill(context: Context, message: str, values: dict[str, Any]) -> str:
    """Catalogue text is text, never HTML; values are escaped unless markup. A percent sign is always doubled."""
    return (escape(message) if context.eval_ctx.autoescape else message) % values


def _initials(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def _lines(value: str) -> Markup:
    """Text typed by people, with its line breaks, escaped."""
    return Markup("<br>").join(escape(line) for line in value.splitlines())


@lru_cache(maxsize=1)
def environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(disabled_extensions=("txt",), default_for_string=True, default=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=-1,  # all of them: past 400 the least used would be compiled again and again
        auto_reload=get_settings().mode == "development",  # else each part of a page would be looked for on the disk
    )
    env.install_gettext_callables(lambda m: m, lambda s, p, n: s if n == 1 else p, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(_=_gettext, gettext=_gettext, ngettext=_ngettext)
    env.filters.update({name: _by_writer(name) for name in _WRITTEN}, say=_say, initials=_initials, lines=_lines)
    env.tests["text"] = lambda value: isinstance(value, Text)
    return env


def render(template: str, writer: Writer, /, **values: Any) -> str:
    """``template`` for one reader; ``write`` and ``language`` are there in every template."""
    return environment().get_template(template).render(write=writer, language=writer.language, **values)
