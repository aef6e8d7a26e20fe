"""Health in the list of accounts: score with its change, 12 weeks, the reason that takes most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, case, func, or_, select
from sqlmodel import col

from crm.contracts import AccountColumn, AnySelect, ColumnContext, ColumnFilter
from crm.text import N_, Text, text
from health_scores.board import board
from health_scores.models import Band, HealthScore
from health_scores.models.score import BAND_TITLES
from health_scores.points import whole, whole_change
from health_scores.queries import top_reason


def _source(context: ColumnContext) -> AnySelect:
    score = HealthScore
    return select(
        col(score.account_id).label("account_id"),
        col(score.shown_hundredths),
        col(score.band),
        col(score.change_hundredths),
        col(score.coverage_hundredths),
        col(score.trend),
        col(score.ledger),
        col(score.t).label("scored_for"),  # ``t`` is a word of rows themselves
    )


def _bands(context: ColumnContext) -> Sequence[tuple[str, Text]]:
    return [(band.value, text(title)) for band, title in BAND_TITLES.items()]


def _in_bands(source: FromClause, values: Sequence[str], context: ColumnContext) -> ColumnElement[bool]:
    """What was never scored is unknown."""
    bands = [band for band in Band if band.value in values]
    found: ColumnElement[bool] = source.c.band.in_(bands)
    return or_(found, source.c.band.is_(None)) if Band.UNKNOWN in bands else found


def _count_bands(source: FromClause, context: ColumnContext) -> Mapping[str, ColumnElement[Any]]:
    band = source.c.band
    named = {one.value: func.count(case((band == one, 1))) for one in (Band.GREEN, Band.AMBER, Band.RED)}
    return {**named, "unknown": func.count(case((or_(band.is_(None), band == Band.UNKNOWN), 1)))}


@dataclass(frozen=True)
class ScoreColumn(AccountColumn):
    def score(self, value: Any) -> int | None:
        return whole(value.shown_hundredths) if value is not None and value.shown_hundredths is not None else None

    def change(self, value: Any) -> int | None:
        if value is None or value.shown_hundredths is None or value.change_hundredths is None:
            return None
        return whole_change(value.shown_hundredths, value.change_hundredths)

    def weeks(self, value: Any) -> list[int | None]:
        """11 weeks and now, oldest first; none at all where there is no history."""
        if value is None or not value.trend:
            return []
        past = [int(one) if one else None for one in value.trend.split(",")]
        return [*past, self.score(value)]

    def reason(self, value: Any) -> Text | None:
        return _reason(value)


def _reason(value: Any) -> Text | None:
    return top_reason(value.ledger, value.scored_for, board().measures) if value is not None else None


def _reason_in_file(value: Any) -> str | None:
    reason = _reason(value)
    return None if reason is None else str(reason)


SCORE = ScoreColumn(
    key="score",
    title=N_("Score"),
    source=_source,
    value=("shown_hundredths", "band", "change_hundredths"),
    cell="health_scores/cells/score.html",
    csv=lambda row: None if row is None or row.shown_hundredths is None else whole(row.shown_hundredths),
    order=10,
    sort="shown_hundredths",
    leads=True,
    filters=(ColumnFilter("band", N_("Band"), _bands, _in_bands),),
    total=_count_bands,
    total_cell="health_scores/cells/score_total.html",
    rolled="health_scores/cells/score_rolled.html",
)

BAND_IN_FILE = ScoreColumn(
    key="band",
    title=N_("Band"),
    source=_source,
    value=("band",),
    cell="",
    csv=lambda row: Band.UNKNOWN.value if row is None else row.band.value,
    order=11,
    file_only=True,
)

TREND = ScoreColumn(
    key="trend",
    title=N_("12 weeks"),
    source=_source,
    value=("shown_hundredths", "band", "trend"),
    cell="health_scores/cells/trend.html",
    csv=lambda row: row.trend if row else None,
    order=20,
    optional=True,  # on most screens the reason needs its place; the change stands with the score
)

WHY = ScoreColumn(
    key="why",
    title=N_("Why"),
    source=_source,
    value=("shown_hundredths", "band", "ledger", "scored_for"),
    cell="health_scores/cells/why.html",
    csv=_reason_in_file,
    order=30,
)

ACCOUNT_COLUMNS = (SCORE, BAND_IN_FILE, TREND, WHY)
