"""Views saved, changed, shared, taken away; with which a list begins."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from accounts.names import fold
from accounts.views.models import SavedView, ViewDefault
from accounts.views.queries import may_change
from crm import undo
from crm.audit import record
from crm.clock import machine_now
from crm.contracts import Reversal
from crm.errors import Conflict, Forbidden, Invalid
from crm.text import N_, text
from crm.undo import UndoEntry
from crm.viewer import Capability, Role, Viewer

LONGEST_QUERY = 4_000
MOST_VIEWS = 60


def save_view(
    session: Session, actor: Viewer, *, list_key: str, title: str, query: str, shared: bool = False
) -> SavedView:
    title = _title(title)
    if len(query) > LONGEST_QUERY:
        raise Invalid(N_("This view holds too much; take some filters or columns away."))
    mine = session.exec(
        select(SavedView).where(
            col(SavedView.list_key) == list_key,
            col(SavedView.owner_id) == actor.user_id,
            col(SavedView.closed_at).is_(None),
        )
    ).all()
    if any(fold(view.title) == fold(title) for view in mine):
        raise Conflict(N_("You have a view called “%(title)s” already."), title=title)
    if len(mine) >= MOST_VIEWS:
        raise Conflict(N_("You have %(n)s views; take one away before you save another."), n=MOST_VIEWS)
    view = SavedView(list_key=list_key, title=title, query=query, owner_id=actor.user_id, shared=shared)
    session.add(view)
    session.flush()
    record(session, actor, None, "view.saved", view=str(view.id), title=title, shared=shared, query=query)
    return view


def change_view(
    session: Session, actor: Viewer, view: SavedView, *, title: str, shared: bool, query: str | None = None
) -> None:
    """``query``: what it shows from now on; ``None``: as before."""
    ensure_may_change(actor, view)
    view.title, view.shared = _title(title), shared
    if query is not None:
        if len(query) > LONGEST_QUERY:
            raise Invalid(N_("This view holds too much; take some filters or columns away."))
        view.query = query
    if not shared:  # others no longer open it
        for one in _defaults(session, view):
            if one.user_id != view.owner_id:
                session.delete(one)
    record(session, actor, None, "view.changed", view=str(view.id), title=view.title, shared=shared, query=view.query)


def remove_view(session: Session, actor: Viewer, view: SavedView) -> UndoEntry:
    ensure_may_change(actor, view)
    view.closed_at = machine_now()
    record(session, actor, None, "view.removed", view=str(view.id), title=view.title)
    said = text(N_("The view “%(title)s” is gone."), title=view.title)
    return undo.remember(session, actor, "view.removed", view.id, before=False, after=True, said=said)


def begin_with(
    session: Session, actor: Viewer, view: SavedView, *, mine: bool, roles: Collection[Role] | None = None
) -> None:
    """Say whether the list begins with ``view`` for oneself, and (``None``: as before) for which roles."""
    session.flush()
    rows = session.exec(select(ViewDefault).where(col(ViewDefault.list_key) == view.list_key)).all()
    own = next((row for row in rows if row.user_id == actor.user_id), None)
    if mine:
        own = own or ViewDefault(list_key=view.list_key, user_id=actor.user_id, view_id=view.id)
        own.view_id = view.id
        session.add(own)
    elif own is not None and own.view_id == view.id:
        session.delete(own)
    if roles is None:
        return
    if not actor.may(Capability.ARRANGE):
        raise Forbidden(N_("With which view a role begins is decided by managers and administrators; ask one of them."))
    if roles and not view.shared:
        raise Invalid(N_("A view that a role begins with must be shared."))
    by_role = {row.role: row for row in rows if row.role is not None}
    for role in Role:
        row = by_role.get(role)
        if role in roles:
            row = row or ViewDefault(list_key=view.list_key, role=role, view_id=view.id)
            row.view_id = view.id
            session.add(row)
        elif row is not None and row.view_id == view.id:
            session.delete(row)
    record(session, actor, None, "view.began", view=str(view.id), roles=sorted(role.value for role in roles))


def ensure_may_change(viewer: Viewer, view: SavedView) -> None:
    if not may_change(viewer, view):
        raise Forbidden(N_("This view is somebody else's; save it under a name of your own, or ask a manager."))


def _title(title: str) -> str:
    title = " ".join(title.split())
    if not title:
        raise Invalid(N_("A view needs a name."))
    return title


def _defaults(session: Session, view: SavedView) -> Sequence[ViewDefault]:
    return session.exec(select(ViewDefault).where(col(ViewDefault.view_id) == view.id)).all()


def _are_gone(session: Session, ids: Sequence[int]) -> Mapping[int, Any]:
    views = session.exec(select(SavedView).where(col(SavedView.id).in_(ids)))
    return {view.id: view.closed_at is not None for view in views}


def _bring_back(session: Session, actor: Viewer, view_id: int, _now: Any, gone: Any) -> None:
    view = session.get_one(SavedView, view_id)
    view.closed_at = machine_now() if gone else None
    record(session, actor, None, "view.restored", view=str(view.id), title=view.title)


REMOVAL = Reversal("view.removed", current=_are_gone, put=_bring_back)
