"""Languages: catalogues, the reader's ways to write numbers, money and days. English is the source, French complete."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from babel.support import NullTranslations, Translations

LANGUAGES = {"en": "English", "fr": "Français"}
DOMAIN = "tenure"
LOCALES = Path(__file__).parent / "locales"


@lru_cache(maxsize=8)
def catalogue(language: str) -> NullTranslations:
    """The translations of ``language``; English is what stands in the code."""
    if language == "en":
        return NullTranslations()
    return Translations.load(LOCALES, [language], DOMAIN)


def best_language(accept: str | None, default: str) -> str:
    """The first language of an ``Accept-Language`` header that we speak, else ``default``."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate((accept or "").split(",")):
        name, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        wanted.append((-weight, place, name.split("-")[0].lower()))
    return next((name for _, _, name in sorted(wanted) if name in LANGUAGES), default)
