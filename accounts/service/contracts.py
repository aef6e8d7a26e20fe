"""What was agreed: terms, renewals and ends. What it is worth stands in ``arr``; the account's columns follow here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from accounts.events import AccountsChanged, tell
from accounts.models import Account, Contract, ContractProduct, MovementKind
from accounts.renewals.keeping import current_forecast, follow, follow_arr, forget, settle
from accounts.renewals.models import Forecast
from accounts.renewals.worth import arr_of_contract
from accounts.rights import ensure_may_change_money
from accounts.service._row import hold
from accounts.service.arr import LARGEST_MINOR, WouldBeNegative, move_arr
from accounts.service.tasks import create_task
from crm.audit import record
from crm.clock import now, today
from crm.errors import Conflict, Invalid
from crm.i18n.write import Money, Writer
from crm.identity.models import User
from crm.text import N_, text
from crm.viewer import Viewer

__all__ = ["WouldBeNegative", "add_contract", "close_contract", "renew_contract"]


@dataclass(frozen=True)
class Product:
    name: str
    seats: int | None = None


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
    products: Sequence[Product] = (),
    renews: Contract | None = None,
) -> Contract:
    """``renews``: the closed contract that this one follows."""
    ensure_may_change_money(session, actor, account)
    refuse_term(starts_on, ends_on, notice_days)
    if seats is not None and not 0 <= seats <= 10**9:
        raise Invalid(N_("Seats are a whole number, 0 or more."))

    contract = Contract(
        account_id=account.id,
        agreement_id=(renews.agreement_id or renews.id) if renews else None,
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
    session.flush()
    session.add_all(
        ContractProduct(
            account_id=account.id, contract_id=contract.id, name=one.name, seats=one.seats, from_on=starts_on
        )
        for one in products
    )
    follow_contracts(session, account)
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
    arr_minor: int | None = None,
) -> Contract:
    """The term that follows: the old row is closed, the new one begins where it ends, with the same products.

    ``arr_minor``: what it is worth a year from then on; ``None``: as before. Where the new term has not begun yet, a
    task for its first day asks for the movement, because nothing counts before its day.
    """
    hold(session, account)
    ensure_may_change_money(session, actor, account)
    refuse_closed(contract)
    notice = contract.notice_days if notice_days is None else notice_days
    starts_on = contract.ends_on
    refuse_term(starts_on, ends_on, notice)
    if arr_minor is not None and not 0 < arr_minor <= LARGEST_MINOR:
        raise Invalid(N_("Please give an amount other than zero, and one that a contract can have."))
    was = arr_of_contract(session, contract)
    settle(
        session,
        account,
        contract,
        Forecast.RENEWED,
        amount_minor=arr_minor,
        by_id=None if actor.is_system else actor.user_id,
    )
    contract.closed_at = now()
    session.flush()
    following = add_contract(
        session,
        actor,
        account,
        starts_on=starts_on,
        ends_on=ends_on,
        notice_days=notice,
        auto_renews=contract.auto_renews,
        title=contract.title,
        seats=contract.seats,
        products=[Product(one.name, one.seats) for one in products_on(session, contract, starts_on)],
        renews=contract,
    )
    if arr_minor is not None and arr_minor != was:
        _bring_to(session, actor, account, following, arr_minor, was)
    return following


def _bring_to(session: Session, actor: Viewer, account: Account, contract: Contract, wanted: int, was: int) -> None:
    """What was agreed for the new term: a movement of its first day, or a task to enter it then."""
    if contract.starts_on <= today():
        move_arr(
            session,
            actor,
            account,
            MovementKind.PRICE,
            wanted - was,
            effective_on=contract.starts_on,
            contract=contract,
        )
        return
    responsible = session.get(User, account.owner_id) if actor.is_system else session.get_one(User, actor.user_id)
    if responsible is None:
        return  # a file renewed what nobody owns; the settled forecast still says the amount
    write = Writer(responsible.language, ZoneInfo(responsible.time_zone), now())
    title = write(text(N_("Enter the agreed ARR of %(money)s"), money=Money(wanted, account.currency, short=False)))
    create_task(session, actor, account, title=title, due_on=contract.starts_on, assignee=responsible)


def close_contract(
    session: Session,
    actor: Viewer,
    account: Account,
    contract: Contract,
    *,
    reason: str = "",
    left: bool = True,
    lost_minor: int | None = None,
    lost_on: date | None = None,
) -> None:
    """Ended, or (``left=False``) entered by mistake. What it was worth leaves by a movement of its own: that of
    ``lost_minor``, or one that somebody writes down later."""
    hold(session, account)
    ensure_may_change_money(session, actor, account)
    refuse_closed(contract)

    if lost_minor is not None and not 0 <= lost_minor <= account.arr_minor:
        raise Invalid(N_("What leaves cannot be more than the ARR of %(account)s."), account=account.name)

    if left:
        by_id = None if actor.is_system else actor.user_id
        settle(session, account, contract, Forecast.LOST, note=reason, by_id=by_id)
    else:
        forget(session, contract)
    contract.closed_at = now()
    follow_contracts(session, account)
    record(session, actor, account.id, "contract.closed", contract=str(contract.id), reason=reason, left=left)
    if left and lost_minor:
        kind = MovementKind.CHURN if lost_minor == account.arr_minor else MovementKind.CONTRACTION
        day = lost_on or min(today(), contract.ends_on)
        move_arr(session, actor, account, kind, -lost_minor, effective_on=day, contract=contract, note=reason)
    tell(session, AccountsChanged, [account.id])


def replace_contract(
    session: Session,
    actor: Viewer,
    account: Account,
    contract: Contract,
    *,
    starts_on: date,
    ends_on: date,
    notice_days: int,
    reason: str,
) -> Contract:
    """The terms come anew, from a file: the row is closed, and another takes its place and its forecast.

    Where the new term begins only after the old one, the old one was renewed.
    """
    hold(session, account)
    ensure_may_change_money(session, actor, account)
    refuse_closed(contract)
    refuse_term(starts_on, ends_on, notice_days)
    expected = None
    if starts_on >= contract.ends_on:
        settle(session, account, contract, Forecast.RENEWED, by_id=None if actor.is_system else actor.user_id)
    else:
        expected = current_forecast(session, contract.id)
        forget(session, contract)
    contract.closed_at = now()
    session.flush()
    record(session, actor, account.id, "contract.closed", contract=str(contract.id), reason=reason, left=False)
    following = add_contract(
        session,
        actor,
        account,
        starts_on=starts_on,
        ends_on=ends_on,
        notice_days=notice_days,
        auto_renews=contract.auto_renews,
        title=contract.title,
        seats=contract.seats,
        external_id=contract.external_id,
        products=[Product(one.name, one.seats) for one in products_on(session, contract, today())],
        renews=contract,
    )
    if expected is not None:
        follow(
            session,
            following,
            None,
            forecast=expected.forecast,
            amount_minor=expected.amount_minor,
            arr_minor=arr_of_contract(session, following),
            currency=expected.currency,
            expected_on=expected.expected_on,
            note=expected.note,
            by_id=expected.by_id,
        )
    return following


def products_on(session: Session, contract: Contract, day: date) -> Sequence[ContractProduct]:
    """What ``contract`` is about on ``day``."""
    ends = col(ContractProduct.to_on)
    return session.exec(
        select(ContractProduct)
        .where(col(ContractProduct.contract_id) == contract.id, (ends.is_(None)) | (ends > day))
        .order_by(col(ContractProduct.name), col(ContractProduct.id))
    ).all()


def follow_contracts(session: Session, account: Account) -> None:
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
    follow_arr(session, account)


def refuse_closed(contract: Contract) -> None:
    if contract.closed_at is not None:
        raise Conflict(N_("That contract is already closed; look at the current one."))


def refuse_term(starts_on: date, ends_on: date, notice_days: int) -> None:
    if ends_on < starts_on:
        raise Invalid(N_("A contract cannot end before it starts."))
    if not 0 <= notice_days <= 3660:
        raise Invalid(N_("The notice is a number of days, 0 or more."))
