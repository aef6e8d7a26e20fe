"""What is agreed anew within a term, what leaves of it, and a change of currency."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from accounts import service
from accounts.models import (
    Account,
    AccountFact,
    ArrMovement,
    Contract,
    ContractAmendment,
    ContractProduct,
    FactKey,
    MovementKind,
)
from accounts.service import Product
from accounts.service.contracts import products_on
from crm.errors import Conflict, Forbidden, Invalid
from crm.viewer import Viewer

K = MovementKind
FIRST = date(2026, 11, 2)


@pytest.fixture
def beta(session: Session, ana: Viewer, make_account: Any) -> Account:
    """Worth €100,000 a year."""
    account: Account = make_account("Beta")
    service.move_arr(session, ana, account, K.NEW, 100_000_00, effective_on=date(2026, 1, 5))
    session.commit()
    return account


@pytest.fixture
def deal(session: Session, ana: Viewer, beta: Account) -> Contract:
    """40 seats of two products."""
    made = service.add_contract(
        session,
        ana,
        beta,
        starts_on=date(2026, 1, 5),
        ends_on=date(2027, 1, 4),
        seats=40,
        products=[Product("Board", 40), Product("Inspections", 40)],
    )
    service.set_seats(session, ana, beta, 40)
    session.commit()
    return made


def movements(session: Session, account: Account) -> list[tuple[MovementKind, int, date]]:
    rows = session.exec(select(ArrMovement).where(ArrMovement.account_id == account.id).order_by(col(ArrMovement.id)))
    return [(row.kind, row.amount_minor, row.effective_on) for row in rows]


def test_more_seats_are_an_expansion_of_their_day(session: Session, ana: Viewer, beta: Account, deal: Contract) -> None:
    made = service.amend_contract(
        session, ana, beta, deal, effective_on=FIRST, title="Ten more", seats=50, arr_change_minor=25_000_00
    )
    assert made.changes == {"seats": [40, 50]}
    assert movements(session, beta)[-1] == (K.EXPANSION, 25_000_00, FIRST)
    assert (beta.arr_minor, beta.seats, deal.seats) == (125_000_00, 50, 50)
    fact = session.exec(
        select(AccountFact)
        .where(
            AccountFact.account_id == beta.id, AccountFact.key == FactKey.SEATS, col(AccountFact.closed_at).is_(None)
        )
        .order_by(col(AccountFact.happened_at).desc())
    ).first()
    assert fact is not None
    assert fact.value == "50"  # from the amendment's day on, whatever was written for a later one


def test_a_product_that_ends_is_a_partial_churn(session: Session, ana: Viewer, beta: Account, deal: Contract) -> None:
    board, inspections = products_on(session, deal, FIRST)
    service.amend_contract(
        session, ana, beta, deal, effective_on=FIRST, title="Without", ends=[inspections], arr_change_minor=-30_000_00
    )
    assert movements(session, beta)[-1] == (K.CONTRACTION, -30_000_00, FIRST)
    assert [one.name for one in products_on(session, deal, FIRST)] == [board.name]
    assert [one.name for one in products_on(session, deal, date(2026, 11, 1))] == ["Board", "Inspections"]
    following = service.renew_contract(session, ana, beta, deal, ends_on=date(2028, 1, 4))
    assert [one.name for one in products_on(session, following, following.starts_on)] == ["Board"]


@pytest.mark.parametrize(
    ("changes", "amount", "kind"),
    [
        ({}, 5_000_00, K.PRICE),
        ({}, -5_000_00, K.PRICE),
        ({"seats": 60}, 5_000_00, K.EXPANSION),
        ({"adds": Product("Readings")}, 5_000_00, K.EXPANSION),
        ({"seats": 30}, -5_000_00, K.CONTRACTION),
        ({"seats": 0}, -100_000_00, K.CHURN),
    ],
)
def test_the_kind_follows_from_what_was_agreed(
    session: Session, ana: Viewer, beta: Account, deal: Contract, changes: dict[str, Any], amount: int, kind: K
) -> None:
    service.amend_contract(
        session, ana, beta, deal, effective_on=FIRST, title="Anew", arr_change_minor=amount, **changes
    )
    assert movements(session, beta)[-1] == (kind, amount, FIRST)


def test_a_later_end_moves_the_day_to_decide(session: Session, ana: Viewer, beta: Account, deal: Contract) -> None:
    service.amend_contract(
        session, ana, beta, deal, effective_on=FIRST, title="A year more", ends_on=date(2028, 1, 4), notice_days=30
    )
    assert (deal.decides_on, beta.decides_on, beta.ends_on) == (date(2027, 12, 5), date(2027, 12, 5), date(2028, 1, 4))


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"seats": 40},
        {"effective_on": date(2025, 12, 1), "seats": 50},
        {"effective_on": date(2026, 12, 1), "seats": 50},
        {"ends_on": date(2025, 1, 1)},
        {"arr_change_minor": -100_000_01, "seats": 1},
    ],
)
def test_what_makes_no_sense_is_refused(
    session: Session, ana: Viewer, beta: Account, deal: Contract, wrong: dict[str, Any]
) -> None:
    said = {"effective_on": FIRST, "title": "Anew", **wrong}
    with pytest.raises((Invalid, Conflict)), session.begin_nested():
        service.amend_contract(session, ana, beta, deal, **said)
    session.expire_all()
    assert session.exec(select(ContractAmendment)).all() == []
    assert (beta.arr_minor, deal.seats) == (100_000_00, 40)


def test_others_amend_nothing(session: Session, zoe: Viewer, sales: Viewer, beta: Account, deal: Contract) -> None:
    for viewer in (zoe, sales):
        with pytest.raises(Forbidden):
            service.amend_contract(session, viewer, beta, deal, effective_on=FIRST, title="Anew", seats=1)
        with pytest.raises(Forbidden):
            service.change_currency(session, viewer, beta, currency="GBP", amount_minor=1, effective_on=FIRST)
    assert (beta.currency, deal.seats) == ("EUR", 40)


def test_a_change_of_currency_is_two_movements(session: Session, ana: Viewer, beta: Account) -> None:
    service.change_currency(session, ana, beta, currency="GBP", amount_minor=86_000_00, effective_on=FIRST)
    assert movements(session, beta)[1:] == [(K.CURRENCY, -100_000_00, FIRST), (K.CURRENCY, 86_000_00, FIRST)]
    assert (beta.currency, beta.arr_minor) == ("GBP", 86_000_00)


@pytest.mark.parametrize(
    ("currency", "amount", "day"),
    [
        ("EUR", 1, FIRST),
        ("QQQ", 1, FIRST),
        ("GBP", 0, FIRST),
        ("GBP", 1, date(2026, 1, 4)),
        ("GBP", 1, date(2027, 1, 1)),
    ],
)
def test_a_currency_that_cannot_be_is_refused(
    session: Session, ana: Viewer, beta: Account, currency: str, amount: int, day: date
) -> None:
    with pytest.raises(Invalid):
        service.change_currency(session, ana, beta, currency=currency, amount_minor=amount, effective_on=day)
    assert (beta.currency, len(movements(session, beta))) == ("EUR", 1)


def test_what_lies_before_a_change_of_currency_is_closed(session: Session, ana: Viewer, beta: Account) -> None:
    service.change_currency(session, ana, beta, currency="GBP", amount_minor=86_000_00, effective_on=FIRST)
    old = session.exec(select(ArrMovement).where(ArrMovement.currency == "EUR").order_by(col(ArrMovement.id))).first()
    assert old is not None
    with pytest.raises(Conflict):
        service.correct_movement(session, ana, beta, old, amount_minor=90_000_00, note="typo")
    with pytest.raises(Invalid):
        service.move_arr(session, ana, beta, K.EXPANSION, 1_00, effective_on=date(2026, 10, 1))
    assert beta.arr_minor == 86_000_00


def test_the_forms_of_a_contract(as_ana: TestClient, session: Session, beta: Account) -> None:
    path = f"/accounts/{beta.id}"
    form = {"starts_on": "2026-01-05", "ends_on": "2027-01-04", "products": "Board, 40\nInspections\n", "seats": "40"}
    assert as_ana.post(f"{path}/contracts", data=form).status_code == 303
    contract = session.exec(select(Contract)).one()
    inspections = session.exec(select(ContractProduct).where(ContractProduct.name == "Inspections")).one()
    amend = {
        "title": "Without inspections",
        "effective_on": "2026-11-02",
        "ends": str(inspections.id),
        "amount": "-8,000",
    }
    wrong = as_ana.post(f"{path}/contracts/{contract.id}/amendment", data={**amend, "amount": "much"})
    assert wrong.status_code == 422
    assert "Without inspections" in wrong.text
    assert as_ana.post(f"{path}/contracts/{contract.id}/amendment", data=amend).status_code == 303
    page = as_ana.get(f"{path}/contracts").text
    assert "ended: Inspections" in page
    assert "−€8,000" in page
    close = {"reason": "They leave", "outcome": "left", "lost": "92,000"}
    assert as_ana.post(f"{path}/contracts/{contract.id}/closing", data=close).status_code == 303
    session.expire_all()
    assert session.get_one(Account, beta.id).arr_minor == 0
    assert movements(session, beta)[-1][:2] == (K.CHURN, -92_000_00)
