"""Saved views: whose they are, what they open, with which a list begins; and that no address breaks the list."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import HealthCheck, given, settings as tuned, strategies as st
from sqlmodel import Session, select

from accounts.listing.query import read_query
from accounts.models import Account, OwnField, OwnFieldKind
from accounts.own.columns import own_columns
from accounts.tags.columns import TAG_COLUMNS
from accounts.views import service
from accounts.views.models import SavedView, ViewDefault
from accounts.views.queries import first_view, views_of
from crm.errors import Conflict, Forbidden, Invalid
from crm.slices import REGISTRY
from crm.undo import UndoEntry, take_back
from crm.viewer import Role, Viewer


def save(session: Session, viewer: Viewer, title: str = "Mine", **values: Any) -> SavedView:
    given = {"list_key": "accounts", "query": "scope=all&sort=account", **values}
    view = service.save_view(session, viewer, title=title, **given)
    session.commit()
    return view


def titles(session: Session, viewer: Viewer) -> list[str]:
    return [line.title for line in views_of(session, viewer, "accounts")]


def test_a_view_is_its_makers_until_it_is_shared(session: Session, ana: Viewer, ben: Viewer) -> None:
    view = save(session, ana)
    assert (titles(session, ana), titles(session, ben)) == (["Mine"], [])
    service.change_view(session, ana, view, title="Ours", shared=True)
    assert titles(session, ben) == ["Ours"]
    with pytest.raises(Forbidden):
        service.change_view(session, ben, view, title="Ben's", shared=True)
    assert view.title == "Ours"


def test_a_manager_keeps_shared_views_in_order(session: Session, ana: Viewer, mia: Viewer) -> None:
    view = save(session, ana, shared=True)
    service.change_view(session, mia, view, title="Everybody's", shared=True)
    assert view.title == "Everybody's"


def test_views_of_another_list_stay_there(session: Session, ana: Viewer) -> None:
    save(session, ana, list_key="renewals")
    assert titles(session, ana) == []


def test_two_views_of_one_person_have_two_names(session: Session, ana: Viewer, ben: Viewer) -> None:
    save(session, ana, "Red ones")
    with pytest.raises(Conflict):
        save(session, ana, "red  Ones")
    save(session, ben, "Red ones")


def test_the_list_begins_with_ones_own_choice_before_the_roles(
    session: Session, ana: Viewer, ben: Viewer, mia: Viewer
) -> None:
    of_role, own = save(session, mia, "For managers of accounts", shared=True), save(session, ana, "My own")
    service.begin_with(session, mia, of_role, mine=False, roles={Role.RELATIONSHIP_MANAGER})
    service.begin_with(session, ana, own, mine=True)
    found = {viewer.name: first_view(session, viewer, "accounts") for viewer in (ana, ben, mia)}
    assert (found[ana.name], found[ben.name], found[mia.name]) == (own, of_role, None)
    service.begin_with(session, ana, own, mine=False)
    assert first_view(session, ana, "accounts") == of_role


def test_a_role_begins_only_with_what_is_shared_and_only_by_those_who_arrange(
    session: Session, ana: Viewer, mia: Viewer
) -> None:
    view = save(session, ana, shared=True)
    with pytest.raises(Forbidden):
        service.begin_with(session, ana, view, mine=False, roles={Role.MANAGER})
    private = save(session, mia, "Private")
    with pytest.raises(Invalid):
        service.begin_with(session, mia, private, mine=False, roles={Role.MANAGER})
    assert session.exec(select(ViewDefault)).all() == []


def test_a_view_no_longer_shared_opens_nobody_elses_list(session: Session, ana: Viewer, mia: Viewer) -> None:
    view = save(session, mia, shared=True)
    service.begin_with(session, mia, view, mine=True, roles={Role.RELATIONSHIP_MANAGER})
    service.change_view(session, mia, view, title="Mine", shared=False)
    session.flush()
    assert (first_view(session, ana, "accounts"), first_view(session, mia, "accounts")) == (None, view)


def test_a_view_taken_away_comes_back(session: Session, ana: Viewer) -> None:
    view = save(session, ana)
    entry = service.remove_view(session, ana, view)
    assert titles(session, ana) == []
    take_back(session, REGISTRY, ana, entry)
    assert titles(session, ana) == ["Mine"]
    with pytest.raises(Conflict):
        take_back(session, REGISTRY, ana, entry)


# --- pages -----------------------------------------------------------------------------------------------------------


def test_an_address_without_anything_opens_the_first_view(as_ana: Any, session: Session, ana: Viewer) -> None:
    assert as_ana.get("/accounts").status_code == 200
    view = save(session, ana)
    service.begin_with(session, ana, view, mine=True)
    opened = as_ana.get("/accounts")
    assert opened.status_code == 303
    assert opened.headers["location"] == f"/accounts?scope=all&sort=account&view={view.id}"
    assert as_ana.get("/accounts?scope=mine").status_code == 200  # whoever says something gets that


def test_the_address_of_a_view_opens_it(as_ana: Any, session: Session, ana: Viewer, make_account: Any) -> None:
    make_account("Acme")
    view = save(session, ana)
    assert as_ana.get(f"/accounts?view={view.id}").headers["location"].startswith("/accounts?scope=all&sort=account")
    page = as_ana.get(f"/accounts?scope=all&sort=account&view={view.id}").text
    assert 'aria-label="Views: Mine"' in page
    assert "Keep these changes" not in page
    changed = as_ana.get(f"/accounts?scope=all&sort=-account&view={view.id}").text
    assert "Keep these changes in “Mine”" in changed
    assert as_ana.get("/accounts?view=1").status_code == 200  # nobody's


def test_what_one_looks_at_is_saved_changed_and_taken_away(as_ana: Any, session: Session) -> None:
    form = {"of": "accounts", "query": "scope=all&band=red&after=xyz&view=3", "title": "Red", "first": "true"}
    made = as_ana.post("/views", data=form)
    view = session.exec(select(SavedView)).one()
    assert view.query == "scope=all&band=red"
    assert made.headers["location"] == f"/accounts?scope=all&band=red&view={view.id}"
    assert as_ana.get("/accounts").headers["location"] == made.headers["location"]
    as_ana.post(f"/views/{view.id}/query", data={"query": "scope=mine&sort=-arr"})
    as_ana.post(f"/views/{view.id}", data={"title": "Rich"})
    session.expire_all()
    assert (view.title, view.query) == ("Rich", "scope=mine&sort=-arr")
    assert as_ana.get("/accounts").status_code == 200  # no longer the first: the box was not ticked
    gone = as_ana.post(f"/views/{view.id}/removal")
    assert gone.status_code == 303
    entry = session.exec(select(UndoEntry)).one()
    page = as_ana.get(gone.headers["location"]).text
    assert "The view “Rich” is gone." in page
    assert f'action="/undo/{entry.id}"' in page
    back = as_ana.post(f"/undo/{entry.id}", data={"next": "/accounts?scope=all"})
    assert back.headers["location"] == "/accounts?scope=all"
    assert "Taken back: The view “Rich” is gone." in as_ana.get("/accounts?scope=all").text
    assert "Taken back" not in as_ana.get("/accounts?scope=all").text  # said once


def test_a_form_without_a_name_comes_back_with_what_was_typed(as_ana: Any) -> None:
    form = {"of": "accounts", "query": "scope=all&band=red", "title": " ", "shared": "true"}
    again = as_ana.post("/views", data=form)
    assert again.status_code == 422
    assert 'value="scope=all&amp;band=red"' in again.text
    assert re.search(r'name="shared" value="true" checked', again.text)


def test_an_unknown_list_is_not_there(as_ana: Any) -> None:
    assert as_ana.get("/views/new?of=nothing").status_code == 404
    assert as_ana.post("/views", data={"of": "nothing", "title": "X"}).status_code == 404


# --- columns ---------------------------------------------------------------------------------------------------------


def headings(page: str) -> list[str]:
    head = page[page.index("<thead>") : page.index("</thead>")]
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<th.*?</th>", head, re.DOTALL)][1:]


def test_columns_stand_in_the_order_of_the_address(as_ana: Any, make_account: Any) -> None:
    make_account("Acme")
    page = as_ana.get("/accounts?scope=all&columns=owner,nothing,arr,tags,owner").text
    assert headings(page) == ["Account", "Owner", "ARR", "Tags"]
    assert "Score" in headings(as_ana.get("/accounts?scope=all&columns=nothing").text)  # then as at first


def test_columns_are_chosen_and_moved_without_javascript(as_ana: Any, make_account: Any) -> None:
    make_account("Acme")
    page = as_ana.get("/accounts/columns?scope=all&band=red&columns=owner,arr").text
    assert 'name="band" value="red"' in page
    order = re.findall(r'name="order" value="([^"]+)"', page)
    assert order[:2] == ["owner", "arr"]
    assert re.findall(r'name="columns" value="([^"]+)" checked', page) == ["owner", "arr"]
    address = "/accounts/columns?order=owner&order=arr&order=stage&columns=owner&columns=stage&down=owner"
    moved = as_ana.get(address).text
    assert re.findall(r'name="order" value="([^"]+)"', moved)[:3] == ["arr", "owner", "stage"]
    assert re.findall(r'name="columns" value="([^"]+)" checked', moved) == ["owner", "stage"]
    done = as_ana.get(
        "/accounts/columns?scope=all&band=red&order=stage&order=owner&columns=owner&columns=stage&done=true"
    )
    assert done.headers["location"] == "/accounts?scope=all&band=red&columns=stage%2Cowner"
    none = as_ana.get("/accounts/columns?scope=all&order=stage&order=owner&done=true")
    assert none.headers["location"] == "/accounts?scope=all"


words = st.sampled_from(
    "scope q sort columns view after before band decides stage own.plants own.x tag tier owner nothing up order".split()
)
values = st.one_of(
    st.sampled_from("all mine -arr own.plants -own.plants tags score,arr,own.plants red >5 - *".split()),
    st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
)


@tuned(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60, deadline=None
)
@given(pairs=st.lists(st.tuples(words, values), max_size=7))
def test_no_view_breaks_the_list(
    as_ana: Any, session: Session, ana: Viewer, make_account: Callable[..., Account], pairs: list[tuple[str, str]]
) -> None:
    """Whatever a view has kept, of columns and fields that may be gone: the list opens, and says the same of itself."""
    if session.exec(select(Account)).first() is None:
        make_account("Acme")
        session.add(OwnField(key="plants", title="Plants", kind=OwnFieldKind.NUMBER))
        session.commit()
    query = urlencode(pairs)
    answer = as_ana.get(f"/accounts?{query}")
    if answer.status_code == 303:  # a view alone
        answer = as_ana.get(answer.headers["location"])
    assert answer.status_code == 200
    columns = (*REGISTRY.account_columns, *TAG_COLUMNS[:0], *own_columns(session.exec(select(OwnField)).all()))
    read = read_query(parse_qsl(query), columns, ana)
    assert read_query(parse_qsl(read.canonical), columns, ana).canonical == read.canonical
