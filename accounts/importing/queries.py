"""Reads of imports. A run and its rows are seen by whoever brought the file, and by administrators."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from accounts.importing.service import KINDS
from crm.contracts import ImportDoor
from crm.csv_io import ImportProblem, ImportRun, ImportState
from crm.errors import NotFound
from crm.identity.models import User
from crm.jobs import JobState, QueuedJob
from crm.text import N_, Text, text
from crm.viewer import Role, Viewer

SHOWN_RUNS = 30


@dataclass(frozen=True)
class RunLine:
    """A line of the list of imports."""

    run: ImportRun
    who: str
    kind: str  # N_
    show: str | None  # the route of its page; none: not for this reader
    state: Text


STATE_TITLES = {
    ImportState.PREVIEW: N_("being looked at"),
    ImportState.RUNNING: N_("under way"),
    ImportState.DONE: N_("done"),
    ImportState.FAILED: N_("stopped"),
}


def may_open(viewer: Viewer, run: ImportRun, kinds: Collection[str] = KINDS) -> bool:
    return run.kind in kinds and (viewer.role is Role.ADMINISTRATOR or run.created_by == viewer.user_id)


def latest_runs(session: Session, viewer: Viewer, doors: Sequence[ImportDoor]) -> list[RunLine]:
    """What was brought in lately through any door, by whom; of what is only being looked at, one's own."""
    mine = col(ImportRun.created_by) == viewer.user_id
    rows = session.exec(
        select(ImportRun, User.name)
        .join(User, col(User.id) == col(ImportRun.created_by), isouter=True)
        .where((col(ImportRun.state) != ImportState.PREVIEW) | mine)
        .order_by(col(ImportRun.created_at).desc(), col(ImportRun.id).desc())
        .limit(SHOWN_RUNS)
    ).all()
    ended = _ended_jobs(session, [run for run, _name in rows if run.state is ImportState.RUNNING])
    door_of = {kind: door for door in doors for kind in door.kinds}
    told: dict[int, Text] = {}
    for door in doors:
        ids = [run.id for run, _name in rows if run.kind in door.kinds]
        if door.told is not None and ids:
            told |= door.told(session, ids)
    lines = []
    for run, name in rows:
        door_here = door_of.get(run.kind)
        opens = door_here is not None and may_open(viewer, run, door_here.kinds)
        # A run whose job has given up is not under way.
        state = ImportState.FAILED if _job_id(run) in ended else run.state
        lines.append(
            RunLine(
                run,
                name or "Tenure",
                door_here.kinds[run.kind] if door_here else run.kind,
                door_here.show if door_here and opens else None,
                told.get(run.id, text(STATE_TITLES[state])),
            )
        )
    return lines


def _ended_jobs(session: Session, runs: Sequence[ImportRun]) -> set[int]:
    ids = [job_id for run in runs if (job_id := _job_id(run))]
    if not ids:
        return set()
    gone = (JobState.FAILED, JobState.CANCELLED)
    return set(session.exec(select(QueuedJob.id).where(col(QueuedJob.id).in_(ids), col(QueuedJob.state).in_(gone))))


def _job_id(run: ImportRun) -> int | None:
    job_id = run.mapping.get("job")
    return int(job_id) if job_id else None


def get_run(session: Session, viewer: Viewer, run_id: int) -> ImportRun:
    run = session.get(ImportRun, run_id)
    if run is None or not may_open(viewer, run):
        raise NotFound(N_("There is no such import."))
    return run


def problems_of(session: Session, run: ImportRun, limit: int) -> Sequence[ImportProblem]:
    return session.exec(
        select(ImportProblem)
        .where(col(ImportProblem.import_run_id) == run.id)
        .order_by(col(ImportProblem.line), col(ImportProblem.id))
        .limit(limit)
    ).all()


def how_many_problems(session: Session, run: ImportRun) -> int:
    count = select(func.count()).select_from(ImportProblem).where(col(ImportProblem.import_run_id) == run.id)
    return int(session.exec(count).one())


def job_of(session: Session, run: ImportRun) -> QueuedJob | None:
    job_id = _job_id(run)
    return session.get(QueuedJob, job_id) if job_id else None


def earlier_run_of(session: Session, run: ImportRun) -> ImportRun | None:
    """The same file, carried out before."""
    return session.exec(
        select(ImportRun)
        .where(
            col(ImportRun.digest) == run.digest,
            col(ImportRun.kind).in_(KINDS),
            col(ImportRun.state) == ImportState.DONE,
            col(ImportRun.id) != run.id,
        )
        .order_by(col(ImportRun.created_at).desc(), col(ImportRun.id).desc())
        .limit(1)
    ).first()
