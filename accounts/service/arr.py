"""ARR movements: added, corrected by another, never edited. The account's ARR is their sum."""

from __future__ import annotations

from datetime import date

from babel.numbers import list_currencies
from sqlalchemy import func
from sqlmodel import Session, col, select

from accounts.events import AccountsChanged, tell
from accounts.models import Account, ArrMovement, Contract, MovementKind
from accounts.renewals.keeping import follow_arr
from accounts.rights import ensure_may_change_money
from accounts.service._dated import ensure_not_ahead
from accounts.service._row import hold
from crm.audit import record
from crm.errors import Conflict, Invalid
from crm.text import N_
from crm.viewer import Viewer

GAINS = (MovementKind.NEW, MovementKind.EXPANSION)
LOSSES = (MovementKind.CONTRACTION, MovementKind.CHURN)
CURRENCIES = frozenset(list_currencies())
LARGEST_MINOR = 10**15  # ten thousand billion; a mistyped amount must not reach the end of a column


class WouldBeNegative(Conflict):
    def __init__(self, account: Account) -> None:
        super().__init__(N_("The ARR of %(account)s cannot fall below zero."), account=account.name)


def move_arr(
    session: Session,
    actor: Viewer,
    account: Account,
    kind: MovementKind,
    amount_minor: int,
    *,
    effective_on: date,
    contract: Contract | None = None,
    note: str = "",
    corrects: ArrMovement | None = None,
) -> ArrMovement:
    """``amount_minor``: signed, in minor units of the account's currency."""
    hold(session, account)
    ensure_may_change_money(session, actor, account)
    ensure_not_ahead(effective_on)
    if amount_minor == 0 or abs(amount_minor) > LARGEST_MINOR:
        raise Invalid(N_("Please give an amount other than zero, and one that a contract can have."))
    if corrects is None and kind in GAINS and amount_minor < 0:
        raise Invalid(N_("New and added revenue is a positive amount; what is lost is a contraction."))
    if corrects is None and kind in LOSSES and amount_minor > 0:
        raise Invalid(N_("Lost revenue is a negative amount; what is added is an expansion."))
    changed_on = _currency_changed_on(session, account)
    if changed_on is not None and effective_on < changed_on:
        raise Invalid(
            N_("Until %(day)s the account was counted in another currency; choose that day or a later one."),
            day=changed_on,
        )
    if _sum_of_movements(session, account) + amount_minor < 0:
        raise WouldBeNegative(account)

    movement = ArrMovement(
        account_id=account.id,
        contract_id=contract.id if contract else None,
        kind=kind,
        amount_minor=amount_minor,
        currency=account.currency,
        effective_on=effective_on,
        corrects_id=corrects.id if corrects else None,
        note=note,
    )
    session.add(movement)
    _follow_movements(session, account)
    record(session, actor, account.id, "arr.moved", kind=kind, amount_minor=amount_minor, effective_on=effective_on)
    tell(session, AccountsChanged, [account.id])
    return movement


def correct_movement(
    session: Session, actor: Viewer, account: Account, wrong: ArrMovement, *, amount_minor: int, note: str
) -> ArrMovement:
    """``wrong`` should have been ``amount_minor``: the difference is added, nothing is edited."""
    if wrong.currency != account.currency:
        raise Conflict(
            N_("That was counted in %(old)s, the account is in %(new)s now; correct what came in with the change."),
            old=wrong.currency,
            new=account.currency,
        )
    return move_arr(
        session,
        actor,
        account,
        wrong.kind,
        amount_minor - wrong.amount_minor,
        effective_on=wrong.effective_on,
        note=note,
        corrects=wrong,
        contract=session.get(Contract, wrong.contract_id) if wrong.contract_id else None,
    )


def change_currency(
    session: Session,
    actor: Viewer,
    account: Account,
    *,
    currency: str,
    amount_minor: int,
    effective_on: date,
    note: str = "",
) -> None:
    """From ``effective_on`` the ARR is counted in another currency: what it was goes out, ``amount_minor`` comes in.

    Both are movements of the kind "currency", so that no gain and no loss is read into them.
    """
    hold(session, account)
    ensure_may_change_money(session, actor, account)
    ensure_not_ahead(effective_on)
    if currency == account.currency:
        raise Invalid(N_("The account is counted in %(currency)s already."), currency=currency)
    if currency not in CURRENCIES:
        raise Invalid(N_("“%(value)s” is not a currency; write it like EUR."), value=currency)
    if not 0 <= amount_minor <= LARGEST_MINOR or (amount_minor == 0) != (account.arr_minor == 0):
        raise Invalid(N_("Please give the ARR in the new currency."))
    last: date | None = session.exec(
        select(func.max(col(ArrMovement.effective_on))).where(col(ArrMovement.account_id) == account.id)
    ).one()
    if last is not None and effective_on < last:
        raise Invalid(N_("The ARR moved on %(day)s in the old currency; choose that day or a later one."), day=last)

    before, was = account.currency, account.arr_minor
    account.currency = currency
    for amount, of in ((-was, before), (amount_minor, currency)):
        if amount:
            session.add(
                ArrMovement(
                    account_id=account.id,
                    kind=MovementKind.CURRENCY,
                    amount_minor=amount,
                    currency=of,
                    effective_on=effective_on,
                    note=note,
                )
            )
            session.flush()
    _follow_movements(session, account)
    record(
        session,
        actor,
        account.id,
        "arr.currency_changed",
        currency=[before, currency],
        arr_minor=[was, amount_minor],
        effective_on=effective_on,
    )
    tell(session, AccountsChanged, [account.id])


def _follow_movements(session: Session, account: Account) -> None:
    session.flush()
    account.arr_minor = _sum_of_movements(session, account)
    account.version += 1
    follow_arr(session, account)


def _sum_of_movements(session: Session, account: Account) -> int:
    """Summed anew each time, by the database: the column cannot drift from what it stands for."""
    total = select(func.coalesce(func.sum(col(ArrMovement.amount_minor)), 0)).where(
        col(ArrMovement.account_id) == account.id, col(ArrMovement.currency) == account.currency
    )
    return int(session.exec(total).one())


def _currency_changed_on(session: Session, account: Account) -> date | None:
    """The day on which ``account`` came into its present currency; ``None``: it always was in it."""
    left = select(func.max(col(ArrMovement.effective_on))).where(
        col(ArrMovement.account_id) == account.id,
        col(ArrMovement.kind) == MovementKind.CURRENCY,
        col(ArrMovement.currency) != account.currency,
    )
    return session.exec(left).one()
