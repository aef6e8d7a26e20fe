"""Usage in the list of accounts: seats bought and active, and how use stands against its own normal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, func, or_, select
from sqlmodel import col

from accounts.usage.health import by_account, by_metric, days_within, window
from accounts.usage.models import SEATS_NAMES, UsageDay, UsageMetric, day_number, folded_metric
from accounts.usage.normal import LEAST_TOLD, RECENT
from crm.config import get_settings
from crm.contracts import AccountColumn, AnySelect, ColumnContext, ColumnFilter
from crm.text import N_, Text, text


def _trend(context: ColumnContext) -> AnySelect:
    found = by_account(by_metric(days_within())).params(window(day_number(context.today))).subquery("usage_trend")
    told = found.c.usage_last_told - (day_number(context.today) - RECENT)  # of the recent days
    share = found.c.usage_permille * RECENT // (func.nullif(found.c.usage_metrics, 0) * told)
    return select(
        found.c.account_id.label("account_id"),
        case((told >= LEAST_TOLD, share)).label("permille"),
    )


def _seats(context: ColumnContext) -> AnySelect:
    """The most that were at work on one day of the last four weeks."""
    chosen = get_settings().usage_seats_metric
    keys = [folded_metric(chosen)] if chosen else sorted(SEATS_NAMES)
    last = day_number(context.today)
    return (
        select(
            col(UsageDay.account_id).label("account_id"),
            (func.max(col(UsageDay.value_milli)) // 1000).label("active"),
        )
        .where(
            col(UsageDay.metric_id).in_(select(col(UsageMetric.id)).where(col(UsageMetric.key).in_(keys))),
            col(UsageDay.day).between(last - RECENT + 1, last),
        )
        .group_by(col(UsageDay.account_id))
    )


def _choices(context: ColumnContext) -> Sequence[tuple[str, Text]]:
    return [
        ("fallen", text(N_("20 %% and more below normal"))),
        ("risen", text(N_("20 %% and more above normal"))),
        ("unknown", text(N_("no usage known"))),
    ]


def _have(source: FromClause, values: Sequence[str], context: ColumnContext) -> ColumnElement[bool]:
    share = source.c.permille
    asked = {"fallen": share <= 800, "risen": share >= 1200, "unknown": share.is_(None)}
    conditions = [asked[value] for value in values if value in asked]
    return or_(*conditions) if conditions else and_(True)


def change_of(row: Any) -> int | None:
    """Percent above (below 0: below) its own normal."""
    return None if row is None or row.permille is None else round((row.permille - 1000) / 10)


class UsageColumn(AccountColumn):
    def change(self, value: Any) -> int | None:
        return change_of(value)


ACCOUNT_COLUMNS = (
    AccountColumn(
        key="seats",
        title=N_("Seats"),
        source=None,
        value=("seats",),
        cell="accounts/usage/cells/seats.html",
        csv=lambda row: row.seats,
        order=62,
        sort="seats",
        sort_first="desc",
        numeric=True,
        optional=True,
    ),
    AccountColumn(
        key="seats_active",
        title=N_("Seats active"),
        source=_seats,
        value=("active",),
        cell="accounts/usage/cells/seats_active.html",
        csv=lambda row: None if row is None or row.active is None else int(row.active),
        order=63,
        sort="active",
        sort_first="desc",
        numeric=True,
        optional=True,
    ),
    UsageColumn(
        key="usage",
        title=N_("Usage"),
        source=_trend,
        value=("permille",),
        cell="accounts/usage/cells/usage.html",
        csv=change_of,
        order=64,
        sort="permille",
        numeric=True,
        optional=True,
        filters=(ColumnFilter("usage", N_("Usage"), _choices, _have, more=True),),
    ),
)
