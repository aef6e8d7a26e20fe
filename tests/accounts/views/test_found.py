"""Views found by a few letters, and how many each lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from accounts.models import Account, Stage, Tier
from accounts.views import routes, service
from accounts.views.models import SavedView
from crm.viewer import Viewer

Make = Callable[..., Account]
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


def save(session: Session, viewer: Viewer, title: str, query: str = "scope=all", **values: Any) -> SavedView:
    view = service.save_view(session, viewer, list_key="accounts", title=title, query=query, **values)
    session.commit()
    return view


def counts(page: str) -> list[tuple[str, str]]:
    return re.findall(r"<span>([^<]+)</span><small>([^<]+)</small>", page)


def test_the_palette_opens_a_view_by_its_name(as_ana: Any, session: Session, ana: Viewer, ben: Viewer) -> None:
    mine = save(session, ana, "Risques élevés", "scope=all&sort=-arr")
    save(session, ben, "Risks of Ben's own")
    shared = save(session, ben, "All risks", shared=True)
    found = as_ana.get("/palette?q=risk", headers=PART).text
    assert f"/views/{shared.id}/open" in found
    assert "of Ben" not in found
    assert f"/views/{mine.id}/open" in as_ana.get("/palette?q=eleves", headers=PART).text
    assert f"/views/{mine.id}/open" in as_ana.get("/palette", headers=PART).text  # before anything is typed
    assert "All risks" in as_ana.get("/search?q=risks").text
    opened = as_ana.get(f"/views/{mine.id}/open")
    assert (opened.status_code, opened.headers["location"]) == (303, f"/accounts?scope=all&sort=-arr&view={mine.id}")


def test_each_view_says_how_many_it_lists(
    as_ana: Any, session: Session, ana: Viewer, ben: Viewer, make_account: Make, monkeypatch: Any
) -> None:
    for name, tier, owner in (("Acme", Tier.MID, ana), ("Beta", Tier.ENTERPRISE, ana), ("Ceta", Tier.MID, ben)):
        make_account(name, tier=tier, owner=owner)
    make_account("Gone", stage=Stage.CHURNED)
    save(session, ana, "Everything")
    save(session, ana, "Medium ones", "scope=all&tier=mid", shared=True)
    save(session, ana, "Mine")
    save(session, ana, "Nonsense", "scope=all&sort=nothing&columns=%%%&after=x")
    save(session, ben, "Theirs", "scope=mine", shared=True)  # of whoever looks
    listed = [
        as_ana.get(f"/accounts?{query}").text.count("data-pick>") for query in ("scope=all", "scope=all&tier=mid")
    ]
    answer = as_ana.get("/views/menu?of=accounts", headers=PART)
    found = dict(counts(answer.text))
    assert found["Everything"] == str(listed[0]) == "3"
    assert found["Medium ones"] == f"shared · {listed[1]}" == "shared · 2"
    assert found["Theirs"] == "2"
    assert found["Nonsense"] == "3"
    assert dict(counts(as_ana.get("/accounts?scope=all").text))["Medium ones"] == "shared"  # only when it is opened
    monkeypatch.setattr(routes, "COUNTED", 1)
    monkeypatch.setattr(routes, "MOST_COUNTED", 1)
    assert len(counts(as_ana.get("/views/menu?of=accounts", headers=PART).text)) == 2  # one count, one "shared"


def test_the_menu_takes_as_many_statements_for_one_view_as_for_twelve(
    as_ana: Any, session: Session, ana: Viewer, make_account: Make, count_queries: Any
) -> None:
    make_account()
    save(session, ana, "First")
    few = count_queries(lambda: as_ana.get("/views/menu?of=accounts", headers=PART))
    for number in range(11):
        make_account(f"Account {number}")
        save(session, ana, f"View {number}", f"scope=all&sort=account&q=account+{number}")
    assert count_queries(lambda: as_ana.get("/views/menu?of=accounts", headers=PART)) == few


def test_another_lists_views_cannot_be_counted_as_these(as_ana: Any) -> None:
    assert as_ana.get("/views/menu?of=nothing").status_code == 404
