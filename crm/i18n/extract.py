"""From the code and the templates to the catalogues: what there is to translate, and what still lacks French."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from crm.config import ROOT
from crm.i18n import DOMAIN, LOCALES

_PACKAGES = ("crm", "accounts", "support", "health_scores", "reports")
_ONE = frozenset({"N_", "_", "gettext"})
_TWO = frozenset({"plural", "ngettext"})

_NOT_KEPT = ('"POT-', '"PO-Rev', '"Generated', '"Last-Tr', '"Language-Team', '"Report-', '"Project-')

Found = tuple[int, str | tuple[str, str]]


def catalogue_path(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def _literal(node: ast.expr) -> str | None:
    """The string of ``"…"`` or ``N_("…")``."""
    if isinstance(node, ast.Call) and _name(node) == "N_" and node.args:
        node = node.args[0]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _name(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def python_messages(source: str) -> Iterator[Found]:
    """(line, message) or (line, (singular, plural)); a plural's forms may stand in ``N_`` without counting twice."""
    tree = ast.parse(source)
    in_plurals: set[ast.expr] = set()
    for node in ast.walk(tree):  # parents come before their children
        if not isinstance(node, ast.Call) or not node.args:
            continue
        if _name(node) in _TWO and len(node.args) >= 2:
            one, many = _literal(node.args[0]), _literal(node.args[1])
            if one is not None and many is not None:
                in_plurals.update(node.args[:2])
                yield node.lineno, (one, many)
        elif _name(node) in _ONE and node not in in_plurals and (message := _literal(node.args[0])):
            yield node.lineno, message


def template_messages(path: Path) -> Iterator[Found]:
    with path.open("rb") as file:
        found = extract(
            "jinja2",
            file,
            keywords={"_": None, "gettext": None, "ngettext": (1, 2)},
            options={"trimmed": "true", "extensions": "jinja2.ext.do,jinja2.ext.loopcontrols", "silent": "false"},
        )
        for line, message, _comments, _context in found:
            if isinstance(message, tuple):
                yield line, (str(message[0]), str(message[1]))
            else:
                yield line, message


def extracted() -> Catalog:
    """Everything a user may read, with the places where it is said."""
    catalogue = Catalog(domain=DOMAIN, project="Tenure", charset="utf-8", fuzzy=False)
    for package in _PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for line, message in python_messages(path.read_text("utf-8")):
                catalogue.add(message, locations=[(path.relative_to(ROOT).as_posix(), line)])
    for path in sorted((ROOT / "templates").rglob("*.*")):
        if path.suffix in (".html", ".txt") and path.name != "styleguide.html":  # for developers
            for line, message in template_messages(path):
                catalogue.add(message, locations=[(path.relative_to(ROOT).as_posix(), line)])
    return catalogue


def kept(language: str) -> Catalog:
    """The catalogue as it stands in the repository; an empty one where there is none."""
    path = catalogue_path(language)
    content = path.read_bytes() if path.exists() else b""
    return read_po(BytesIO(content), locale=language, domain=DOMAIN, charset="utf-8")


def missing(language: str) -> list[str]:
    """Messages without a whole translation, with the first place where each is said."""
    translated = kept(language)
    lacking = []
    for message in extracted():
        if not message.id:
            continue
        known = translated.get(message.id)
        parts = (known.string if isinstance(known.string, tuple) else (known.string,)) if known else ("",)
        if not all(parts) or known is None or known.fuzzy:
            place = ":".join(str(part) for part in message.locations[0])
            lacking.append(f"{place} {message.id}")
    return lacking


def update(language: str) -> list[str]:
    """Write the catalogue anew: new messages in, dead ones out, nothing guessed. Returns what still lacks words."""
    fresh = extracted()
    catalogue = kept(language)
    catalogue.update(fresh, no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    catalogue.header_comment = f"# {DOMAIN}: {language}; written anew by bin/messages, which keeps what is translated."
    path = catalogue_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = BytesIO()
    write_po(content, catalogue, width=120, no_location=True, sort_output=True, omit_header=False)
    kept_lines = [line for line in content.getvalue().decode().splitlines() if not line.startswith(_NOT_KEPT)]
    path.write_text("\n".join(kept_lines) + "\n", "utf-8")
    return missing(language)
