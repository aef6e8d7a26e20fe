"""What the address of the renewals says. Unknown words in it are ignored: an old link still opens a list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from accounts.listing.query import Scope, default_scope
from accounts.renewals.models import Forecast
from crm.viewer import Viewer

DAYS = ("30", "90", "180")
DEFAULT_WHEN = "90"
NONE = "none"  # without a forecast
SORTS = {"decides": "asc", "ends": "asc", "account": "asc", "arr": "desc", "expected": "desc", "forecast": "asc"}
_QUARTER = re.compile(r"(\d{4})-q([1-4])")


@dataclass(frozen=True, order=True)
class Quarter:
    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Quarter:
        return cls(day.year, (day.month - 1) // 3 + 1)

    @classmethod
    def at(cls, index: int) -> Quarter:
        return cls(index // 4, index % 4 + 1)

    @property
    def index(self) -> int:
        return self.year * 4 + self.number - 1

    @property
    def key(self) -> str:
        return f"{self.year}-q{self.number}"

    @property
    def first(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def after(self) -> date:
        """The first day that is no longer of it."""
        return self.plus(1).first

    def plus(self, quarters: int) -> Quarter:
        return Quarter.at(self.index + quarters)


def read_quarter(written: str) -> Quarter | None:
    found = _QUARTER.fullmatch(written)
    return Quarter(int(found[1]), int(found[2])) if found and 1900 <= int(found[1]) <= 2200 else None


@dataclass(frozen=True)
class RenewalQuery:
    """``when``: days ahead, a quarter, "past" or "all"; ``filters``: of columns that other slices contribute."""

    scope: Scope
    when: str = DEFAULT_WHEN
    forecast: str = ""
    owner: str = ""
    filters: Mapping[str, str] = ()  # type: ignore[assignment]
    sort: str = "decides"
    descending: bool = False
    after: str = ""
    before: str = ""
    default_scope: Scope = Scope.MINE

    @property
    def quarter(self) -> Quarter | None:
        return read_quarter(self.when)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.forecast or self.owner or self.filters or self.when != DEFAULT_WHEN)

    @property
    def sort_word(self) -> str:
        return f"-{self.sort}" if self.descending else self.sort

    def params(self, **changed: object) -> dict[str, str]:
        found: dict[str, object] = {
            "scope": "" if self.scope is self.default_scope else self.scope.value,
            "when": "" if self.when == DEFAULT_WHEN else self.when,
            "forecast": self.forecast,
            "owner": self.owner,
            **dict(self.filters),
            "sort": "" if self.sort_word == "decides" else self.sort_word,
            "after": self.after,
            "before": self.before,
            **changed,
        }
        return {name: str(value) for name, value in found.items() if value not in ("", None)}

    def address(self, path: str, **changed: object) -> str:
        """``path`` with this query; whoever changes what is listed begins at its first page."""
        params = self.params(**{"after": "", "before": "", **changed})
        return f"{path}?{urlencode(params)}" if params else path

    def without_filters(self) -> RenewalQuery:
        return replace(
            self, when=DEFAULT_WHEN, forecast="", owner="", filters={}, after="", before="", sort="decides",
            descending=False,
        )  # fmt: skip


def read_query(sent: Mapping[str, str], viewer: Viewer, contributed: Sequence[str] = ()) -> RenewalQuery:
    """``contributed``: keys of the filters that other slices bring."""

    def said(name: str) -> str:
        return " ".join(sent.get(name, "")[:200].replace("\x00", "").split())

    scope = default_scope(viewer)
    when, sort = said("when"), said("sort")
    known = when in DAYS or when in ("past", "all") or read_quarter(when) is not None
    owner = said("owner")
    return RenewalQuery(
        scope=Scope(said("scope")) if said("scope") in list(Scope) else scope,
        when=when if known else DEFAULT_WHEN,
        forecast=said("forecast") if said("forecast") in (*Forecast, NONE) else "",
        owner=owner if owner.isascii() and owner.isdigit() and int(owner) < 2**63 else "",
        filters={key: said(key) for key in contributed if said(key)},
        sort=sort.removeprefix("-") if sort.removeprefix("-") in SORTS else "decides",
        descending=sort.startswith("-") and sort.removeprefix("-") in SORTS,
        after=sent.get("after", "")[:500],
        before=sent.get("before", "")[:500] if not sent.get("after") else "",
        default_scope=scope,
    )
