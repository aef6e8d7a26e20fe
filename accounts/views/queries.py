"""Which views one may open, and with which a list begins."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, or_, select as core_select
from sqlmodel import Session, col, select

from accounts.listing.statement import rows_as_json
from accounts.names import fold
from accounts.views.models import SavedView, ViewDefault
from crm.contracts import SearchHit, SearchSource
from crm.errors import NotFound
from crm.search import words_of
from crm.text import N_
from crm.viewer import Capability, Role, Viewer

MOST_SHOWN = 100
MOST_FOUND = 500


@dataclass(frozen=True)
class ViewLine:
    id: int
    title: str
    query: str
    is_mine: bool
    shared: bool


def _readable(viewer: Viewer) -> ColumnElement[bool]:
    return col(SavedView.closed_at).is_(None) & or_(
        col(SavedView.owner_id) == viewer.user_id, col(SavedView.shared).is_(True)
    )


def get_view(session: Session, viewer: Viewer, view_id: int) -> SavedView:
    found = session.exec(select(SavedView).where(_readable(viewer), col(SavedView.id) == view_id)).first()
    if found is None:
        raise NotFound(N_("There is no such view."))
    return found


def may_change(viewer: Viewer, view: SavedView) -> bool:
    return view.owner_id == viewer.user_id or (view.shared and viewer.may(Capability.ARRANGE))


def views_as_json(viewer: Viewer, list_key: str) -> ColumnElement[str]:
    """The views of a list, to come along with another statement; ``view_lines`` reads them."""
    columns = (SavedView.id, SavedView.title, SavedView.query, SavedView.owner_id, SavedView.shared)
    few = (
        core_select(*(col(column) for column in columns))
        .where(_readable(viewer), col(SavedView.list_key) == list_key)
        .order_by(col(SavedView.id))
        .limit(MOST_SHOWN)
        .subquery()
    )
    return core_select(rows_as_json(*few.c)).scalar_subquery()


def view_lines(viewer: Viewer, written: str) -> list[ViewLine]:
    lines = [
        ViewLine(int(view_id), title, query, int(owner_id) == viewer.user_id, bool(shared))
        for view_id, title, query, owner_id, shared in json.loads(written)
    ]
    return sorted(lines, key=lambda line: (not line.is_mine, fold(line.title), line.id))


def views_of(session: Session, viewer: Viewer, list_key: str) -> Sequence[ViewLine]:
    return view_lines(viewer, session.scalars(core_select(views_as_json(viewer, list_key))).one())


def search_views(session: Session, viewer: Viewer, typed: str, limit: int) -> Sequence[SearchHit]:
    """Views whose name has words that begin so, one's own first."""
    words = words_of(typed)
    if not words:
        return []
    named = [
        view
        for view in _every_view(session, viewer)
        if all(any(part.startswith(word) for part in fold(view.title).split()) for word in words)
    ]
    return [_as_hit(view) for view in named[:limit]]


def own_views(session: Session, viewer: Viewer, limit: int) -> Sequence[SearchHit]:
    """What the palette offers before anything is typed."""
    mine = [view for view in _every_view(session, viewer) if view.owner_id == viewer.user_id]
    return [_as_hit(view) for view in mine[:limit]]


def _every_view(session: Session, viewer: Viewer) -> list[SavedView]:
    """Views are few: a person has at most some dozens, and shares some of them."""
    mine = col(SavedView.owner_id) == viewer.user_id
    found = session.exec(
        select(SavedView).where(_readable(viewer)).order_by(mine.desc(), col(SavedView.id)).limit(MOST_FOUND)
    ).all()
    return sorted(found, key=lambda view: (view.owner_id != viewer.user_id, fold(view.title), view.id))


def _as_hit(view: SavedView) -> SearchHit:
    return SearchHit("bookmark", view.id, view.title, "", f"/views/{view.id}/open")


SEARCH = SearchSource("views", N_("Views"), min_letters=1, search=search_views, order=30, recent=own_views)


def first_view(session: Session, viewer: Viewer, list_key: str) -> SavedView | None:
    """The view with which the list begins: one's own choice before that of one's role."""
    mine = col(ViewDefault.user_id) == viewer.user_id
    return session.exec(
        select(SavedView)
        .join(ViewDefault, col(ViewDefault.view_id) == col(SavedView.id))
        .where(
            _readable(viewer),
            col(ViewDefault.list_key) == list_key,
            or_(mine, col(ViewDefault.role) == viewer.role),
        )
        .order_by(case((mine, 0), else_=1))
        .limit(1)
    ).first()


def begins_with(session: Session, viewer: Viewer, view: SavedView) -> tuple[bool, frozenset[Role]]:
    """Whether the list begins with ``view`` for oneself, and for which roles it does."""
    rows = session.exec(select(ViewDefault).where(col(ViewDefault.view_id) == view.id)).all()
    return (
        any(row.user_id == viewer.user_id for row in rows),
        frozenset(row.role for row in rows if row.role is not None),
    )
