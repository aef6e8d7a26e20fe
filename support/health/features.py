"""Counts of tickets as of an instant, in one statement for all accounts or some.

Two statements from one formula: *live* reads the tickets as they stand, *past* the spans they were in; a test holds the
two equal at now. Sums are of whole numbers, so that no order of rows changes them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, Subquery, bindparam, case, func, select

from accounts.models import Account
from crm.contracts import Feature, FeatureSet, FeatureShape
from crm.db import epoch_seconds
from support.health import records
from support.health.rows import TicketRows, since, values


def _count(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.count().filter(condition)


def _sum(condition: ColumnElement[bool], value: Any) -> ColumnElement[Any]:
    """NULL where nothing fits; ``_select`` makes it 0."""
    return func.sum(value).filter(condition)


def _recent(shape: FeatureShape) -> Subquery:
    """Of tickets opened in the last 180 days, whatever became of them."""
    rows = TicketRows(shape, "recent")
    solved = rows.c.resolved_at.is_not(None)
    moved = (~rows.in_60) & (rows.c.resolved_at >= since(60))  # was open 60 days ago, solved since
    return (
        select(
            rows.c.account_id,
            _sum(solved, rows.weight).label("solved_weight"),
            _count(rows.in_30 & rows.is_hard).label("hard_30"),
            _count(rows.in_30 & rows.is_soft).label("soft_30"),
            _count(~rows.in_30 & solved & rows.is_hard).label("hard_before"),
            _count(~rows.in_30 & solved & rows.is_soft).label("soft_before"),
            _count(rows.in_90 & rows.was_resolved).label("done_90"),
            _count(rows.in_90 & rows.c.repeat_of_id.is_not(None)).label("repeats_90"),
            _count(rows.in_90 & rows.answer_is_known).label("answers_90"),
            _count(rows.in_90 & rows.answer_was_late).label("answers_late_90"),
            _count(rows.resolution_is_known).label("resolutions_90"),
            _count(rows.resolution_was_late).label("resolutions_late_90"),
            _count(rows.was_resolved).label("done_180"),
            _count(rows.c.reopened > 0).label("reopened_180"),
            _count(rows.c.escalated > 0).label("escalated_180"),
            _count(rows.is_complaint).label("complaints_180"),
            _sum(moved, rows.weight).label("solved_load_60"),
            _count(rows.is_rated).label("ratings"),
            _sum(rows.is_rated, rows.rating).label("rating_sum"),
            _sum(rows.is_rated, rows.rating_day).label("rating_days"),
            _sum(rows.is_rated, rows.rating_day * rows.rating_day).label("rating_days_2"),
            _sum(rows.is_rated, rows.rating_day * rows.rating).label("rating_product"),
            _count(rows.is_rated_in_30).label("ratings_30"),
            _sum(rows.is_rated_in_30, rows.rating).label("rating_sum_30"),
            _count(rows.is_rated_in_60).label("ratings_60"),
            _sum(rows.is_rated_in_60, rows.rating).label("rating_sum_60"),
        )
        .where(*rows.conditions, rows.in_window)
        .group_by(rows.c.account_id)
        .subquery("recent_counts")
    )


def _pending(shape: FeatureShape) -> Subquery:
    """Of tickets that are open at ``:t``, whatever their age."""
    rows = TicketRows(shape, "pending")
    opened, due_at = rows.c.opened_at, rows.c.due_at
    overdue_complaint = rows.is_unacknowledged | rows.is_unremedied
    return (
        select(
            rows.c.account_id,
            func.count().label("open"),
            func.sum(rows.weight).label("load"),
            func.sum(rows.weight * rows.age_halves).label("burden_halves"),
            _sum(opened < since(60), rows.weight).label("open_load_60"),
            _count(rows.is_cry).label("urgent"),
            _count(rows.is_cry & rows.is_late).label("urgent_late"),
            _count(rows.c.escalated > 0).label("escalated_open"),
            _count(rows.is_complaint).label("complaints_open"),
            _count(rows.is_unacknowledged).label("complaints_unacknowledged"),
            _count(rows.is_unremedied).label("complaints_unremedied"),
            epoch_seconds(func.max(case((rows.is_urgent, opened)))).label("unsettled_at"),
            epoch_seconds(func.min(opened)).label("open_oldest_at"),
            epoch_seconds(func.min(case((rows.is_urgent, opened)))).label("urgent_oldest_at"),
            epoch_seconds(func.min(case((rows.is_urgent & ~rows.is_late, due_at)))).label("urgent_due_at"),
            epoch_seconds(func.min(case((rows.c.escalated > 0, opened)))).label("escalated_oldest_at"),
            epoch_seconds(func.min(case((overdue_complaint, opened)))).label("complaint_oldest_at"),
            epoch_seconds(func.min(case((rows.is_without_word & ~rows.is_unacknowledged, opened)))).label(
                "complaint_waits_from"
            ),
        )
        .where(*rows.conditions, rows.is_open)
        .group_by(rows.c.account_id)
        .subquery("pending_counts")
    )


def _ever(shape: FeatureShape) -> Subquery:
    """When the account's first and last tickets were opened: two steps in an index now, a pass over spans before."""
    if shape.live:
        account = Account.__table__.alias("ever_account")  # type: ignore[attr-defined]
        found = select(
            account.c.id.label("account_id"),
            _opened(account.c.id, first=True).label("first_at"),
            _opened(account.c.id, first=False).label("last_at"),
        )
        if shape.some:
            found = found.where(account.c.id.in_(bindparam("account_ids", expanding=True)))
        return found.subquery("ever_counts")
    rows = TicketRows(shape, "ever")
    return (
        select(
            rows.c.account_id,
            epoch_seconds(func.min(rows.c.opened_at)).label("first_at"),
            epoch_seconds(func.max(case((~rows.is_cry, rows.c.opened_at)))).label("last_at"),
        )
        .where(*rows.conditions)
        .group_by(rows.c.account_id)
        .subquery("ever_counts")
    )


def _opened(account_id: ColumnElement[int], *, first: bool) -> ScalarSelect[Any]:
    rows = TicketRows(FeatureShape(live=True, known=False, some=False), "first_one" if first else "last_one")
    at = rows.c.opened_at
    found = select(epoch_seconds(at)).where(rows.c.account_id == account_id, *rows.conditions)
    if not first:
        found = found.where(~rows.is_cry)
    return found.order_by(at if first else at.desc()).limit(1).scalar_subquery()


_FROM_RECENT = (
    "solved_weight hard_30 soft_30 hard_before soft_before done_90 repeats_90 answers_90 answers_late_90 "
    "resolutions_90 resolutions_late_90 done_180 reopened_180 escalated_180 complaints_180 solved_load_60 "
    "ratings rating_sum rating_days rating_days_2 rating_product ratings_30 rating_sum_30 ratings_60 rating_sum_60"
).split()
_FROM_PENDING = (
    "open load burden_halves open_load_60 urgent urgent_late escalated_open "
    "complaints_open complaints_unacknowledged complaints_unremedied"
).split()
_INSTANTS = (
    "unsettled_at open_oldest_at urgent_oldest_at urgent_due_at escalated_oldest_at "
    "complaint_oldest_at complaint_waits_from"
).split()


def _select(shape: FeatureShape) -> Select[Any]:
    ever, recent, pending = _ever(shape), _recent(shape), _pending(shape)
    # An account that ever had a ticket has 0 of what was not found; one that had none is not here: unknown.
    return (
        select(
            ever.c.account_id,
            ever.c.first_at.label("first_ticket_at"),
            ever.c.last_at.label("last_contact_at"),
            *(func.coalesce(recent.c[name], 0).label(name) for name in _FROM_RECENT),
            *(func.coalesce(pending.c[name], 0).label(name) for name in _FROM_PENDING),
            *(pending.c[name] for name in _INSTANTS),
        )
        .outerjoin(recent, recent.c.account_id == ever.c.account_id)
        .outerjoin(pending, pending.c.account_id == ever.c.account_id)
        .where(ever.c.first_at.is_not(None))
    )


SUPPORT = FeatureSet(
    key="support",
    features=(
        Feature("first_ticket_at", "instant"),
        Feature("last_contact_at", "instant", merge="max"),
        *(Feature(name, "count") for name in _FROM_RECENT + _FROM_PENDING),
        *(Feature(name, "instant", merge="max" if name == "unsettled_at" else "one") for name in _INSTANTS),
    ),
    select=_select,
    values=values,
    records={"last_contact_at": records.last_tickets},
)
