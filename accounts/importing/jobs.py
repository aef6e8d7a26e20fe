"""Large files in the background, and files that nobody carried out."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, select

from accounts.importing import service
from accounts.importing.running import CHUNK, CHUNK_OF, in_chunks, make_importer, take_turn
from crm.clock import machine_now
from crm.config import get_settings
from crm.contracts import Job, JobContext
from crm.csv_io import ImportRun, ImportState
from crm.errors import NotFound, Refusal
from crm.identity.models import User
from crm.identity.service import as_viewer
from crm.text import N_
from crm.viewer import Viewer, system_viewer

KEPT = timedelta(days=1)


def import_rows(context: JobContext) -> str:
    """Each chunk is written with its problems, its counts and its mark, or not at all.

    What was written before a kill is looked at again and not written, so that a later line about the same account is
    still found to be the second.
    """
    run_id = int(context.arguments["run"])
    with context.reading() as session:
        run = session.get(ImportRun, run_id)
        if run is None:
            raise NotFound(N_("There is no such import."))
        if run.state is ImportState.DONE:
            return "done before"
        viewer = _who(session, run)
        mapping, source = service.mapping_of(run), service.source_of(run)
        importer = make_importer(session, viewer, mapping, source.headings)
        written = run.mark
    try:
        for rows in in_chunks(source.rows(), CHUNK_OF.get(mapping.kind, CHUNK)):
            last = rows[-1][0]
            if last <= written:
                with context.reading() as session:
                    importer.plan(session, rows)
                continue
            with context.chunk(mark=last, done=len(rows)) as session:
                take_turn(session)
                run = session.get_one(ImportRun, run_id)
                plans = importer.plan(session, rows)
                importer.write(session, plans)
                service.keep(session, run, plans, source.headings)
    except Refusal:  # it would be refused again: a person sees it, and may let it go on
        with context.chunk(mark=context.mark) as session:
            session.get_one(ImportRun, run_id).state = ImportState.FAILED
        raise
    with context.chunk(mark="end") as session:
        run = session.get_one(ImportRun, run_id)
        service.finish(session, run)
    service.remove_file(run)
    return f"{run.counts.get('rows', 0)} rows read"


def _who(session: Session, run: ImportRun) -> Viewer:
    """Whoever started it, with the rights they have now."""
    user = session.get(User, run.created_by) if run.created_by else None
    return as_viewer(user, get_settings()) if user else system_viewer()


def forget_uploads(session: Session, now: datetime) -> str:
    """Files that were looked at and not carried out are kept for a day."""
    before = machine_now() - KEPT
    forgotten = service.forget_previews(session, before)
    wanted = {
        str(run.mapping.get("upload"))
        for run in session.exec(
            select(ImportRun).where(
                col(ImportRun.kind).in_(service.KINDS),
                col(ImportRun.state).in_((ImportState.PREVIEW, ImportState.RUNNING, ImportState.FAILED)),
            )
        )
    }
    removed = sum(
        _remove(path) for path in service.uploads_folder().iterdir() if path.name not in wanted and _is_old(path)
    )
    return f"{forgotten} previews forgotten, {removed} files removed"


def _is_old(path: Path) -> bool:
    return path.stat().st_mtime < (machine_now() - KEPT).timestamp()


def _remove(path: Path) -> int:
    path.unlink(missing_ok=True)
    return 1


IMPORT_ROWS = Job(name=service.JOB, run_long=import_rows, lease_s=120)
FORGET_UPLOADS = Job(name="accounts.forget_uploads", cron="17 * * * *", period="%Y-%m-%dT%H", run=forget_uploads)
