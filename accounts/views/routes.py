"""Views: saved from what one is looking at, changed, taken away."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from accounts.forms import NothingSubmitted
from accounts.routes._forms import attempt, form_again, offering_undo, show_form
from accounts.views import service
from accounts.views.forms import NewViewSubmitted, ViewQuerySubmitted, ViewSubmitted
from accounts.views.menu import address_of, make_menu
from accounts.views.models import SavedView
from accounts.views.queries import begins_with, get_view, may_change, views_of
from crm import clock
from crm.contracts import Registry, ViewCountContext, ViewList
from crm.errors import NotFound
from crm.identity.deps import CurrentViewer
from crm.text import N_, text
from crm.viewer import ROLE_TITLES, Capability, Role, Viewer
from crm.web.forms import Submitted
from crm.web.pages import go_to, page, path_for
from crm.web.session import AppRegistry, DbSession, Now

router = APIRouter(prefix="/views")

MOST_COUNTED = 40  # views whose rows are counted
COUNTED = 999  # more are "999+"
NEW, EDIT = "accounts/views/new.html", "accounts/views/edit.html"


def _list_of(registry: Registry, key: str) -> ViewList:
    found = next((one for one in registry.view_lists if one.key == key), None)
    if found is None:
        raise NotFound(N_("There is no such list."))
    return found


def _clean(query: str) -> str:
    """As a query string of ours, without the page one is on and the view it came from."""
    pairs = parse_qsl(query, max_num_fields=None)
    return urlencode([pair for pair in pairs if pair[0] not in ("view", "after", "before")])


def _address(request: Request, registry: Registry, view: SavedView) -> str:
    return address_of(path_for(request, _list_of(registry, view.list_key).route), view.query, view.id)


def _around(viewer: Viewer) -> dict[str, Any]:
    return {"roles": ROLE_TITLES if viewer.may(Capability.ARRANGE) else {}}


@router.get("/new", name="views.new")
def new_view(
    request: Request,
    session: DbSession,
    viewer: CurrentViewer,
    registry: AppRegistry,
    now: Now,
    of: str = "",
    query: str = "",
) -> Response:
    _list_of(registry, of)
    return show_form(request, NEW, text(N_("Save this view")), list_key=of, query=_clean(query), **_around(viewer))


@router.post("", name="views.create")
def create_view(
    request: Request, session: DbSession, viewer: CurrentViewer, registry: AppRegistry, now: Now, sent: NewViewSubmitted
) -> Response:
    list_key, query = str(sent.raw.get("of", "")), _clean(str(sent.raw.get("query", ""))[: service.LONGEST_QUERY])
    _list_of(registry, list_key)
    made: list[SavedView] = []
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:

        def save() -> None:
            view = service.save_view(
                session, viewer, list_key=list_key, title=form.title, query=query, shared=form.shared
            )
            roles = set(form.roles) if form.roles else None
            service.begin_with(session, viewer, view, mine=form.first, roles=roles)
            made.append(view)

        refused = attempt(session, sent, save)
    if refused is not None:
        title = text(N_("Save this view"))
        return form_again(request, NEW, title, refused, list_key=list_key, query=query, **_around(viewer))
    return go_to(request, _address(request, registry, made[0]))


@router.get("/menu", name="views.menu")
def show_menu(
    request: Request,
    session: DbSession,
    viewer: CurrentViewer,
    registry: AppRegistry,
    now: Now,
    of: str = "",
    view: str = "",
) -> Response:
    """The views with how many each lists, asked for when the menu is opened."""
    one = _list_of(registry, of)
    lines = views_of(session, viewer, of)
    menu = make_menu(of, lines, path=path_for(request, one.route), view=view, query="")
    context = ViewCountContext(session, viewer, registry, now, clock.day_of(now), COUNTED + 1)
    counts = one.counts(context, [item.view.query for item in menu.items[:MOST_COUNTED]])
    return page(request, "accounts/views/menu.html", "accounts/views/_items.html", views=menu.counted(counts))


@router.get("/{view_id:int}/open", name="views.open")
def open_view(
    request: Request, view_id: int, session: DbSession, viewer: CurrentViewer, registry: AppRegistry
) -> Response:
    """For what knows a view by its id alone, as the palette does."""
    return go_to(request, _address(request, registry, get_view(session, viewer, view_id)))


@router.get("/{view_id:int}", name="views.edit")
def edit_view(
    request: Request, view_id: int, session: DbSession, viewer: CurrentViewer, registry: AppRegistry, now: Now
) -> Response:
    view = get_view(session, viewer, view_id)
    return show_form(request, EDIT, _title(view), **_edited(request, session, viewer, registry, view))


@router.post("/{view_id:int}", name="views.update")
def update_view(
    request: Request,
    view_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    registry: AppRegistry,
    now: Now,
    sent: ViewSubmitted,
) -> Response:
    """Whoever may not change it may still choose to begin with it."""
    view = get_view(session, viewer, view_id)
    refused: Submitted[Any] | None = sent if sent.form is None else None
    if (form := sent.form) is not None:

        def change() -> None:
            if may_change(viewer, view):
                service.change_view(session, viewer, view, title=form.title, shared=form.shared)
            roles = set(form.roles) if viewer.may(Capability.ARRANGE) and view.shared else None
            service.begin_with(session, viewer, view, mine=form.first, roles=roles)

        refused = attempt(session, sent, change)
    if refused is not None:
        edited = _edited(request, session, viewer, registry, view)
        return form_again(request, EDIT, _title(view), refused, **edited)
    return go_to(request, _address(request, registry, view))


@router.post("/{view_id:int}/query", name="views.query.update")
def update_query(
    request: Request,
    view_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    registry: AppRegistry,
    sent: ViewQuerySubmitted,
) -> Response:
    """The view keeps from now on what one is looking at."""
    view = get_view(session, viewer, view_id)
    query = _clean(str(sent.raw.get("query", ""))[: service.LONGEST_QUERY])
    service.change_view(session, viewer, view, title=view.title, shared=view.shared, query=query)
    return go_to(request, _address(request, registry, view))


@router.post("/{view_id:int}/removal", name="views.remove")
def remove_view(
    request: Request,
    view_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    registry: AppRegistry,
    sent: NothingSubmitted,
) -> Response:
    view = get_view(session, viewer, view_id)
    entry = service.remove_view(session, viewer, view)
    path = path_for(request, _list_of(registry, view.list_key).route)
    return offering_undo(request, go_to(request, f"{path}?{view.query}" if view.query else path), entry)


def _title(view: SavedView) -> Any:
    return text("%(title)s", title=view.title)


def _edited(request: Request, session: Session, viewer: Viewer, registry: Registry, view: SavedView) -> dict[str, Any]:
    first, roles = begins_with(session, viewer, view)
    return {
        "view": view,
        "first": first,
        "first_roles": [role.value for role in Role if role in roles],
        "mine": may_change(viewer, view),
        "back_href": _address(request, registry, view),
        **_around(viewer),
    }
