"""What is owed and since when: on the account page, in the list, and a page of all invoices. Amounts are for those who
read money; that something is overdue, everybody who reads the account may know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import and_, case, false, func, or_, select, true
from sqlmodel import Session, col

from accounts.deps import AccountInScope
from accounts.invoices.models import Invoice
from accounts.listing.query import Cursor, read_cursor, write_cursor
from accounts.models import Account
from accounts.money import major
from accounts.panels.context import book_day, hands_of
from accounts.rights import hands_on, reads_money_of
from crm import clock
from crm.contracts import AccountColumn, AnySelect, ColumnContext, Panel, PanelContext
from crm.identity.deps import CurrentViewer
from crm.text import N_
from crm.viewer import Capability
from crm.web.pages import page
from crm.web.session import DbSession, Now

A_PAGE = 50


def _overdue(today: date) -> Any:
    return and_(
        col(Invoice.closed_at).is_(None),
        col(Invoice.due_on) < today,
        or_(col(Invoice.paid_on).is_(None), col(Invoice.paid_on) > today),
    )


@dataclass(frozen=True)
class Debt:
    """What is overdue; a sum for each currency."""

    count: int
    oldest: date | None
    sums: tuple[tuple[int, str], ...]
    known: int  # invoices there are, paid ones included

    def days(self, today: date) -> int:
        return (today - self.oldest).days if self.oldest else 0


def debt_of(session: Session, account_id: int, today: date) -> Debt:
    overdue = _overdue(today)
    rows = session.execute(
        select(
            col(Invoice.currency),
            func.count().label("known"),
            func.count(case((overdue, 1))).label("count"),
            func.min(case((overdue, col(Invoice.due_on)))).label("oldest"),
            func.coalesce(func.sum(case((overdue, col(Invoice.amount_minor)))), 0).label("minor"),
        )
        .where(col(Invoice.account_id) == account_id, col(Invoice.closed_at).is_(None))
        .group_by(col(Invoice.currency))
        .order_by(col(Invoice.currency))
    ).all()
    return Debt(
        count=sum(row[2] for row in rows),
        oldest=min((row.oldest for row in rows if row.oldest), default=None),
        sums=tuple((int(row.minor), row.currency) for row in rows if row[2]),
        known=sum(row.known for row in rows),
    )


def load(context: PanelContext) -> dict[str, object] | None:
    today = book_day(context)
    debt = debt_of(context.session, context.account_id, today)
    if not debt.known:
        return None
    return {"debt": debt, "days": debt.days(today), "reads_money": hands_of(context).may_read_money}


INVOICES = Panel(
    key="invoices",
    title=N_("Invoices"),
    template="accounts/invoices/panel.html",
    load=load,
    order=22,
    place="side",
    summary="accounts/invoices/_summary.html",
    refresh_on="account-changed",
)


# --- list


def _source(context: ColumnContext) -> AnySelect:
    """In the account's own currency; what is owed in others is not added up."""
    may = reads_money_of(col(Invoice.account_id), context.viewer)
    amount: Any = case((col(Invoice.currency) == col(Account.currency), col(Invoice.amount_minor)))
    if may is None:
        amount = case((false(), amount))
    elif not isinstance(may, type(true())):
        amount = case((may, amount))
    return (
        select(
            col(Invoice.account_id).label("account_id"),
            func.count().label("invoices"),
            func.min(col(Invoice.due_on)).label("oldest_on"),
            func.sum(amount).label("overdue_minor"),
            func.max(col(Account.currency)).label("overdue_currency"),
        )
        .join(Account, col(Account.id) == col(Invoice.account_id))
        .where(_overdue(context.today))
        .group_by(col(Invoice.account_id))
    )


def _in_file(row: Any) -> float | int | None:
    return None if row is None or row.overdue_minor is None else major(int(row.overdue_minor), row.overdue_currency)


ACCOUNT_COLUMNS = (
    AccountColumn(
        key="overdue",
        title=N_("Overdue"),
        source=_source,
        value=("invoices", "oldest_on", "overdue_minor", "overdue_currency"),
        cell="accounts/invoices/cell.html",
        csv=_in_file,
        order=66,
        sort="overdue_minor",
        sort_first="desc",
        numeric=True,
        optional=True,
        needs=Capability.READ_MONEY,
    ),
)


# --- page

router = APIRouter()


@router.get("/accounts/{account_id:int}/invoices", name="accounts.invoices.show")
def show_invoices(
    request: Request, account: AccountInScope, session: DbSession, viewer: CurrentViewer, now: Now, before: str = ""
) -> Response:
    """Who reads no money sees numbers and days."""
    today = clock.day_of(now)
    cursor = read_cursor(before, date) if before else None
    rows = invoices_of(session, account.id, A_PAGE + 1, cursor)
    last = rows[A_PAGE - 1] if len(rows) > A_PAGE else None
    return page(
        request,
        "accounts/invoices/show.html",
        account=account,
        debt=debt_of(session, account.id, today),
        rows=rows[:A_PAGE],
        reads_money=hands_on(session, viewer, account).may_read_money,
        today=today,
        next_before=write_cursor(Cursor(last.due_on, last.id)) if last else "",
        is_later=cursor is not None,
    )


def invoices_of(session: Session, account_id: int, limit: int, before: Cursor | None) -> Sequence[Invoice]:
    """The latest due first."""
    statement = select(Invoice).where(col(Invoice.account_id) == account_id, col(Invoice.closed_at).is_(None))
    if before is not None and isinstance(before.value, date):
        earlier = and_(col(Invoice.due_on) == before.value, col(Invoice.id) < before.id)
        statement = statement.where(or_(col(Invoice.due_on) < before.value, earlier))
    statement = statement.order_by(col(Invoice.due_on).desc(), col(Invoice.id).desc()).limit(limit)
    return session.execute(statement).scalars().all()
