"""Taking back a single change: who may, until when, and only while nobody has changed the same since."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from accounts import service
from accounts.models import Account, AccountFact, FactKey, Stage, Task, Tier
from accounts.tags.queries import tags_of
from crm import undo
from crm.clock import machine_now, today
from crm.errors import Conflict, NotFound
from crm.slices import REGISTRY
from crm.text import text
from crm.undo import ChangedSince, UndoEntry
from crm.viewer import Viewer


def entry_of(session: Session) -> UndoEntry:
    session.expire_all()
    return session.exec(select(UndoEntry).order_by(col(UndoEntry.id).desc())).first() or pytest.fail("nothing to undo")


def offered(browser: Any, address: str) -> str:
    """Where the toast of the next page leads."""
    found = re.search(r'action="(/undo/\d+)"', browser.get(address).text)
    assert found is not None
    return found[1]


def test_a_stage_is_taken_back_from_the_toast(as_ana: Any, session: Session, acme: Account) -> None:
    page = f"/accounts/{acme.id}"
    as_ana.post(f"{page}/stage", data={"stage": "renewing", "on": "2026-11-20", "reason": ""})
    session.expire_all()
    assert acme.stage is Stage.RENEWING
    address = offered(as_ana, page)
    assert "/undo/" not in as_ana.get(page).text  # offered once
    back = as_ana.post(address, data={"next": page})
    assert back.headers["location"] == page
    session.expire_all()
    assert (acme.stage, acme.stage_entered_on.isoformat()) == (Stage.LIVE, "2025-01-06")
    open_ = select(AccountFact).where(col(AccountFact.key) == FactKey.STAGE, col(AccountFact.closed_at).is_(None))
    assert session.exec(open_).all() == []  # as if it had not been


def test_tier_owner_and_tags_are_taken_back(
    as_mia: Any, session: Session, acme: Account, ana: Viewer, ben: Viewer
) -> None:
    page = f"/accounts/{acme.id}"
    as_mia.post(f"{page}/details", data={"name": "Acme", "tier": "enterprise"})
    as_mia.post(offered(as_mia, page))
    as_mia.post(f"{page}/owner", data={"owner": str(ben.user_id), "on": "today", "reason": "balance"})
    session.expire_all()
    assert (acme.tier, acme.owner_id) == (Tier.MID, ben.user_id)
    as_mia.post(offered(as_mia, page))
    as_mia.post(f"{page}/tags", data={"tags": "pilot, SAP; pilot"})
    assert tags_of(session, [acme.id])[acme.id] == ["pilot", "SAP"]
    as_mia.post(offered(as_mia, page))
    session.expire_all()
    assert (acme.owner_id, tags_of(session, [acme.id])[acme.id]) == (ana.user_id, [])


def test_a_task_done_is_open_again(as_ana: Any, session: Session, ana: Viewer, acme: Account) -> None:
    task = service.create_task(session, ana, acme, title="Call", due_on=today())
    session.commit()
    as_ana.post(f"/accounts/{acme.id}/tasks/{task.id}/completion", data={"outcome": "spoke"})
    session.expire_all()
    assert task.done_at is not None
    as_ana.post(f"/undo/{entry_of(session).id}", data={"next": "/tasks"})
    session.expire_all()
    assert (task.done_at, task.outcome) == (None, "")


def test_a_task_moved_goes_back_and_a_new_step_goes_away(as_ana: Any, session: Session, acme: Account) -> None:
    as_ana.post(f"/accounts/{acme.id}/next-step", data={"next": "Call Iris, 2026-12-01"})
    task = session.exec(select(Task)).one()
    made = entry_of(session)
    as_ana.post(f"/accounts/{acme.id}/tasks/{task.id}/day", data={"due_on": "2026-12-05"})
    as_ana.post(f"/undo/{entry_of(session).id}")
    session.expire_all()
    assert task.due_on.isoformat() == "2026-12-01"
    as_ana.post(f"/undo/{made.id}")
    session.expire_all()
    assert session.exec(select(Task)).all() == []


def test_a_cell_says_how_to_take_it_back(as_ana: Any, session: Session, acme: Account) -> None:
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": f"a#next-{acme.id}"}
    form = {"next": "Call Iris, 2026-12-01"}
    answer = as_ana.post(f"/accounts/{acme.id}/next-step", data=form, headers=headers)
    told = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert told == {"text": "Next step: Call Iris", "undo": f"/undo/{entry_of(session).id}"}


def test_it_is_refused_once_somebody_has_changed_the_same(
    as_ana: Any, session: Session, mia: Viewer, acme: Account
) -> None:
    as_ana.post(f"/accounts/{acme.id}/stage", data={"stage": "renewing", "on": "today"})
    entry = entry_of(session)
    service.change_stage(session, mia, acme, Stage.ONBOARDING, on=today())
    session.commit()
    answer = as_ana.post(f"/undo/{entry.id}")
    assert answer.status_code == 409
    assert "Somebody has changed this again since" in answer.text
    session.expire_all()
    assert acme.stage is Stage.ONBOARDING


def test_a_change_of_something_else_does_not_stand_in_the_way(
    as_ana: Any, session: Session, mia: Viewer, acme: Account
) -> None:
    as_ana.post(f"/accounts/{acme.id}/stage", data={"stage": "renewing", "on": "today"})
    entry = entry_of(session)
    service.set_tier(session, mia, acme, Tier.ENTERPRISE)
    session.commit()
    assert as_ana.post(f"/undo/{entry.id}").status_code == 303
    session.expire_all()
    assert (acme.stage, acme.tier) == (Stage.LIVE, Tier.ENTERPRISE)


def test_what_others_did_is_theirs_to_take_back(as_ben: Any, as_ana: Any, session: Session, acme: Account) -> None:
    as_ana.post(f"/accounts/{acme.id}/stage", data={"stage": "renewing", "on": "today"})
    assert as_ben.post(f"/undo/{entry_of(session).id}").status_code == 404
    session.expire_all()
    assert acme.stage is Stage.RENEWING


def test_it_holds_for_an_hour_and_once(session: Session, ana: Viewer, ben: Viewer, acme: Account) -> None:
    entry = undo.remember(session, ana, "account.tier", acme.id, before="enterprise", after="mid", said=text("X"))
    entry.created_at = machine_now() - timedelta(minutes=61)
    with pytest.raises(Conflict):
        undo.take_back(session, REGISTRY, ana, entry)
    entry.created_at = machine_now()
    undo.take_back(session, REGISTRY, ana, entry)
    with pytest.raises(Conflict):
        undo.take_back(session, REGISTRY, ana, entry)
    with pytest.raises(NotFound):
        undo.get_entry(session, ben, entry.id)
    acme.closed_at = machine_now()
    session.flush()
    again = undo.remember(session, ana, "account.tier", acme.id, before="mid", after="enterprise", said=text("X"))
    with pytest.raises(ChangedSince):
        undo.take_back(session, REGISTRY, ana, again)


def test_a_page_takes_no_statement_more_without_the_cookie(as_ana: Any, acme: Account, count_queries: Any) -> None:
    plain = count_queries(lambda: as_ana.get("/tasks"))
    as_ana.post(f"/accounts/{acme.id}/stage", data={"stage": "renewing", "on": "today"})
    assert count_queries(lambda: as_ana.get("/tasks")) == plain + 1
    assert count_queries(lambda: as_ana.get("/tasks")) == plain
