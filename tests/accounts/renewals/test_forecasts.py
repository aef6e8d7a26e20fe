"""What was expected, and when: rows that are followed and never changed."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings as tuned, strategies as st
from sqlmodel import Session, col, select

from accounts import service
from accounts.listing.query import Scope
from accounts.models import Account, ArrMovement, Contract, MovementKind, Task
from accounts.renewals.changes import Span, read_changes, read_transitions, total_change, week_of
from accounts.renewals.keeping import current_forecast
from accounts.renewals.models import SECURE, Forecast, RenewalForecast
from accounts.renewals.page import week_in_words
from accounts.renewals.service import expect
from accounts.renewals.worth import arr_of_contract
from crm.audit import AuditEntry
from crm.errors import Conflict, Forbidden, Invalid
from crm.viewer import Viewer
from tests.accounts.renewals.conftest import AddContract, Clock

F = Forecast
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def rows_of(session: Session, contract: Contract) -> list[RenewalForecast]:
    return list(
        session.exec(
            select(RenewalForecast)
            .where(RenewalForecast.contract_id == contract.id)
            .order_by(col(RenewalForecast.known_at), col(RenewalForecast.id))
        )
    )


def test_a_forecast_is_followed_and_never_changed(
    session: Session, ana: Viewer, acme: Account, contract: Contract
) -> None:
    first = expect(session, ana, acme, contract, forecast=F.LIKELY)
    second = expect(session, ana, acme, contract, amount_minor=200_000_00, note="ten more seats")
    assert first is not None
    assert second is not None
    assert (first.forecast, first.amount_minor, first.closed_at) == (F.LIKELY, None, second.known_at)
    assert (second.forecast, second.amount_minor, second.closed_at) == (F.LIKELY, 200_000_00, None)
    assert (first.expected_minor, second.expected_minor, second.arr_minor) == (184_000_00, 200_000_00, 184_000_00)
    said = session.exec(select(AuditEntry).where(AuditEntry.verb == "renewal.expected")).all()
    assert len(said) == 2


def test_what_changes_nothing_writes_nothing(session: Session, ana: Viewer, acme: Account, contract: Contract) -> None:
    expect(session, ana, acme, contract, forecast=F.COMMIT)
    expect(session, ana, acme, contract, forecast=F.COMMIT, note="")
    expect(session, ana, acme, contract, expected_on=contract.decides_on)  # that is what the contract says
    assert len(rows_of(session, contract)) == 1


@pytest.mark.parametrize("changes", [{"forecast": F.RENEWED}, {"amount_minor": -1}, {"amount_minor": 10**16}])
def test_what_cannot_be_expected_is_refused(
    session: Session, ana: Viewer, acme: Account, contract: Contract, changes: dict[str, Any]
) -> None:
    with pytest.raises(Invalid):
        expect(session, ana, acme, contract, **changes)
    assert rows_of(session, contract) == []


def test_who_has_not_the_account_in_hand_expects_nothing(
    session: Session, zoe: Viewer, agent: Viewer, acme: Account, contract: Contract
) -> None:
    for viewer in (zoe, agent):
        with pytest.raises(Forbidden):
            expect(session, viewer, acme, contract, forecast=F.COMMIT)
    assert rows_of(session, contract) == []


def test_an_amount_nobody_said_follows_the_arr(
    session: Session, ana: Viewer, acme: Account, contract: Contract
) -> None:
    session.add(
        ArrMovement(
            account_id=acme.id,
            kind=MovementKind.NEW,
            amount_minor=184_000_00,
            currency="EUR",
            effective_on=date(2025, 1, 6),
        )
    )
    expect(session, ana, acme, contract, forecast=F.LIKELY)
    service.move_arr(session, ana, acme, MovementKind.EXPANSION, 16_000_00, effective_on=date(2026, 11, 1))
    row = current_forecast(session, contract.id)
    assert row is not None
    assert (row.forecast, row.arr_minor, row.expected_minor, row.by_id) == (F.LIKELY, 200_000_00, 200_000_00, None)
    assert [one.arr_minor for one in rows_of(session, contract)] == [184_000_00, 200_000_00]


def test_renewing_settles_the_forecast(session: Session, ana: Viewer, acme: Account, contract: Contract) -> None:
    expect(session, ana, acme, contract, forecast=F.LIKELY)
    following = service.renew_contract(session, ana, acme, contract, ends_on=date(2028, 3, 3), arr_minor=190_000_00)
    settled = current_forecast(session, contract.id)
    assert settled is not None
    assert (settled.forecast, settled.amount_minor, settled.arr_minor) == (F.RENEWED, 190_000_00, 184_000_00)
    assert following.agreement_id == contract.id
    assert current_forecast(session, following.id) is None
    # The new term begins in March: its amount is a task for that day, and no movement yet.
    task = session.exec(select(Task)).one()
    assert (task.due_on, task.assignee_id) == (date(2027, 3, 3), ana.user_id)
    assert "€190,000" in task.title
    assert session.exec(select(ArrMovement)).all() == []
    with pytest.raises(Conflict):
        expect(session, ana, acme, contract, forecast=F.LOST)


def test_leaving_settles_it_as_lost_and_a_mistake_forgets_it(
    session: Session, ana: Viewer, acme: Account, contract: Contract, add_contract: AddContract
) -> None:
    other = add_contract(acme, date(2027, 6, 1))
    expect(session, ana, acme, contract, forecast=F.COMMIT)
    expect(session, ana, acme, other, forecast=F.LIKELY)
    service.close_contract(session, ana, acme, contract, reason="budget")
    service.close_contract(session, ana, acme, other, reason="typed twice", left=False)
    lost = current_forecast(session, contract.id)
    assert lost is not None
    assert (lost.forecast, lost.expected_minor, lost.note) == (F.LOST, 0, "budget")
    assert current_forecast(session, other.id) is None


def test_contracts_of_an_account_sum_to_its_arr(
    session: Session, ana: Viewer, make_account: Any, add_contract: AddContract
) -> None:
    account = make_account("Two contracts")
    first = add_contract(account, date(2026, 12, 3))
    second = add_contract(account, date(2027, 4, 1))
    service.move_arr(session, ana, account, MovementKind.NEW, 70_000_00, effective_on=date(2026, 1, 5))
    service.move_arr(session, ana, account, MovementKind.NEW, 30_000_00, effective_on=date(2026, 2, 5), contract=second)
    assert (arr_of_contract(session, first), arr_of_contract(session, second)) == (70_000_00, 30_000_00)
    following = service.renew_contract(session, ana, account, second, ends_on=date(2028, 6, 30))
    assert arr_of_contract(session, following) == 30_000_00  # what it renews is worth what it was
    service.close_contract(session, ana, account, first, reason="partly", lost_minor=60_000_00)
    assert account.arr_minor == 40_000_00
    assert arr_of_contract(session, following) == 40_000_00  # what is left of the other hangs on it


# --- any week can be read again --------------------------------------------------------------------------------------

SAID = st.tuples(
    st.integers(0, 3),  # which contract
    st.sampled_from([F.COMMIT, F.LIKELY, F.AT_RISK, F.LOST, None]),
    st.one_of(st.none(), st.integers(0, 300_000)),
    st.integers(0, 60),  # days after the one before, in quarters of a day
)


@tuned(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(said=st.lists(SAID, max_size=14), marks=st.lists(st.integers(0, 160), min_size=2, max_size=4))
def test_the_forecast_of_any_week_is_found_again(
    session: Session,
    mia: Viewer,
    make_account: Any,
    add_contract: AddContract,
    at: Clock,
    said: list[tuple[int, Forecast | None, int | None, int]],
    marks: list[int],
) -> None:
    contracts = _four(session, make_account, add_contract)
    start = NOON - timedelta(days=300)
    moment, told = start, []
    for which, forecast, amount, quarters in said:
        moment += timedelta(hours=6 * quarters, seconds=1)
        at(moment)
        account, contract = contracts[which]
        expect(session, mia, account, contract, forecast=forecast, amount_minor=amount)
        told.append((moment, contract.id, forecast, amount))
    session.flush()

    def believed(when: datetime) -> dict[int, tuple[Forecast | None, int]]:
        found: dict[int, tuple[Forecast | None, int]] = {}
        for moment, contract_id, forecast, amount in told:
            if moment <= when:
                found[contract_id] = (forecast, _expected(forecast, amount))
        return found

    instants = sorted({start + timedelta(days=mark) for mark in marks})
    for begin, end in itertools.pairwise(instants):
        before, after = believed(begin), believed(end)
        transitions = read_transitions(session, mia, Scope.ALL, Span(begin, end))
        change = sum(_secure(*one) for one in after.values()) - sum(_secure(*one) for one in before.values())
        assert total_change(transitions) == change
        moved: dict[tuple[Forecast | None, Forecast | None], int] = {}
        for contract_id in before.keys() | after.keys():
            old, new = before.get(contract_id, (None, 1000)), after.get(contract_id, (None, 1000))
            if old != new:
                moved[old[0], new[0]] = moved.get((old[0], new[0]), 0) + 1
        assert {(one.before, one.after): one.accounts for one in transitions} == moved
        lines = read_changes(session, mia, Scope.ALL, Span(begin, end), 100).rows
        assert sum(one.change_minor for one in lines) == change
        assert len(lines) == sum(moved.values())
    for _, contract in contracts:  # nothing was ever changed, and the rows join without gap or overlap
        rows = rows_of(session, contract)
        assert [one.closed_at for one in rows] == [*(one.known_at for one in rows[1:]), *([None] if rows else [])]
    session.rollback()


def _expected(forecast: Forecast | None, amount: int | None) -> int:
    if amount is not None:
        return amount
    return 0 if forecast is F.LOST else 1000


def _secure(forecast: Forecast | None, expected: int) -> int:
    return expected if forecast in SECURE else 0


def _four(session: Session, make_account: Any, add_contract: AddContract) -> list[tuple[Account, Contract]]:
    known = session.exec(
        select(Account, Contract)
        .join(Contract, col(Contract.account_id) == col(Account.id))
        .where(col(Account.name).startswith("Of four"))
        .order_by(Account.name)
    ).all()
    if known:
        return [(account, contract) for account, contract in known]
    made = []
    for number in range(4):
        account = make_account(f"Of four {number}", arr_minor=1000)
        made.append((account, add_contract(account, date(2026, 12, 3))))
    return made


def test_the_week_is_said_in_words(
    session: Session, ana: Viewer, make_account: Any, add_contract: AddContract, at: Clock
) -> None:
    account = make_account("Halden", arr_minor=120_000_00)
    contract = add_contract(account, date(2026, 12, 3))
    at(NOON - timedelta(days=20))
    expect(session, ana, account, contract, forecast=F.LIKELY)
    at(NOON - timedelta(days=2))
    expect(session, ana, account, contract, forecast=F.AT_RISK)
    change, said = week_in_words(read_transitions(session, ana, Scope.MINE, Span(NOON - timedelta(days=7), NOON)))
    assert change == -120_000_00
    assert [str(one) for one in said] == ["one account likely → at risk"]
    assert read_transitions(session, ana, Scope.MINE, week_of(date(2026, 11, 9))) == []


def test_a_week_is_monday_to_sunday_where_the_company_is(session: Session) -> None:
    span = week_of(date(2026, 11, 19))
    assert span.start < datetime(2026, 11, 15, 23, 0, tzinfo=UTC) <= span.start + timedelta(microseconds=1)
    assert span.end - span.start == timedelta(days=7)
