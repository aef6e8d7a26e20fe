"""Wishes that wait, and those of one account or ticket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from accounts.models import Account, Interaction
from accounts.portfolio import portfolio_ids
from accounts.queries import in_sight
from crm.contracts import DayContext, PanelContext
from crm.db import table_of
from support.models import Ticket
from support.wishes.models import HumanWish

WAITS_FOR = timedelta(days=14)  # then it is history


def _is_there(talk: Any, ticket: Any) -> ColumnElement[bool]:
    """The text it stands in still counts: neither corrected, nor taken back, nor deleted."""
    return and_(
        col(HumanWish.closed_at).is_(None),
        or_(col(HumanWish.interaction_id).is_(None), talk.closed_at.is_(None)),
        or_(col(HumanWish.ticket_id).is_(None), ticket.deleted_at.is_(None)),
    )


def _with_origin(*columns: Any) -> tuple[Select[*tuple[Any, ...]], Any, Any]:
    talk, ticket = aliased(Interaction), aliased(Ticket)
    statement = (
        select(*columns)
        .select_from(HumanWish)
        .outerjoin(talk, talk.id == col(HumanWish.interaction_id))  # type: ignore[arg-type]
        .outerjoin(ticket, ticket.id == col(HumanWish.ticket_id))  # type: ignore[arg-type]
    )
    return statement, talk, ticket


def waiting(context: DayContext, limit: int) -> Sequence[Any]:
    """Of the viewer's accounts, one row an account: how many, the oldest, and its ticket. A talk with the customer
    since, of both sides, or the ticket's resolution ends the wait."""
    statement, talk, ticket = _with_origin(
        col(HumanWish.account_id),
        func.count().label("wishes"),
        func.min(col(HumanWish.happened_at), type_=table_of(HumanWish).c.happened_at.type).label("since"),
        func.min(col(HumanWish.words)).label("words"),
        func.min(col(HumanWish.ticket_id)).label("ticket_id"),
    )
    spoken: Any = aliased(Interaction)
    answered = (
        select(spoken.id)
        .where(
            spoken.account_id == col(HumanWish.account_id),
            spoken.two_way.is_(True),
            spoken.closed_at.is_(None),
            spoken.happened_at > col(HumanWish.happened_at),
            spoken.happened_at <= context.now,
        )
        .exists()
    )
    rows = session_rows(
        context.session,
        statement.join(Account, col(Account.id) == col(HumanWish.account_id))
        .where(
            _is_there(talk, ticket),
            col(HumanWish.happened_at) > context.now - WAITS_FOR,
            col(HumanWish.happened_at) <= context.now,
            or_(ticket.id.is_(None), ticket.resolved_at.is_(None)),
            ~answered,
            col(HumanWish.account_id).in_(portfolio_ids(context.viewer)),
            in_sight(col(HumanWish.account_id), context.viewer),
        )
        .group_by(col(HumanWish.account_id))
        .order_by(func.min(col(HumanWish.happened_at)), col(HumanWish.account_id))
        .limit(limit),
    )
    return rows


def of_account(context: PanelContext, before: tuple[datetime, int] | None, limit: int) -> Sequence[Any]:
    statement, talk, ticket = _with_origin(
        col(HumanWish.id), col(HumanWish.happened_at), col(HumanWish.words), col(HumanWish.ticket_id)
    )
    statement = (
        statement.where(
            col(HumanWish.account_id) == context.account_id,
            _is_there(talk, ticket),
            col(HumanWish.happened_at) <= context.now,
        )
        .order_by(col(HumanWish.happened_at).desc(), col(HumanWish.id).desc())
        .limit(limit)
    )
    if before is not None:
        wish = table_of(HumanWish)
        there = tuple_(literal(before[0], wish.c.happened_at.type), literal(before[1], wish.c.id.type))
        statement = statement.where(tuple_(wish.c.happened_at, wish.c.id) < there)
    return session_rows(context.session, statement)


def of_ticket(session: Session, ticket_id: int, now: datetime) -> HumanWish | None:
    """The newest; the ticket's reader has been let in."""
    found: HumanWish | None = session.scalar(
        select(HumanWish)
        .where(
            col(HumanWish.ticket_id) == ticket_id,
            col(HumanWish.closed_at).is_(None),
            col(HumanWish.happened_at) <= now,
        )
        .order_by(col(HumanWish.happened_at).desc(), col(HumanWish.id).desc())
        .limit(1)
    )
    return found


def session_rows(session: Session, statement: Any) -> Sequence[Any]:
    found: Sequence[Any] = session.execute(statement).all()
    return found
