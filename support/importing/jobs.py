"""Uploaded ticket exports in the background, imports taken back, and what is no longer needed."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session, col

from crm.clock import machine_now
from crm.config import get_settings
from crm.contracts import Job, JobContext
from crm.csv_io import ImportRun, ImportState
from crm.errors import NotFound, Refusal
from crm.identity.models import User
from crm.identity.service import as_viewer
from crm.text import N_
from crm.viewer import Viewer, system_viewer
from support.importing import uploads
from support.importing.directory import DirectoryOnDisk
from support.importing.grouping import Source, look_at
from support.importing.looking import reading_of
from support.importing.mapping import mapping_from
from support.importing.running import KIND, bring
from support.importing.summary import said, tried_of
from support.importing.tables import fill_from
from support.importing.trying import try_in
from support.importing.undoing import UNDO_JOB, forget_tellings, undo_run

KEPT = timedelta(days=1)


def import_upload(context: JobContext) -> str:
    """Each chunk is written with its problems, its counts and its mark, or not at all; a killed job goes on there."""
    run_id = int(context.arguments["run"])
    with context.reading() as session:
        run = session.get(ImportRun, run_id)
        if run is None:
            raise NotFound(N_("There is no such import."))
        if run.state is ImportState.DONE:
            return "done before"
        actor = _who(session, run.created_by)
        path, along, written = uploads.path_of(run), uploads.along_of(run), run.mapping["written"]
        session.expunge(run)

    def unit(mark: int, done: int) -> AbstractContextManager[Session]:
        return context.chunk(mark=mark, done=done)

    spool_in = get_settings().data_dir / "tmp"
    try:
        with DirectoryOnDisk(spool_in) as directory:
            for one in along:
                fill_from(directory, one)
            source = Source(reading_of(path, written), mapping_from(written), directory)
            shape = look_at(source)
            context.total = shape.rows
            with context.chunk(mark=context.mark) as session:  # the file to mend needs its headings
                begun = session.get_one(ImportRun, run_id)
                begun.mapping = {**begun.mapping, "titles": list(shape.titles), "rows": shape.rows}
            outcome = bring(unit, source, shape, run, actor=actor, spool_in=spool_in)
    except Refusal:  # it would be refused again: a person sees it, and may take back what was written
        with context.chunk(mark=context.mark) as session:
            stopped = session.get_one(ImportRun, run_id)
            stopped.state, stopped.finished_at = ImportState.FAILED, machine_now()
        raise
    _remove_files(run)
    return f"{outcome.counts['rows']} rows read"


class _NotWanted(Exception):
    """It was changed or started meanwhile; another job tries it out anew."""


def try_upload(context: JobContext) -> str:
    """Say what an import would do, and keep what was said with it. Nothing else of it stays."""
    run_id = int(context.arguments["run"])
    with context.reading() as session:
        run = session.get(ImportRun, run_id)
        if run is None or run.state is not ImportState.PREVIEW:
            return "not wanted any more"
        actor, meaning = _who(session, run.created_by), uploads.meaning_of(run)
        seen = uploads.seen_of(session, run)

    def unit(mark: int, done: int) -> AbstractContextManager[Session]:
        return context.chunk(mark=None)

    def wanted(session: Session) -> ImportRun:
        found = session.get(ImportRun, run_id, with_for_update=True)
        if found is None or found.state is not ImportState.PREVIEW or uploads.meaning_of(found) != meaning:
            raise _NotWanted
        return found

    def progress(done: int, total: int | None) -> None:
        context.total = total
        with context.chunk(mark=None, done=done - context.done) as session:
            wanted(session)

    try:
        try:
            tried = tried_of(
                try_in(
                    unit,
                    context.reading,
                    seen,
                    actor=actor,
                    spool_in=get_settings().data_dir / "tmp",
                    progress=progress,
                )
            )
        except Refusal as refusal:
            tried = {"refusal": said(refusal.sentence)}
        with context.chunk(mark="end") as session:
            run = wanted(session)
            run.mapping = {**run.mapping, "tried": tried}
    except _NotWanted:
        return "not wanted any more"
    return f"{seen.rows} rows looked at"


def undo_import(context: JobContext) -> str:
    run_id = int(context.arguments["run"])
    with context.reading() as session:
        actor = _who(session, int(context.arguments["by"]) if context.arguments.get("by") else None)

    def unit(mark: int, done: int) -> AbstractContextManager[Session]:
        return context.chunk(mark=mark, done=done)

    counts = undo_run(unit, run_id, actor)
    return f"{counts['gone'] + counts['back']} tickets taken back"


def _who(session: Session, user_id: int | None) -> Viewer:
    """Whoever asked for it, with the rights they have now."""
    user = session.get(User, user_id) if user_id else None
    return as_viewer(user, get_settings()) if user else system_viewer()


def forget(session: Session, now: datetime) -> str:
    """Files that were looked at and not brought in are kept for a day, what an undo needs as long as one may come."""
    before = machine_now() - KEPT
    old = (
        col(ImportRun.kind) == KIND,
        col(ImportRun.state) == ImportState.PREVIEW,
        col(ImportRun.created_at) < before,
    )
    session.execute(delete(ImportRun).where(*old))
    waiting = select(ImportRun).where(
        col(ImportRun.kind) == KIND,
        col(ImportRun.state).in_((ImportState.PREVIEW, ImportState.RUNNING)),
    )
    wanted = {name for run in session.scalars(waiting) for name in uploads.files_of(run)}
    removed = sum(_remove(path) for path in uploads.folder().iterdir() if path.name not in wanted and _is_old(path))
    return f"{removed} files removed, {forget_tellings(session)} tellings forgotten"


def _is_old(path: Path) -> bool:
    return path.stat().st_mtime < (machine_now() - KEPT).timestamp()


def _remove(path: Path) -> int:
    path.unlink(missing_ok=True)
    return 1


def _remove_files(run: Any) -> None:
    for name in uploads.files_of(run):
        (uploads.folder() / name).unlink(missing_ok=True)


IMPORT_TICKETS = Job(name=uploads.JOB, run_long=import_upload, lease_s=120)
TRY_TICKETS = Job(name=uploads.TRY_JOB, run_long=try_upload, lease_s=120)
UNDO_TICKETS = Job(name=UNDO_JOB, run_long=undo_import, lease_s=120)
FORGET = Job(name="support.forget_imports", cron="47 * * * *", period="%Y-%m-%dT%H", run=forget)
JOBS = (IMPORT_TICKETS, UNDO_TICKETS, TRY_TICKETS, FORGET)
