"""How accounts stand, for pages and commands: today from the row, as of a day by looking back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from crm import clock
from crm.config import get_settings
from crm.contracts import FeatureContext, Measure, RecordRef, RecordsContext
from crm.text import N_, Text, text
from crm.viewer import Viewer
from health_scores import asof, history
from health_scores.board import Board
from health_scores.compute import Computed, compute
from health_scores.definition import START, ModelDefinition, WeighedMeasure
from health_scores.ledger import Line, read_ledger
from health_scores.models import Band, HealthDay, HealthScore, HealthSnapshot
from health_scores.points import whole, whole_change
from health_scores.published import published

TITLE, SUPPORT_TITLE = N_("Health"), N_("Support health")


@dataclass(frozen=True)
class Standing:
    """One account's score with all that explains it. Points are hundredths."""

    account_id: int
    points: int
    band: Band
    coverage: int  # hundredths of a percent
    limits: tuple[str, ...]
    support_only: bool
    lines: tuple[Line, ...]
    known: frozenset[str]  # keys of measures
    model: ModelDefinition
    t: datetime
    known_at: datetime
    priors_on: date | None
    change: int | None = None
    banded_at: datetime | None = None

    @property
    def title(self) -> str:
        return SUPPORT_TITLE if self.support_only else TITLE

    @property
    def score(self) -> int | None:
        """Whole points, where enough is known to say a number."""
        return None if self.band is Band.UNKNOWN else whole(self.points)

    @property
    def lost(self) -> int:
        return 100 - whole(self.points)

    @property
    def change_in_points(self) -> int | None:
        if self.change is None or self.band is Band.UNKNOWN:
            return None
        return whole_change(self.points, self.change)

    @property
    def share_known(self) -> int:
        return self.coverage // 100

    @property
    def unknown(self) -> tuple[WeighedMeasure, ...]:
        """Measures that cannot be judged, the heaviest first."""
        found = (one for one in self.model.measures if one.key not in self.known)
        return tuple(sorted(found, key=lambda one: -one.points))

    @property
    def unharmed(self) -> tuple[WeighedMeasure, ...]:
        """Measures that are known and take nothing."""
        taking = {line.key for line in self.lines if line.kind == "measure"}
        return tuple(one for one in self.model.measures if one.key in self.known and one.key not in taking)

    @property
    def why_limited(self) -> Text | None:
        """Why the band is lower than the number says."""
        if self.band is Band.UNKNOWN:
            return text(
                N_("Only %(share)s %% of the model is known; under %(least)s %% no band is given."),
                share=self.share_known,
                least=self.model.unknown_below // 100,
            )
        if self.points < self.model.green or not self.limits:
            return None
        if "coverage" in self.limits:
            return text(
                N_("At most amber, because only %(share)s %% of the model is known; green takes %(least)s %%."),
                share=self.share_known,
                least=self.model.amber_below // 100,
            )
        return text(N_("At most amber, because nothing is known of this customer but tickets; green takes a talk."))


def standing_of(session: Session, account_id: int) -> Standing | None:
    """As it was brought up to date last; none before the first scoring."""
    row = session.execute(select(HealthScore).where(col(HealthScore.account_id) == account_id)).scalar()
    if row is None:
        return None
    model = published(session, version=row.model_version)
    return Standing(
        account_id=account_id,
        points=row.score_hundredths,
        band=Band(row.band),
        coverage=row.coverage_hundredths,
        limits=tuple(row.limits.split()),
        support_only=row.support_only,
        lines=read_ledger(row.ledger, row.t, get_settings().time_zone),
        known=known_keys(model, row.known_measures),
        model=model,
        t=row.t,
        known_at=row.known_at,
        priors_on=row.priors_on,
        change=row.change_hundredths,
        banded_at=row.banded_at,
    )


def known_keys(model: ModelDefinition, bits: int) -> frozenset[str]:
    return frozenset(one.key for place, one in enumerate(model.measures) if bits >> place & 1)


def standing_as_of(session: Session, board: Board, account_id: int, day: date) -> Standing | None:
    """At the end of ``day``, as it is known now; none where there was no such account."""
    as_of = asof.end_of_day(day)
    computed = compute(
        session,
        board,
        published(session, at=as_of.t),
        as_of,
        known_at=clock.now(),
        before=history.bands_before(session, day, [account_id]),
        account_ids=[account_id],
    )
    return _standing(computed, account_id) if len(computed) else None


def _standing(computed: Computed, account_id: int) -> Standing:
    scored = computed.scored
    return Standing(
        account_id=account_id,
        points=int(scored.score[0]),
        band=computed.bands()[0],
        coverage=int(scored.coverage[0]),
        limits=tuple(computed.limits()[0].split()),
        support_only=computed.priors.support_only,
        lines=read_ledger(computed.ledgers[0], computed.as_of.t, computed.as_of.zone),
        known=known_keys(computed.model, computed.known_bits()[0]),
        model=computed.model,
        t=computed.as_of.t,
        known_at=computed.known_at,
        priors_on=computed.priors.day,
    )


def snapshot_of(session: Session, account_id: int, day: date) -> HealthSnapshot | None:
    return session.get(HealthSnapshot, (account_id, day))


# --- history


@dataclass(frozen=True)
class Moment:
    day: date
    score: int | None  # whole points; None: unknown
    band: Band
    model_version: int
    hindsight: bool
    restated: bool


def history_of(session: Session, account_id: int, until: date, weeks: int = 52) -> Sequence[Moment]:
    """The last snapshot of each week that has one, oldest first."""
    snapshot = HealthSnapshot
    rows = session.execute(
        select(
            col(snapshot.day),
            history.SHOWN.label("shown"),
            history.BAND.label("band"),
            col(snapshot.model_version),
            col(snapshot.hindsight),
            col(snapshot.restated_at),
        )
        .where(
            col(snapshot.account_id) == account_id,
            col(snapshot.day) > until - timedelta(weeks=weeks),
            col(snapshot.day) <= until,
        )
        .order_by(col(snapshot.day))
    )
    by_week: dict[tuple[int, int], Moment] = {}
    for row in rows:
        by_week[row.day.isocalendar()[:2]] = Moment(
            row.day,
            None if row.shown is None else whole(row.shown),
            Band(row.band),
            row.model_version,
            row.hindsight,
            row.restated_at is not None,
        )
    return list(by_week.values())


def last_day_taken(session: Session) -> HealthDay | None:
    return session.execute(select(HealthDay).order_by(col(HealthDay.day).desc()).limit(1)).scalar()


# --- records


def records_behind(
    session: Session, viewer: Viewer, board: Board, measure: Measure, account_id: int, features: FeatureContext
) -> Sequence[RecordRef]:
    """What stands behind a measure of one account, also from slices that contribute to its features."""
    context = RecordsContext(session, viewer, account_id, features)
    found = list(measure.records(context))
    for shared in measure.shared:
        for one in board.feature_sets:
            if (of := one.records.get(shared)) is not None:
                found += of(context)
    if measure.shared:
        found.sort(key=lambda record: (record.at is None, -(record.at.timestamp() if record.at else 0), record.id))
    return found


def top_reason(ledger: str, t: datetime, measures: Mapping[str, Measure]) -> Text | None:
    """The line that takes most, in words; none where nothing was lost."""
    lines = read_ledger(ledger, t, get_settings().time_zone)
    worst = min(lines, key=lambda line: line.points, default=None)
    return worst.words(measures) if worst is not None and worst.points < 0 else None


__all__ = [
    "START",
    "Moment",
    "Standing",
    "history_of",
    "records_behind",
    "snapshot_of",
    "standing_as_of",
    "standing_of",
    "top_reason",
]
