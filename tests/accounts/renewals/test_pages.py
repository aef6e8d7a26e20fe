"""The list, its cells, the board and the changes, as a browser gets them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from accounts import service
from accounts.models import Account, Contract, Stage
from accounts.renewals.forms import Unreadable, read_amount, read_month, read_uplift
from accounts.renewals.keeping import current_forecast
from accounts.renewals.models import Forecast
from accounts.renewals.queries import read_quarters
from accounts.renewals.query import Quarter, read_query
from accounts.renewals.service import expect
from crm.viewer import Viewer
from tests.accounts.renewals.conftest import AddContract

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
F = Forecast


def test_renewals_of_the_next_90_days_stand_on_the_first_page(
    as_ana: TestClient, acme: Account, contract: Contract, make_account: Any, add_contract: AddContract
) -> None:
    add_contract(make_account("Far away"), date(2027, 9, 1))
    add_contract(make_account("Gone", stage=Stage.CHURNED), date(2026, 12, 20))
    page = as_ana.get("/renewals").text
    assert "Acme" in page
    assert "€184" in page
    assert "Far away" not in page
    assert "Gone" not in page
    assert "Far away" in as_ana.get("/renewals?when=2027-q3").text


def test_a_cell_is_edited_where_it_stands(
    as_ana: TestClient, session: Session, acme: Account, contract: Contract
) -> None:
    href = f"/renewals/{contract.id}/forecast"
    cell = {**HTMX, "HX-Target": f"a#forecast-{contract.id}"}
    assert "<select" in as_ana.get(href, headers=cell).text
    answer = as_ana.post(href, data={"value": "at_risk"}, headers=cell)
    assert answer.status_code == 200
    assert "at risk" in answer.text
    assert f'id="amount-{contract.id}"' in answer.text  # what follows from it comes along
    assert "renewals-changed" in answer.headers["HX-Trigger"]
    session.expire_all()
    row = current_forecast(session, contract.id)
    assert row is not None
    assert row.forecast is F.AT_RISK
    assert "at risk" in as_ana.get(f"{href}?cancel=true", headers=cell).text


def test_a_cell_that_cannot_be_read_keeps_what_was_typed(as_ana: TestClient, contract: Contract) -> None:
    cell = {**HTMX, "HX-Target": f"a#uplift-{contract.id}"}
    answer = as_ana.post(f"/renewals/{contract.id}/uplift", data={"value": "a lot"}, headers=cell)
    assert answer.status_code == 422
    assert 'value="a lot"' in answer.text
    assert "is not a number" in answer.text
    whole = as_ana.post(f"/renewals/{contract.id}/uplift", data={"value": "a lot"})
    assert whole.status_code == 422
    assert "<html" in whole.text
    assert 'value="a lot"' in whole.text


def test_without_javascript_a_cell_is_a_page_and_goes_back(
    as_ana: TestClient, session: Session, contract: Contract
) -> None:
    assert "<html" in as_ana.get(f"/renewals/{contract.id}/amount").text
    answer = as_ana.post(f"/renewals/{contract.id}/amount?back=/renewals", data={"value": "190 000"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/renewals")
    session.expire_all()
    row = current_forecast(session, contract.id)
    assert row is not None
    assert row.amount_minor == 190_000_00


def test_all_of_it_in_one_form_with_its_history(as_ana: TestClient, session: Session, contract: Contract) -> None:
    form = {"forecast": "likely", "amount": "200,000", "expected_on": "2027-01-15", "note": "Board meets in January"}
    assert as_ana.post(f"/renewals/{contract.id}", data=form).status_code == 303
    page = as_ana.get(f"/renewals/{contract.id}").text
    assert "Board meets in January" in page
    assert "Ana Duarte" in page
    wrong = as_ana.post(f"/renewals/{contract.id}", data={**form, "amount": "much"})
    assert wrong.status_code == 422
    assert 'value="much"' in wrong.text


def test_a_card_is_moved_by_its_menu(as_ana: TestClient, session: Session, contract: Contract) -> None:
    assert "December 2026" in as_ana.get("/renewals/board").text
    as_ana.post(f"/renewals/{contract.id}/month?back=/renewals/board", data={"value": "2027-02"})
    session.expire_all()
    row = current_forecast(session, contract.id)
    assert row is not None
    assert row.expected_on == date(2027, 2, 28)
    as_ana.post(f"/renewals/{contract.id}/month", data={"value": "2026-12"})
    session.expire_all()
    row = current_forecast(session, contract.id)
    assert row is not None
    assert row.expected_on is None  # the contract's own month needs no day of its own


def test_a_quarter_sums_what_is_up_and_what_is_relied_on(
    session: Session, ana: Viewer, mia: Viewer, make_account: Any, add_contract: AddContract
) -> None:
    said = {F.COMMIT: 100, F.LIKELY: 50, F.AT_RISK: 40, F.LOST: 30, None: 80}
    for forecast, arr in said.items():
        account = make_account(f"{forecast}", arr_minor=arr)
        one = add_contract(account, date(2026, 12, 10))
        if forecast:
            expect(session, ana, account, one, forecast=forecast)
    pounds = make_account("Pounds", arr_minor=999, currency="GBP")
    expect(session, ana, pounds, add_contract(pounds, date(2026, 12, 11)), forecast=F.COMMIT)
    renewed = make_account("Renewed", arr_minor=200)
    old = add_contract(renewed, date(2026, 10, 5))
    service.renew_contract(session, ana, renewed, old, ends_on=date(2028, 1, 3), arr_minor=220)
    query = read_query({"scope": "all"}, mia)
    quarter = read_quarters(session, mia, query, Quarter(2026, 4), 1)[0]
    assert (quarter.count, quarter.elsewhere, quarter.arr_minor) == (7, 1, 500)
    assert quarter.secure_minor == 100 + 50 + 220
    assert quarter.coverage == pytest.approx(420 / 500)
    assert quarter.named("lost").arr_minor == 30
    assert quarter.named("none").arr_minor == 80


def test_the_file_holds_every_row(as_ana: TestClient, contract: Contract) -> None:
    as_ana.post(f"/renewals/{contract.id}/uplift", data={"value": "+5 %"})
    answer = as_ana.get("/renewals.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert [(one["Account"], one["ARR"], one["Expected"], one["Uplift"]) for one in rows] == [
        ("Acme", "184000", "193200", "9200")
    ]


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("+5 %", 193_200_00),
        ("-10%", 165_600_00),
        ("2,5 %", 188_600_00),
        ("+12 000", 196_000_00),
        ("−3,000", 181_000_00),
        ("0", 184_000_00),
        ("", None),
    ],
)
def test_an_uplift_is_read_as_people_write_it(typed: str, amount: int | None) -> None:
    assert read_uplift(typed, 184_000_00, "EUR") == amount


def test_what_is_no_amount_or_month_is_said(session: Session) -> None:
    for read in (lambda: read_amount("x", "EUR"), lambda: read_month("2026-13"), lambda: read_month("soon")):
        with pytest.raises(Unreadable):
            read()


def test_roles_without_money_have_no_such_page(as_agent: TestClient, contract: Contract) -> None:
    for path in ("/renewals", "/renewals.csv", "/renewals/board", "/renewals/changes", "/retention", "/retention.csv"):
        assert as_agent.get(path).status_code == 403
    assert as_agent.get(f"/renewals/{contract.id}").status_code == 403
    assert "/renewals" not in as_agent.get("/accounts").text


def test_sales_see_only_what_was_granted_to_them(as_sales: TestClient, contract: Contract) -> None:
    page = as_sales.get("/renewals?scope=all&when=all").text
    assert "Acme" not in page
    assert as_sales.get(f"/renewals/{contract.id}").status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/renewals?when=all",
        "/renewals/board",
        "/renewals/changes",
        "/retention",
        "/retention?by=cohort",
        "/retention/records?from=2025-01-01",
    ],
)
def test_a_page_takes_the_same_queries_for_one_renewal_or_twenty(
    as_ana: TestClient,
    session: Session,
    ana: Viewer,
    make_account: Any,
    add_contract: AddContract,
    count_queries: Callable[[Callable[[], object]], int],
    path: str,
) -> None:
    def add(number: int) -> None:
        from accounts.models import MovementKind

        account = make_account(f"Account {number}")
        one = add_contract(account, date(2026, 12, 1 + number))
        service.move_arr(session, ana, account, MovementKind.NEW, 1000, effective_on=date(2025, 3, 1 + number))
        service.move_arr(session, ana, account, MovementKind.CONTRACTION, -10, effective_on=date(2026, 3, 1 + number))
        expect(session, ana, account, one, forecast=F.LIKELY)
        session.commit()

    add(0)
    as_ana.get(path)
    few = count_queries(lambda: as_ana.get(path))
    for number in range(1, 20):
        add(number)
    assert count_queries(lambda: as_ana.get(path)) == few
    assert few <= 12


def test_pages_follow_one_another_in_every_order(
    as_ana: TestClient, make_account: Any, add_contract: AddContract, monkeypatch: pytest.MonkeyPatch
) -> None:
    import re

    monkeypatch.setattr("accounts.renewals.routes.PAGE_SIZE", 4)
    names = set()
    for number in range(11):
        account = make_account(f"Page {number:02}", arr_minor=1000 * (number % 3))
        add_contract(account, date(2026, 12, 1 + number % 4))
        names.add(account.name)
    for sort in ("decides", "-decides", "ends", "account", "-arr", "expected", "forecast"):
        seen: list[str] = []
        href: str | None = f"/renewals?sort={sort}"
        while href:
            page = as_ana.get(href).text
            seen += re.findall(r"data-row-link>(Page \d\d)<", page)
            found = re.search(r'href="([^"]+)" rel="next"', page)
            href = found[1].replace("&amp;", "&") if found else None
        assert len(seen) == 11, sort
        assert set(seen) == names
