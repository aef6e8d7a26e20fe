"""Carrying out plans of accounts.

New accounts are written in bulk, with the same rows that the verbs leave (a test holds them equal); changes go through
the verbs themselves, each row of the file in a savepoint of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select

from accounts import service
from accounts.events import AccountsChanged, gathered, tell
from accounts.importing.own_fields import write_values
from accounts.importing.planning import AccountPlan, Deal, Outcome
from accounts.importing.rows import Wrong
from accounts.models import (
    AccessKind,
    Account,
    AccountAccess,
    AccountFact,
    ArrMovement,
    Assignment,
    Contract,
    FactKey,
    MovementKind,
    OwnField,
    Stage,
)
from accounts.names import fold
from accounts.own.reading import Read
from accounts.tags.queries import in_order, tags_of
from accounts.tags.service import ensure_tags, pin
from crm.audit import record, record_many
from crm.clock import now, start_of, today
from crm.errors import Refusal
from crm.identity.models import User
from crm.ids import new_id
from crm.text import N_, text
from crm.viewer import Viewer

REASON = "import"


def write_accounts(session: Session, viewer: Viewer, plans: Sequence[AccountPlan], fields: dict[int, OwnField]) -> None:
    """Plans that the verbs refuse after all become rejected rows; nothing of such a row is written."""
    people = _people(session, plans)
    with gathered(session):
        new = [plan for plan in plans if plan.outcome is Outcome.NEW]
        _write_new(session, viewer, new, people)
        for plan in plans:
            if plan.outcome is Outcome.UPDATED:
                _change_or_reject(session, viewer, plan, people)
        written = [plan for plan in plans if plan.outcome in (Outcome.NEW, Outcome.UPDATED) and plan.own]
        cells: list[tuple[int, int, Read]] = []
        for plan in written:
            cells += [(_id(plan), column, plan.row.own[column]) for column in plan.own]
            if plan.outcome is Outcome.UPDATED:
                said = {fields[column].title: value for column, value in plan.own.items()}
                record(session, viewer, _id(plan), "account.own_fields_imported", values=said)
        _add_tags(session, viewer, [plan for plan in plans if plan.tags and plan.outcome is not Outcome.REJECTED])
        if cells:
            write_values(session, fields, cells)
            tell(session, AccountsChanged, [_id(plan) for plan in written])


def _add_tags(session: Session, viewer: Viewer, plans: Sequence[AccountPlan]) -> None:
    """A file adds tags and takes none away."""
    if not plans:
        return
    ids = {fold(tag.name): tag.id for tag in ensure_tags(session, [name for plan in plans for name in plan.tags])}
    has = tags_of(session, [_id(plan) for plan in plans])
    pairs: dict[tuple[int, int], None] = {}
    done: list[tuple[int, str, dict[str, Any]]] = []
    for plan in plans:
        there = {fold(name) for name in has[_id(plan)]}
        new = [name for name in plan.tags if fold(name) not in there]
        pairs.update(dict.fromkeys((_id(plan), ids[fold(name)]) for name in new))
        if new and plan.outcome is Outcome.UPDATED:
            before = has[_id(plan)]
            done.append((_id(plan), "account.tags_changed", {"before": before, "after": in_order([*before, *new])}))
    pin(session, list(pairs))
    record_many(session, viewer, done)


def _id(plan: AccountPlan) -> int:
    if plan.known is None:
        raise LookupError("A plan that was remembered knows its account.")
    return plan.known.id


def _people(session: Session, plans: Sequence[AccountPlan]) -> dict[int, User]:
    ids = {owner for plan in plans if (owner := plan.values.get("owner_id")) is not None}
    return {user.id: user for user in session.exec(select(User).where(col(User.id).in_(ids)))} if ids else {}


# --- new accounts, as create_account, assign_owner, add_contract and move_arr would write them ------------------------


def _write_new(session: Session, viewer: Viewer, plans: Sequence[AccountPlan], people: dict[int, User]) -> None:
    """Plain rows, not objects: half the time of a large import would go into making those."""
    if not plans:
        return
    day, known_at = today(), now()
    rows: dict[type[SQLModel], list[dict[str, Any]]] = {
        model: [] for model in (Account, AccountFact, Assignment, AccountAccess, Contract, ArrMovement)
    }
    done: list[tuple[int, str, dict[str, Any]]] = []
    for plan in plans:
        account_id, values, deal = _id(plan), plan.values, plan.deal
        since, entered = _since(plan, day), _entered(plan, day)
        owner = people.get(values["owner_id"] or 0)
        rows[Account].append(_account(plan, owner, viewer, entered, known_at))
        done.append((account_id, "account.created", {"name": values["name"]}))
        rows[AccountFact] += _facts(plan, since, entered, known_at)
        if owner is not None:
            held = {"account_id": account_id, "user_id": owner.id, "from_on": day, "to_on": None}
            rows[Assignment].append({"id": new_id(), **held, "reason": REASON, "known_at": known_at})
            rows[AccountAccess].append({"id": new_id(), **held, "kind": AccessKind.OWNER})
            given = {"before": None, "after": str(owner.id), "name": owner.name, "on": day, "reason": REASON}
            done.append((account_id, "account.assigned", given))
        contract_id = None
        if deal is not None:
            contract_id = new_id()
            rows[Contract].append(_contract(account_id, contract_id, deal))
            term = {"starts_on": deal.starts_on, "ends_on": deal.ends_on, "notice_days": deal.notice_days}
            done.append((account_id, "contract.added", {"contract": str(contract_id), **term}))
        if plan.arr:
            moved = {"kind": MovementKind.NEW, "amount_minor": plan.arr, "effective_on": since}
            rows[ArrMovement].append(
                {
                    "id": new_id(),
                    "account_id": account_id,
                    "contract_id": contract_id,
                    **moved,
                    "currency": values["currency"],
                    "known_at": known_at,
                    "corrects_id": None,
                    "note": REASON,
                }
            )
            done.append((account_id, "arr.moved", moved))
    for model, written in rows.items():
        if written:
            session.execute(insert(model), written)
    record_many(session, viewer, done)
    tell(session, AccountsChanged, [_id(plan) for plan in plans])


def _account(
    plan: AccountPlan, owner: User | None, viewer: Viewer, entered: date, known_at: datetime
) -> dict[str, Any]:
    values, deal = plan.values, plan.deal
    return {
        "id": _id(plan),
        "name": values["name"],
        "name_folded": fold(values["name"]),
        "external_id": values.get("external_id"),
        "domain": values.get("domain"),
        "tier": values["tier"],
        "stage": values["stage"],
        "stage_entered_on": entered,
        "team_id": (owner.team_id if owner else None) or viewer.team_id,
        "owner_id": owner.id if owner else None,
        "parent_id": None,
        "arr_minor": plan.arr or 0,
        "currency": values["currency"],
        "seats": values.get("seats"),
        "decides_on": Contract.decision_day(deal.ends_on, deal.notice_days) if deal else None,
        "ends_on": deal.ends_on if deal else None,
        "country": values.get("country"),
        "language": values.get("language"),
        "industry": values.get("industry"),
        "version": 1,
        "created_at": known_at,
        "closed_at": None,
    }


def _facts(plan: AccountPlan, since: date, entered: date, known_at: datetime) -> list[dict[str, Any]]:
    values, begun = plan.values, start_of(min(since, entered))
    facts = [(FactKey.TIER, values["tier"].value, begun), (FactKey.STAGE, values["stage"].value, start_of(entered))]
    if "seats" in values:
        facts.append((FactKey.SEATS, str(values["seats"]), begun))
    return [
        {
            "id": new_id(),
            "account_id": _id(plan),
            "key": key,
            "value": value,
            "happened_at": happened_at,
            "known_at": known_at,
            "closed_at": None,
        }
        for key, value, happened_at in facts
    ]


def _contract(account_id: int, contract_id: int, deal: Deal) -> dict[str, Any]:
    return {
        "id": contract_id,
        "account_id": account_id,
        "external_id": None,
        "title": "",
        "starts_on": deal.starts_on,
        "ends_on": deal.ends_on,
        "auto_renews": True,
        "notice_days": deal.notice_days,
        "decides_on": Contract.decision_day(deal.ends_on, deal.notice_days),
        "seats": None,
        "closed_at": None,
    }


def _since(plan: AccountPlan, day: date) -> date:
    """From when what the row says holds: the first day of the contract where the row names one that has come."""
    starts: date | None = plan.row.values.get("starts_on")
    return min(starts, day) if starts else day


def _entered(plan: AccountPlan, day: date) -> date:
    match plan.values["stage"]:
        case Stage.CHURNED:
            return min(plan.deal.ends_on, day) if plan.deal else day
        case Stage.RENEWING:
            return day
        case _:
            return _since(plan, day)


# --- accounts that are here ------------------------------------------------------------------------------------------


def _change_or_reject(session: Session, viewer: Viewer, plan: AccountPlan, people: dict[int, User]) -> None:
    try:
        with session.begin_nested():
            _change(session, viewer, plan, people)
    except Refusal as refusal:
        _reject(plan, refusal.sentence)
    except IntegrityError:
        _reject(plan, text(N_("Somebody else wrote the same at the same time; import this row again.")))


def _reject(plan: AccountPlan, reason: object) -> None:
    plan.outcome = Outcome.REJECTED
    plan.wrong.append(Wrong(None, "", reason))  # type: ignore[arg-type]


def _change(session: Session, viewer: Viewer, plan: AccountPlan, people: dict[int, User]) -> None:
    account, values, day = session.get_one(Account, _id(plan)), plan.values, today()
    details = {
        key: values.get(key, getattr(account, key)) for key in ("name", "domain", "country", "language", "industry")
    }
    if any(key in values for key in details):
        service.change_details(session, viewer, account, **details)
    if "external_id" in values:
        record(session, viewer, account.id, "account.changed", external_id=[account.external_id, values["external_id"]])
        account.external_id = values["external_id"]
        account.version += 1
    if "tier" in values:
        service.set_tier(session, viewer, account, values["tier"])
    if "stage" in values:
        service.change_stage(session, viewer, account, values["stage"], on=day, reason=REASON)
    if "seats" in values:
        service.set_seats(session, viewer, account, values["seats"])
    if "currency" in values:
        record(session, viewer, account.id, "account.changed", currency=[account.currency, values["currency"]])
        account.currency = values["currency"]
        account.version += 1
    _change_contract(session, viewer, account, plan)
    if plan.arr is not None and plan.arr != account.arr_minor:
        service.move_arr(
            session,
            viewer,
            account,
            _movement(plan, account),
            plan.arr - account.arr_minor,
            effective_on=day,
            note=REASON,
        )
    if "owner_id" in values:  # last: afterwards the account may be in other hands
        service.assign_owner(session, viewer, account, people.get(values["owner_id"] or 0), on=day, reason=REASON)
    tell(session, AccountsChanged, [account.id])
    session.flush()


def _movement(plan: AccountPlan, account: Account) -> MovementKind:
    wanted = plan.arr or 0
    if account.stage is Stage.CHURNED and not wanted:
        return MovementKind.CHURN
    if wanted > account.arr_minor:
        return MovementKind.EXPANSION if account.arr_minor else MovementKind.NEW
    return MovementKind.CONTRACTION


def _change_contract(session: Session, viewer: Viewer, account: Account, plan: AccountPlan) -> None:
    deal = plan.deal
    if deal is None:
        return
    before = session.get_one(Contract, deal.replaces.id) if deal.replaces else None
    if before is not None:
        service.replace_contract(
            session,
            viewer,
            account,
            before,
            starts_on=deal.starts_on,
            ends_on=deal.ends_on,
            notice_days=deal.notice_days,
            reason=REASON,
        )
        return
    service.add_contract(
        session, viewer, account, starts_on=deal.starts_on, ends_on=deal.ends_on, notice_days=deal.notice_days
    )
