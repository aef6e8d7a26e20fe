"""The review: what it lists, what it adds up to, and that its figures open their rows."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from accounts.models import Account
from accounts.risks import review
from accounts.risks.models import Risk, RiskEvent, RiskReason, RiskStatus
from accounts.risks.service import change_risk, close_risk
from crm import clock
from crm.identity.models import User
from crm.viewer import Viewer

MakeRisk = Callable[..., Risk]
MakeAccount = Callable[..., Account]
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
TODAY = date(2026, 11, 23)


def listed(session: Session, viewer: Viewer, address: str = "", size: int = 50) -> list[int]:
    """Ids of all rows, page after page, and back again."""
    sent = dict(pair.split("=", 1) for pair in address.split("&") if pair)
    query = review.read_query({"scope": "all", **sent}, viewer)
    ids: list[int] = []
    while True:
        found = review.read_page(session, viewer, query, size)
        ids += [row.risk.id for row in found.rows]
        if not found.next:
            break
        query = review.read_query({"scope": "all", **sent, "after": found.next}, viewer)
    back = [row.risk.id for row in found.rows]
    while found.previous:
        query = review.read_query({"scope": "all", **sent, "before": found.previous}, viewer)
        found = review.read_page(session, viewer, query, size)
        back = [row.risk.id for row in found.rows] + back
    assert back == ids
    return ids


def sums(session: Session, viewer: Viewer, **sent: str) -> review.Sums:
    return review.read_sums(session, viewer, review.read_query({"scope": "all", **sent}, viewer))


def long_ago(session: Session, *risks: Risk) -> None:
    """What happened to these risks happened a month ago."""
    for event in session.exec(select(RiskEvent)):
        if event.risk_id in {risk.id for risk in risks}:
            event.happened_at = clock.now() - timedelta(days=30)
            session.add(event)
    session.commit()


@pytest.mark.parametrize("size", [1, 2, 50])
def test_the_dearest_come_first_and_by_day_those_without_a_step(
    session: Session, ana: Viewer, make_risk: MakeRisk, size: int
) -> None:
    dear = make_risk(arr_minor=90_00, next_step="b", next_on=date(2026, 12, 9))
    unsaid = make_risk(next_step="a", next_on=date(2026, 11, 20))
    cheap, twin = (make_risk(arr_minor=10_00) for _ in range(2))
    assert listed(session, ana, "", size) == [dear.id, twin.id, cheap.id, unsaid.id]
    assert listed(session, ana, "sort=day", size) == [cheap.id, twin.id, unsaid.id, dear.id]


def test_each_filter_keeps_what_it_says(
    session: Session,
    ana: Viewer,
    ben: Viewer,
    zoe: Viewer,
    mia: Viewer,
    acme: Account,
    make_account: MakeAccount,
    make_risk: MakeRisk,
) -> None:
    late = make_risk(next_step="a", next_on=TODAY - timedelta(days=1))
    soon = make_risk(next_step="a", next_on=TODAY + timedelta(days=7), reason=RiskReason.PRICE)
    helped = make_risk(help_needed="A date", help_from=session.get_one(User, mia.user_id))
    south = make_risk(account=make_account("South", owner=zoe), next_step="c", next_on=TODAY + timedelta(days=30))
    bens = make_risk(owner=session.get_one(User, ben.user_id), next_step="c")
    accepted = make_risk()
    change_risk(session, ana, acme, accepted, status=RiskStatus.ACCEPTED)
    closed = make_risk()
    close_risk(session, ana, acme, closed, status=RiskStatus.HAPPENED, outcome="They left")
    session.commit()

    def found(address: str) -> set[int]:
        return set(listed(session, ana, address))

    def ids(*risks: Risk) -> set[int]:
        return {risk.id for risk in risks}

    assert found("") == ids(late, soon, helped, south, bens, accepted)
    assert found("stands=accepted") == ids(accepted)
    assert found("stands=closed") == ids(closed)
    assert found("due=late") == ids(late)
    assert found("due=week") == ids(soon)
    assert found("due=none") == ids(helped, bens)  # an accepted one needs no step
    assert found("reason=price") == ids(soon)
    assert found(f"owner={ben.user_id}") == ids(bens)
    assert found(f"team={zoe.team_id}") == ids(south)
    assert found("help=any") == ids(helped)
    assert set(listed(session, mia, "help=mine")) == ids(helped)
    assert found("nonsense=1&reason=nothing&owner=x") == found("")


def test_the_sums_are_those_of_the_rows(
    session: Session, ana: Viewer, ben: Viewer, acme: Account, make_account: MakeAccount, make_risk: MakeRisk
) -> None:
    """Against a recount by hand over a random book; pounds are counted, not added."""
    dice = Random(7)
    pounds = make_account("Pounds", currency="GBP", arr_minor=1_00)
    people = [session.get_one(User, one.user_id) for one in (ana, ben)]
    made = [
        make_risk(
            account=dice.choice([acme, acme, pounds]),
            reason=dice.choice([RiskReason.PRICE, RiskReason.QUALITY]),
            owner=dice.choice(people),
            arr_minor=dice.choice([None, 10_00, 25_00]),
            next_step="x",
            next_on=dice.choice([None, TODAY - timedelta(days=2), TODAY + timedelta(days=3)]),
        )
        for _ in range(40)
    ]
    found = sums(session, ana)

    def home(risks: list[Risk]) -> int:
        return sum(risk.arr_minor or 0 for risk in risks if risk.account_id == acme.id)

    assert (found.all.count, found.all.arr_minor) == (40, home(made))
    assert found.all.unsaid == sum(risk.arr_minor is None for risk in made)
    assert found.all.elsewhere == sum(risk.arr_minor is not None and risk.account_id == pounds.id for risk in made)
    assert found.all.late == sum(risk.is_late(TODAY) for risk in made)
    for one in found.by_reason:
        own = [risk for risk in made if risk.reason.value == one.key]
        assert (one.sum.count, one.sum.arr_minor) == (len(own), home(own))
        assert sorted(listed(session, ana, f"reason={one.key}")) == sorted(risk.id for risk in own)
    for one in found.by_owner:
        own = [risk for risk in made if str(risk.owner_id) == one.key]
        assert (one.sum.count, one.sum.late) == (len(own), sum(risk.is_late(TODAY) for risk in own))
        assert len(listed(session, ana, f"owner={one.key}&due=late")) == one.sum.late


def test_what_changed_since_last_week(session: Session, ana: Viewer, acme: Account, make_risk: MakeRisk) -> None:
    before = make_risk(arr_minor=120_00)
    averted = make_risk(arr_minor=30_00)
    long_ago(session, before, averted)
    change_risk(session, ana, acme, before, arr_minor=184_00)
    close_risk(session, ana, acme, averted, status=RiskStatus.MITIGATED, outcome="Fixed")
    new = make_risk(arr_minor=10_00)
    week = sums(session, ana).week
    assert (week.opened, week.closed, week.moved, week.arr_before_minor) == (1, 1, 1, 150_00)
    assert sums(session, ana).all.arr_minor == 194_00
    assert listed(session, ana, "change=new&stands=any") == [new.id]
    assert listed(session, ana, "change=closed") == [averted.id]
    assert listed(session, ana, "change=moved") == [before.id]


def test_next_and_previous_walk_the_view(session: Session, ana: Viewer, acme: Account, make_risk: MakeRisk) -> None:
    first, second, third = (make_risk(arr_minor=amount, reason=RiskReason.PRICE) for amount in (30_00, 20_00, 10_00))
    make_risk(arr_minor=25_00)  # of another reason
    query = review.read_query({"scope": "all", "reason": "price"}, ana)
    place = review.beside(session, ana, query, second.id)
    assert (place.previous_id, place.next_id) == (first.id, third.id)
    close_risk(session, ana, acme, second, status=RiskStatus.MITIGATED, outcome="Done")
    session.flush()
    place = review.beside(session, ana, query, second.id)  # it fits no more, and keeps its place
    assert (place.previous_id, place.next_id) == (first.id, third.id)
    assert review.beside(session, ana, query, third.id).next_id is None


# --- rights ----------------------------------------------------------------------------------------------------------


def test_amounts_are_shown_to_those_who_read_money_only(
    as_ana: TestClient, as_agent: TestClient, make_risk: MakeRisk
) -> None:
    risk = make_risk(arr_minor=77_777_00, next_step="Call")
    for address in ("/risks?scope=all", f"/risks/{risk.id}", "/risks.csv?scope=all"):
        assert "77,777" in as_ana.get(address).text or "77777" in as_ana.get(address).text
        hidden = as_agent.get(address)
        assert hidden.status_code == 200
        assert not re.search(r"77.?777|78\u202fk", hidden.text)


@pytest.mark.settings(books="own")
def test_others_risks_are_neither_listed_nor_added_up(
    session: Session, zoe: Viewer, as_zoe: TestClient, make_risk: MakeRisk
) -> None:
    risk = make_risk(arr_minor=5_00)
    assert listed(session, zoe) == []
    assert sums(session, zoe).all.count == 0
    assert sums(session, zoe).week.opened == 0
    assert as_zoe.get(f"/risks/{risk.id}").status_code == 404
    assert as_zoe.get(f"/risks/{risk.id}/cells/step").status_code == 404


# --- pages -----------------------------------------------------------------------------------------------------------


def test_every_figure_of_the_review_opens_its_rows(
    as_ana: TestClient, session: Session, ana: Viewer, acme: Account, make_risk: MakeRisk
) -> None:
    make_risk(arr_minor=30_00, next_step="a", next_on=TODAY - timedelta(days=1))
    make_risk(arr_minor=20_00, reason=RiskReason.PRICE, help_needed="A date")
    page = as_ana.get("/risks").text
    top = page[page.index("risk-sums__all") : page.index("</dl>")]
    for href, shown in re.findall(r'<a href="([^"]+)">([^<]+)</a>', top):
        if not shown.strip().isdigit():
            continue
        opened = as_ana.get(html.unescape(href)).text
        assert opened.count("<tr data-row>") == int(shown), href


def test_a_cell_is_edited_where_it_stands(as_mia: TestClient, session: Session, make_risk: MakeRisk) -> None:
    risk = make_risk()
    target = {**HTMX, "HX-Target": f"a#risk-step-{risk.id}"}
    form = as_mia.get(f"/risks/{risk.id}/cells/step", headers=target)
    assert 'name="step"' in form.text
    wrong = as_mia.post(f"/risks/{risk.id}/cells/amount", data={"amount": "lots"}, headers=target)
    assert wrong.status_code == 422
    assert 'value="lots"' in wrong.text
    saved = as_mia.post(f"/risks/{risk.id}/cells/step", data={"step": "Call Ingrid, 2026-11-27"}, headers=target)
    assert saved.status_code == 200
    assert f'id="risk-step-{risk.id}"' in saved.text
    as_mia.post(f"/risks/{risk.id}/cells/amount", data={"amount": "184 000"}, headers=target)
    session.expire_all()
    found = session.get_one(Risk, risk.id)
    assert (found.next_step, found.next_on, found.arr_minor) == ("Call Ingrid", date(2026, 11, 27), 184_000_00)


def test_without_javascript_a_cell_is_a_page_and_leads_back_to_the_risk(
    as_mia: TestClient, session: Session, make_risk: MakeRisk
) -> None:
    risk = make_risk()
    assert 'name="help"' in as_mia.get(f"/risks/{risk.id}/cells/help").text
    saved = as_mia.post(f"/risks/{risk.id}/cells/help", data={"help": "A date"}, follow_redirects=False)
    assert (saved.status_code, saved.headers["location"]) == (303, f"/risks/{risk.id}")


def test_the_story_of_a_risk_by_its_forms(as_ana: TestClient, session: Session, ana: Viewer, acme: Account) -> None:
    bad = as_ana.post(f"/accounts/{acme.id}/risks", data={"reason": "price", "since_on": "today", "next_on": "Friday"})
    assert bad.status_code == 422
    assert "Say what is to be done on that day." in bad.text
    made = as_ana.post(
        f"/accounts/{acme.id}/risks",
        data={
            "reason": "price",
            "words": "30 % too dear",
            "amount": "12,000",
            "since_on": "today",
            "owner": str(ana.user_id),
        },
        follow_redirects=False,
    )
    assert made.status_code == 303
    risk = session.exec(select(Risk)).one()
    assert (risk.arr_minor, risk.reason) == (12_000_00, RiskReason.PRICE)
    assert "30 % too dear" in as_ana.get(f"/risks/{risk.id}").text
    as_ana.post(
        f"/risks/{risk.id}?back=/risks",
        data={
            "reason": "budget",
            "words": "Budget cut",
            "amount": "9000",
            "since_on": "2026-11-01",
            "status": "accepted",
            "version": str(risk.version),
        },
    )
    ended = as_ana.post(
        f"/risks/{risk.id}/closing?back=/risks",
        data={"status": "mitigated", "outcome": "Two years instead of one", "on": "today"},
        follow_redirects=False,
    )
    assert ended.headers["location"] == "/risks"
    page = as_ana.get(f"/risks/{risk.id}").text
    assert "Two years instead of one" in page
    assert "Their budget" in page
    account = as_ana.get(f"/accounts/{acme.id}").text
    assert "Risk opened: Their budget" in account  # as it is called now
    assert "Risk closed: Their budget, mitigated" in account


def test_the_file_has_every_row(as_ana: TestClient, make_risk: MakeRisk) -> None:
    for amount in (1_00, 2_00, 3_00):
        make_risk(arr_minor=amount, words="=1+1")
    rows = list(csv.DictReader(io.StringIO(as_ana.get("/risks.csv?scope=all").text.removeprefix("\ufeff"))))
    assert [row["ARR at risk"] for row in rows] == ["3", "2", "1"]
    assert rows[0]["In words"] == "'=1+1"


def test_the_pages_take_the_same_queries_for_one_risk_and_for_many(
    as_mia: TestClient, acme: Account, make_account: MakeAccount, make_risk: MakeRisk, count_queries: Callable[..., int]
) -> None:
    risk = make_risk(arr_minor=50_00)
    addresses = ["/risks", f"/risks/{risk.id}", f"/accounts/{acme.id}"]
    few = [count_queries(lambda address=address: as_mia.get(address)) for address in addresses]
    for number in range(30):
        values: dict[str, Any] = {"account": acme if number % 2 else make_account(f"Account {number}")}
        make_risk(arr_minor=number * 100, **values)
    assert [count_queries(lambda address=address: as_mia.get(address)) for address in addresses] == few
