"""Invoices come in by file; a later file that says paid closes what was open. Amounts are for those who read money."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from accounts.importing.targets import Kind
from accounts.invoices.importing import Bill, write_bills
from accounts.invoices.models import Invoice
from accounts.models import Account
from crm.viewer import Viewer
from health_scores.asof import AsOf
from tests.accounts.health.test_relationship_measures import figure, scored, words
from tests.accounts.importing.conftest import outcome, reasons
from tests.accounts.usage.conftest import BringUsage, bring_usage
from tests.health_scores._histories import BOARD, ago

HEAD = "account;invoice number;due date;amount;currency;paid on\n"
__all__ = ["bring_usage"]


def standing(session: Session) -> list[tuple[str, date, int, str, date | None]]:
    session.expire_all()
    found = session.exec(select(Invoice).where(col(Invoice.closed_at).is_(None)).order_by(col(Invoice.number)))
    return [(one.number, one.due_on, one.amount_minor, one.currency, one.paid_on) for one in found]


def test_a_later_file_that_says_paid_closes_it(session: Session, acme: Account, bring_usage: BringUsage) -> None:
    file = HEAD + "Acme;2026-1;15/10/2026;46 000,50;EUR;\nAcme;2026-2;2026-12-15;$1200;;\n"
    assert outcome(bring_usage(file, kind=Kind.INVOICES)) == (2, 0, 0, 0)
    assert standing(session) == [
        ("2026-1", date(2026, 10, 15), 4_600_050, "EUR", None),
        ("2026-2", date(2026, 12, 15), 120_000, "USD", None),
    ]
    assert figure(session, "overdue_invoices") == 39
    assert words(session, "overdue_invoices") == "1 invoice overdue, for 39 days"
    assert outcome(bring_usage(file, kind=Kind.INVOICES)) == (0, 0, 2, 0)
    paid = HEAD + "Acme;2026-1;15/10/2026;46 000,50;EUR;20/11/2026\n"
    assert outcome(bring_usage(paid, kind=Kind.INVOICES)) == (0, 1, 0, 0)
    assert figure(session, "overdue_invoices") == 0
    then = AsOf(ago(days=10))
    assert float(BOARD.measures["overdue_invoices"].value(scored(session, then).features)[0]) == 29  # it was open then


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("Acme;;2026-10-15;10;EUR;", "invoice number", "This row has no invoice number."),
        ("Acme;1;2026-10-15;-10;EUR;", "amount", "“-10” is below zero; leave credit notes out."),
        ("Acme;1;2026-10-15;10 $;EUR;", "amount", "The amount is in USD but the currency column says EUR."),
        ("Acme;1;2026-10-15;10;EUR;2026-12-24", "paid on", "2026-12-24 has not come yet."),
        ("Acme;1;31/02/2026;10;EUR;", "due date", "“31/02/2026” is not a date."),
    ],
)
def test_a_bad_invoice_is_left_out_with_its_reason(
    session: Session, acme: Account, bring_usage: BringUsage, row: str, column: str, reason: str
) -> None:
    assert reasons(session, bring_usage(HEAD + row + "\n", kind=Kind.INVOICES)) == [(2, column, reason)]


def test_who_may_not_change_money_brings_no_invoices(
    session: Session, acme: Account, zoe: Viewer, bring_usage: BringUsage
) -> None:
    run = bring_usage(HEAD + "Acme;1;2026-10-15;10;EUR;\n", zoe, kind=Kind.INVOICES)
    assert outcome(run) == (0, 0, 0, 1)
    assert standing(session) == []


def test_without_any_invoice_nothing_is_known(session: Session, acme: Account) -> None:
    assert np.isnan(figure(session, "overdue_invoices"))
    write_bills(session, [Bill(acme.id, "1", date(2026, 9, 1), 100, "EUR", date(2026, 9, 1))])
    assert figure(session, "overdue_invoices") == 0


def test_support_agents_see_that_but_not_how_much(
    session: Session, acme: Account, as_ana: TestClient, as_agent: TestClient
) -> None:
    write_bills(session, [Bill(acme.id, "2026-7", date(2026, 10, 15), 4_600_000, "EUR", None)])
    session.commit()
    for path in (f"/accounts/{acme.id}", f"/accounts/{acme.id}/invoices", f"/accounts/{acme.id}/panels/invoices"):
        mine, theirs = as_ana.get(path).text, as_agent.get(path).text
        assert "€46,000" in mine, path
        assert "46,000" not in theirs, path
        assert "overdue" in theirs, path
    assert "overdue" not in as_agent.get("/accounts.csv?scope=all").text.splitlines()[0].lower()
    assert "46000" in as_ana.get("/accounts.csv?scope=all").text
