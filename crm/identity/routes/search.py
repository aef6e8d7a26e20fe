"""The search page: asks every slice's source, each for a bounded number, and shows them by kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from crm.contracts import SearchHit
from crm.identity.deps import CurrentViewer
from crm.search import LONGEST, letters_of
from crm.web.pages import page
from crm.web.session import AppRegistry, DbSession

router = APIRouter()

PER_SOURCE = 10


@dataclass(frozen=True)
class Group:
    key: str
    title: str
    hits: Sequence[SearchHit]

    @property
    def is_cut(self) -> bool:
        return len(self.hits) >= PER_SOURCE


@router.get("/search", name="search.show")
def show_search(
    request: Request, session: DbSession, viewer: CurrentViewer, registry: AppRegistry, q: str = ""
) -> Response:
    wanted = q[:LONGEST].strip()
    letters = letters_of(wanted)
    asked = [source for source in registry.search_sources if letters >= source.min_letters]
    groups = [Group(source.key, source.title, source.search(session, viewer, wanted, PER_SOURCE)) for source in asked]
    too_short = [source.title for source in registry.search_sources if letters < source.min_letters]
    return page(
        request,
        "search/show.html",
        "search/_results.html",
        q=wanted,
        groups=[group for group in groups if group.hits],
        too_short=too_short if wanted else [],
        asked=bool(asked),
    )
