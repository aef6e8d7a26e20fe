"""Overdue invoices as health sees them: days, never amounts, so that whoever may read the score may read its reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Date, Integer, Select, and_, bindparam, case, func, literal, or_, select
from sqlmodel import col

from accounts.health.features import believed
from accounts.invoices.models import Invoice
from crm.clock import start_of
from crm.contracts import (
    Columns,
    Definition,
    Feature,
    FeatureSet,
    FeatureShape,
    Floats,
    LineFacts,
    Measure,
    Mend,
    Prior,
    RecordRef,
    RecordsContext,
    feature,
)
from crm.db import epoch_seconds
from crm.text import N_, Text, plural

AHEAD = 90  # days before it is due, an invoice is known to the customer
_DAY: Any = bindparam("invoice_day", type_=Date())
_UNTIL: Any = bindparam("invoice_until", type_=Date())


def window(day: Any) -> dict[str, Any]:
    return {"invoice_day": day, "invoice_until": day + timedelta(days=AHEAD)}


def is_open() -> ColumnElement[bool]:
    return or_(col(Invoice.paid_on).is_(None), col(Invoice.paid_on) > _DAY)


def is_overdue() -> ColumnElement[bool]:
    return and_(col(Invoice.due_on) < _DAY, is_open())


def _select(shape: FeatureShape) -> Select[Any]:
    overdue = is_overdue()
    due = col(Invoice.due_on)

    def day(found: Any) -> ColumnElement[Any]:
        return epoch_seconds(found) // literal(86_400, Integer)

    found = (
        select(
            col(Invoice.account_id).label("account_id"),
            func.count().label("invoices"),
            func.count(case((overdue, 1))).label("invoices_overdue"),
            day(func.min(case((overdue, due)))).label("invoice_oldest"),
            day(func.min(case((and_(due >= _DAY, is_open()), due)))).label("invoice_next"),
        )
        .where(due <= _UNTIL, believed(Invoice, shape))
        .group_by(col(Invoice.account_id))
    )
    if shape.some:
        found = found.where(col(Invoice.account_id).in_(bindparam("account_ids", expanding=True)))
    return found


INVOICES = FeatureSet(
    key="invoices",
    features=(
        Feature("invoices", "count"),
        Feature("invoices_overdue", "count"),
        Feature("invoice_oldest", "day"),
        Feature("invoice_next", "day"),
    ),
    select=_select,
    values=lambda context: window(context.day),
)


def _days(columns: Columns) -> Floats:
    oldest = columns.day - columns["invoice_oldest"]
    return np.where(columns["invoices"] > 0, np.where(np.isnan(oldest), 0.0, oldest), np.nan)


def _next_at(columns: Columns) -> Floats:
    """The next midnight while something is overdue; else the one after the next due day."""
    tomorrow = np.where(columns["invoices_overdue"] > 0, 1.0, np.nan)
    return columns.midnight_in(np.fmin(tomorrow, columns["invoice_next"] - columns.day + 1))


def _explain(facts: LineFacts) -> Text:
    return plural(
        N_("%(n)s invoice overdue, for %(age)s"),
        N_("%(n)s invoices overdue, the oldest for %(age)s"),
        facts.count("overdue"),
        age=plural(N_("%(n)s day"), N_("%(n)s days"), round(facts.figure)),
    )


def _records(context: RecordsContext) -> Sequence[RecordRef]:
    shape = FeatureShape(live=False, known=context.features.known_at is not None, some=True)
    rows = context.session.execute(
        select(col(Invoice.id), col(Invoice.number), col(Invoice.due_on))
        .where(col(Invoice.account_id) == context.account_id, is_overdue(), believed(Invoice, shape))
        .order_by(col(Invoice.due_on), col(Invoice.id))
        .limit(50),
        {**window(context.features.day), "known_at": context.features.known_at},
    )
    return [
        RecordRef(
            kind="invoice",
            id=row.id,
            title=row.number,
            href=f"/accounts/{context.account_id}/invoices",
            at=start_of(row.due_on),
            note=plural(
                N_("overdue for %(n)s day"), N_("overdue for %(n)s days"), (context.features.day - row.due_on).days
            ),
        )
        for row in rows
    ]


OVERDUE = Measure(
    key="overdue_invoices",
    title=N_("Overdue invoices"),
    dimension="commercial",
    unit=N_("days the oldest is overdue"),
    value=_days,
    explained_by={"overdue": feature("invoices_overdue")},
    explain=_explain,
    counted=lambda facts: plural(N_("%(n)s invoice"), N_("%(n)s invoices"), facts.count("overdue")),
    records=_records,
    definition=Definition(
        counts=N_(
            "Days since the due day of the oldest invoice that is not paid. Amounts do not count: who owes little and "
            "does not pay may be leaving all the same."
        ),
        window=N_("all of the history"),
        minimum=N_("one invoice, paid or not"),
        source=N_("invoice.due_on, paid_on"),
    ),
    missing=N_("No invoice is known; bring them by import."),
    mend=Mend(N_("Bring invoices"), lambda account_id: "/import"),
    next_at=_next_at,
    told="invoices_told",
    priors=(Prior("invoices_told", feature("invoices"), None, default=0.0, of_book=True),),
)

FEATURE_SETS = (INVOICES,)
MEASURES = (OVERDUE,)
