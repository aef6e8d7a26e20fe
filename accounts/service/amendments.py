"""What is agreed anew within a term: seats, products, the term itself, and what of it is worth more or less."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from accounts.events import AccountsChanged, tell
from accounts.models import Account, Contract, ContractAmendment, ContractProduct, MovementKind
from accounts.rights import ensure_may_change_money
from accounts.service._dated import ensure_not_ahead
from accounts.service._row import hold
from accounts.service.accounts import set_seats
from accounts.service.arr import move_arr
from accounts.service.contracts import Product, follow_contracts, refuse_closed, refuse_term
from crm.audit import record
from crm.errors import Invalid
from crm.text import N_
from crm.viewer import Viewer


def amend_contract(
    session: Session,
    actor: Viewer,
    account: Account,
    contract: Contract,
    *,
    effective_on: date,
    title: str,
    seats: int | None = None,
    ends_on: date | None = None,
    notice_days: int | None = None,
    auto_renews: bool | None = None,
    adds: Product | None = None,
    ends: Sequence[ContractProduct] = (),
    arr_change_minor: int = 0,
) -> ContractAmendment:
    """``None``: as before. ``arr_change_minor``: signed; it becomes a movement of ``effective_on``, whose kind follows
    from what was amended: less of something is a contraction (or churn, where nothing is left), more an expansion, and
    the same for another price a price change."""
    hold(session, account)
    ensure_may_change_money(session, actor, account)
    refuse_closed(contract)
    ensure_not_ahead(effective_on)
    if effective_on < contract.starts_on:
        raise Invalid(N_("The contract starts on %(day)s; an amendment cannot come before."), day=contract.starts_on)
    if seats is not None and not 0 <= seats <= 10**9:
        raise Invalid(N_("Seats are a whole number, 0 or more."))
    if any(one.contract_id != contract.id or one.to_on is not None for one in ends):
        raise Invalid(N_("That product is no longer part of the contract."))
    if any(one.from_on > effective_on for one in ends):
        raise Invalid(N_("A product cannot end before it began."))

    wanted = {"seats": seats, "ends_on": ends_on, "notice_days": notice_days, "auto_renews": auto_renews}
    changes: dict[str, Any] = {
        name: [_plain(getattr(contract, name)), _plain(value)]
        for name, value in wanted.items()
        if value is not None and value != getattr(contract, name)
    }
    if adds is not None:
        changes["added"] = [None, adds.name]
    if ends:
        changes["ended"] = [", ".join(one.name for one in ends), None]
    if not changes and not arr_change_minor:
        raise Invalid(N_("Nothing would change; say what was agreed anew."))
    refuse_term(contract.starts_on, ends_on or contract.ends_on, _or(notice_days, contract.notice_days))

    kind = _kind(account, contract, seats=seats, adds=adds, ends=ends, change=arr_change_minor)
    for name in changes.keys() & wanted.keys():
        setattr(contract, name, wanted[name])
    contract.decides_on = Contract.decision_day(contract.ends_on, contract.notice_days)
    for one in ends:
        one.to_on = effective_on
    if adds is not None:
        session.add(
            ContractProduct(
                account_id=account.id,
                contract_id=contract.id,
                name=adds.name,
                seats=adds.seats,
                from_on=effective_on,
            )
        )
    follow_contracts(session, account)
    movement = None
    if arr_change_minor:
        movement = move_arr(
            session,
            actor,
            account,
            kind,
            arr_change_minor,
            effective_on=effective_on,
            contract=contract,
            note=title,
        )
    if "seats" in changes:
        _follow_seats(session, actor, account, effective_on)
    amendment = ContractAmendment(
        account_id=account.id,
        contract_id=contract.id,
        effective_on=effective_on,
        title=title,
        changes=changes,
        movement_id=movement.id if movement else None,
        by_id=None if actor.is_system else actor.user_id,
    )
    session.add(amendment)
    record(
        session,
        actor,
        account.id,
        "contract.amended",
        contract=str(contract.id),
        title=title,
        effective_on=effective_on,
        changes=changes,
        arr_change_minor=arr_change_minor,
    )
    tell(session, AccountsChanged, [account.id])
    return amendment


def _kind(
    account: Account,
    contract: Contract,
    *,
    seats: int | None,
    adds: Product | None,
    ends: Sequence[ContractProduct],
    change: int,
) -> MovementKind:
    fewer = bool(ends) or (seats is not None and seats < (contract.seats or 0))
    more = adds is not None or (seats is not None and seats > (contract.seats or 0))
    if change < 0 and account.arr_minor + change == 0:
        return MovementKind.CHURN
    if change < 0 and fewer:
        return MovementKind.CONTRACTION
    if change > 0 and more:
        return MovementKind.EXPANSION
    return MovementKind.PRICE


def _follow_seats(session: Session, actor: Viewer, account: Account, on: date) -> None:
    """Licensed seats of the account: those of its open contracts, where each says how many."""
    total, contracts, unknown = session.exec(
        select(
            func.coalesce(func.sum(col(Contract.seats)), 0),
            func.count(),
            func.count().filter(col(Contract.seats).is_(None)),
        ).where(col(Contract.account_id) == account.id, col(Contract.closed_at).is_(None))
    ).one()
    if contracts and not unknown:
        set_seats(session, actor, account, int(total or 0), on=on)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value
