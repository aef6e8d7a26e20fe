"""Health on the ranked day: what fell into a lower band, and whom nobody has spoken with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import floor

from sqlalchemy import and_, case, select
from sqlmodel import col

from accounts.models import Account
from accounts.portfolio import portfolio_ids
from accounts.queries import in_sight
from accounts.rights import reads_money_of
from crm.config import get_settings
from crm.contracts import DayContext, TodayAction, TodayItem, TodaySource
from crm.text import N_, Text, plural, text
from health_scores import history
from health_scores.board import board
from health_scores.ledger import read_ledger
from health_scores.models import Band, HealthScore, HealthSnapshot
from health_scores.models.score import BAND_TITLES
from health_scores.queries import top_reason

FORTNIGHT = 14
MOST_ITEMS = 500
_RANK = {Band.GREEN: 2, Band.AMBER: 1, Band.RED: 0}


def band_drops(context: DayContext) -> Sequence[TodayItem]:
    """Accounts in a lower band than two weeks ago; one statement, and one for which day that was."""
    ago = context.today - timedelta(days=FORTNIGHT)
    taken = history.days_taken(context.session, ago - timedelta(days=7), ago)
    if not taken:
        return ()
    viewer, snapshot = context.viewer, HealthSnapshot
    money = reads_money_of(col(Account.id), viewer)
    rows = context.session.execute(
        select(
            col(Account.id),
            col(Account.currency),
            (case((money, col(Account.arr_minor))) if money is not None else col(Account.id)).label("amount"),
            col(HealthScore.band),
            col(HealthScore.banded_at),
            col(HealthScore.ledger),
            col(HealthScore.t).label("scored_for"),
            history.BAND.label("before"),
        )
        .join(HealthScore, col(HealthScore.account_id) == col(Account.id))
        .join(snapshot, and_(col(snapshot.account_id) == col(Account.id), col(snapshot.day) == max(taken)))
        .where(
            col(HealthScore.band).in_((Band.RED, Band.AMBER)),
            history.BAND.in_((Band.GREEN, Band.AMBER)),
            col(HealthScore.band) != history.BAND,
            col(Account.id).in_(portfolio_ids(viewer)),
            in_sight(col(Account.id), viewer),
        )
        .order_by(col(HealthScore.shown_hundredths), col(Account.id))
        .limit(MOST_ITEMS)
    )
    home = get_settings().currency
    items = []
    for row in rows:
        fell = _RANK[Band(row.before)] - _RANK[Band(row.band)]
        if fell <= 0:
            continue
        reason = top_reason(row.ledger, row.scored_for, board().measures)
        items.append(
            TodayItem(
                key="band",
                account_id=row.id,
                kind="band_drop",
                reason=_fell(Band(row.before), Band(row.band), (context.today - max(taken)).days, reason),
                since=row.banded_at,
                due=None,
                minutes=20,
                money_minor=row.amount if money is not None and row.currency == home else None,
                urgency=70.0 if row.band is Band.RED else 60.0,
                condition=float(_RANK[Band.GREEN] - _RANK[Band(row.band)]),
                action=_log_a_call(row.id),
                records_href=f"/accounts/{row.id}/health",
            )
        )
    return items


def _fell(before: Band, now: Band, days: int, reason: Text | None) -> Text:
    bands = {"before": text(BAND_TITLES[before]), "now": text(BAND_TITLES[now])}
    if reason is None:
        return plural(
            N_("%(before)s to %(now)s within %(n)s day"), N_("%(before)s to %(now)s within %(n)s days"), days, **bands
        )
    return plural(
        N_("%(before)s to %(now)s within %(n)s day: %(reason)s"),
        N_("%(before)s to %(now)s within %(n)s days: %(reason)s"),
        days,
        reason=reason,
        **bands,
    )


def silences(context: DayContext) -> Sequence[TodayItem]:
    """Accounts whose cadence has passed: those from which a measure of contact or relationship takes points. The one
    that is further past speaks. One statement."""
    viewer = context.viewer
    money = reads_money_of(col(Account.id), viewer)
    rows = context.session.execute(
        select(
            col(Account.id),
            col(Account.currency),
            (case((money, col(Account.arr_minor))) if money is not None else col(Account.id)).label("amount"),
            col(HealthScore.ledger),
            col(HealthScore.t).label("scored_for"),
        )
        .join(HealthScore, col(HealthScore.account_id) == col(Account.id))
        .where(col(Account.id).in_(portfolio_ids(viewer)), in_sight(col(Account.id), viewer))
        .order_by(col(HealthScore.shown_hundredths), col(Account.id))
        .limit(4 * MOST_ITEMS)
    )
    measures, home = board().measures, get_settings().currency
    about = {key for key, measure in measures.items() if measure.dimension in ("contact", "relationship")}
    items: list[TodayItem] = []
    for row in rows:
        lines = read_ledger(row.ledger, row.scored_for, get_settings().time_zone)
        silent = [line for line in lines if line.kind == "measure" and line.key in about]
        if not silent or len(items) == MOST_ITEMS:
            continue
        worst = max(silent, key=lambda line: line.facts.figure)
        times = worst.facts.figure  # the cadence owed
        items.append(
            TodayItem(
                key="silence",
                account_id=row.id,
                kind="silence",
                reason=worst.words(measures),
                since=None,
                due=None,
                minutes=15,
                money_minor=row.amount if money is not None and row.currency == home else None,
                urgency=min(58.0, 35.0 + 10.0 * times),
                condition=float(floor(times)),
                action=_log_a_call(row.id),
                records_href=f"/accounts/{row.id}/health/{worst.key}",
            )
        )
    return items


def _log_a_call(account_id: int) -> TodayAction:
    return TodayAction(text(N_("Log a call")), f"/accounts/{account_id}/notes/new?channel=call")


TODAY = (
    TodaySource("band_drops", N_("Scores that fell into a lower band"), band_drops),
    TodaySource("silences", N_("Nobody has spoken with them"), silences),
)
