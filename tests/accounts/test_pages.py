"""The account page: whole in one request, a fixed number of statements, each panel alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session

from accounts import service
from accounts.models import (
    Account,
    Channel,
    Contact,
    Contract,
    Direction,
    MovementKind,
    OwnField,
    OwnFieldKind,
    TeamRole,
)
from crm import clock
from crm.viewer import Viewer

TODAY = date(2026, 11, 23)
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def test_the_page_says_what_one_reads_before_a_call(
    as_ana: Any,
    session: Session,
    ana: Viewer,
    ben: Viewer,
    acme: Account,
    contract: Contract,
    iris: Contact,
    as_user: Any,
) -> None:
    service.add_cover(session, ana, acme, as_user(ben), from_on=TODAY, to_on=TODAY + timedelta(days=4), reason="leave")
    service.move_arr(session, ana, acme, MovementKind.NEW, 184_000_00, effective_on=TODAY, contract=contract)
    service.add_team_member(session, ana, acme, as_user(ben), TeamRole.BACKUP, from_on=TODAY)
    service.create_task(session, ana, acme, title="Call Iris", due_on=date(2026, 11, 27))
    own = OwnField(key="erp", title="ERP in use", kind=OwnFieldKind.TEXT)
    session.add(own)
    session.flush()
    service.set_own_value(session, ana, acme, own, "SAP <script>")
    session.commit()
    page = as_ana.get(f"/accounts/{acme.id}").text
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "Ana Duarte, covered by Ben Okafor until Friday" in words
    assert "€184 k a year" in words
    assert "day to decide passed on 2 Nov" in words
    assert "Next: Call Iris by Friday" in words
    assert "Iris Weber sponsor no talk noted yet" in words
    assert "backup" in words
    assert "SAP &lt;script&gt;" in page
    for key in ("next", "timeline", "people", "contract", "team", "details"):
        assert f'id="panel-{key}"' in page


def test_each_panel_stands_alone(as_ana: Any, acme: Account) -> None:
    for key in ("next", "timeline", "people", "contract", "team", "details"):
        part = as_ana.get(f"/accounts/{acme.id}/panels/{key}", headers=HTMX)
        assert part.text.lstrip().startswith(f'<div class="panel panel--{key}" id="panel-{key}"')
        whole = as_ana.get(f"/accounts/{acme.id}/panels/{key}")
        assert "<html" in whole.text
    assert as_ana.get(f"/accounts/{acme.id}/panels/nothing").status_code == 404


def test_the_title_line_stands_alone_for_htmx_only(as_ana: Any, acme: Account) -> None:
    part = as_ana.get(f"/accounts/{acme.id}/header", headers=HTMX)
    assert part.text.lstrip().startswith('<div id="account-header"')
    whole = as_ana.get(f"/accounts/{acme.id}/header")
    assert (whole.status_code, whole.headers["location"]) == (303, f"/accounts/{acme.id}")


def test_executives_read_and_see_no_forms(as_exec: Any, acme: Account, contract: Contract) -> None:
    page = as_exec.get(f"/accounts/{acme.id}").text
    assert "note-form" not in page
    assert "/contracts/new" not in page
    assert "Acme belongs to Ana Duarte; ask them or their manager." in page


def test_what_is_not_there_is_a_page_that_says_so(as_ana: Any) -> None:
    for path in ("/accounts/1", "/accounts/99999999999999999999999", "/accounts/abc", "/contacts/1"):
        answer = as_ana.get(path)
        assert answer.status_code == 404
        assert "<html" in answer.text


def test_a_drawer_gets_the_form_and_its_way_to_a_page(as_ana: Any, acme: Account) -> None:
    answer = as_ana.get(f"/accounts/{acme.id}/stage", headers={**HTMX, "HX-Target": "dialog#drawer"})
    assert "data-drawer-content" in answer.text
    assert '<form id="stage-form"' in answer.text
    sent = as_ana.post(f"/accounts/{acme.id}/stage", data={"stage": "live", "on": "today"}, headers=HTMX)
    assert sent.status_code == 422
    assert sent.text.lstrip().startswith('<form id="stage-form"')
    done = as_ana.post(f"/accounts/{acme.id}/stage", data={"stage": "renewing", "on": "today"}, headers=HTMX)
    assert (done.status_code, done.headers["HX-Redirect"]) == (204, f"/accounts/{acme.id}")


def _fill(session: Session, ana: Viewer, account: Account, times: int) -> None:
    for number in range(times):
        service.create_task(session, ana, account, title=f"Task {number}", due_on=TODAY + timedelta(days=number))
        contact = service.add_contact(session, ana, account, name=f"Person {number}", email=f"p{number}@x.example")
        service.log_interaction(
            session,
            ana,
            account,
            channel=Channel.CALL,
            direction=Direction.OUT,
            body="Hello",
            contact=contact,
            happened_at=clock.now() - timedelta(days=number),
        )
        service.add_contract(session, ana, account, starts_on=date(2026, 1, 1), ends_on=date(2027, 1, 1 + number))
        service.move_arr(session, ana, account, MovementKind.NEW, 100, effective_on=TODAY)
    session.commit()


def test_the_page_takes_as_many_statements_however_much_there_is(
    as_ana: Any, session: Session, ana: Viewer, make_account: Callable[..., Account], count_queries: Callable[..., int]
) -> None:
    small, large = make_account("Small"), make_account("Large")
    _fill(session, ana, small, 1)
    _fill(session, ana, large, 20)
    few = count_queries(lambda: as_ana.get(f"/accounts/{small.id}"))
    assert count_queries(lambda: as_ana.get(f"/accounts/{large.id}")) == few
    page = as_ana.get("/tasks")
    assert page.text.count("Task ") >= 21
    tasks = count_queries(lambda: as_ana.get("/tasks"))
    _fill(session, ana, make_account("Third"), 5)
    assert count_queries(lambda: as_ana.get("/tasks")) == tasks
