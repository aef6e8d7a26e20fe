"""A file of tickets brought in, chunk by chunk: killed at any point, it goes on where it stopped when it is run again.

Each chunk is one transaction that writes its tickets, the rows that were left out, and a mark. Running a finished file
again reads it again and changes nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from crm.audit import record as keep
from crm.clock import machine_now
from crm.csv_io import ImportProblem, ImportRun, ImportState, Row, RowProblem, UnreadableFile
from crm.db import Database, table_of
from crm.errors import Conflict
from crm.ids import new_id
from crm.text import N_
from crm.viewer import Viewer
from support.importing.deriving import Derived, EventRows, TicketRows
from support.importing.directory import DirectoryOnDisk
from support.importing.grouping import Group, Shape, Source, groups, look_at
from support.importing.mapping import Mapping, OneRowPer
from support.importing.tables import Reading
from support.records import TicketRecord
from support.service import Applied, apply_tickets

KIND = "tickets"
CHUNK_TICKETS = 500
CHUNK_ROWS = 3_000
KEPT_PROBLEMS = 10_000  # of one run; the others are counted
_TRIES = 3  # of a chunk, where another process wrote the same ticket in between

Progress = Callable[[int, int | None], None]
Unit = Callable[[int, int], AbstractContextManager[Session]]


class AlreadyRunning(Conflict):
    def __init__(self) -> None:
        super().__init__(N_("Another process is bringing in this very file; wait until it is done."))


class _DryRun(Exception):
    """Takes a chunk back that was only looked at."""


@dataclass
class Outcome:
    """``counts``: rows, rejected, tickets, new, updated, unchanged, unmatched."""

    shape: Shape
    counts: Counter[str]
    run_id: int | None = None
    resumed_at: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    seconds: float = 0.0
    rows_now: int = 0  # read by this process, after what an earlier one had written


def import_tickets(
    database: Database,
    file: Path | Reading,
    mapping: Mapping,
    written: dict[str, Any],
    *,
    actor: Viewer,
    spool_in: Path,
    directory: DirectoryOnDisk | None = None,
    dry_run: bool = False,
    progress: Progress = lambda done, total: None,
) -> Outcome:
    """Bring in ``file``. ``written``: the mapping as it was written, kept with the run. ``directory``: who ids are."""
    began = perf_counter()
    source = Source(file if isinstance(file, Reading) else Reading(file), mapping, directory)
    shape = look_at(source)

    def unit(mark: int, done: int) -> AbstractContextManager[Session]:
        return database.unit_of_work()

    run = None if dry_run else _begin(database, source.reading.path, shape, mapping, written, actor)
    return bring(unit, source, shape, run, actor=actor, spool_in=spool_in, progress=progress, began=began)


def bring(
    unit: Unit,
    source: Source,
    shape: Shape,
    run: ImportRun | None,
    *,
    actor: Viewer,
    spool_in: Path,
    progress: Progress = lambda done, total: None,
    began: float | None = None,
) -> Outcome:
    """Bring in what is left of ``run``; ``None``: only say what would happen. ``unit``: one transaction, which gets the
    mark at which the next one begins and how many rows are done in it."""
    began = perf_counter() if began is None else began
    derive = deriver(source.mapping, shape)
    outcome = Outcome(shape, Counter(run.counts if run else {}), run.id if run else None, run.mark if run else 0)
    done = outcome.counts["rows"]
    spool_in.mkdir(parents=True, exist_ok=True)
    try:
        for some in _chunks(groups(source, shape, spool_in, after=outcome.resumed_at)):
            records: list[TicketRecord] = []
            problems: list[RowProblem] = []
            for group in some:
                derived = derive(group.rows)
                problems += derived.problems
                if derived.record is not None:
                    records.append(derived.record)
            rows = sum(len(group.rows) for group in some)
            chunk = _Chunk(records, problems, rows, some[-1].line)
            applied = _write(unit, run, chunk, outcome, source.mapping, actor)
            _count(outcome, chunk, applied)
            outcome.rows_now += rows
            progress(done + outcome.rows_now, shape.rows)
    except UnreadableFile:
        if run is not None:
            with unit(run.mark, 0) as session:
                finish(session, run, ImportState.FAILED)
        raise
    if run is not None:
        with unit(run.mark, 0) as session:
            finish(session, run, ImportState.DONE, actor)
    outcome.seconds = perf_counter() - began
    return outcome


def deriver(mapping: Mapping, shape: Shape) -> Callable[[Iterable[Row]], Derived]:
    if mapping.one_row_per is OneRowPer.TICKET:
        return TicketRows(mapping, shape.titles, shape.newest).derive
    return EventRows(mapping, shape.titles).derive


@dataclass(frozen=True)
class _Chunk:
    records: Sequence[TicketRecord]
    problems: Sequence[RowProblem]
    rows: int
    mark: int


def _chunks(found: Iterator[Group]) -> Iterator[list[Group]]:
    some: list[Group] = []
    rows = 0
    for group in found:
        some.append(group)
        rows += len(group.rows)
        if len(some) >= CHUNK_TICKETS or rows >= CHUNK_ROWS:
            yield some
            some, rows = [], 0
    if some:
        yield some


def _begin(
    database: Database, path: Path, shape: Shape, mapping: Mapping, written: dict[str, Any], actor: Viewer
) -> ImportRun:
    """The interrupted run of the same file with the same mapping, or a new one."""
    meaning = _digest_of(written)
    with database.unit_of_work() as session:
        interrupted = session.scalars(
            select(ImportRun)
            .where(
                col(ImportRun.kind) == KIND,
                col(ImportRun.digest) == shape.digest,
                col(ImportRun.source_key) == mapping.source_key,
                col(ImportRun.state) == ImportState.RUNNING,
            )
            .order_by(col(ImportRun.created_at).desc(), col(ImportRun.id).desc())
        ).all()
        for run in interrupted:
            if _digest_of(run.mapping) == meaning:
                return run
        run = ImportRun(
            kind=KIND,
            file_name=path.name[:255],
            digest=shape.digest,
            source_key=mapping.source_key,
            mapping=written,
            created_by=None if actor.is_system else actor.user_id,
        )
        session.add(run)
        return run


def _write(
    unit: Unit, run: ImportRun | None, chunk: _Chunk, outcome: Outcome, mapping: Mapping, actor: Viewer
) -> Applied:
    for left in reversed(range(_TRIES)):
        applied = Applied()
        try:
            with unit(chunk.mark, chunk.rows) as session:
                if run is not None:
                    _move_mark(session, run, chunk, outcome)
                applied = apply_tickets(
                    session,
                    chunk.records,
                    import_run_id=run.id if run else None,
                    actor=actor,
                    source_title=mapping.source_title,
                    tier=mapping.company.tier,
                )
                if run is None:
                    raise _DryRun
                _keep_counts(session, run, chunk, applied, outcome)
        except _DryRun:
            return applied
        except IntegrityError:
            if not left:
                raise
            continue
        if run is not None:
            run.mark = chunk.mark
        return applied
    raise AssertionError("unreachable")


def _move_mark(session: Session, run: ImportRun, chunk: _Chunk, outcome: Outcome) -> None:
    """Take the step from the mark we know; whoever finds another mark is not the only one."""
    runs = table_of(ImportRun)
    moved = session.connection().execute(
        update(runs)
        .where(runs.c.id == run.id, runs.c.mark == run.mark, runs.c.state == ImportState.RUNNING)
        .values(mark=chunk.mark)
    )
    if moved.rowcount != 1:
        raise AlreadyRunning
    room = KEPT_PROBLEMS - outcome.counts["rejected"]
    rows = [
        {
            "id": new_id(),
            "import_run_id": run.id,
            "line": problem.line,
            "column_name": problem.column[:200],
            "value": problem.value,
            "message": problem.reason.message,
            "values": problem.reason.values,
            "row": list(problem.row),
        }
        for problem in chunk.problems[: max(room, 0)]
    ]
    if rows:
        session.execute(insert(table_of(ImportProblem)), rows)


def _keep_counts(session: Session, run: ImportRun, chunk: _Chunk, applied: Applied, outcome: Outcome) -> None:
    runs = table_of(ImportRun)
    counts = outcome.counts + _counts_of(chunk, applied)
    session.execute(update(runs).where(runs.c.id == run.id).values(counts=dict(counts)))


def _counts_of(chunk: _Chunk, applied: Applied) -> Counter[str]:
    return Counter(
        rows=chunk.rows,
        rejected=len(chunk.problems),
        tickets=applied.new + applied.updated + applied.unchanged,
        new=applied.new,
        updated=applied.updated,
        unchanged=applied.unchanged,
        unmatched=applied.unmatched,
    )


def _count(outcome: Outcome, chunk: _Chunk, applied: Applied) -> None:
    outcome.counts += _counts_of(chunk, applied)
    outcome.problems += chunk.problems[: max(KEPT_PROBLEMS - len(outcome.problems), 0)]


def finish(session: Session, run: ImportRun, state: ImportState, actor: Viewer | None = None) -> None:
    runs = table_of(ImportRun)
    session.execute(update(runs).where(runs.c.id == run.id).values(state=state, finished_at=machine_now()))
    if actor is not None:
        counts = session.scalar(select(runs.c.counts).where(runs.c.id == run.id)) or {}
        keep(session, actor, None, "tickets.imported", run=str(run.id), file=run.file_name, **counts)


def _digest_of(written: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()
