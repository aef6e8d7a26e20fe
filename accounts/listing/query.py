"""What the address of the list says. Unknown words in it are ignored: an old link still opens a list."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import urlencode

from crm.contracts import AccountColumn
from crm.viewer import Role, Viewer

OWN = "own."  # own.<key>=<value>: a company's own field
_RESERVED = frozenset({"scope", "q", "sort", "after", "before", "columns", "view"})
_MOST_OWN = 5  # own fields filtered at once
_MOST_COLUMNS = 40
FIRST = "account"  # the column that is always there, and first


class Scope(StrEnum):
    MINE = "mine"  # owned, covered, or on the account team
    TEAM = "team"
    ALL = "all"


class Cursor(NamedTuple):
    """The row after or before which a page stands: its sort value (``None``: unknown) and its id."""

    value: Any
    id: int


@dataclass(frozen=True)
class ListQuery:
    scope: Scope
    sort: str  # key of a column
    descending: bool
    words: str = ""
    filters: Mapping[str, tuple[str, ...]] = ()  # type: ignore[assignment]
    columns: tuple[str, ...] = ()  # after the name, in the reader's order
    after: str = ""
    before: str = ""
    view: str = ""  # the id of the saved view that was opened, also where it has been changed since
    default_scope: Scope = Scope.MINE
    default_sort: str = ""
    default_columns: tuple[str, ...] = ()

    @property
    def is_narrowed(self) -> bool:
        return bool(self.words or self.filters)

    def first(self, name: str) -> str:
        """What the filter ``name`` is set to, for a select that shows one value."""
        return (self.filters.get(name) or ("",))[0]

    @property
    def sort_word(self) -> str:
        return f"-{self.sort}" if self.descending else self.sort

    def params(self, **changed: object) -> dict[str, Any]:
        """The address's parameters, without what goes without saying; ``changed`` replaces some, ``""`` leaves out.

        The scope is always said: an address without anything opens the view one has chosen to begin with.
        """
        found: dict[str, Any] = {
            "scope": self.scope.value,
            "q": self.words,
            **{key: list(values) for key, values in self.filters.items()},
            "sort": "" if self.sort_word == self.default_sort else self.sort_word,
            "columns": "" if self.columns == self.default_columns else ",".join(self.columns),
            "view": self.view,
            "after": self.after,
            "before": self.before,
        }
        found.update(changed)
        return {key: value for key, value in found.items() if value not in ("", None, [], ())}

    def address(self, path: str, **changed: object) -> str:
        """``path`` with this query; whoever changes what is listed begins at its first page."""
        kept = {"after": "", "before": "", **changed}
        params = self.params(**kept)
        return f"{path}?{urlencode(params, doseq=True)}" if params else path

    @property
    def canonical(self) -> str:
        """The address of what is listed and how, apart from the page one is on: what a saved view keeps."""
        return self.address("", view="").removeprefix("?")

    def without_filters(self) -> ListQuery:
        return replace(self, words="", filters={}, after="", before="")


def default_scope(viewer: Viewer) -> Scope:
    if viewer.role is Role.MANAGER and viewer.team_id is not None:
        return Scope.TEAM
    if viewer.role in (Role.EXECUTIVE, Role.ADMINISTRATOR, Role.MANAGER, Role.SUPPORT_AGENT):
        return Scope.ALL
    return Scope.MINE


def is_offered(column: AccountColumn) -> bool:
    """One that a reader may have on the list or not."""
    return not (column.hidden or column.file_only) and column.key != FIRST


def shown_columns(columns: Sequence[AccountColumn], query: ListQuery) -> list[AccountColumn]:
    """The name, then what the address asks for, in its order."""
    by_key = {column.key: column for column in columns}
    return [by_key[key] for key in (FIRST, *query.columns) if key in by_key]


def columns_for(columns: Sequence[AccountColumn], viewer: Viewer) -> tuple[AccountColumn, ...]:
    return tuple(column for column in columns if column.needs is None or viewer.may(column.needs))


def read_query(sent: Sequence[tuple[str, str]], columns: Sequence[AccountColumn], viewer: Viewer) -> ListQuery:
    """``sent``: the address's pairs. ``columns``: those the viewer may see."""
    values: dict[str, list[str]] = {}
    for name, value in sent:
        if value:
            values.setdefault(name, []).append(value[: 2_000 if name == "columns" else 200])

    def last(name: str) -> str:
        return values.get(name, [""])[-1]

    sortable = {column.key: column for column in columns if column.sort}
    leading = next((column for column in sortable.values() if column.leads), next(iter(sortable.values())))
    default = f"-{leading.key}" if leading.sort_first == "desc" else leading.key
    word = last("sort") or default
    if word.removeprefix("-") not in sortable:
        word = default

    known = {one.key for column in columns for one in column.filters}
    filters = {name: tuple(chosen) for name, chosen in values.items() if name in known and name not in _RESERVED}
    for name in [name for name in filters if name.startswith(OWN)][_MOST_OWN:]:
        del filters[name]

    standard = tuple(column.key for column in columns if is_offered(column) and not column.optional)
    offered = {column.key for column in columns if is_offered(column)}
    asked = dict.fromkeys(key for words in values.get("columns", ()) for key in words.split(","))
    chosen = tuple(key for key in asked if key in offered)[:_MOST_COLUMNS]
    scope = default_scope(viewer)
    return ListQuery(
        scope=Scope(last("scope")) if last("scope") in list(Scope) else scope,
        sort=word.removeprefix("-"),
        descending=word.startswith("-"),
        words=" ".join(last("q").split()),
        filters=filters,
        columns=chosen or standard,
        after=last("after"),
        before=last("before") if not last("after") else "",
        view=last("view") if last("view").isascii() and last("view").isdigit() and len(last("view")) <= 19 else "",
        default_scope=scope,
        default_sort=default,
        default_columns=standard,
    )


def write_cursor(cursor: Cursor) -> str:
    value = cursor.value
    if isinstance(value, date | datetime):
        value = value.isoformat()
    elif isinstance(value, Decimal):
        value = str(value)
    plain = json.dumps([value, str(cursor.id)], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def read_cursor(written: str, kind: type | None) -> Cursor | None:
    """``kind``: the Python type of the sort column. What cannot be read means the first page."""
    try:
        value, row_id = json.loads(base64.urlsafe_b64decode(written + "=" * (-len(written) % 4)))
        found = Cursor(None if value is None else _typed(value, kind), int(row_id))
    except (binascii.Error, ValueError, TypeError, InvalidOperation, OverflowError):
        return None
    return found if 0 <= found.id < 2**63 else None


def _typed(value: object, kind: type | None) -> object:
    if kind is datetime and isinstance(value, str):
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError(value)
        return at
    if kind is date and isinstance(value, str):
        return date.fromisoformat(value)
    if kind is Decimal:
        return Decimal(str(value))
    if kind is int and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        return value
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind is str and isinstance(value, str) and "\x00" not in value:
        return value
    raise ValueError(value)
