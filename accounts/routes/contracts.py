"""Contracts, ARR movements and seats: for those who may change money."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from accounts import service
from accounts.deps import AccountInScope
from accounts.forms import (
    AmendmentSubmitted,
    ClosingForm,
    ClosingSubmitted,
    ContractSubmitted,
    CorrectionSubmitted,
    CurrencySubmitted,
    MovementSubmitted,
    RenewalForm,
    RenewalSubmitted,
    SeatsForm,
    SeatsSubmitted,
)
from accounts.models import Account, Contract
from accounts.money import get_contract, get_movement, minor_of, movements_of, open_contracts, told_contracts
from accounts.renewals.deps import NO_MONEY
from accounts.renewals.worth import arr_of_contract
from accounts.rights import ensure_may_change_money, hands_on
from accounts.routes._forms import Edited, attempt, begin_edit, form_again, show_form, to_account
from accounts.service.contracts import products_on
from crm.clock import today
from crm.errors import Forbidden
from crm.identity.deps import CurrentViewer
from crm.text import N_, Text, text
from crm.web.pages import page
from crm.web.session import DbSession, Now

router = APIRouter()

CONTRACT, RENEWAL, CLOSING = (f"accounts/forms/{name}.html" for name in ("contract", "renewal", "closing"))
AMENDMENT, CURRENCY = "accounts/forms/amendment.html", "accounts/forms/currency.html"
MOVEMENT, CORRECTION, SEATS = (f"accounts/forms/{name}.html" for name in ("movement", "correction", "seats"))


def _title(sentence: str, account: Account) -> Text:
    return text(sentence, account=account.name)


def _products(written: str) -> list[service.Product]:
    """One a line, with its seats after a comma: "Planning board, 40"."""
    found = []
    for line in written.splitlines():
        name, comma, seats = line.rpartition(",")
        if comma and seats.strip().isdecimal():
            found.append(service.Product(name.strip()[:120], int(seats)))
        elif line.strip():
            found.append(service.Product(line.strip()[:120]))
    return found


# --- contracts -------------------------------------------------------------------------------------------------------


@router.get("/accounts/{account_id:int}/contracts/new", name="accounts.contracts.new")
def new_contract(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change_money(session, viewer, account)
    return show_form(request, CONTRACT, _title(N_("New contract with %(account)s"), account), account=account)


@router.post("/accounts/{account_id:int}/contracts", name="accounts.contracts.create")
def create_contract(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: ContractSubmitted,
) -> Response:
    ensure_may_change_money(session, viewer, account)
    refused: Any = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: service.add_contract(
                session,
                viewer,
                account,
                starts_on=form.starts_on,
                ends_on=form.ends_on,
                notice_days=form.notice_days,
                auto_renews=form.auto_renews,
                title=form.title,
                seats=form.seats,
                products=_products(form.products),
            ),
        )
    if refused is not None:
        title = _title(N_("New contract with %(account)s"), account)
        return form_again(request, CONTRACT, title, refused, account=account)
    return to_account(request, account)


@router.get("/accounts/{account_id:int}/contracts/{contract_id:int}/renewal", name="accounts.renewals.new")
def new_renewal(
    request: Request, account: AccountInScope, contract_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change_money(session, viewer, account)
    contract = get_contract(session, account, contract_id)
    title = _title(N_("Renewal of %(account)s"), account)
    worth = arr_of_contract(session, contract)
    edited = _term(account, contract)
    return show_form(request, RENEWAL, title, account=account, edited=edited, contract=contract, worth=worth)


def _term(account: Account, contract: Contract) -> Edited:
    """The term that the form speaks of; it is watched, not sent."""
    return Edited(
        account,
        {
            "term": (N_("Term"), f"{contract.starts_on.isoformat()} – {contract.ends_on.isoformat()}"),
            "notice": (N_("Notice (days)"), str(contract.notice_days)),
            "closed": (N_("Closed"), contract.closed_at.date().isoformat() if contract.closed_at else ""),
        },
    )


@router.post("/accounts/{account_id:int}/contracts/{contract_id:int}/renewal", name="accounts.renewals.create")
def create_renewal(
    request: Request,
    account: AccountInScope,
    contract_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: RenewalSubmitted,
) -> Response:
    ensure_may_change_money(session, viewer, account)
    contract = get_contract(session, account, contract_id)
    begin_edit(session, account)
    edited = _term(account, contract)
    sent = edited.settle(RenewalForm, sent)
    refused: Any = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: service.renew_contract(
                session,
                viewer,
                account,
                contract,
                ends_on=form.ends_on,
                notice_days=form.notice_days,
                arr_minor=None if form.amount is None else minor_of(form.amount, account.currency),
            ),
        )
    if refused is not None:
        title = _title(N_("Renewal of %(account)s"), account)
        worth = arr_of_contract(session, contract)
        return form_again(
            request, RENEWAL, title, refused, account=account, edited=edited, contract=contract, worth=worth
        )
    return to_account(request, account)


@router.get("/accounts/{account_id:int}/contracts/{contract_id:int}/closing", name="accounts.closings.new")
def new_closing(
    request: Request, account: AccountInScope, contract_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change_money(session, viewer, account)
    contract = get_contract(session, account, contract_id)
    title = _title(N_("End the contract with %(account)s"), account)
    worth = arr_of_contract(session, contract)
    edited = _term(account, contract)
    return show_form(request, CLOSING, title, account=account, edited=edited, contract=contract, worth=worth)


@router.post("/accounts/{account_id:int}/contracts/{contract_id:int}/closing", name="accounts.closings.create")
def create_closing(
    request: Request,
    account: AccountInScope,
    contract_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: ClosingSubmitted,
) -> Response:
    ensure_may_change_money(session, viewer, account)
    contract = get_contract(session, account, contract_id)
    begin_edit(session, account)
    edited = _term(account, contract)
    sent = edited.settle(ClosingForm, sent)
    refused: Any = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: service.close_contract(
                session,
                viewer,
                account,
                contract,
                reason=form.reason,
                left=form.outcome == "left",
                lost_minor=None if form.lost is None else minor_of(form.lost, account.currency),
                lost_on=form.on,
            ),
        )
    if refused is not None:
        title = _title(N_("End the contract with %(account)s"), account)
        worth = arr_of_contract(session, contract)
        return form_again(
            request, CLOSING, title, refused, account=account, edited=edited, contract=contract, worth=worth
        )
    return to_account(request, account)


# --- amendments ------------------------------------------------------------------------------------------------------


@router.get("/accounts/{account_id:int}/contracts/{contract_id:int}/amendment", name="accounts.amendments.new")
def new_amendment(
    request: Request, account: AccountInScope, contract_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change_money(session, viewer, account)
    contract = get_contract(session, account, contract_id)
    title = _title(N_("Amend the contract with %(account)s"), account)
    products = products_on(session, contract, today())
    return show_form(request, AMENDMENT, title, account=account, contract=contract, products=products)


@router.post("/accounts/{account_id:int}/contracts/{contract_id:int}/amendment", name="accounts.amendments.create")
def create_amendment(
    request: Request,
    account: AccountInScope,
    contract_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: AmendmentSubmitted,
) -> Response:
    ensure_may_change_money(session, viewer, account)
    contract = get_contract(session, account, contract_id)
    products = products_on(session, contract, today())
    refused: Any = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: service.amend_contract(
                session,
                viewer,
                account,
                contract,
                effective_on=form.effective_on,
                title=form.title,
                seats=form.seats,
                ends_on=form.ends_on,
                notice_days=form.notice_days,
                adds=service.Product(form.product, form.product_seats) if form.product else None,
                ends=[one for one in products if one.id in form.ends],
                arr_change_minor=minor_of(form.amount, account.currency) if form.amount else 0,
            ),
        )
    if refused is not None:
        title = _title(N_("Amend the contract with %(account)s"), account)
        return form_again(request, AMENDMENT, title, refused, account=account, contract=contract, products=products)
    return to_account(request, account)


@router.get("/accounts/{account_id:int}/contracts", name="accounts.contracts.index")
def list_contracts(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    """Every contract of the account with its products and amendments, closed ones too."""
    hands = hands_on(session, viewer, account)
    if not hands.may_read_money:
        raise Forbidden(NO_MONEY)
    return page(
        request, "accounts/contracts.html", account=account, hands=hands, told=told_contracts(session, account.id)
    )


# --- ARR movements ---------------------------------------------------------------------------------------------------


@router.get("/accounts/{account_id:int}/movements", name="accounts.movements.index")
def list_movements(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    """Every movement that the ARR is the sum of."""
    hands = hands_on(session, viewer, account)
    if not hands.may_read_money:
        raise Forbidden(NO_MONEY)
    movements = movements_of(session, account.id)
    return page(request, "accounts/movements.html", account=account, movements=movements, hands=hands)


@router.get("/accounts/{account_id:int}/movements/new", name="accounts.movements.new")
def new_movement(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change_money(session, viewer, account)
    contracts = open_contracts(session, account.id)
    title = _title(N_("ARR of %(account)s"), account)
    return show_form(request, MOVEMENT, title, account=account, contracts=contracts)


@router.post("/accounts/{account_id:int}/movements", name="accounts.movements.create")
def create_movement(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: MovementSubmitted,
) -> Response:
    ensure_may_change_money(session, viewer, account)
    refused: Any = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: service.move_arr(
                session,
                viewer,
                account,
                form.kind,
                minor_of(form.amount, account.currency),
                effective_on=form.effective_on,
                note=form.note,
                contract=None if form.contract is None else get_contract(session, account, form.contract),
            ),
        )
    if refused is not None:
        title = _title(N_("ARR of %(account)s"), account)
        contracts = open_contracts(session, account.id)
        return form_again(request, MOVEMENT, title, refused, account=account, contracts=contracts)
    return to_account(request, account)


@router.get("/accounts/{account_id:int}/movements/{movement_id:int}/correction", name="accounts.corrections.new")
def new_correction(
    request: Request, account: AccountInScope, movement_id: int, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change_money(session, viewer, account)
    movement = get_movement(session, account, movement_id)
    title = _title(N_("Correct the ARR of %(account)s"), account)
    return show_form(request, CORRECTION, title, account=account, movement=movement)


@router.post("/accounts/{account_id:int}/movements/{movement_id:int}/correction", name="accounts.corrections.create")
def create_correction(
    request: Request,
    account: AccountInScope,
    movement_id: int,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: CorrectionSubmitted,
) -> Response:
    ensure_may_change_money(session, viewer, account)
    movement = get_movement(session, account, movement_id)
    refused: Any = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(
            session,
            sent,
            lambda: service.correct_movement(
                session,
                viewer,
                account,
                movement,
                amount_minor=minor_of(form.amount, movement.currency),
                note=form.note,
            ),
        )
    if refused is not None:
        title = _title(N_("Correct the ARR of %(account)s"), account)
        return form_again(request, CORRECTION, title, refused, account=account, movement=movement)
    return to_account(request, account)


# --- currency --------------------------------------------------------------------------------------------------------


@router.get("/accounts/{account_id:int}/currency", name="accounts.currency.edit")
def edit_currency(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change_money(session, viewer, account)
    return show_form(request, CURRENCY, _title(N_("Currency of %(account)s"), account), account=account)


@router.post("/accounts/{account_id:int}/currency", name="accounts.currency.update")
def update_currency(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: CurrencySubmitted,
) -> Response:
    ensure_may_change_money(session, viewer, account)
    refused: Any = sent if sent.form is None else None
    if (form := sent.form) is not None:
        currency = form.currency.upper()
        refused = attempt(
            session,
            sent,
            lambda: service.change_currency(
                session,
                viewer,
                account,
                currency=currency,
                amount_minor=minor_of(form.amount, currency),
                effective_on=form.effective_on,
                note=form.note,
            ),
        )
    if refused is not None:
        title = _title(N_("Currency of %(account)s"), account)
        return form_again(request, CURRENCY, title, refused, account=account)
    return to_account(request, account)


# --- seats -----------------------------------------------------------------------------------------------------------


@router.get("/accounts/{account_id:int}/seats", name="accounts.seats.edit")
def edit_seats(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now
) -> Response:
    ensure_may_change_money(session, viewer, account)
    title = _title(N_("Seats of %(account)s"), account)
    return show_form(request, SEATS, title, account=account, edited=_seats(account))


def _seats(account: Account) -> Edited:
    return Edited(account, {"seats": (N_("Licensed seats"), "" if account.seats is None else str(account.seats))})


@router.post("/accounts/{account_id:int}/seats", name="accounts.seats.update")
def update_seats(
    request: Request,
    account: AccountInScope,
    session: DbSession,
    viewer: CurrentViewer,
    now: Now,
    sent: SeatsSubmitted,
) -> Response:
    ensure_may_change_money(session, viewer, account)
    begin_edit(session, account)
    edited = _seats(account)
    sent = edited.settle(SeatsForm, sent)
    refused: Any = sent if sent.form is None else None
    if (form := sent.form) is not None:
        refused = attempt(session, sent, lambda: service.set_seats(session, viewer, account, form.seats))
    if refused is not None:
        title = _title(N_("Seats of %(account)s"), account)
        return form_again(request, SEATS, title, refused, account=account, edited=edited)
    return to_account(request, account)
