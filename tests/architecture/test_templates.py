"""What a strict content security policy and plain HTML ask of every template."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html"))

FORBIDDEN = {
    "inline style": re.compile(r"\sstyle\s*="),
    "style element": re.compile(r"<style\b"),
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)"),
    "event attribute": re.compile(r"\son(click|load|error|submit|change|input|key\w+|mouse\w+)\s*="),
    "hx-on": re.compile(r"hx-on\b"),
    "js: value": re.compile(r"""["']js:"""),
    "trigger filter": re.compile(r"""hx-trigger=["'][^"']*\["""),
    "safe filter": re.compile(r"\|\s*safe\b"),
    "other host": re.compile(r"""(src|href|action)=["']https?://"""),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_nothing_in_it_needs_a_weaker_policy(path: Path) -> None:
    source = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    assert {what for what, pattern in FORBIDDEN.items() if pattern.search(source)} == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_everything_works_without_javascript(path: Path) -> None:
    """A form that htmx sends has an action of its own; a link that htmx follows has an address."""
    source = path.read_text("utf-8")
    for tag in re.findall(r"<form\b[^>]*hx-post[^>]*>", source):
        assert "action=" in tag, tag
    for tag in re.findall(r"<a\b[^>]*hx-get[^>]*>", source):
        assert "href=" in tag, tag
