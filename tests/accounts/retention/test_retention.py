"""Gross and net retention against an account of every euro made by hand, and by brute force."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings as tuned, strategies as st
from sqlmodel import Session, col, select

from accounts import service
from accounts.listing.query import Scope
from accounts.models import Account, ArrMovement, MovementKind
from accounts.retention.periods import Period, Step
from accounts.retention.queries import (
    COHORT_STEP,
    Book,
    MovedAccount,
    Retention,
    read_cohorts,
    read_periods,
    read_records,
    read_restated,
    read_span,
)
from crm.errors import Conflict, Invalid
from crm.viewer import Viewer

TODAY = date(2026, 11, 23)
K = MovementKind


@pytest.fixture
def book(mia: Viewer) -> Book:
    return Book(mia, Scope.ALL, "EUR", TODAY)


@pytest.fixture
def moved(session: Session, mia: Viewer, make_account: Any) -> Callable[..., Account]:
    """An account of Ana's with movements: kind, whole euros, day."""

    def make(name: str, *movements: tuple[MovementKind, int, date], **values: Any) -> Account:
        account: Account = make_account(name, **values)
        for kind, euros, day in movements:
            service.move_arr(session, mia, account, kind, euros * 100, effective_on=day)
        session.commit()
        return account

    return make


def span(session: Session, book: Book, start: date, end: date) -> tuple[int, int, int, int]:
    found = read_span(session, book, start, end, read_restated(session, book))
    return tuple(one // 100 for one in (found.opening_minor, found.gross_minor, found.net_minor, found.new_minor))  # type: ignore[return-value]


JAN, APR, JUL = date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1)


def test_growth_of_one_does_not_hide_the_loss_of_another(session: Session, book: Book, moved: Any) -> None:
    moved("Grows", (K.NEW, 100, date(2025, 3, 1)), (K.EXPANSION, 50, date(2026, 2, 1)))
    moved("Shrinks", (K.NEW, 100, date(2025, 3, 1)), (K.CONTRACTION, -30, date(2026, 2, 1)))
    moved("Leaves", (K.NEW, 100, date(2025, 3, 1)), (K.CHURN, -100, date(2026, 3, 31)))
    moved("New", (K.NEW, 400, date(2026, 2, 1)))
    assert span(session, book, JAN, APR) == (300, 170, 220, 400)
    found = read_span(session, book, JAN, APR, ())
    assert (found.customers, found.lost) == (3, 1)
    assert (found.gross, found.net) == (170 / 300, 220 / 300)


def test_what_was_lost_and_won_back_in_one_span_is_not_lost(session: Session, book: Book, moved: Any) -> None:
    moved(
        "Back",
        (K.NEW, 100, date(2025, 3, 1)),
        (K.CONTRACTION, -40, date(2026, 1, 10)),
        (K.EXPANSION, 60, date(2026, 3, 1)),
    )
    assert span(session, book, JAN, APR) == (100, 100, 120, 0)
    assert span(session, book, JAN, date(2026, 2, 1)) == (100, 60, 60, 0)  # while it lasted it was


def test_a_correction_mends_the_past_and_is_no_loss_of_today(
    session: Session, book: Book, mia: Viewer, moved: Any
) -> None:
    account = moved("Typo", (K.NEW, 1000, date(2025, 3, 1)))
    wrong = session.exec(select(ArrMovement)).one()
    service.correct_movement(session, mia, account, wrong, amount_minor=100_00, note="a zero too many")
    assert span(session, book, JAN, APR) == (100, 100, 100, 0)


def test_a_change_of_currency_is_neither_gain_nor_loss(session: Session, book: Book, mia: Viewer, moved: Any) -> None:
    account = moved("Moves", (K.NEW, 100, date(2025, 3, 1)), (K.EXPANSION, 20, date(2026, 1, 15)))
    service.change_currency(
        session, mia, account, currency="GBP", amount_minor=100_00, effective_on=date(2026, 2, 1), note="new entity"
    )
    service.move_arr(session, mia, account, K.CONTRACTION, -25_00, effective_on=date(2026, 3, 1))
    session.commit()
    # 120 euros became 100 pounds, so 25 pounds less are 30 euros less.
    assert span(session, book, JAN, APR) == (100, 90, 90, 0)
    pounds = Book(mia, Scope.ALL, "GBP", TODAY)
    assert span(session, pounds, JAN, APR) == (0, 0, 0, 0)  # it came into pounds, but it was no new customer
    assert span(session, pounds, APR, JUL) == (75, 75, 75, 0)
    assert span(session, book, APR, JUL) == (0, 0, 0, 0)


def test_who_changes_currency_and_leaves_is_lost(session: Session, book: Book, mia: Viewer, moved: Any) -> None:
    account = moved("Leaves", (K.NEW, 100, date(2025, 3, 1)))
    service.change_currency(session, mia, account, currency="SEK", amount_minor=1_137_77, effective_on=date(2026, 2, 1))
    service.move_arr(session, mia, account, K.CHURN, -1_137_77, effective_on=date(2026, 3, 1))
    session.commit()
    assert span(session, book, JAN, APR) == (100, 0, 0, 0)


def test_other_currencies_have_figures_of_their_own(session: Session, book: Book, mia: Viewer, moved: Any) -> None:
    moved("Euro", (K.NEW, 100, date(2025, 3, 1)))
    moved("Pound", (K.NEW, 70, date(2025, 3, 1)), (K.CHURN, -70, date(2026, 2, 1)), currency="GBP")
    assert span(session, book, JAN, APR) == (100, 100, 100, 0)
    assert span(session, Book(mia, Scope.ALL, "GBP", TODAY), JAN, APR) == (70, 0, 0, 0)


def test_a_figure_is_the_sum_of_the_accounts_behind_it(session: Session, book: Book, moved: Any) -> None:
    for number in range(7):
        moved(
            f"Account {number}",
            (K.NEW, 100 + number, date(2025, 3, 1)),
            (K.CONTRACTION, -10 - number, date(2026, 2, 1 + number)),
        )
    still = moved("Still", (K.NEW, 55, date(2025, 3, 1)))
    seen: list[MovedAccount] = []
    after, counted = "", Retention(5500, 5500, 5500, 0, 1, 0)
    while True:
        found = read_records(session, book, JAN, APR, 3, after=after)
        seen += found.rows
        for row in found.rows:
            counted += row.counts
            assert row.change_minor == sum(one.amount_minor for one in found.movements[row.account_id])
        after = found.next
        if not after:
            break
    assert still.id not in {row.account_id for row in seen}
    assert [row.change_minor for row in seen] == sorted(row.change_minor for row in seen)
    assert counted == found.total


# --- against brute force ---------------------------------------------------------------------------------------------


def brute(movements: Sequence[ArrMovement], currency: str, start: date, end: date) -> Retention:
    """One account, one span, movement after movement, with a purse that knows what each unit was worth."""
    before = [m for m in movements if m.effective_on < start]
    purses: dict[str, int] = {}
    for m in before:
        purses[m.currency] = purses.get(m.currency, 0) + m.amount_minor
    opening = max(0, purses.get(currency, 0))
    inside = sorted((m for m in movements if start <= m.effective_on < end), key=lambda m: (m.effective_on, m.id))
    worth = {currency: Fraction(1)}  # of one unit, in the currency of the opening
    for day in sorted({m.effective_on for m in inside}):
        swaps = [m for m in inside if m.effective_on == day and m.kind is K.CURRENCY]
        out = {m.currency: -m.amount_minor for m in swaps if m.amount_minor < 0}
        into = {m.currency: m.amount_minor for m in swaps if m.amount_minor > 0}
        for old, gone in out.items():
            for new, come in into.items():
                if old in worth and new not in worth:
                    worth[new] = worth[old] * Fraction(gone, come)
    left = Fraction(purses.get(currency, 0))
    for m in inside:
        if m.kind is not K.CURRENCY and m.currency in worth:
            left += m.amount_minor * worth[m.currency]
    closing = max(0, round(left))
    if opening:
        return Retention(opening, min(opening, closing), closing, 0, 1, int(closing == 0))
    if any(amount > 0 for amount in purses.values()):
        return Retention()
    return Retention(new_minor=closing if inside and inside[0].currency == currency else 0)


def brute_all(everything: dict[int, list[ArrMovement]], currency: str, start: date, end: date) -> Retention:
    total = Retention()
    for movements in everything.values():
        total += brute(movements, currency, start, end)
    return total


DAYS = st.integers(0, 700)
ACT = st.one_of(
    st.tuples(st.sampled_from([K.NEW, K.EXPANSION]), st.integers(1, 90_000), DAYS),
    st.tuples(st.sampled_from([K.CONTRACTION, K.CHURN]), st.integers(-90_000, -1), DAYS),
    st.tuples(st.just(K.PRICE), st.integers(-9_000, 9_000), DAYS),
    st.tuples(st.just("leave"), st.just(0), DAYS),
    st.tuples(st.just("currency"), st.integers(1, 400), DAYS),
    st.tuples(st.just("correct"), st.integers(-80_000, 80_000), DAYS),
)


@tuned(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(histories=st.lists(st.lists(ACT, max_size=9), min_size=1, max_size=5), seed=st.integers(0, 10**6))
def test_retention_equals_brute_force(
    session: Session, mia: Viewer, book: Book, make_account: Any, histories: list[list[Any]], seed: int
) -> None:
    everything: dict[int, list[ArrMovement]] = {}
    accounts = _accounts(session, make_account, len(histories))
    for account, acts in zip(accounts, histories, strict=True):
        # Oldest first, as life goes; corrections reach back by themselves.
        for what, amount, ago in sorted(acts, key=lambda act: -act[2]):
            _act(session, mia, account, what, amount, TODAY - timedelta(days=ago))
        session.flush()
        rows = session.exec(
            select(ArrMovement).where(ArrMovement.account_id == account.id).order_by(col(ArrMovement.id))
        )
        everything[account.id] = list(rows)
    for currency in ("EUR", "GBP", "SEK"):
        one = Book(mia, Scope.ALL, currency, TODAY)
        restated = read_restated(session, one)
        for step, count in ((Step.MONTH, 9), (Step.QUARTER, 9)):
            for period, figure in read_periods(session, one, Period.of(step, TODAY), count, restated).items():
                assert figure == brute_all(everything, currency, period.start, period.end), (currency, period)
                assert read_span(session, one, period.start, period.end, restated) == figure
        ages = (1, 2, 3, 5)
        for cohort in read_cohorts(session, one, ages, restated):
            mine = {
                key: rows
                for key, rows in everything.items()
                if (days := [m.effective_on for m in rows if _counts(m, rows, currency)])
                and cohort.quarter.start <= min(days) < cohort.quarter.end
            }
            for age, figure in cohort.after.items():
                start, end = cohort.quarter.end, cohort.quarter.plus(age).end
                expected = brute_all(mine, currency, start, end)
                assert figure == Retention(
                    expected.opening_minor,
                    expected.gross_minor,
                    expected.net_minor,
                    0,
                    expected.customers,
                    expected.lost,
                )
                assert read_span(session, one, start, end, restated, cohort.quarter) == figure
    session.rollback()


def _counts(movement: ArrMovement, rows: Sequence[ArrMovement], currency: str) -> bool:
    """An account's first day: of all its movements where its currency changed, else of this currency's."""
    return movement.currency == currency or any(m.kind is K.CURRENCY for m in rows)


def _accounts(session: Session, make_account: Any, count: int) -> list[Account]:
    known = list(session.exec(select(Account).where(Account.name.startswith("Random"))))  # type: ignore[attr-defined]
    while len(known) < count:
        known.append(make_account(f"Random {len(known)}"))
    return known[:count]


def _act(session: Session, mia: Viewer, account: Account, what: Any, amount: int, day: date) -> None:
    with suppress(Invalid, Conflict):
        if what == "leave":
            service.move_arr(session, mia, account, K.CHURN, -account.arr_minor, effective_on=day)
        elif what == "currency":
            to = {"EUR": "GBP", "GBP": "SEK", "SEK": "EUR"}[account.currency]
            into = account.arr_minor * amount // 100 or int(account.arr_minor > 0)
            service.change_currency(session, mia, account, currency=to, amount_minor=into, effective_on=day)
        elif what == "correct":
            first = session.exec(
                select(ArrMovement)
                .where(ArrMovement.account_id == account.id, ArrMovement.kind != K.CURRENCY)
                .order_by(col(ArrMovement.id))
            ).first()
            if first is not None:
                right = first.amount_minor + amount
                service.correct_movement(session, mia, account, first, amount_minor=right, note="wrong")
        else:
            service.move_arr(session, mia, account, what, amount, effective_on=day)


def test_a_cohort_is_followed_from_the_end_of_its_first_quarter(session: Session, book: Book, moved: Any) -> None:
    moved(
        "One", (K.NEW, 100, date(2025, 5, 1)), (K.EXPANSION, 20, date(2025, 6, 30)), (K.CHURN, -120, date(2026, 1, 5))
    )
    moved("Two", (K.NEW, 80, date(2025, 4, 1)), (K.EXPANSION, 40, date(2025, 8, 1)))
    moved("Later", (K.NEW, 500, date(2025, 9, 1)))
    found = {one.quarter: one for one in read_cohorts(session, book, (1, 2, 3), ())}
    second = found[Period.of(COHORT_STEP, date(2025, 5, 1))]
    assert (second.customers, second.opening_minor) == (2, 200_00)
    assert [(one.gross_minor, one.net_minor, one.lost) for one in second.after.values()] == [
        (200_00, 240_00, 0),
        (200_00, 240_00, 0),
        (80_00, 120_00, 1),
    ]
