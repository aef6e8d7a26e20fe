"""What was agreed and what it is worth. ARR is the sum of its movements; the account's columns follow them here."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func
from sqlmodel import Session, col, select

from accounts.events import AccountsChanged, tell
from accounts.models import Account, ArrMovement, Contract, MovementKind
from accounts.rights import ensure_may_change_money
from accounts.service._dated import ensure_not_ahead
from accounts.service._row import hold
from crm.audit import record
from crm.clock import now
from crm.errors import Conflict, Invalid
from crm.text import N_
from crm.viewer import Viewer

GAINS = (MovementKind.NEW, MovementKind.EXPANSION)
LOSSES = (MovementKind.CONTRACTION, MovementKind.CHURN)
LARGEST_MINOR = 10**15  # ten thousand billion; a mistyped amount must not reach the end of a column


class WouldBeNegative(Conflict):
    def __init__(self, account: Account) -> None:
        super().__init__(N_("The ARR of %(account)s cannot fall below zero."), account=account.name)


def add_contract(
    session: Session,
    actor: Viewer,
    account: Account,
    *,
    starts_on: date,
    ends_on: date,
    notice_days: int = 90,
    auto_renews: bool = True,
    title: str = "",
    seats: int | None = None,
    external_id: str | None = None,
) -> Contract:
    ensure_may_change_money(session, actor, account)
    _refuse_term(starts_on, ends_on, notice_days)

    contract = Contract(
        account_id=account.id,
        external_id=external_id,
        title=title,
        starts_on=starts_on,
        ends_on=ends_on,
        auto_renews=auto_renews,
        notice_days=notice_days,
        decides_on=Contract.decision_day(ends_on, notice_days),
        seats=seats,
    )
    session.add(contract)
    _follow_contracts(session, account)
    record(
        session,
        actor,
        account.id,
        "contract.added",
        contract=str(contract.id),
        starts_on=starts_on,
        ends_on=ends_on,
        notice_days=notice_days,
    )
    tell(session, AccountsChanged, [account.id])
    return contract


def renew_contract(
    session: Session,
    actor: Viewer,
    account: Account,
    contract: Contract,
    *,
    ends_on: date,
    notice_days: int | None = None,
) -> Contract:
    """The term that follows: the old row is closed, the new one begins on the day after its end."""
    ensure_may_change_money(session, actor, account)
    if contract.closed_at is not None:
        raise Conflict(N_("That contract is already closed; look at the current one."))
    notice = contract.notice_days if notice_days is None else notice_days
    starts_on = contract.ends_on
    _refuse_term(starts_on, ends_on, notice)
    contract.closed_at = now()
    session.flush()
    return add_contract(
        session,
        actor,
        account,
        starts_on=starts_on,
        ends_on=ends_on,
        notice_days=notice,
        auto_renews=contract.auto_renews,
        title=contract.title,
        seats=contract.seats,
    )


def close_contract(session: Session, actor: Viewer, account: Account, contract: Contract, *, reason: str = "") -> None:
    """Ended, or entered by mistake. What it was worth leaves by a movement of its own."""
    ensure_may_change_money(session, actor, account)
    if contract.closed_at is not None:
        raise Conflict(N_("That contract is already closed; look at the current one."))

    contract.closed_at = now()
    _follow_contracts(session, account)
    record(session, actor, account.id, "contract.closed", contract=str(contract.id), reason=reason)
    tell(session, AccountsChanged, [account.id])


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
    return move_arr(
        session,
        actor,
        account,
        wrong.kind,
        amount_minor - wrong.amount_minor,
        effective_on=wrong.effective_on,
        note=note,
        corrects=wrong,
    )


def _follow_contracts(session: Session, account: Account) -> None:
    """``decides_on`` and ``ends_on`` of the account: those of its open contract that comes first."""
    session.flush()
    first = session.exec(
        select(Contract)
        .where(col(Contract.account_id) == account.id, col(Contract.closed_at).is_(None))
        .order_by(col(Contract.decides_on), col(Contract.id))
        .limit(1)
    ).first()
    account.decides_on = first.decides_on if first else None
    account.ends_on = first.ends_on if first else None
    account.version += 1


def _follow_movements(session: Session, account: Account) -> None:
    session.flush()
    account.arr_minor = _sum_of_movements(session, account)
    account.version += 1


def _sum_of_movements(session: Session, account: Account) -> int:
    """Summed anew each time, by the database: the column cannot drift from what it stands for."""
    total = select(func.coalesce(func.sum(col(ArrMovement.amount_minor)), 0)).where(
        col(ArrMovement.account_id) == account.id, col(ArrMovement.currency) == account.currency
    )
    return int(session.exec(total).one())


def _refuse_term(starts_on: date, ends_on: date, notice_days: int) -> None:
    if ends_on < starts_on:
        raise Invalid(N_("A contract cannot end before it starts."))
    if not 0 <= notice_days <= 3660:
        raise Invalid(N_("The notice is a number of days, 0 or more."))
