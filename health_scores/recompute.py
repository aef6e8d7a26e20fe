"""Bringing scores up to date: a few accounts within the transaction that changed them, or all of them in chunks.

The row of ``health_dirty`` is the lock under which single accounts are scored: of two transactions that change the same
account at once, the second waits, and then sees what the first one did. Bulk reads without locks and writes in short
transactions; it leaves alone every row that was scored after it had read (``revision``), and takes away only the marks
it has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import Row, bindparam, case, delete, select, update
from sqlmodel import Session, col

from accounts.models import Account
from crm import clock
from crm.db import Database
from crm.ids import new_id
from crm.jobs import enqueue
from health_scores import asof, history
from health_scores.asof import AsOf
from health_scores.board import Board, board as installed_board
from health_scores.compute import Computed, compute
from health_scores.history import Past
from health_scores.models import Band, HealthDirty, HealthScore
from health_scores.news import tell_worse
from health_scores.priors import write_priors
from health_scores.published import ensure_published, published, published_for_writing
from health_scores.upsert import Upsert, table

CHUNK = 5_000  # rows a transaction: the longest that another writer waits on SQLite stays near a tenth of a second

SETTLE_ALL = "health.settle_all"

Existing = Mapping[int, Row[Any]]


class Work(Protocol):
    """How a long recomputation reads and writes; a job's context is one."""

    def chunk(self, *, mark: Any, done: int = 0) -> AbstractContextManager[Session]: ...
    def reading(self) -> AbstractContextManager[Session]: ...


class InCommand:
    """For commands: each chunk is a transaction of its own. ``shown`` gets how many accounts are done."""

    def __init__(self, database: Database, shown: Callable[[int, int | None], None] = lambda done, total: None) -> None:
        self._database = database
        self._shown = shown
        self._done = 0

    @contextmanager
    def chunk(self, *, mark: Any, done: int = 0) -> Iterator[Session]:
        with self._database.unit_of_work() as session:
            yield session
        self._done += done
        self._shown(self._done, None)

    def reading(self) -> AbstractContextManager[Session]:
        return self._database.reading()


class InSession:
    """Within a transaction that is already open: the demo, tests."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @contextmanager
    def chunk(self, *, mark: Any, done: int = 0) -> Iterator[Session]:
        yield self._session
        self._session.flush()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        yield self._session


# --- a few accounts, in the transaction that changed them


def mark_dirty(session: Session, account_ids: Sequence[int]) -> None:
    """Say that these scores no longer rest on what is known; from now on others wait with scoring them."""
    marked_at = clock.machine_now()
    rows = [{"account_id": one, "mark": new_id(), "marked_at": marked_at} for one in sorted(set(account_ids))]
    for start in range(0, len(rows), CHUNK):
        _MARK.execute(session, rows[start : start + CHUNK])


def rescore(
    session: Session, account_ids: Sequence[int], *, as_of: AsOf | None = None, board: Board | None = None
) -> int:
    """Score these accounts now, and answer how many there were. For up to some thousands."""
    board = board or installed_board()
    ids = sorted(set(account_ids))
    if not ids:
        return 0
    session.flush()
    mark_dirty(session, ids)
    as_of = as_of or asof.book_now(session, board)
    model = published_for_writing(session)
    existing = _existing(session, ids)
    computed = compute(
        session,
        board,
        model,
        as_of,
        known_at=clock.now(),
        before={one: row.band for one, row in existing.items()},
        account_ids=ids,
    )
    if computed.priors.new:
        write_priors(session, as_of.day, computed.priors.values)
    day = as_of.day
    outdated = [one for one in computed.ids.tolist() if one not in existing or existing[one].past_on != day]
    past = history.read_past(session, day, outdated) if outdated else {}
    rows = _score_rows(computed, existing, past)
    _WRITE.execute(session, rows)
    tell_worse(session, {one: row.band for one, row in existing.items()}, rows)
    if computed.tells_something_new(board):
        enqueue(session, SETTLE_ALL, key=SETTLE_ALL)
    gone = set(ids) - set(computed.ids.tolist())
    if gone:
        session.execute(delete(HealthScore).where(col(HealthScore.account_id).in_(gone)))
    session.connection().execute(_TAKE_AWAY, {"ids": ids})
    return len(rows)


def drain(session: Session, limit: int = 1000, *, board: Board | None = None) -> int:
    """Score accounts that are marked; what another transaction is scoring is left to it."""
    ids = (
        session.execute(
            select(col(HealthDirty.account_id))
            .order_by(col(HealthDirty.account_id))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        .scalars()
        .all()
    )
    rescore(session, ids, board=board)
    return len(ids)


def rescore_due(session: Session, limit: int = 1000, *, board: Board | None = None) -> int:
    """Score accounts whose points change by now without any event: a target passed, a cadence passed."""
    board = board or installed_board()
    as_of = asof.book_now(session, board)
    ids = (
        session.execute(
            select(col(HealthScore.account_id))
            .where(col(HealthScore.next_at) <= as_of.t)
            .order_by(col(HealthScore.next_at))
            .limit(limit)
        )
        .scalars()
        .all()
    )
    return rescore(session, ids, as_of=as_of, board=board)


# --- all accounts, in chunks


def recompute_all(
    work: Work, *, as_of: AsOf | None = None, board: Board | None = None, find_priors: bool = True
) -> int:
    """Score every account as of the book's now. ``find_priors``: also the segments' figures of the day."""
    board = board or installed_board()
    with work.chunk(mark="model") as session:
        ensure_published(session)
    with work.reading() as session:
        as_of = as_of or asof.book_now(session, board)
        marked = session.execute(select(col(HealthDirty.account_id), col(HealthDirty.mark)))
        marks = {row.account_id: row.mark for row in marked}
        existing = _existing(session)
        computed = compute(
            session,
            board,
            published(session),
            as_of,
            known_at=clock.now(),
            before={one: row.band for one, row in existing.items()},
            find_anew=find_priors,
        )
        day = as_of.day
        outdated = any(row.past_on != day for row in existing.values()) or len(existing) < len(computed)
        past = history.read_past(session, as_of.day) if outdated else {}
    rows = _score_rows(computed, existing, past, anew=outdated)
    with work.chunk(mark="priors") as session:
        if computed.priors.new:
            write_priors(session, as_of.day, computed.priors.values)
        closed = select(col(Account.id)).where(col(Account.closed_at).is_not(None))
        session.execute(delete(HealthScore).where(col(HealthScore.account_id).in_(closed)))
        session.execute(delete(HealthDirty).where(col(HealthDirty.account_id).in_(closed)))
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        with work.chunk(mark=["scores", start], done=len(chunk)) as session:
            _take_marks_away(session, [(one, marks[one]) for row in chunk if (one := row["account_id"]) in marks])
            written = _free(session, chunk)
            _WRITE_IF_UNCHANGED.execute(session, written)
            tell_worse(session, {one: row.band for one, row in existing.items()}, written)
    return len(rows)


def snapshot_day(work: Work, day: date, *, board: Board | None = None) -> int:
    """Score every account as of the end of ``day`` and keep it as that day's snapshot."""
    board = board or installed_board()
    as_of = asof.end_of_day(day)
    hindsight = history.is_hindsight(day, clock.today())
    with work.chunk(mark="model") as session:
        ensure_published(session)
    with work.reading() as session:
        taken = history.days_taken(session, day, day)
        computed = compute(
            session,
            board,
            published(session, at=as_of.t),
            as_of,
            known_at=clock.now(),
            before=history.bands_before(session, day),
            find_anew=hindsight and taken.get(day, True),  # figures that a day was scored with stay
        )
    rows = history.snapshot_rows(computed, hindsight=hindsight)
    with work.chunk(mark=["day", day.isoformat()]) as session:
        if computed.priors.new:
            write_priors(session, day, computed.priors.values)
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        with work.chunk(mark=["snapshots", day.isoformat(), start], done=len(chunk)) as session:
            history.write_snapshots(session, chunk)
    with work.chunk(mark=["taken", day.isoformat()]) as session:  # last: a killed run takes the day again
        history.write_day(session, computed, hindsight=hindsight, accounts=len(rows))
    return len(rows)


def backfill(work: Work, weeks: int, *, again: bool = True, board: Board | None = None) -> int:
    """Snapshots of the ends of the last ``weeks`` weeks, with what is known now and marked so; days that were taken in
    their own time stay. ``again``: also those that were taken in hindsight before, because more is known since. Answers
    how many days were taken."""
    board = board or installed_board()
    with work.reading() as session:
        today = asof.book_now(session, board).day
        sundays = history.last_sundays(today, weeks)
        taken = history.days_taken(session, sundays[0], sundays[-1])
    wanted = [day for day in sundays if day not in taken or (again and taken[day])]
    for day in wanted:
        snapshot_day(work, day, board=board)
    with work.chunk(mark="past") as session:  # rows repeat the snapshots of before: the next scoring looks again
        session.execute(update(HealthScore).values(past_on=None).execution_options(synchronize_session=False))
    return len(wanted)


# --- rows


def _existing(session: Session, account_ids: Sequence[int] | None = None) -> dict[int, Row[Any]]:
    connection = session.connection()
    if account_ids is None:
        found = connection.execute(_EXISTING)
    else:
        found = connection.execute(_EXISTING_OF, {"ids": list(account_ids)})
    rows: Sequence[Row[Any]] = found.all()  # type: ignore[assignment]
    return {row.account_id: row for row in rows}


def _score_rows(
    computed: Computed, existing: Existing, past: Mapping[int, Past], *, anew: bool = False
) -> list[dict[str, Any]]:
    """``anew``: ``past`` is of every account, not only of those whose row is of another day."""
    day, t, scored = computed.as_of.day, computed.as_of.t, computed.scored
    shared = {
        "support_only": computed.priors.support_only,
        "model_version": computed.model.version,
        "priors_on": computed.priors.day,
        "t": computed.as_of.t,
        "known_at": computed.known_at,
        "past_on": day,
    }
    columns = zip(
        computed.ids.tolist(),
        scored.score.tolist(),
        computed.shown(),
        computed.bands(),
        scored.coverage.tolist(),
        computed.limits(),
        computed.known_bits(),
        computed.ledgers,
        computed.next_instants(),
        strict=True,
    )
    rows = []
    for account_id, points, shown, band, coverage, limits, bits, ledger, next_at in columns:
        old = existing.get(account_id)
        if old is None or anew or old.past_on != day:
            was = past.get(account_id, Past())
            month_ago, trend = was.month_ago, was.trend
        else:
            was, month_ago, trend = Past(), old.month_ago_hundredths, old.trend
        change = shown - month_ago if shown is not None and month_ago is not None else None
        rows.append(
            {
                **shared,
                "account_id": account_id,
                "score_hundredths": points,
                "shown_hundredths": shown,
                "band": band,
                "banded_at": _banded_at(band, was, t) if old is None else t,  # or as it was, where the band is the same
                "band_before": old.band if old else None,
                "coverage_hundredths": coverage,
                "limits": limits,
                "known_measures": bits,
                "ledger": ledger,
                "next_at": next_at,
                "month_ago_hundredths": month_ago,
                "change_hundredths": change,
                "trend": trend,
                "revision": old.revision + 1 if old else 1,
            }
        )
    return rows


def _banded_at(band: Band, past: Past, t: datetime) -> datetime:
    """Since when an account that is scored for the first time has been in its band, as far as the weeks before tell."""
    if past.since is not None and past.band is band:
        return min(clock.end_of(past.since), t)
    return t


def _free(session: Session, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without those that another transaction is scoring at this moment: what it writes is newer, and nobody waits."""
    if session.get_bind().dialect.name != "postgresql":
        return list(rows)
    ids = [row["account_id"] for row in rows]
    score_id = col(HealthScore.account_id)
    locked = session.execute(
        select(score_id).where(score_id.in_(ids)).order_by(score_id).with_for_update(skip_locked=True)
    ).scalars()
    ours = set(locked)
    return [row for row in rows if row["revision"] == 1 or row["account_id"] in ours]


def _take_marks_away(session: Session, marks: Sequence[tuple[int, int]]) -> None:
    if marks:
        session.connection().execute(_TAKE_AWAY_ONE, [{"of_id": one, "of_mark": mark} for one, mark in marks])


# --- statements, built once

_DIRTY, _SCORE = table(HealthDirty).c, table(HealthScore).c
_NAMES = [name for name in HealthScore.model_fields if name != "account_id"]

_EXISTING = select(
    _SCORE.account_id,
    _SCORE.revision,
    _SCORE.band,
    _SCORE.month_ago_hundredths,
    _SCORE.trend,
    _SCORE.past_on,
)
_EXISTING_OF = _EXISTING.where(_SCORE.account_id.in_(bindparam("ids", expanding=True)))
_TAKE_AWAY = delete(table(HealthDirty)).where(_DIRTY.account_id.in_(bindparam("ids", expanding=True)))
_TAKE_AWAY_ONE = delete(table(HealthDirty)).where(
    _DIRTY.account_id == bindparam("of_id"), _DIRTY.mark == bindparam("of_mark")
)


def _mark(insert: Any) -> Any:
    new = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=["account_id"], set_={"mark": new.mark, "marked_at": new.marked_at}
    )


def _set(new: Any) -> dict[str, Any]:
    same_band = case((new.band == _SCORE.band, _SCORE.banded_at), else_=new.banded_at)
    return {**{name: new[name] for name in _NAMES}, "banded_at": same_band}


def _write(insert: Any) -> Any:
    set_ = {**_set(insert.excluded), "revision": _SCORE.revision + 1}
    return insert.on_conflict_do_update(index_elements=["account_id"], set_=set_)


def _write_if_unchanged(insert: Any) -> Any:
    new = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=["account_id"], set_=_set(new), where=_SCORE.revision == new.revision - 1
    )


_MARK = Upsert(HealthDirty, _mark)
_WRITE = Upsert(HealthScore, _write)
_WRITE_IF_UNCHANGED = Upsert(HealthScore, _write_if_unchanged)

__all__ = [
    "CHUNK",
    "SETTLE_ALL",
    "InCommand",
    "InSession",
    "Work",
    "backfill",
    "drain",
    "mark_dirty",
    "recompute_all",
    "rescore",
    "rescore_due",
    "snapshot_day",
]
