"""Finding from anywhere: the search page and the palette ask the same sources, each for a bounded number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from fastapi import APIRouter, Request, Response

from crm.contracts import NavItem, PaletteAction, Registry, SearchHit, SearchSource
from crm.identity.deps import CurrentViewer
from crm.search import LONGEST, folded, letters_of, words_of
from crm.text import N_
from crm.viewer import Viewer
from crm.web.pages import page, path_for, writer_of
from crm.web.session import AppRegistry, DbSession

Place = TypeVar("Place", NavItem, PaletteAction)

router = APIRouter()

PER_SOURCE = 10
PER_SOURCE_IN_PALETTE = 5


@dataclass(frozen=True)
class Group:
    key: str
    title: str
    hits: Sequence[SearchHit]
    is_cut: bool = False


@router.get("/search", name="search.show")
def show_search(
    request: Request, session: DbSession, viewer: CurrentViewer, registry: AppRegistry, q: str = ""
) -> Response:
    wanted = q[:LONGEST].strip()
    asked = _asked(registry, wanted)
    groups = [
        Group(source.key, source.title, hits, len(hits) >= PER_SOURCE)
        for source in asked
        if (hits := source.search(session, viewer, wanted, PER_SOURCE))
    ]
    if wanted and (places := _places(request, registry, viewer, wanted)):
        groups.append(Group("places", N_("Go to"), places))
    return page(request, "search/show.html", "search/_results.html", q=wanted, groups=groups, asked=bool(asked))


@router.get("/palette", name="search.palette")
def show_palette(
    request: Request,
    session: DbSession,
    viewer: CurrentViewer,
    registry: AppRegistry,
    q: str = "",
    account: int | None = None,
) -> Response:
    """What can be reached or begun from here by a few letters; before any, what was worked on last."""
    wanted = q[:LONGEST].strip()
    if wanted:
        found = [
            Group(one.key, one.title, one.search(session, viewer, wanted, PER_SOURCE_IN_PALETTE))
            for one in _asked(registry, wanted)
        ]
    else:
        recent = [one for one in registry.search_sources if one.recent]
        found = [
            Group(one.key, one.title, one.recent(session, viewer, PER_SOURCE_IN_PALETTE))
            for one in recent
            if one.recent
        ]
    actions = Group("actions", N_("Do"), _actions(request, registry, viewer, wanted, account))
    places = Group("places", N_("Go to"), _places(request, registry, viewer, wanted))
    # On an account's page its actions are what one opens the palette for; elsewhere it is where to go.
    groups = [actions, *found, places] if account is not None and not wanted else [*found, actions, places]
    return page(request, "search/_palette.html", q=wanted, groups=[group for group in groups if group.hits])


def _asked(registry: Registry, wanted: str) -> list[SearchSource]:
    letters = letters_of(wanted)
    return [source for source in registry.search_sources if letters >= source.min_letters]


def _places(request: Request, registry: Registry, viewer: Viewer, wanted: str) -> list[SearchHit]:
    return [
        SearchHit(one.icon, 0, title, "", path_for(request, one.route))
        for one, title in _matching(request, viewer, registry.nav, wanted)
    ]


def _actions(request: Request, registry: Registry, viewer: Viewer, wanted: str, account: int | None) -> list[SearchHit]:
    found = _matching(request, viewer, registry.palette_actions, wanted)
    here = {"account_id": account}
    return [
        SearchHit(one.icon, 0, title, "", path_for(request, one.route, None, **(here if one.of_account else {})))
        for one, title in found
        if account is not None or not one.of_account
    ]


def _matching(request: Request, viewer: Viewer, items: Sequence[Place], wanted: str) -> list[tuple[Place, str]]:
    """Those whose title has words that begin so, with that title in the reader's language."""
    translated = writer_of(request).translations.gettext
    words = words_of(wanted)
    titled = [(item, translated(item.title)) for item in items if item.needs is None or viewer.may(item.needs)]
    return [
        (item, title)
        for item, title in titled
        if all(any(start.startswith(word) for start in folded(title).split()) for word in words)
    ]
