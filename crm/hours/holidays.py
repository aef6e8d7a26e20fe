"""Public holidays, as the library ``holidays`` knows them; nothing is asked of the network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache


@lru_cache(maxsize=1)
def countries() -> Mapping[str, tuple[str, ...]]:
    """ISO 3166 codes of two letters, each with the codes of its parts that have holidays of their own."""
    import holidays  # here, because it takes a third of a second, which no start needs

    known = holidays.list_supported_countries(include_aliases=False)
    return {code: tuple(parts) for code, parts in sorted(known.items()) if len(code) == 2}


@lru_cache(maxsize=1_024)
def holidays_of(country: str, region: str, year: int, language: str = "en") -> Mapping[date, str]:
    """Public holidays on which nobody works, with their names in ``language`` where the library has them."""
    import holidays

    found = holidays.country_holidays(
        country, subdiv=region or None, years=year, language=_LANGUAGES.get(language, language)
    )
    return dict(found)


_LANGUAGES = {"en": "en_US"}
