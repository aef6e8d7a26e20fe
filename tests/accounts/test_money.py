"""Contracts, days of decision and the append-only ARR."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings as tuned, strategies as st
from sqlmodel import Session, col, func, select

from accounts import service
from accounts.models import Account, ArrMovement, Contract, MovementKind
from accounts.service.contracts import WouldBeNegative
from crm.errors import Conflict, Invalid
from crm.viewer import Viewer

TODAY = date(2026, 11, 23)


def arr_of(session: Session, account: Account) -> int:
    total = select(func.coalesce(func.sum(col(ArrMovement.amount_minor)), 0))
    return int(session.exec(total.where(col(ArrMovement.account_id) == account.id)).one())


@pytest.fixture
def empty(make_account: Any) -> Account:
    return make_account("Beta")


@tuned(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    moves=st.lists(
        st.tuples(st.sampled_from(MovementKind), st.integers(-500_000, 500_000), st.integers(0, 400)), max_size=12
    ),
    mends=st.lists(st.tuples(st.integers(0, 30), st.integers(-200_000, 200_000)), max_size=4),
)
def test_arr_is_the_sum_of_its_movements(
    session: Session,
    ana: Viewer,
    empty: Account,
    moves: list[tuple[MovementKind, int, int]],
    mends: list[tuple[int, int]],
) -> None:
    made: list[ArrMovement] = []
    for kind, amount, days in moves:
        before = (empty.arr_minor, len(made))
        try:
            made.append(service.move_arr(session, ana, empty, kind, amount, effective_on=TODAY - timedelta(days=days)))
        except (Invalid, WouldBeNegative):
            assert (empty.arr_minor, len(made)) == before
    kept = [(row.id, row.amount_minor, row.effective_on) for row in made]
    for which, right in mends:
        if made:
            with suppress(Invalid, WouldBeNegative):
                service.correct_movement(session, ana, empty, made[which % len(made)], amount_minor=right, note="typo")
    session.flush()
    assert empty.arr_minor == arr_of(session, empty)
    assert empty.arr_minor >= 0
    assert [(row.id, row.amount_minor, row.effective_on) for row in made] == kept  # nothing was edited
    session.rollback()


def test_a_correction_adds_the_difference(session: Session, ana: Viewer, empty: Account) -> None:
    wrong = service.move_arr(session, ana, empty, MovementKind.NEW, 1_000_00, effective_on=date(2026, 3, 1))
    right = service.correct_movement(session, ana, empty, wrong, amount_minor=900_00, note="a zero too many")
    assert (right.amount_minor, right.corrects_id, right.effective_on) == (-100_00, wrong.id, date(2026, 3, 1))
    assert empty.arr_minor == 900_00


@pytest.mark.parametrize(
    ("kind", "amount"),
    [
        (MovementKind.NEW, -1),
        (MovementKind.EXPANSION, -1),
        (MovementKind.CONTRACTION, 1),
        (MovementKind.CHURN, 1),
        (MovementKind.PRICE, 0),
        (MovementKind.PRICE, 10**16),
    ],
)
def test_signs_and_sizes_that_make_no_sense_are_refused(
    session: Session, ana: Viewer, empty: Account, kind: MovementKind, amount: int
) -> None:
    with pytest.raises(Invalid):
        service.move_arr(session, ana, empty, kind, amount, effective_on=TODAY)
    assert session.exec(select(ArrMovement)).all() == []


def test_what_has_not_come_yet_is_refused(session: Session, ana: Viewer, empty: Account) -> None:
    with pytest.raises(Invalid, match="has not come yet"):
        service.move_arr(session, ana, empty, MovementKind.NEW, 5, effective_on=TODAY + timedelta(days=1))


def test_they_decide_by_the_end_minus_the_notice(session: Session, ana: Viewer, acme: Account) -> None:
    contract = service.add_contract(
        session, ana, acme, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31), notice_days=60
    )
    assert contract.decides_on == date(2026, 11, 1)
    assert (acme.decides_on, acme.ends_on) == (date(2026, 11, 1), date(2026, 12, 31))


def test_the_account_follows_the_contract_that_is_decided_first(session: Session, ana: Viewer, acme: Account) -> None:
    late = service.add_contract(session, ana, acme, starts_on=date(2026, 1, 1), ends_on=date(2028, 12, 31))
    soon = service.add_contract(session, ana, acme, starts_on=date(2026, 1, 1), ends_on=date(2027, 6, 30))
    assert acme.ends_on == soon.ends_on
    service.close_contract(session, ana, acme, soon, reason="replaced")
    assert acme.ends_on == late.ends_on
    service.close_contract(session, ana, acme, late, reason="they leave")
    assert (acme.decides_on, acme.ends_on) == (None, None)
    with pytest.raises(Conflict):
        service.close_contract(session, ana, acme, late)


def test_a_renewal_closes_the_term_and_begins_the_next(
    session: Session, ana: Viewer, acme: Account, contract: Contract
) -> None:
    following = service.renew_contract(session, ana, acme, contract, ends_on=date(2028, 1, 31), notice_days=30)
    assert contract.closed_at is not None
    assert (following.starts_on, following.ends_on) == (date(2027, 1, 31), date(2028, 1, 31))
    assert acme.decides_on == date(2028, 1, 1)
    with pytest.raises(Conflict):
        service.renew_contract(session, ana, acme, contract, ends_on=date(2029, 1, 31))


def test_terms_that_make_no_sense_are_refused(session: Session, ana: Viewer, acme: Account) -> None:
    with pytest.raises(Invalid):
        service.add_contract(session, ana, acme, starts_on=date(2026, 2, 1), ends_on=date(2026, 1, 31))
    with pytest.raises(Invalid):
        service.add_contract(session, ana, acme, starts_on=TODAY, ends_on=TODAY, notice_days=-1)
    assert acme.decides_on is None


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("12000", 1_200_000),
        ("12 000,50", 1_200_050),
        ("12,000.50", 1_200_050),
        ("12'000", 1_200_000),
        ("€1 500", 150_000),
    ],
)
def test_amounts_are_read_as_people_write_them(
    as_ana: Any, session: Session, acme: Account, typed: str, minor: int
) -> None:
    answer = as_ana.post(
        f"/accounts/{acme.id}/movements", data={"kind": "new", "amount": typed, "effective_on": "today", "note": ""}
    )
    assert answer.status_code == 303, answer.text
    assert session.exec(select(ArrMovement.amount_minor)).one() == minor


def test_forms_of_money_keep_what_was_typed(as_ana: Any, session: Session, acme: Account) -> None:
    answer = as_ana.post(
        f"/accounts/{acme.id}/movements",
        data={"kind": "churn", "amount": "12000", "effective_on": "today", "note": "they said so"},
    )
    assert answer.status_code == 422
    assert "they said so" in answer.text
    assert "negative amount" in answer.text
    answer = as_ana.post(
        f"/accounts/{acme.id}/contracts",
        data={"title": "Fleet", "starts_on": "2027-01-01", "ends_on": "2026-01-01", "notice_days": "90"},
    )
    assert answer.status_code == 422
    assert "cannot end before it starts" in answer.text
    assert session.exec(select(Contract)).all() == []


def test_renewing_and_correcting_by_form(as_ana: Any, session: Session, acme: Account, contract: Contract) -> None:
    answer = as_ana.post(
        f"/accounts/{acme.id}/contracts/{contract.id}/renewal", data={"ends_on": "2028-01-31", "notice_days": "90"}
    )
    assert answer.status_code == 303
    as_ana.post(
        f"/accounts/{acme.id}/movements", data={"kind": "new", "amount": "1000", "effective_on": "today", "note": ""}
    )
    movement = session.exec(select(ArrMovement)).one()
    answer = as_ana.post(
        f"/accounts/{acme.id}/movements/{movement.id}/correction", data={"amount": "800", "note": "typo"}
    )
    assert answer.status_code == 303
    session.expire_all()
    assert session.get_one(Account, acme.id).arr_minor == 80_000
    page = as_ana.get(f"/accounts/{acme.id}/movements").text
    assert "€1,000" in page
    assert "correction" in page


def test_another_accounts_contract_is_not_here(
    as_ana: Any, session: Session, contract: Contract, make_account: Any
) -> None:
    other = make_account("Other")
    assert as_ana.get(f"/accounts/{other.id}/contracts/{contract.id}/renewal").status_code == 404
    answer = as_ana.post(f"/accounts/{other.id}/contracts/{contract.id}/closing", data={"reason": "x"})
    assert answer.status_code == 404
    session.expire_all()
    assert session.get_one(Contract, contract.id).closed_at is None
