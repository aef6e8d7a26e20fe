"""Invoices out of a file: a later file that says paid closes what was open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update
from sqlmodel import Session, col

from accounts.events import SignalsChanged, tell
from accounts.importing.facts import FactImporter, FactPlan
from accounts.importing.planning import Outcome
from accounts.importing.rows import Arr
from accounts.importing.values import minor_units
from accounts.invoices.models import Invoice
from crm.audit import record
from crm.clock import now, today
from crm.db import table_of
from crm.ids import new_id
from crm.text import N_, text


@dataclass(frozen=True)
class Bill:
    account_id: int
    number: str
    due_on: date
    amount_minor: int
    currency: str
    paid_on: date | None


class InvoiceImporter(FactImporter):
    money = True
    needed = (
        ("number", N_("This row has no invoice number.")),
        ("due_on", N_("This row has no day on which it is due.")),
        ("amount", N_("This row has no amount.")),
    )

    def __init__(self, *given: Any, dry: bool) -> None:
        super().__init__(*given, dry=dry)
        self._lines: dict[tuple[int, str], tuple[int, Bill]] = {}

    def settle(self, session: Session, plans: Sequence[FactPlan]) -> None:
        bills = [(plan, bill) for plan in plans if (bill := self._bill(plan)) is not None]
        stored = _stored(session, [bill for _plan, bill in bills])
        for plan, bill in bills:
            place = (bill.account_id, bill.number)
            earlier = self._lines.get(place)
            if earlier is not None:
                if earlier[1] == bill:
                    plan.outcome = Outcome.UNCHANGED
                    continue
                reason = text(N_("Line %(line)s already tells this invoice, and says something else."), line=earlier[0])
                plan.wrong.append(self.finder.at(plan.row, "number", reason))
                continue
            self._lines[place] = (plan.row.line, bill)
            known = stored.get(place)
            plan.fact, plan.before = bill, known
            if known is None:
                plan.outcome = Outcome.NEW
                continue
            pairs = (("due_on", "due_on"), ("amount", "amount_minor"), ("currency", "currency"), ("paid_on", "paid_on"))
            plan.changed = tuple(key for key, name in pairs if getattr(known, name) != getattr(bill, name))
            plan.outcome = Outcome.UPDATED if plan.changed else Outcome.UNCHANGED

    def _bill(self, plan: FactPlan) -> Bill | None:
        values, row = plan.row.values, plan.row
        number, in_cell = values["amount"]
        said = values.get("currency")
        if said and in_cell and said != in_cell:
            reason = text(
                N_("The amount is in %(one)s but the currency column says %(other)s."), one=in_cell, other=said
            )
            plan.wrong.append(self.finder.at(row, "amount", reason))
        paid: date | None = values.get("paid_on")
        if paid is not None and paid > today():
            plan.wrong.append(self.finder.at(row, "paid_on", text(N_("%(day)s has not come yet."), day=paid)))
        if plan.wrong or plan.account is None:
            return None
        currency = said or in_cell or self.mapping.style.currency
        minor = minor_units(number, currency)
        values["amount"] = Arr(minor, currency, said=bool(said or in_cell))  # as the look shows it
        return Bill(plan.account.id, values["number"], values["due_on"], minor, currency, paid)

    def write_facts(self, session: Session, plans: Sequence[FactPlan]) -> None:
        new = [plan.fact for plan in plans if plan.outcome is Outcome.NEW]
        changed = [(plan.before, plan.fact) for plan in plans if plan.outcome is Outcome.UPDATED]
        if new or changed:
            write_bills(session, new, changed)
            ids = sorted({one.account_id for one in [*new, *(bill for _before, bill in changed)]})
            record(
                session, self.viewer, None, "invoices.imported", accounts=len(ids), new=len(new), changed=len(changed)
            )
            tell(session, SignalsChanged, ids)


def write_bills(session: Session, new: Sequence[Bill], changed: Sequence[tuple[Any, Bill]] = ()) -> None:
    known = now()
    table: Any = table_of(Invoice)
    for before, _bill in changed:
        session.execute(update(table).where(table.c.id == before.id).values(closed_at=known))
    rows = [*new, *(bill for _before, bill in changed)]
    session.execute(insert(table), [{"id": new_id(), "known_at": known, **vars(one)} for one in rows])


def _stored(session: Session, bills: Sequence[Bill]) -> dict[tuple[int, str], Invoice]:
    rows = session.execute(
        select(Invoice).where(
            col(Invoice.account_id).in_({one.account_id for one in bills}),
            col(Invoice.number).in_({one.number for one in bills}),
            col(Invoice.closed_at).is_(None),
        )
    ).scalars()
    return {(row.account_id, row.number): row for row in rows}
