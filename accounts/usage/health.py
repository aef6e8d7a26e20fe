"""Usage as health sees it: the last four weeks against the twelve before them, of the account itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import BigInteger, ColumnElement, Float, Integer, Select, bindparam, case, cast, func, select, union_all
from sqlmodel import col

from accounts.models import Account
from accounts.usage.models import UsageCorrection, UsageDay, UsageMetric, as_value, day_number, day_of_number
from accounts.usage.normal import BEFORE, LEAST_BEFORE, LEAST_TOLD, MOST, RECENT, WINDOW
from crm.contracts import (
    Columns,
    Definition,
    Feature,
    FeatureContext,
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
from crm.db import table_of
from crm.text import N_, Text, plural, text

_LAST: Any = bindparam("usage_last", type_=Integer())
_RECENT: Any = bindparam("usage_recent", type_=Integer())  # the first of the recent days
_FIRST: Any = bindparam("usage_first", type_=Integer())
_KNOWN_AT: Any = bindparam("known_at")

_ACCOUNT: Any = table_of(Account)
_METRIC: Any = table_of(UsageMetric)
_DAY: Any = table_of(UsageDay)
_CORRECTION: Any = table_of(UsageCorrection)


def window(day: int) -> dict[str, int]:
    """What the statements below bind, for the last day that counts."""
    return {"usage_last": day, "usage_recent": day - RECENT + 1, "usage_first": day - WINDOW + 1}


def _values(context: FeatureContext) -> Mapping[str, object]:
    return window(day_number(context.day))


def days_within(*, known: bool = False, some: bool = False) -> Any:
    """Figures of the window. By account, then by metric: each pair is one step into the primary key, so that years of
    days before the window are never read."""
    of, metric, day = _ACCOUNT, _METRIC, _DAY
    pair = select(of.c.id.label("account_id"), metric.c.id.label("metric_id")).join_from(
        of, metric, metric.c.id == metric.c.id
    )
    ids: Any = bindparam("account_ids", expanding=True)
    if some:
        pair = pair.where(of.c.id.in_(ids))
    pairs = pair.subquery("usage_pair")
    of_pair = (
        (day.c.account_id == pairs.c.account_id)
        & (day.c.metric_id == pairs.c.metric_id)
        & day.c.day.between(_FIRST, _LAST)
    )
    if known:
        of_pair &= day.c.known_at <= _KNOWN_AT
    # An outer join keeps SQLite from beginning with the greatest table; pairs without a day are left out by ``HAVING``.
    found = select(pairs.c.account_id, pairs.c.metric_id, day.c.day, day.c.value_milli).outerjoin_from(
        pairs, day, of_pair
    )
    if not known:
        return found.subquery("figures")
    past = _CORRECTION
    then = select(past.c.account_id, past.c.metric_id, past.c.day, past.c.value_milli).where(
        past.c.day.between(_FIRST, _LAST), past.c.known_at <= _KNOWN_AT, past.c.closed_at > _KNOWN_AT
    )
    if some:
        then = then.where(past.c.account_id.in_(ids))
    return union_all(found, then).subquery("figures")


def by_metric(figures: Any) -> Any:
    """Sums of each account and metric: recent, before, and since when."""
    c = figures.c
    return (
        select(
            c.account_id,
            c.metric_id,
            cast(func.sum(case((c.day >= _RECENT, c.value_milli), else_=0)), BigInteger).label("recent"),
            cast(func.sum(case((c.day < _RECENT, c.value_milli), else_=0)), BigInteger).label("before"),
            (_RECENT - func.min(case((c.day < _RECENT, c.day)))).label("span"),
            func.max(c.day).label("last"),
        )
        .group_by(c.account_id, c.metric_id)
        .having(func.max(c.day).is_not(None))
        .subquery("by_metric")
    )


def permille(metric: Any) -> ColumnElement[Any]:
    """The recent mean in thousandths of the normal one; NULL without a normal. Whole, so that sums are exact."""
    c = metric.c
    has_normal = (c.before > 0) & (c.span >= LEAST_BEFORE)
    share = cast(func.floor(1000.0 * cast(c.recent, Float) * c.span / (cast(c.before, Float) * RECENT)), BigInteger)
    most = int(1000 * MOST)
    return case((has_normal & (share > most), most), (has_normal, share))


def by_account(metric: Any) -> Select[Any]:
    share = permille(metric)
    return select(
        metric.c.account_id,
        func.count(share).label("usage_metrics"),
        cast(func.coalesce(func.sum(share), 0), BigInteger).label("usage_permille"),
        func.max(metric.c.last).label("usage_last_told"),
    ).group_by(metric.c.account_id)


def _select(shape: FeatureShape) -> Select[Any]:
    return by_account(by_metric(days_within(known=shape.known, some=shape.some)))


USAGE = FeatureSet(
    key="usage",
    features=(
        Feature("usage_metrics", "count"),
        Feature("usage_permille", "thousandths"),
        Feature("usage_last_told", "day"),
    ),
    select=_select,
    values=_values,
)


def _days_told(columns: Columns) -> Floats:
    """Of the recent days, how many the files reach: up to the account's own last day, or to where half of all accounts
    are told, so that a customer who has stopped does not just disappear."""
    reach = np.minimum(columns.prior("usage_reach"), columns.day)
    return RECENT - (columns.day - np.fmax(columns["usage_last_told"], reach))


def _share(columns: Columns) -> Floats:
    told = _days_told(columns)
    known = (columns["usage_metrics"] > 0) & (told >= LEAST_TOLD)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = columns["usage_permille"] / columns["usage_metrics"] / 1000 * (RECENT / told)
    return np.where(known, share, np.nan)


def _explain(facts: LineFacts) -> Text:
    below = max(round(100 * (1 - facts.figure)), 0)
    if facts.count("metrics") == 1:
        return text(N_("Usage is %(below)s %% below its own normal in 28 days"), below=below)
    return text(
        N_("Usage is %(below)s %% below its own normal in 28 days, over %(n)s metrics"),
        below=below,
        n=facts.count("metrics"),
    )


def _records(context: RecordsContext) -> Sequence[RecordRef]:
    """Each metric with its two means; its link opens the days."""
    known = context.features.known_at is not None
    metric = by_metric(days_within(known=known, some=True))
    rows = context.session.execute(
        select(metric, col(UsageMetric.title), permille(metric).label("share"))
        .join(UsageMetric, col(UsageMetric.id) == metric.c.metric_id)
        .order_by(permille(metric), col(UsageMetric.title)),
        {
            **_values(context.features),
            "account_ids": [context.account_id],
            "known_at": context.features.known_at,
        },
    )
    return [
        RecordRef(
            kind="usage",
            id=row.metric_id,
            title=row.title,
            href=f"/accounts/{context.account_id}/usage?metric={row.metric_id}",
            at=None,
            note=_note(row),
        )
        for row in rows
    ]


def _note(row: Any) -> Text:
    recent = _mean(row.recent, RECENT)
    told = day_of_number(row.last)
    if row.share is None:
        return text(N_("%(recent)s a day in 28 days; too young for a normal; told until %(day)s"),
                    recent=recent, day=told)  # fmt: skip
    return text(
        N_("%(recent)s a day in 28 days, %(normal)s are normal; told until %(day)s"),
        recent=recent,
        normal=_mean(row.before, row.span),
        day=told,
    )


def _mean(milli: int, days: int) -> float | int:
    return round(as_value(milli) / days, 1)


def _metrics(facts: LineFacts) -> Text:
    return plural(N_("%(n)s metric"), N_("%(n)s metrics"), facts.count("metrics"))


USAGE_TREND = Measure(
    key="usage",
    title=N_("Usage against normal"),
    dimension="usage",
    unit=N_("share of its own normal"),
    value=_share,
    explained_by={"metrics": feature("usage_metrics"), "last_told": feature("usage_last_told")},
    explain=_explain,
    counted=_metrics,
    records=_records,
    definition=Definition(
        counts=N_(
            "For each metric the mean a day of the last 28 days, divided by the account's own mean of the 84 days "
            "before; then the mean over its metrics, each at most 1.5. A day without a figure between the first and "
            "the last one told is a day without use. Where half of the accounts are told later days, those count as "
            "days without use too: a customer who has stopped does not just disappear."
        ),
        window=N_("28 days, against the 84 before"),
        minimum=N_("28 days of one metric before the last 28, and 14 of those told"),
        source=N_("usage_day.account, metric, day, value"),
    ),
    missing=N_("No usage of the last two weeks is known, or fewer than eight weeks of it; bring it by import."),
    mend=Mend(N_("Bring usage"), lambda account_id: "/import"),
    told="usage_reach",
    priors=(Prior("usage_reach", feature("usage_last_told"), None, default=0.0, of_book=True),),
)

FEATURE_SETS = (USAGE,)
MEASURES = (USAGE_TREND,)

__all__ = ["BEFORE", "FEATURE_SETS", "MEASURES", "by_account", "by_metric", "days_within", "permille", "window"]
