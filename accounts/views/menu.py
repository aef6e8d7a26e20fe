"""The menu of views that stands on a list's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from accounts.views.queries import ViewLine


@dataclass(frozen=True)
class ViewItem:
    view: ViewLine
    href: str
    current: bool
    count: int | None = None  # how many it lists; None: not asked


@dataclass(frozen=True)
class ViewMenu:
    """``current``: the view that was opened; ``changed``: what is listed is no longer what it keeps."""

    list_key: str
    items: tuple[ViewItem, ...]
    query: str
    current: ViewLine | None
    changed: bool

    @property
    def mine(self) -> list[ViewItem]:
        return [item for item in self.items if item.view.is_mine]

    @property
    def others(self) -> list[ViewItem]:
        return [item for item in self.items if not item.view.is_mine]

    def counted(self, counts: Sequence[int]) -> ViewMenu:
        """With how many the first of them list."""
        known = [replace(item, count=int(count)) for item, count in zip(self.items, counts, strict=False)]
        return replace(self, items=(*known, *self.items[len(known) :]))


def make_menu(list_key: str, lines: Sequence[ViewLine], *, path: str, view: str, query: str) -> ViewMenu:
    """``view``: the id in the address; ``query``: what the list shows, as a view would keep it."""
    current = next((line for line in lines if str(line.id) == view), None)
    return ViewMenu(
        list_key,
        tuple(ViewItem(line, address_of(path, line.query, line.id), line is current) for line in lines),
        query,
        current,
        changed=current is not None and sorted(parse_qsl(current.query)) != sorted(parse_qsl(query)),
    )


def address_of(path: str, query: str, view_id: int) -> str:
    return f"{path}?{query}&view={view_id}" if query else f"{path}?view={view_id}"
